"""Why cells fire or not on a grey screen: background, LGN and the way to threshold.

In: an unplastic network, input settings. Out: one row per kind of background, its
gain, LGN drive and cell type: the rate beside the mouse's, and how far the mean
external current takes a cell from rest to threshold. All combinations sit side by side
in the lanes of one simulation.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import ClassVar

import numpy as np
import pandas as pd

from evoplast.artefacts.seeds import named_seed
from evoplast.configuration.section import Settings
from evoplast.network import Network
from evoplast.objectives import MouseReference
from evoplast.simulator import (
    SimulationSettings,
    SpikeRecorder,
)
from evoplast.stimuli import (
    DriftingGrating,
    InputSettings,
    StimulusSet,
    drifting_blocks,
    prepare_input,
    split_currents,
)

LGN_MODES = ("current", "bernoulli")
BACKGROUNDS = ("shared", "independent")
GREY = DriftingGrating(0.0, 0.04, 0.0, 0.0)
BLOCK_STEPS = 250
LANES = 16
ALL = "all"


@dataclass(frozen=True)
class GreySettings(Settings):
    """What is tried.

    Attributes:
        background_gains: factors on the background's weights.
        drifting_ms: length of the recording.
        discard_ms: its start that does not count.
    """

    SECTIONS: ClassVar[tuple[str, ...]] = ("mouse_likeness",)

    background_gains: tuple[float, ...]
    drifting_ms: int
    discard_ms: int


@dataclass(frozen=True)
class Recorded:
    """Rates (N, S) in Hz and mean external currents (N, S) in pA of S lanes."""

    rate_hz: np.ndarray
    current_pA: np.ndarray


def grey_screen(
    network: Network,
    stimulus_set: StimulusSet,
    inputs: InputSettings,
    simulation: SimulationSettings,
    settings: GreySettings,
    mouse: MouseReference,
    seed: int,
) -> pd.DataFrame:
    """Return the table of one network; ``mouse`` holds its spontaneous rates."""
    sources = list(product(LGN_MODES, BACKGROUNDS))
    streams = [
        _currents(network, stimulus_set, inputs, source, settings.drifting_ms, seed)
        for source in sources
    ]
    found = _record(network, simulation, streams, settings)
    lanes = product(sources, settings.background_gains)
    rows = []
    for lane, ((mode, background), gain) in enumerate(lanes):
        shared = {"lgn_mode": mode, "background": background, "background_gain": gain}
        rows += [shared | row for row in _type_rows(network, found, lane, mouse)]
    return pd.DataFrame(rows)


def _currents(
    network, stimulus_set, inputs, source, n_steps, seed
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the currents (N, t) of LGN and background of one source of each."""
    mode, background = source
    wanted = replace(
        inputs,
        lgn_mode=mode,
        background=background,
        background_gain=1.0,
        equalise=False,
    )
    prepared = prepare_input(network, stimulus_set, wanted)
    noise = named_seed(seed, "grey screen")
    blocks = drifting_blocks(network, wanted, GREY, n_steps, BLOCK_STEPS, noise)
    return split_currents(prepared, blocks, noise)


def _record(
    network: Network,
    simulation: SimulationSettings,
    streams: Sequence[Iterator],
    settings: GreySettings,
) -> Recorded:
    n_lanes = -(-len(streams) * len(settings.background_gains) // LANES) * LANES
    recorder = SpikeRecorder(network, simulation, n_lanes)
    spikes, current, done, counted = 0.0, 0.0, 0, 0
    for parts in zip(*streams, strict=True):
        lanes = [
            lgn + np.float32(gain) * background
            for lgn, background in parts
            for gain in settings.background_gains
        ]
        lanes += lanes[:1] * (n_lanes - len(lanes))
        block = np.ascontiguousarray(np.stack(lanes, axis=-1).swapaxes(0, 1))
        fired, kept = recorder.advance(block), max(settings.discard_ms - done, 0)
        done += len(block)
        counted += len(block[kept:])
        spikes = spikes + fired[kept:].sum(axis=0, dtype=np.int64)
        current = current + block[kept:].sum(axis=0, dtype=np.float64)
    rate_hz = np.asarray(spikes * 1000.0 / counted)
    return Recorded(rate_hz, np.asarray(current / counted))


def _type_rows(
    network: Network, found: Recorded, lane: int, mouse: MouseReference
) -> Iterator[dict]:
    kind, names = network.cells.cell_type, network.cell_types.names
    cells = network.cells
    wanted_pA = cells.g_nS * (cells.V_th_mV - cells.E_L_mV)
    share = found.current_pA[:, lane] / wanted_pA
    groups = [(name, kind == m) for m, name in enumerate(names)]
    rates = [*mouse.mean_by_type_hz, mouse.mean_hz]
    groups.append((ALL, np.ones(len(kind), bool)))
    for (name, chosen), mouse_hz in zip(groups, rates, strict=True):
        yield {
            "cell_type": name,
            "n_cells": int(chosen.sum()),
            "rate_hz": float(found.rate_hz[chosen, lane].mean()),
            "silent_share": float((found.rate_hz[chosen, lane] == 0).mean()),
            "mouse_rate_hz": float(mouse_hz),
            "current_over_threshold": float(share[chosen].mean()),
        }
