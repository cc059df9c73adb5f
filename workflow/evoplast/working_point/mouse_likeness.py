"""Is the network mouse-like? Rates, their distributions, intervals, tuning.

In: a network without plasticity, the stimulus sets, the mouse's tables. Out: a table
by cell type (rates beside the mouse's, in five conditions) and one by cell (tuning).
Conditions: a grey screen, the two tasks' trials as the config makes them, gratings
that drift at the contrast of the experiments, and their best direction of each cell.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd
from scipy.stats import wasserstein_distance

from evoplast.artefacts.errors import UserError
from evoplast.artefacts.progress import Progress
from evoplast.artefacts.seeds import named_seed
from evoplast.configuration.section import Settings
from evoplast.network import Network
from evoplast.objectives import MouseReference
from evoplast.simulator import (
    SpikeRecorder,
)
from evoplast.stimuli import (
    DriftingGrating,
    draw_sequence,
    drifting_blocks,
    prepare_input,
    split_currents,
    trial_currents,
)
from evoplast.working_point.probe import Probe
from evoplast.working_point.spiking import (
    SpikeTimes,
    crossvalidated_selectivity,
    global_selectivity,
    interval_cv,
    peak_selectivity,
    preferred_deg,
)

SPONTANEOUS, DRIFTING, PREFERRED = "spontaneous", "drifting", "drifting_preferred"
EVOKED = "evoked_dg_mean"
PREFERRED_MEASURE = "evoked_dg_preferred"
MEASURES = (SPONTANEOUS, EVOKED, PREFERRED_MEASURE)
ALL = "all"
LANES = 16
FEWEST_GREY_LANES = 4
BLOCK_STEPS = 250
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True)
class LikenessSettings(Settings):
    """How the network is probed.

    Attributes:
        n_trials: trials of each task whose rates count.
        change_probability: of a change in a trial.
        directions: of the drifting gratings, evenly spaced, a multiple of 4.
        drifting_ms: how long each drifts; the first ``discard_ms`` do not count.
        discard_ms: start of every recording that does not count.
        spatial_frequency_cpd, temporal_frequency_hz, contrast: of the drifting
            gratings.
        fewest_intervals: cells with fewer have no coefficient of variation.
    """

    SECTIONS: ClassVar[tuple[str, ...]] = ("mouse_likeness", "task")

    n_trials: int
    change_probability: float
    directions: int
    drifting_ms: int
    discard_ms: int
    spatial_frequency_cpd: float
    temporal_frequency_hz: float
    contrast: float
    fewest_intervals: int


@dataclass(frozen=True)
class Recording:
    """Spikes, and which lanes show what."""

    spikes: SpikeTimes
    lanes: Mapping[str, np.ndarray]


def mouse_likeness(
    probe: Probe,
    settings: LikenessSettings,
    mouse: Mapping[str, MouseReference],
    seed: int,
    log_path: str | Path | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Probe one network; return the tables by cell type and by cell.

    ``mouse`` holds the reference of each of ``MEASURES``.

    Raises:
        UserError: a number of directions that is no multiple of 4, or recordings
            shorter than what is discarded.
    """
    _check(settings)
    network, simulation = probe.network, probe.simulation
    prepared = {
        name: prepare_input(network, found, probe.inputs)
        for name, found in probe.stimulus_sets.items()
    }
    with Progress(2, "mouse likeness", log_path) as progress:
        probed = _record_probes(network, prepared, simulation, settings, seed)
        progress.step(recorded="grey screen and drifting gratings")
        seen = _record_tasks(
            *(network, prepared, probe.stimulus_sets, simulation, settings, seed)
        )
        progress.step(recorded="tasks")
    return (
        type_table(network, [probed, seen], settings, mouse),
        cell_table(network, probed, settings),
    )


def _check(settings: LikenessSettings) -> None:
    if settings.directions < 4 or settings.directions % 4:
        raise UserError(
            f"mouse_likeness.directions is {settings.directions}; it must be a "
            "multiple of 4, so that every direction has its orthogonal ones."
        )
    if settings.drifting_ms <= settings.discard_ms + 1:
        raise UserError(
            f"mouse_likeness.drifting_ms is {settings.drifting_ms}; it must exceed "
            f"discard_ms, {settings.discard_ms}."
        )


