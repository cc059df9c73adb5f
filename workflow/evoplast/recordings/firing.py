"""Firing: the rates of cells beside the mouse's, their intervals, before and after.

In: recordings of several networks, the mouse's rates. Out: a table of cells, and one of
distributions: log-normal fit, share of silent cells and exponent of the tail by cell
type, with bootstrap errors over networks.

The log-normal is fitted by maximum likelihood to the rates above 0: mean and s.d. of
their logarithms. The exponent of the tail is the estimate of Hill (1975), Ann. Stat.
3:1163, from the most active ``tail_share`` of cells, the density of the tail falling as
rate^-(1 + exponent); a log-normal has no exponent of its own, but both sides are
measured alike.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from evoplast.artefacts.seeds import numpy_rng
from evoplast.evaluation import Raster
from evoplast.network import CellTypes
from evoplast.objectives import MouseReference
from evoplast.recordings.files import Recorded
from evoplast.recordings.paired import against_none, with_holm
from evoplast.recordings.record import WHOLE
from evoplast.recordings.synchrony import MEASURES as SYNCHRONY
from evoplast.working_point import SpikeTimes, interval_cv

ALL, EXCITATORY, INHIBITORY = "all", "excitatory", "inhibitory"
MOUSE = "mouse"
RESAMPLES = 500
MEASURES = ("mean_hz", "silent", "log_mean", "log_sd", "tail_exponent")


def firing_cells(recorded: Recorded, fewest_intervals: int) -> pd.DataFrame:
    """Return one row per rule and cell: rate over both tasks, CV of intervals.

    Columns: instance, rule, group, cell_type, excitatory, cell, rate_hz, cv; NaN for
    cells with fewer than ``fewest_intervals`` intervals.
    """
    tables = []
    names = np.array(recorded.types.names)[recorded.cell_type]
    about = {
        "instance": recorded.instance,
        "cell": np.arange(recorded.n_neurons),
        "cell_type": names,
        "excitatory": recorded.types.excitatory[recorded.cell_type],
    }
    for rule, group, by_task in zip(
        recorded.rules, recorded.groups, recorded.rasters[WHOLE], strict=True
    ):
        spikes = spike_times(recorded, by_task)
        lanes = np.arange(len(by_task))
        found = {
            "rate_hz": spikes.rates_hz().mean(axis=1),
            "cv": interval_cv(spikes, lanes, fewest_intervals),
        }
        tables.append(pd.DataFrame({"rule": rule, "group": group} | about | found))
    return pd.concat(tables, ignore_index=True)


def spike_times(recorded: Recorded, rasters: Sequence[Raster]) -> SpikeTimes:
    """Return the spikes of one rule, a lane for each task, trial after trial."""
    lanes = [np.full(len(raster.ms), k) for k, raster in enumerate(rasters)]
    steps = [r.trial.astype(np.int64) * recorded.trial_ms + r.ms for r in rasters]
    return SpikeTimes(
        np.concatenate(steps),
        np.concatenate([raster.neuron for raster in rasters]),
        np.concatenate(lanes),
        recorded.n_trials * recorded.trial_ms,
        recorded.n_neurons,
        len(rasters),
    )


def log_normal_fit(rate_hz: np.ndarray, weight: np.ndarray) -> tuple[float, float]:
    """Return mean and s.d. of the natural logarithms of rates above 0 (n,).

    NaN if fewer than two are above 0.
    """
    active = rate_hz > 0
    if active.sum() < 2:
        return float("nan"), float("nan")
    logs, weight = np.log(rate_hz[active]), weight[active]
    centre = np.average(logs, weights=weight)
    return float(centre), float(
        np.sqrt(np.average((logs - centre) ** 2, weights=weight))
    )


def tail_exponent(rate_hz: np.ndarray, weight: np.ndarray, share: float) -> float:
    """Return Hill's exponent of the ``share`` of most active cells (n,).

    The rates counted are those above the smallest of them. NaN if there are fewer than
    two, or all are alike.
    """
    order = np.argsort(rate_hz)[::-1]
    rates, weights = rate_hz[order], weight[order]
    n = int(np.searchsorted(np.cumsum(weights), share * weights.sum())) + 1
    if n < 2 or n > len(rates) or rates[n - 1] <= 0:
        return float("nan")
    logs = np.log(rates[: n - 1] / rates[n - 1])
    total = weights[: n - 1] @ logs
    return float(weights[: n - 1].sum() / total) if total > 0 else float("nan")


def measures(rate_hz: np.ndarray, weight: np.ndarray, share: float) -> np.ndarray:
    """Return ``MEASURES`` (5,) of a weighted sample of rates (n,)."""
    mean, silent = (np.average(x, weights=weight) for x in (rate_hz, rate_hz == 0))
    fit = log_normal_fit(rate_hz, weight)
    return np.array([mean, silent, *fit, tail_exponent(rate_hz, weight, share)])


def firing_table(
    cells: pd.DataFrame,
    types: CellTypes,
    mouse: Sequence[MouseReference],
    share: float,
    seed: int,
) -> pd.DataFrame:
    """Return one row per rule (and the mouse) and cell type or class of types.

    Columns: rule, cell_type, n_cells, n_networks, ``MEASURES`` of all networks' cells
    together, and ``_se``: s.d. over samples of networks, drawn with replacement.
    """
    rows = []
    for rule, own in cells.groupby("rule", sort=False):
        for name, part in groups_of_cells(own):
            rows.append({"rule": rule, "cell_type": name} | _row(part, share, seed))
    return pd.DataFrame([*rows, *_mouse_rows(mouse, types, share)])


def groups_of_cells(cells: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Return all cells, the two classes, and each type, by name."""
    excitatory = cells["excitatory"].astype(bool)
    groups = [(ALL, cells), (EXCITATORY, cells[excitatory])]
    groups.append((INHIBITORY, cells[~excitatory]))
    return groups + list(cells.groupby("cell_type", sort=False))


