"""Dynamics: how many dimensions activity fills, and how far images lie apart.

In: recordings. Out: a table with one row per rule and task, one over time, and the
path of one network for a figure. T trials, W windows, N cells.

* Dimension: the participation ratio of the covariance of counts, its eigenvalues' sum
  squared over the sum of their squares (Gao et al. 2017, bioRxiv 214262), of single
  trials and of means over the trials of an image; noise that cells do not share fills
  dimensions, too, so the second is closer to what images do.
* Separation: the squared distance between the mean counts of two classes, from two
  halves of the trials that share no trial, over the variance of counts within a class,
  summed over cells. It is 0 on average where classes do not differ, whatever the number
  of trials (Walther et al. 2016, NeuroImage 137:188), and may be negative. Changes and
  repeats are compared after the mean of each image was taken off: an image is as often
  one as the other, so what one half has too many of, the other has too few.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from evoplast.objectives import participation_ratio
from evoplast.recordings.files import Recorded
from evoplast.recordings.paired import against_none, with_holm
from evoplast.recordings.record import WHOLE
from evoplast.recordings.windows import Epochs
from evoplast.recordings.working_memory import places

DIMENSIONS = ("dimension_trials", "dimension_images")
SEPARATIONS = ("separation_images", "separation_change")


def separation(counts: np.ndarray, label: np.ndarray) -> float:
    """Return how far the classes of trials (T, N) lie apart, in units of their spread.

    Every second trial of each class is in the first half. Classes of fewer than four
    trials are left out; NaN with fewer than two classes or without any variance.
    """
    kinds, n = np.unique(label, return_counts=True)
    kinds = kinds[n >= 4]
    if len(kinds) < 2:
        return float("nan")
    own = [counts[label == kind] for kind in kinds]
    halves = [np.stack([part[k::2].mean(axis=0) for part in own]) for k in (0, 1)]
    first, second = (half - half.mean(axis=0) for half in halves)
    # The mean over pairs of classes of (a_c - a_d) (b_c - b_d), by their centred sums.
    distance = 2 * (first * second).sum() / (len(kinds) - 1)
    within = np.mean([part.var(axis=0, ddof=1).sum() for part in own])
    return float(distance / within) if within > 0 else float("nan")


def without_image_means(counts: np.ndarray, image: np.ndarray) -> np.ndarray:
    """Return counts (T, N) less the mean of the trials of the same image."""
    kinds, place = np.unique(image, return_inverse=True)
    means = np.stack([counts[image == kind].mean(axis=0) for kind in kinds])
    return counts - means[place]


def image_means(epochs: Epochs) -> np.ndarray:
    """Return mean counts (S, W, N) over the epochs of each image."""
    return np.stack(
        [epochs.counts[epochs.image == k].mean(axis=0) for k in np.unique(epochs.image)]
    )


def dynamics_of(
    recorded: Recorded, window_ms: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the tables of one network: dimensions, and separation at each time.

    First: instance, rule, task, ``DIMENSIONS``. Second: instance, rule, task, time_ms
    (middle of the window after the onset of an image), ``SEPARATIONS``.
    """
    dimensions, over_time = [], []
    for place in places(recorded, window_ms, (WHOLE,)):
        epochs, about = place.epochs, {"rule": place.rule, "task": place.task}
        n = recorded.n_neurons
        samples = (epochs.counts.reshape(-1, n), image_means(epochs).reshape(-1, n))
        found = map(participation_ratio, samples)
        dimensions.append(about | dict(zip(DIMENSIONS, found, strict=True)))
        for window, start in enumerate(epochs.start_ms):
            counts = epochs.counts[:, window]
            beyond = without_image_means(counts, epochs.image)
            apart = (
                separation(counts, epochs.image),
                separation(beyond, epochs.change),
            )
            row = about | {"time_ms": float(start + window_ms / 2)}
            over_time.append(row | dict(zip(SEPARATIONS, apart, strict=True)))
    return tuple(
        pd.DataFrame(rows).assign(instance=recorded.instance)
        for rows in (dimensions, over_time)
    )


def dynamics_table(
    dimensions: pd.DataFrame, over_time: pd.DataFrame, image_ms: int, seed: int
) -> pd.DataFrame:
    """Return one row per quantity and rule, beside the plasticity-free network.

    Quantities: ``DIMENSIONS``, and ``SEPARATIONS`` while the image is shown ("image")
    and after it ("delay"), means of tasks and windows. Columns as ``against_none``,
    value in ``mean``; p-values corrected for all rows (Holm 1979).
    """
    shown = over_time["time_ms"] < image_ms
    phase = np.where(shown, "image", "delay")
    long = [
        dimensions.assign(quantity=name, mean=dimensions[name]) for name in DIMENSIONS
    ]
    for name in SEPARATIONS:
        long.append(over_time.assign(quantity=name + "_" + phase, mean=over_time[name]))
    units = pd.concat(long).groupby(["quantity", "rule", "instance"], sort=False)
    table = against_none(units["mean"].mean().reset_index(), ["quantity"], "mean", seed)
    return with_holm(table.drop(columns="p_above"), "p_gain")


def paths(recorded: Recorded, window_ms: int, rules: Sequence[str]) -> pd.DataFrame:
    """Return the mean path of each image through the first two principal components.

    Of the plane in which the means over trials of all ``rules`` on the first task vary
    most. Columns: rule, image, time_ms, first, second, and the plane's share of
    variance.
    """
    kept = [
        place
        for place in places(recorded, window_ms, (WHOLE,))
        if place.task == recorded.tasks[0] and place.rule in rules
    ]
    means = [image_means(place.epochs) for place in kept]
    flat = np.concatenate([part.reshape(-1, recorded.n_neurons) for part in means])
    centre = flat.mean(axis=0)
    _, size, axes = np.linalg.svd(flat - centre, full_matrices=False)
    share = float((size[:2] ** 2).sum() / max((size**2).sum(), 1e-12))
    tables = []
    for place, mean in zip(kept, means, strict=True):
        image, window = np.indices(mean.shape[:2])
        first, second = ((mean - centre) @ axis for axis in axes[:2])
        start = place.epochs.start_ms[window.ravel()]
        columns = {"image": image.ravel(), "time_ms": start + window_ms / 2}
        columns |= {"first": first.ravel(), "second": second.ravel()}
        tables.append(pd.DataFrame(columns).assign(rule=place.rule))
    found = pd.concat(tables, ignore_index=True)
    return found.assign(share=share, task=recorded.tasks[0])
