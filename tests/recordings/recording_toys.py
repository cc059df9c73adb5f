"""Recordings made by hand: what cells say of images is known."""

import numpy as np

from evoplast.evaluation import Raster
from evoplast.network import CellTypes
from evoplast.recordings import Recorded

TYPES = CellTypes(("e4", "i4", "e5"), np.array([True, False, True]), ("L4", "L4", "L5"))
CELLS, TRIALS, TRIAL_MS, BEFORE_MS, IMAGE_MS = 12, 40, 300, 50, 100
IMAGES = 4


def raster(spikes):
    """Return the raster of spikes, a bool array (T, ms, N)."""
    return Raster(*np.nonzero(spikes))


def trains(rng, stimulus, until_ms, rate=0.02):
    """Return spikes (T, ms, N); cell k prefers image k until so long after its onset.

    Preferred images are followed by spikes in every tenth step, in each cell besides by
    noise; activity runs on through the borders of trials.
    """
    spikes = rng.random((len(stimulus) * TRIAL_MS, CELLS)) < rate
    for trial, image in enumerate(stimulus):
        onset = trial * TRIAL_MS + BEFORE_MS
        spikes[onset : onset + until_ms : 10, image] = True
    return spikes.reshape(len(stimulus), TRIAL_MS, CELLS)


def recorded(seed=0, instance=100, memory_ms=None):
    """Return a recording in which rule "best" remembers, and "none" does not.

    ``memory_ms`` {test: ms after the onset}: how long cells of "best" tell of an image;
    by default to the next with the whole input, and while it lasts with the cut one.
    """
    rng = np.random.default_rng(seed)
    stimulus = np.stack([rng.integers(0, IMAGES, TRIALS) for _ in range(2)])
    change = np.concatenate(
        [np.zeros((2, 1), bool), stimulus[:, 1:] != stimulus[:, :-1]], axis=1
    )
    lasting = memory_ms or {"whole": 300, "cut": 100}
    rasters = {
        test: [
            [raster(trains(rng, stimulus[k], until)) for k in range(2)]
            for until in (lasting[test], 100)
        ]
        for test in ("whole", "cut")
    }
    return Recorded(
        instance=instance,
        rules=("best", "none"),
        groups=("evolved", "no plasticity"),
        tasks=("gratings", "natural"),
        rasters=rasters,
        stimulus=stimulus,
        change=change,
        cell_type=np.repeat([0, 1, 2], 4),
        types=TYPES,
        trial_ms=TRIAL_MS,
        grey_before_ms=BEFORE_MS,
        image_ms=IMAGE_MS,
    )
