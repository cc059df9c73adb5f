"""The scan of the working point: one unplastic network under many choices of input.

In: a network, the stimulus sets, settings. Out: two tables, one of the task's signal
(AUC of change against repeat by window and pool), one of rates per cell type beside
the mouse's. All choices see the same trials and the same background. Every input
costs little beside the simulation, and choices sit side by side in the lanes: LGN
current or spikes; contrast raw, common to all stimuli (the control) or equalised;
drive target; LGN gain. Recurrent gains take a simulation each.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
import pandas as pd

from evoplast.analysis import auc_standard_error
from evoplast.artefacts.errors import UserError
from evoplast.artefacts.progress import Progress
from evoplast.artefacts.seeds import named_seed
from evoplast.configuration.section import Settings
from evoplast.network import CellTypes, Network
from evoplast.objectives import MouseReference, auc, wasserstein_hz
from evoplast.simulator import (
    SpikeRecorder,
    recurrent_gain,
)
from evoplast.stimuli import (
    InputSettings,
    PreparedInput,
    StimulusSet,
    draw_sequence,
    prepare_input,
    trial_currents,
    with_common_contrast,
)
from evoplast.working_point.probe import Probe

CURRENT: Literal["current"] = "current"
BERNOULLI: Literal["bernoulli"] = "bernoulli"
RAW, COMMON, EQUALISED = "raw", "common", "equalised"
ALL_EXCITATORY = "all"
LANES = 16


@dataclass(frozen=True)
class ScanSettings(Settings):
    """What is scanned; times in ms from trial onset.

    Attributes:
        n_trials: scored trials per task.
        drive_targets_hz: targets of equalised stimuli, with LGN current.
        reference_target_hz: the target at which LGN current and spikes, common and
            equalised contrast are compared.
        lgn_gains: factors on LGN weights, with LGN current, raw and equalised.
        recurrent_factors: factors on the configured recurrent gain, with LGN current.
        windows_ms: response windows (start, end).
        change_probability: of a change in a trial.
        balanced_stimuli: of a balanced sequence; 0: random order.
    """

    SECTIONS: ClassVar[tuple[str, ...]] = ("calibration_scan", "calibration", "task")

    n_trials: int
    drive_targets_hz: tuple[float, ...]
    reference_target_hz: float
    lgn_gains: tuple[float, ...]
    recurrent_factors: tuple[float, ...]
    windows_ms: tuple[tuple[int, int], ...]
    change_probability: float
    balanced_stimuli: int


@dataclass(frozen=True)
class Drawn:
    """How stimuli become LGN input; ``drive_target_hz`` is NaN for raw contrast."""

    lgn_mode: Literal["current", "bernoulli"]
    contrast: str
    drive_target_hz: float


@dataclass(frozen=True)
class Choice:
    """One choice of input."""

    drawn: Drawn
    lgn_gain: float


@dataclass(frozen=True)
class Signal:
    """What the S lanes of one simulation did.

    ``pool_counts`` (T, W, P, S) spikes of each pool in each window; ``rate_hz``
    (N, S).
    """

    pool_counts: np.ndarray
    rate_hz: np.ndarray


@dataclass
class Run:
    """A simulation at one recurrent gain, its lanes (choice, task), what it saw."""

    factor: float
    gain: float
    lanes: list[tuple[Choice, str]]
    recorder: SpikeRecorder
    counts: list[np.ndarray] = field(default_factory=list)
    total: np.ndarray | float = 0.0
    n_steps: int = 0

    def advance(self, currents: Mapping, membership: np.ndarray, windows) -> None:
        """Run one trial; ``currents`` holds LGN and background by (drawn, task)."""
        spikes = self.recorder.advance(_stacked(self.lanes, currents))
        spikes = spikes[..., : len(self.lanes)]
        in_windows = np.stack([spikes[a:b].sum(axis=0) for a, b in windows])
        self.counts.append(np.einsum("pn,wns->wps", membership, in_windows))
        self.total = self.total + spikes.sum(axis=0)
        self.n_steps += len(spikes)

    def signal(self) -> Signal:
        """Return what was seen; the first trial counts for rates only."""
        rate_hz = np.asarray(self.total * 1000.0 / self.n_steps)
        return Signal(np.stack(self.counts[1:]), rate_hz)


def _stacked(lanes: Sequence[tuple[Choice, str]], currents: Mapping) -> np.ndarray:
    """Return the currents (t, N, LANES) of a trial; spare lanes repeat the first."""
    columns = []
    for choice, task in lanes:
        lgn, background = currents[choice.drawn, task]
        columns.append(np.float32(choice.lgn_gain) * lgn + background)
    columns += columns[:1] * (LANES - len(columns))
    return np.ascontiguousarray(np.stack(columns, axis=-1).swapaxes(0, 1))


def input_choices(settings: ScanSettings) -> list[Choice]:
    """Return the choices of input at the configured recurrent gain."""
    reference = settings.reference_target_hz
    targets = sorted({*settings.drive_targets_hz, reference})
    drawn = [Drawn(CURRENT, RAW, np.nan)]
    drawn += [Drawn(CURRENT, EQUALISED, target) for target in targets]
    controls = [Drawn(CURRENT, COMMON, reference), Drawn(BERNOULLI, RAW, np.nan)]
    controls += [Drawn(BERNOULLI, kind, reference) for kind in (COMMON, EQUALISED)]
    gains = [gain for gain in settings.lgn_gains if gain != 1.0]
    choices = [Choice(d, 1.0) for d in drawn + controls]
    return choices + [Choice(d, gain) for gain in gains for d in drawn]


def gain_choices(settings: ScanSettings) -> list[Choice]:
    """Return the choices that other recurrent gains are tried with."""
    plain = [c for c in input_choices(settings) if c.lgn_gain == 1.0]
    wanted = (RAW, EQUALISED)
    return [c for c in plain if c.drawn.lgn_mode == CURRENT and _is(c, wanted)]


def _is(choice: Choice, contrasts: Sequence[str]) -> bool:
    return choice.drawn.contrast in contrasts


def pools(types: CellTypes) -> dict[str, np.ndarray]:
    """Return the candidate readout pools: excitatory types (M,) of each layer, all."""
    layers = [str(layer).lstrip("Ll") for layer in types.layer]
    of_layer = {
        f"L{layer}": types.excitatory & (np.array(layers) == layer)
        for layer in sorted(set(layers))
    }
    found = {name: chosen for name, chosen in of_layer.items() if chosen.any()}
    return found | {ALL_EXCITATORY: np.asarray(types.excitatory)}


def scan_network(
    probe: Probe,
    settings: ScanSettings,
    mouse: MouseReference,
    seed: int,
    log_path: str | Path | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Scan one network; return the tables of signal and of rates per type.

    Raises:
        UserError: a window outside of the trial, or a target below the spontaneous
            drive.
    """
    network, stimulus_sets, inputs = probe.network, probe.stimulus_sets, probe.inputs
    _check_windows(settings, inputs.trial_ms)
    sequences = {
        name: draw_sequence(
            found,
            settings.n_trials + 1,
            settings.change_probability,
            named_seed(seed, "calibration scan", name),
            "training",
            settings.balanced_stimuli,
        )
        for name, found in stimulus_sets.items()
    }
    runs = _runs(network, probe.simulation, settings, tuple(stimulus_sets))
    streams = _streams(network, stimulus_sets, sequences, inputs, settings, seed)
    kinds = pools(network.cell_types)
    membership = np.stack([m[network.cells.cell_type] for m in kinds.values()])
    with Progress(settings.n_trials + 1, "calibration scan", log_path) as progress:
        for _ in range(settings.n_trials + 1):
            currents = {key: next(stream) for key, stream in streams.items()}
            for run in runs:
                run.advance(currents, membership.astype(int), settings.windows_ms)
            progress.step()
    change = {name: sequence.change[1:] for name, sequence in sequences.items()}
    return (
        _signal_table(
            runs, change, membership.sum(axis=1), list(kinds), settings, mouse
        ),
        _rate_table(runs, network, mouse),
    )


