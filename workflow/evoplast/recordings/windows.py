"""Spikes counted in windows, and cut into epochs from one image to the next.

In: a raster. Out: counts. T trials, W windows of a trial, N neurons.
"""

from dataclasses import dataclass

import numpy as np

from evoplast.artefacts.errors import UserError
from evoplast.evaluation import Raster
from evoplast.recordings.files import Recorded


def counts_in_windows(
    raster: Raster, window_ms: int, trial_ms: int, n_trials: int, n_neurons: int
) -> np.ndarray:
    """Return the spikes (T, W, N) of each neuron in each window of each trial.

    Raises:
        UserError: the trial is no multiple of the window.
    """
    if trial_ms % window_ms:
        raise UserError(
            f"A window of {window_ms} ms (recordings.window_ms or synchrony_bin_ms) "
            f"does not divide a trial of {trial_ms} ms; give one that does."
        )
    n_windows = trial_ms // window_ms
    row = raster.trial.astype(np.int64) * n_windows + raster.ms // window_ms
    place = row * n_neurons + raster.neuron
    total = n_trials * n_windows * n_neurons
    counts = np.bincount(place, minlength=total).reshape(n_trials, n_windows, -1)
    return counts.astype(np.float32)


@dataclass(frozen=True)
class Epochs:
    """What happened from the onset of each image to that of the next, E times.

    Attributes:
        counts: (E, W, N) spikes; window w begins at ``start_ms[w]``.
        start_ms: (W,) after the onset of the image.
        image, previous: (E,) the image of the epoch and that before it; ``change``
            whether they differ.
    """

    counts: np.ndarray
    start_ms: np.ndarray
    image: np.ndarray
    previous: np.ndarray
    change: np.ndarray


def epochs_of(recorded: Recorded, raster: Raster, task: int, window_ms: int) -> Epochs:
    """Cut one raster into epochs, of all trials but the first and the last.

    No image is known before the first, and the last ends before another comes.

    Raises:
        UserError: windows do not fit the trial or the grey before the image.
    """
    before = recorded.grey_before_ms
    if before % window_ms:
        raise UserError(
            f"recordings.window_ms is {window_ms}; it must divide task.grey_before_ms, "
            f"{before}, so that a window begins with the image."
        )
    shape = (recorded.trial_ms, recorded.n_trials, recorded.n_neurons)
    counts = counts_in_windows(raster, window_ms, *shape)
    n_windows, skipped = counts.shape[1], before // window_ms
    through = counts.reshape(-1, recorded.n_neurons)
    through = through[skipped : len(through) - n_windows + skipped]
    stimulus = recorded.stimulus[task]
    return Epochs(
        counts=through.reshape(-1, n_windows, recorded.n_neurons)[1:],
        start_ms=np.arange(n_windows) * window_ms,
        image=stimulus[1:-1],
        previous=stimulus[:-2],
        change=recorded.change[task][1:-1],
    )
