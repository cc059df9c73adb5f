"""Batches of candidates in lanes: start, train, score.

In: a world, the genomes of one batch, drives. Out: per lane, what the scores are
computed from, as NumPy. The number of lanes of a batch is fixed, spare lanes repeat
the first candidate; no lane reads another, so results do not depend on the split.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import jax
import jax.numpy as jnp
import numpy as np

from evoplast.evaluation.sharding import devices_for, first_state, run_block
from evoplast.evaluation.world import World
from evoplast.objectives import DIMENSION, dimensions_of_counts
from evoplast.rules import N_TERMS, TERM_HAS_SPIKE, decode
from evoplast.simulator import (
    LaneRules,
    SimulationModel,
    lane_rules,
)
from evoplast.stimuli import Drive
from evoplast.task import (
    TaskState,
    TrialOptions,
    TrialRecord,
    Trials,
)

_BLOCK_BYTES = 64 * 2**20
_LARGEST_BLOCK = 25


@dataclass(frozen=True)
class Lanes:
    """Candidates in the middle of their work.

    Attributes:
        rules, state: of L lanes on the device.
        peak_rate_hz: (L,) highest mean rate of a trial so far.
        n_candidates: how many of the lanes' candidates count.
    """

    rules: LaneRules
    state: TaskState
    peak_rate_hz: np.ndarray
    n_candidates: int


@dataclass(frozen=True)
class Scored:
    """What the scored phase showed, per candidate p and task k (NumPy).

    Attributes:
        decision, pool_rate_hz: (p, k, T) in the T scored trials.
        neuron_rate_hz: (p, k, N) in the whole phase, as is ``synchrony`` (p, k).
        peak_rate_hz: (p, k) highest mean rate in a trial, training included.
        finite: (p, k) bool, weights and voltages at the end.
        weights: summary of the weights, each (p, k).
        recordings: by name, (p, k, ...).
    """

    decision: np.ndarray
    pool_rate_hz: np.ndarray
    neuron_rate_hz: np.ndarray
    synchrony: np.ndarray
    peak_rate_hz: np.ndarray
    finite: np.ndarray
    weights: dict[str, np.ndarray]
    recordings: dict[str, np.ndarray]


def alike_together(world: World, genomes: np.ndarray) -> np.ndarray:
    """Return an order of genomes (P, D) in which neighbours share active terms.

    The C++ kernel skips what no rule of a tile needs, above all the work on silent
    synapses; rules whose terms all need a spike come first.
    """
    gates = decode(world.rule_space, genomes).gates > 0
    works_in_silence = gates[:, :N_TERMS][:, ~np.asarray(TERM_HAS_SPIKE)]
    keys = (*gates.T, *works_in_silence.T, works_in_silence.any(axis=1))
    return np.lexsort(keys)


def start(world: World, genomes: np.ndarray, width: int) -> Lanes:
    """Put genomes (p, D) into the lanes of ``width`` candidates, untrained."""
    spare = np.repeat(genomes[:1], width - len(genomes), axis=0)
    parameters = decode(world.rule_space, np.concatenate([genomes, spare]))
    n_lanes = width * world.n_tasks
    return Lanes(
        rules=lane_rules(parameters, world.n_tasks, world.settings.plasticity),
        state=first_state(
            world.model,
            world.settings.task,
            n_lanes,
            devices_for(n_lanes, world.n_tasks),
        ),
        peak_rate_hz=np.zeros(n_lanes),
        n_candidates=len(genomes),
    )


def copied(lanes: Lanes) -> Lanes:
    """Return lanes with a state of their own, so that these can be run further."""
    return replace(lanes, state=jax.tree.map(jnp.copy, lanes.state))


def _block_length(world: World) -> int:
    task = world.settings.task
    per_trial = 4 * task.trial_ms * world.network.n_neurons * world.n_tasks
    return int(np.clip(_BLOCK_BYTES // per_trial, 1, _LARGEST_BLOCK))


def _blocks(
    world: World, drives: Sequence[Drive], trials: range
) -> Iterator[tuple[np.ndarray, np.ndarray, int]]:
    """Yield current (B, ms, N, k), change (B, k) and the trials that are real."""
    length = _block_length(world)
    for first in range(trials.start, trials.stop, length):
        part = slice(first, min(first + length, trials.stop))
        n_real = part.stop - part.start
        current = np.stack([d.current_pA[part] for d in drives], axis=-1)
        change = np.stack([d.change[part] for d in drives], axis=-1)
        fill = [(0, length - n_real)]
        yield (
            np.pad(current, fill + [(0, 0)] * 3),
            np.pad(change, [*fill, (0, 0)]),
            n_real,
        )


def _run(
    world: World,
    lanes: Lanes,
    drives: Sequence[Drive],
    trials: range,
    options: TrialOptions,
) -> tuple[Lanes, list[TrialRecord]]:
    state, records = lanes.state, []
    for current, change, n_real in _blocks(world, drives, trials):
        state, record = run_block(
            world.model,
            lanes.rules,
            world.readout,
            state,
            Trials(current, change, np.int32(n_real)),
            options,
            devices_for(len(lanes.peak_rate_hz), world.n_tasks),
        )
        records.append(_on_host(record, n_real))
    peaks = [np.asarray(record.mean_rate_hz.max(axis=0)) for record in records]
    peak = np.maximum.reduce([lanes.peak_rate_hz, *peaks])
    return replace(lanes, state=state, peak_rate_hz=peak), records


def _on_host(record: TrialRecord, n_real: int) -> TrialRecord:
    host = jax.tree.map(np.asarray, record)
    counts = host.spike_counts
    return replace(jax.tree.map(lambda leaf: leaf[:n_real], host), spike_counts=counts)


def _options(world: World, plastic: bool, scored: bool, **keep: bool) -> TrialOptions:
    settings = world.settings
    return TrialOptions(
        task=settings.task,
        plasticity=settings.plasticity,
        kernel=world.kernel,
        plastic=plastic,
        scored=scored,
        **keep,
    )


def advance(
    world: World,
    lanes: Lanes,
    drives: Sequence[Drive],
    trials: range,
    plastic: bool,
    scored: bool,
    record: Sequence[str] = (),
) -> tuple[Lanes, list[TrialRecord]]:
    """Run ``trials`` of the drives; use up ``lanes``, return them and what happened.

    ``scored``: whether synchrony is measured; ``record``: what will be asked of
    ``summary``.
    """
    options = _options(
        world,
        plastic,
        scored,
        keep_counts=any(name.startswith(("counts", DIMENSION)) for name in record),
        keep_readout="pool_spikes" in record,
    )
    return _run(world, lanes, drives, trials, options)


def train(world: World, lanes: Lanes, drives: Sequence[Drive], n_trials: int) -> Lanes:
    """Run the first ``n_trials`` of the drives with plasticity."""
    return advance(world, lanes, drives, range(n_trials), True, False)[0]


def score(
    world: World,
    lanes: Lanes,
    drives: Sequence[Drive],
    first_trial: int,
    plastic: bool,
    record: Sequence[str],
) -> Scored:
    """Run the drives from ``first_trial`` on; use up ``lanes`` and return scores.

    The first trial is not scored but counts for the rates.
    """
    trials = range(first_trial, len(drives[0].change))
    lanes, records = advance(world, lanes, drives, trials, plastic, True, record)
    return summary(world, lanes, records, record)


def summary(
    world: World,
    lanes: Lanes,
    records: Sequence[TrialRecord],
    record: Sequence[str] = (),
) -> Scored:
    """Return what ``records`` of the scored phase so far and the lanes show."""

    def by_trial(name: str) -> np.ndarray:
        stacked = np.concatenate([getattr(part, name) for part in records])
        return by_candidate(world, lanes, stacked[1:])

    finite, weights = condition(world, lanes)
    ms = sum(len(part.decision) for part in records) * world.settings.task.trial_ms
    counts = sum(part.spike_counts.astype(np.float64) for part in records)
    bins = sum(part.synchronous_bins.sum(axis=0, dtype=float) for part in records)
    return Scored(
        decision=by_trial("decision"),
        pool_rate_hz=by_trial("pool_rate_hz"),
        neuron_rate_hz=by_candidate(world, lanes, np.asarray(counts / (ms / 1000.0))),
        synchrony=by_candidate(world, lanes, np.asarray(bins / (ms / 2))),
        peak_rate_hz=by_candidate(world, lanes, lanes.peak_rate_hz),
        finite=finite,
        weights=weights,
        recordings={name: _recording(world, lanes, by_trial, name) for name in record},
    )


def by_candidate(world: World, lanes: Lanes, values: np.ndarray) -> np.ndarray:
    """Turn (..., L) into (p, k, ...), spare lanes dropped."""
    split = values.reshape(*values.shape[:-1], -1, world.n_tasks)
    return np.moveaxis(split[..., : lanes.n_candidates, :], (-2, -1), (0, 1))


def _recording(world: World, lanes: Lanes, by_trial, name: str) -> np.ndarray:
    if name == "pool_spikes":
        return by_trial("readout_by_step")
    if name == "pool_rate_by_trial":
        return by_trial("pool_rate_hz")
    if name == "decisions":
        return by_trial("decision")
    if name == "weights":
        return weights_of(world, lanes)
    if name == DIMENSION:
        counts = _recording(world, lanes, by_trial, "counts_by_trial")
        return dimensions_of_counts(counts)
    if name == "counts_by_trial":
        return by_trial("counts_until_decision") + by_trial("counts_after_decision")
    return by_trial(name)


RECORDINGS = (
    "pool_spikes",
    "pool_rate_by_trial",
    "decisions",
    "weights",
    "counts_by_trial",
    "counts_until_decision",
    "counts_after_decision",
    DIMENSION,
)


def weights_of(world: World, lanes: Lanes) -> np.ndarray:
    """Return strengths (p, k, E) in the order of the network's edges, no padding."""
    index = np.asarray(world.model.edge_index)
    real = index >= 0
    sorted_weights = np.asarray(lanes.state.simulation.weights)[real]
    weights = np.empty_like(sorted_weights)
    weights[index[real]] = sorted_weights
    return by_candidate(world, lanes, weights)