def _check_windows(settings: ScanSettings, trial_ms: int) -> None:
    for start, end in settings.windows_ms:
        if not 0 <= start < end <= trial_ms:
            raise UserError(
                f"The window {start} to {end} ms does not lie in the trial of "
                f"{trial_ms} ms; change calibration.windows_ms."
            )


def _runs(network, simulation, settings, tasks) -> list[Run]:
    configured = recurrent_gain(network, simulation)
    runs = []
    for factor in sorted({1.0, *settings.recurrent_factors}):
        choices = (input_choices if factor == 1.0 else gain_choices)(settings)
        lanes = [(choice, task) for choice in choices for task in tasks]
        gain = factor * configured
        scaled = replace(simulation, recurrent_gain=gain)
        for start in range(0, len(lanes), LANES):
            recorder = SpikeRecorder(network, scaled, LANES)
            runs.append(Run(factor, gain, lanes[start : start + LANES], recorder))
    return runs


def _streams(
    network, stimulus_sets, sequences, inputs, settings, seed
) -> dict[tuple[Drawn, str], Iterator[tuple[np.ndarray, np.ndarray]]]:
    """Return the currents by trial of every input that a choice is made from."""
    drawn = dict.fromkeys(choice.drawn for choice in input_choices(settings))
    streams = {}
    for name, found in stimulus_sets.items():
        noise = named_seed(seed, "calibration scan", name, "noise")
        for kind in drawn:
            prepared = prepared_as(network, found, inputs, kind)
            streams[kind, name] = trial_currents(prepared, sequences[name], noise)
    return streams