def direction_angles(settings: LikenessSettings) -> np.ndarray:
    """Return the directions (D,) in degrees."""
    return np.arange(settings.directions) * 360.0 / settings.directions


def record(
    recorder: SpikeRecorder, streams: Sequence[Iterator[np.ndarray]], n_neurons: int
) -> SpikeTimes:
    """Return the spikes of a network whose lanes get the currents (N, t) of streams."""
    parts, done = [], 0
    for blocks in zip(*streams, strict=True):
        stacked = np.stack(blocks, axis=-1).swapaxes(0, 1)
        spikes = recorder.advance(np.ascontiguousarray(stacked))
        step, neuron, lane = np.nonzero(spikes)
        parts.append((step + done, neuron, lane))
        done += len(spikes)
    steps, neurons, lanes = (
        np.concatenate(arrays).astype(np.int32) for arrays in zip(*parts, strict=True)
    )
    return SpikeTimes(steps, neurons, lanes, done, n_neurons, len(streams))


def _record_probes(network, prepared, simulation, settings, seed) -> Recording:
    """Record all drifting gratings, and grey screens in the lanes that are left."""
    angles = direction_angles(settings)
    n_lanes = -(-(len(angles) + FEWEST_GREY_LANES) // LANES) * LANES
    n_grey = n_lanes - len(angles)
    shown = [_grating(settings, angle, settings.contrast) for angle in angles]
    shown += [_grating(settings, 0.0, 0.0)] * n_grey
    # Synapses and background do not depend on the stimuli.
    any_input = next(iter(prepared.values()))

    def stream(lane: int, grating: DriftingGrating) -> Iterator[np.ndarray]:
        noise = named_seed(seed, "drifting", lane)
        blocks = drifting_blocks(
            *(network, any_input.settings, grating),
            *(settings.drifting_ms, BLOCK_STEPS, noise),
        )
        parts = split_currents(any_input, blocks, noise)
        return (lgn + background for lgn, background in parts)

    streams = [stream(lane, grating) for lane, grating in enumerate(shown)]
    recorder = SpikeRecorder(network, simulation, n_lanes)
    spikes = record(recorder, streams, network.n_neurons)
    lanes = np.arange(n_lanes)
    return Recording(
        spikes.between(settings.discard_ms, settings.drifting_ms),
        {DRIFTING: lanes[: len(angles)], SPONTANEOUS: lanes[len(angles) :]},
    )


def _grating(settings: LikenessSettings, angle: float, contrast: float):
    return DriftingGrating(
        direction_deg=float(angle),
        frequency_cpd=settings.spatial_frequency_cpd,
        temporal_frequency_hz=settings.temporal_frequency_hz,
        amplitude=contrast,
    )


def _record_tasks(
    network, prepared, stimulus_sets, simulation, settings, seed
) -> Recording:
    """Record the trials of all tasks, each in as many lanes as there is room for."""
    each = max(LANES // len(prepared), 1)
    trial_ms = next(iter(prepared.values())).settings.trial_ms
    discarded = -(-settings.discard_ms // trial_ms)
    n_trials = -(-settings.n_trials // each) + discarded
    streams: list[Iterator[np.ndarray]] = []
    lanes = {}
    for name, found in stimulus_sets.items():
        lanes[name] = len(streams) + np.arange(each)
        for part in range(each):
            noise = named_seed(seed, "task", name, part)
            sequence = draw_sequence(
                found, n_trials, settings.change_probability, noise, "training"
            )
            parts = trial_currents(prepared[name], sequence, noise)
            streams.append(lgn + background for lgn, background in parts)
    recorder = SpikeRecorder(network, simulation, len(streams))
    spikes = record(recorder, streams, network.n_neurons)
    kept = spikes.between(discarded * trial_ms, n_trials * trial_ms)
    return Recording(kept, lanes)


def type_table(
    network: Network,
    recordings: Sequence[Recording],
    settings: LikenessSettings,
    mouse: Mapping[str, MouseReference],
) -> pd.DataFrame:
    """Return one row per condition and cell type, and one for all cells together."""
    rows: list[dict] = []
    for recording in recordings:
        rates = recording.spikes.rates_hz()
        for condition, lanes in recording.lanes.items():
            cv = interval_cv(recording.spikes, lanes, settings.fewest_intervals)
            mean = rates[:, lanes].mean(axis=1)
            measure = SPONTANEOUS if condition == SPONTANEOUS else EVOKED
            rows += _type_rows(network, condition, mean, cv, mouse[measure])
            if condition == DRIFTING:
                best, none = rates[:, lanes].max(axis=1), np.full_like(mean, np.nan)
                reference = mouse[PREFERRED_MEASURE]
                rows += _type_rows(network, PREFERRED, best, none, reference)
    return pd.DataFrame(rows)


def _type_rows(
    network: Network,
    condition: str,
    rate_hz: np.ndarray,
    cv: np.ndarray,
    mouse: MouseReference,
) -> Iterator[dict]:
    kind, names = network.cells.cell_type, network.cell_types.names
    samples = mouse.mixture_hz.reshape(len(names), -1)
    for m, name in enumerate(names):
        chosen = kind == m
        even = np.ones(samples.shape[1])
        yield _row(condition, name, rate_hz[chosen], cv[chosen], samples[m], even) | {
            "mouse_rate_hz": float(mouse.mean_by_type_hz[m])
        }
    everything = _row(
        condition, ALL, rate_hz, cv, mouse.mixture_hz, mouse.mixture_weights
    )
    yield everything | {"mouse_rate_hz": mouse.mean_hz}


def _row(condition, name, rate_hz, cv, sample_hz, weights) -> dict:
    known = cv[np.isfinite(cv)]
    row = {
        "condition": condition,
        "cell_type": name,
        "n_cells": len(rate_hz),
        "rate_hz": float(rate_hz.mean()),
        "wasserstein_hz": float(
            wasserstein_distance(rate_hz, sample_hz, v_weights=weights)
        ),
        "cv": float(known.mean()) if len(known) else float("nan"),
        "n_cv": len(known),
    }
    for level in QUANTILES:
        name = f"{100 * level:02.0f}"
        row[f"rate_hz_q{name}"] = float(np.quantile(rate_hz, level))
        row[f"mouse_rate_hz_q{name}"] = _quantile(sample_hz, weights, level)
    return row


def _quantile(sample: np.ndarray, weights: np.ndarray, level: float) -> float:
    order = np.argsort(sample)
    share = np.cumsum(weights[order]) / weights.sum()
    return float(sample[order][np.searchsorted(share, level)])


def cell_table(
    network: Network, probed: Recording, settings: LikenessSettings
) -> pd.DataFrame:
    """Return the tuning of every cell, one row each.

    ``selectivity_crossvalidated`` takes the preference from one half of the
    recording and the selectivity from the other, both ways; ``offset_deg`` is the
    preferred orientation minus the angle by which the cell was wired, -90..90.
    """
    spikes, lanes = probed.spikes, probed.lanes[DRIFTING]
    angles, middle = direction_angles(settings), probed.spikes.n_steps // 2
    rates = spikes.rates_hz()[:, lanes]
    halves = [
        spikes.between(*part).rates_hz()[:, lanes]
        for part in ((0, middle), (middle, spikes.n_steps))
    ]
    both = [crossvalidated_selectivity(a, b, angles) for a, b in (halves, halves[::-1])]
    kind, wired = network.cells.cell_type, network.cells.tuning_deg
    preferred = preferred_deg(rates, angles, 2)
    return pd.DataFrame(
        {
            "cell_type": np.array(network.cell_types.names)[kind],
            "tuning_deg": wired,
            "rate_hz": rates.mean(axis=1),
            "preferred_rate_hz": rates.max(axis=1),
            "preferred_orientation_deg": preferred,
            "offset_deg": (preferred - wired + 90.0) % 180.0 - 90.0,
            "preferred_direction_deg": preferred_deg(rates, angles, 1),
            "orientation_selectivity": global_selectivity(rates, angles, 2),
            "direction_selectivity": global_selectivity(rates, angles, 1),
            "peak_selectivity": peak_selectivity(rates),
            "selectivity_crossvalidated": np.mean(both, axis=0),
        }
    )