def condition(world: World, lanes: Lanes) -> tuple[np.ndarray, dict]:
    """Return whether all is finite, and a summary of the weights, each (p, k)."""
    simulation, model = lanes.state.simulation, world.model
    finite, sums = _sums(model, simulation.weights, simulation.neuron.voltage_mV)
    # Divided here: the compiler may multiply by an inverse, or not.
    whole = {name: np.asarray(model.edge_index >= 0).sum() for name in sums}
    whole["relative_weight_change"] = np.asarray(model.w_init, np.float64).sum()
    return by_candidate(world, lanes, np.asarray(finite)), {
        name: by_candidate(world, lanes, np.asarray(total) / max(whole[name], 1e-9))
        for name, total in sums.items()
    }


def _row_by_row(values: jax.Array) -> jax.Array:
    # A plain sum adds in an order that depends on the number of lanes.
    return jax.ops.segment_sum(values, jnp.zeros(len(values), jnp.int32), 1)[0]


@jax.jit
def _sums(
    model: SimulationModel, weights: jax.Array, voltage_mV: jax.Array
) -> tuple[jax.Array, dict]:
    """Return whether all is finite, and sums over synapses, each (L,)."""
    real = (model.edge_index >= 0)[:, None]
    initial, bound = model.w_init[:, None], model.w_max[:, None]
    change = jnp.abs(weights - initial)
    # Edges that start at their bound say nothing about the rule.
    reached = real & (weights >= bound) & (initial < bound)
    finite = jnp.isfinite(weights).all(axis=0) & jnp.isfinite(voltage_mV).all(axis=0)
    return finite, {
        "fraction_at_bound": reached.sum(axis=0),
        "fraction_changed": (change > 0.1 * initial).sum(axis=0),
        "relative_weight_change": _row_by_row(change),
    }