def prepared_as(
    network: Network, stimulus_set: StimulusSet, inputs: InputSettings, drawn: Drawn
) -> PreparedInput:
    """Return the input of one network and task as ``drawn`` says, LGN gain as in it."""
    target = drawn.drive_target_hz
    wanted = replace(
        inputs,
        lgn_mode=drawn.lgn_mode,
        equalise=drawn.contrast == EQUALISED,
        drive_target_hz=inputs.drive_target_hz if np.isnan(target) else target,
    )
    prepared = prepare_input(network, stimulus_set, wanted)
    if drawn.contrast == COMMON:
        return with_common_contrast(network, prepared, target)
    return prepared


def _lane_columns(run: Run, choice: Choice, task: str) -> dict:
    return {
        "recurrent_factor": run.factor,
        "recurrent_gain": run.gain,
        "lgn_mode": choice.drawn.lgn_mode,
        "contrast": choice.drawn.contrast,
        "drive_target_hz": choice.drawn.drive_target_hz,
        "lgn_gain": choice.lgn_gain,
        "task": task,
    }


def _signal_table(runs, change, pool_sizes, names, settings, mouse) -> pd.DataFrame:
    rows = []
    for run in runs:
        signal = run.signal()
        distance = wasserstein_hz(signal.rate_hz.T, mouse)
        for lane, (choice, task) in enumerate(run.lanes):
            shared = _lane_columns(run, choice, task) | {
                "mean_rate_hz": float(signal.rate_hz[:, lane].mean()),
                "max_rate_hz": float(signal.rate_hz[:, lane].max()),
                "wasserstein_hz": float(distance[lane]),
            }
            counts = signal.pool_counts[..., lane]
            for row in window_rows(counts, change[task], pool_sizes, names, settings):
                rows.append(shared | row)
    return pd.DataFrame(rows)


def window_rows(
    counts: np.ndarray,
    change: np.ndarray,
    pool_sizes: np.ndarray,
    names: Sequence[str],
    settings: ScanSettings,
) -> Iterator[dict]:
    """Yield signal and rate of each window and pool from counts (T, W, P)."""
    n_change = int(change.sum())
    areas = auc(counts, np.broadcast_to(change[:, None, None], counts.shape))
    for w, (start, end) in enumerate(settings.windows_ms):
        for p, name in enumerate(names):
            rate = counts[:, w, p].mean() / pool_sizes[p] * 1000.0 / (end - start)
            area = float(areas[w, p])
            yield {
                "pool": name,
                "window_start_ms": start,
                "window_end_ms": end,
                "auc": area,
                "auc_se": auc_standard_error(area, n_change, len(change) - n_change),
                "pool_rate_hz": float(rate),
                "n_trials": len(change),
            }


def _rate_table(runs, network: Network, mouse: MouseReference) -> pd.DataFrame:
    kind, names = network.cells.cell_type, network.cell_types.names
    member = (kind == np.arange(len(names))[:, None]).astype(float)
    member /= member.sum(axis=1, keepdims=True)
    rows = []
    for run in runs:
        by_type = member @ run.signal().rate_hz
        for lane, (choice, task) in enumerate(run.lanes):
            shared = _lane_columns(run, choice, task)
            for m, name in enumerate(names):
                rates = {
                    "rate_hz": float(by_type[m, lane]),
                    "mouse_rate_hz": float(mouse.mean_by_type_hz[m]),
                }
                rows.append(shared | {"cell_type": name} | rates)
    return pd.DataFrame(rows)