def _row(part: pd.DataFrame, share: float, seed: int) -> dict:
    by_network = [own["rate_hz"].to_numpy() for _, own in part.groupby("instance")]

    def of(rates: Sequence[np.ndarray]) -> np.ndarray:
        joined = np.concatenate(rates)
        return measures(joined, np.ones(len(joined)), share)

    row = {"n_cells": len(part), "n_networks": len(by_network)}
    row |= dict(zip(MEASURES, of(by_network), strict=True))
    errors = np.full(len(MEASURES), np.nan)
    if len(by_network) > 1:
        rng = numpy_rng(seed, "firing bootstrap")
        drawn = rng.integers(0, len(by_network), (RESAMPLES, len(by_network)))
        found = np.array([of([by_network[k] for k in chosen]) for chosen in drawn])
        known = np.isfinite(found).all(axis=0)
        errors[known] = found[:, known].std(axis=0, ddof=1)
    return row | {f"{n}_se": e for n, e in zip(MEASURES, errors, strict=True)}


def _mouse_rows(
    mouse: Sequence[MouseReference], types: CellTypes, share: float
) -> list[dict]:
    """Return the rows of the mouse, its cells mixed as those of the networks are."""
    n_types = len(types.names)
    rates = mouse[0].mixture_hz.reshape(n_types, -1)
    weights = np.mean([m.mixture_weights for m in mouse], axis=0).reshape(n_types, -1)
    groups = {ALL: np.ones(n_types, bool), EXCITATORY: types.excitatory}
    groups |= {INHIBITORY: ~types.excitatory}
    groups |= {name: np.arange(n_types) == k for k, name in enumerate(types.names)}
    rows = []
    for name, chosen in groups.items():
        found = measures(rates[chosen].ravel(), weights[chosen].ravel(), share)
        row = {"rule": MOUSE, "cell_type": name}
        rows.append(row | dict(zip(MEASURES, found, strict=True)))
    return rows


def mouse_quantiles(mouse: Sequence[MouseReference]) -> pd.DataFrame:
    """Return the mouse's rates as a weighted sample: rate_hz, weight (sum 1)."""
    weights = np.mean([m.mixture_weights for m in mouse], axis=0)
    return pd.DataFrame({"rate_hz": mouse[0].mixture_hz, "weight": weights})


def firing_tests(
    cells: pd.DataFrame, synchrony: pd.DataFrame, share: float, seed: int
) -> pd.DataFrame:
    """Return one row per quantity and rule, beside the plasticity-free network.

    Quantities of all cells of a network: ``MEASURES``, cv (mean over cells), and those
    of ``synchrony.MEASURES``, tasks averaged. Columns as ``against_none``, value in
    ``mean``; p-values corrected for all rows (Holm 1979).
    """
    rows = []
    for (rule, instance), own in cells.groupby(["rule", "instance"], sort=False):
        rates = own["rate_hz"].to_numpy()
        found = measures(rates, np.ones(len(rates)), share)
        values = dict(zip(MEASURES, found, strict=True)) | {"cv": own["cv"].mean()}
        rows += [
            {"quantity": name, "rule": rule, "instance": instance, "mean": value}
            for name, value in values.items()
        ]
    together = synchrony[synchrony["cells"] == ALL]
    long = together.melt(
        ["rule", "instance"], SYNCHRONY, var_name="quantity", value_name="mean"
    )
    units = pd.concat([pd.DataFrame(rows), long])
    keys = ["quantity", "rule", "instance"]
    units = units.groupby(keys, sort=False)["mean"].mean().reset_index()
    table = against_none(units, ["quantity"], "mean", seed)
    return with_holm(table.drop(columns="p_above"), "p_gain")
