"""How much cells fire together: three measures, one of the paper's.

In: a recording. Out: one row per rule, task and group of cells.

* ``synchrony``: the paper's share of 2 ms bins in which more than 20 % of cells fire,
  of all cells only. It is 0 in nearly every network, so it tells none from another.
* ``chi``: Golomb & Rinzel (1994), Physica D 72:259: s.d. in time of the mean activity
  of the group over the root mean square of the cells' own; 1 if all do the same, about
  1 / sqrt(n) if n cells are independent.
* ``correlation``: mean Pearson correlation of pairs of cells, in counts of
  ``recordings.synchrony_bin_ms``; ``noise_correlation`` the same after the mean time
  course of a trial was taken off, which cells share as images come on the beat.

Silent cells are left out of chi and the correlations.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from evoplast.evaluation import Raster
from evoplast.recordings.files import Recorded
from evoplast.recordings.record import WHOLE
from evoplast.recordings.windows import counts_in_windows

ALL = "all"
BIN_MS, FRACTION = 2, 0.2
MEASURES = ["chi", "correlation", "noise_correlation", "synchrony"]


def chi(activity: np.ndarray) -> float:
    """Return the synchrony of cells, (T, n) activity; NaN if nothing ever varies."""
    of_cells = activity.var(axis=0).mean() if activity.size else 0.0
    if of_cells <= 0:
        return float("nan")
    return float(np.sqrt(activity.mean(axis=1).var() / of_cells))


def mean_correlation(activity: np.ndarray) -> float:
    """Return the mean correlation of all pairs of cells (T, n) that vary.

    From the variance of the sum of standardised cells, n + n (n - 1) r. NaN if fewer
    than two cells vary.
    """
    sd = activity.std(axis=0)
    varying = activity[:, sd > 0]
    n = varying.shape[1]
    if n < 2:
        return float("nan")
    total = ((varying - varying.mean(axis=0)) / sd[sd > 0]).sum(axis=1)
    return float((total.var() - n) / (n * (n - 1)))


def share_of_synchronous_bins(raster: Raster, recorded: Recorded) -> float:
    """Return the paper's synchrony: the share of bins with many cells active."""
    n_bins = recorded.n_trials * recorded.trial_ms // BIN_MS
    step = raster.trial.astype(np.int64) * recorded.trial_ms + raster.ms
    place = np.unique(step // BIN_MS * recorded.n_neurons + raster.neuron)
    active = np.bincount(place // recorded.n_neurons, minlength=n_bins)
    return float((active > FRACTION * recorded.n_neurons).mean())


def synchrony_table(recorded: Recorded, bin_ms: int) -> pd.DataFrame:
    """Return one row per rule, task and group: all cells, and each layer's E and I.

    Columns: instance, rule, task, cells, n_cells and ``MEASURES``.
    """
    rows = []
    groups = dict(groups_of(recorded))
    for rule, by_task in zip(recorded.rules, recorded.rasters[WHOLE], strict=True):
        for task, raster in zip(recorded.tasks, by_task, strict=True):
            shape = (recorded.trial_ms, recorded.n_trials, recorded.n_neurons)
            counts = counts_in_windows(raster, bin_ms, *shape)
            for name, chosen in groups.items():
                row: dict[str, Any] = {"rule": rule, "task": task, "cells": name}
                row |= {"n_cells": int(chosen.sum())} | _measures(counts[..., chosen])
                if name == ALL:
                    row["synchrony"] = share_of_synchronous_bins(raster, recorded)
                rows.append(row)
    return pd.DataFrame(rows).assign(instance=recorded.instance)


def _measures(counts: np.ndarray) -> dict[str, float]:
    active = counts[..., counts.any(axis=(0, 1))]
    n_trials, n_bins, n_cells = active.shape
    through = active.reshape(n_trials * n_bins, n_cells)
    beyond = (active - active.mean(axis=0)).reshape(through.shape)
    return {
        "chi": chi(through),
        "correlation": mean_correlation(through),
        "noise_correlation": mean_correlation(beyond),
    }


def groups_of(recorded: Recorded) -> Iterator[tuple[str, np.ndarray]]:
    """Yield name and mask (N,) of all cells, and of each layer's E and I cells."""
    kind, types = recorded.cell_type, recorded.types
    yield ALL, np.ones(len(kind), bool)
    layer = np.array(types.layer)
    for name in dict.fromkeys(types.layer):
        for label, wanted in (("E", True), ("I", False)):
            chosen = ((layer == name) & (types.excitatory == wanted))[kind]
            if chosen.any():
                yield f"{name} {label}", chosen
