"""One-back visual change detection: decision, reward, and the loop over trials.

In: a running simulation, the external current of some trials, whether each was a
change. Out: the state afterwards and, per trial, pool rate, decision and rates.
L lanes (candidate x task), B trials in a block, H trials of history.

In each trial the network runs to the end of the response window; the mean rate of
the readout pool in the window above the threshold means "change"; the reward minus
the mean of the last H rewards is added to every reward trace; then the trial runs
to its end. Everything carries over from trial to trial.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from evoplast.configuration.sections.task import TaskSettings
from evoplast.simulator import (
    DT_MS,
    REFERENCE_KERNEL,
    Kernel,
    LaneRules,
    Observed,
    PlasticitySettings,
    SimulationModel,
    SimulationState,
    StepOptions,
    initial_state,
)

Array = jax.Array
MS_PER_SECOND = 1000.0
RELATIVE, ABSOLUTE = "relative", "absolute"
HIT, CORRECT = "hit", "correct"


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class TaskState:
    """State of the simulation and the task's memory of past trials.

    ``rates_hz`` and ``rewards`` are (H, L) rings; trial t lies at t modulo H.
    ``n_trials`` (int32) counts the trials done.
    """

    simulation: SimulationState
    rates_hz: Array
    rewards: Array
    n_trials: Array


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class TrialRecord:
    """What happened in each trial of a block; zeros in trials that did not run.

    Attributes:
        pool_rate_hz: (B, L) readout rate in the window.
        decision: (B, L) bool, True means "change".
        mean_rate_hz: (B, L) mean over all neurons and the whole trial.
        synchronous_bins: (B, L) 2 ms bins with more than 20 % of neurons active.
        spike_counts: (N, L) spikes of each neuron in the block.
        counts_until_decision, counts_after_decision: (B, N, L) int16 or None.
        readout_by_step: (B, trial_ms, L) int16 spikes of the pool, or None.
    """

    pool_rate_hz: Array
    decision: Array
    mean_rate_hz: Array
    synchronous_bins: Array
    spike_counts: Array
    counts_until_decision: Array | None
    counts_after_decision: Array | None
    readout_by_step: Array | None


class Trials(NamedTuple):
    """What is shown in B trials.

    Attributes:
        current_pA: (B, trial_ms, N, n_tasks).
        change: (B, n_tasks) bool.
        n_active: int32; blocks of one size share one compiled program.
    """

    current_pA: Array | np.ndarray
    change: Array | np.ndarray
    n_active: Array | np.integer


@dataclass(frozen=True)
class TrialOptions:
    """What is fixed when the loop over trials is compiled.

    Attributes:
        task, plasticity: settings.
        kernel: what runs the steps, ready for use.
        plastic: whether weights change.
        scored: whether synchrony is measured.
        keep_counts: whether spikes per neuron and trial are returned.
        keep_readout: whether the pool's spikes per step are returned.
    """

    task: TaskSettings
    plasticity: PlasticitySettings
    kernel: Kernel = REFERENCE_KERNEL
    plastic: bool = True
    scored: bool = False
    keep_counts: bool = False
    keep_readout: bool = False


def initial_task_state(
    model: SimulationModel, settings: TaskSettings, n_lanes: int
) -> TaskState:
    """Return the state before the first trial."""
    shape = (settings.history_trials, n_lanes)
    return TaskState(
        simulation=initial_state(model, n_lanes),
        rates_hz=jnp.zeros(shape, jnp.float32),
        rewards=jnp.zeros(shape, jnp.float32),
        n_trials=jnp.array(0, jnp.int32),
    )


def mean_of_last(ring: Array, n_stored: Array) -> Array:
    """Return the mean (L,) of the values so far in a ring (H, L); 0 if none."""
    filled = jnp.minimum(n_stored, ring.shape[0])
    return ring.sum(axis=0) / jnp.maximum(filled, 1).astype(ring.dtype)


def decide(
    settings: TaskSettings, phi: Array, rate_hz: Array, mean_rate_hz: Array
) -> Array:
    """Return whether each lane reports a change, bool (L,).

    ``mean_rate_hz`` is the pool's own mean, used by the relative threshold.
    """
    if settings.threshold == ABSOLUTE:
        return rate_hz > phi
    return rate_hz > (0.5 + phi) * mean_rate_hz


def decision_margin(
    settings: TaskSettings, phi: np.ndarray | Array, rate_hz: np.ndarray
) -> np.ndarray:
    """Return how far recorded trials were from the threshold, (T, ...).

    ``rate_hz`` (T, ...) are the pool's rates in T trials in a row, ``phi`` (...) the
    thresholds; above 0 means "change". Absolute: in Hz. Relative: the rate
    over the pool's running mean, minus 0.5 + phi; the trials before the first are not
    known, so that the first trials share the running mean of the last of them.
    """
    rate_hz = np.asarray(rate_hz, float)
    if settings.threshold == ABSOLUTE:
        return rate_hz - np.asarray(phi)
    n = min(settings.history_trials, len(rate_hz))
    total = np.cumsum(rate_hz, axis=0)
    before = np.concatenate([np.zeros_like(total[:1]), total[:-n]])
    mean = (total[n - 1 :] - before) / n
    mean = np.concatenate([np.repeat(mean[:1], n - 1, axis=0), mean])
    ratio = rate_hz / np.where(mean > 0, mean, 1.0)
    return ratio - (0.5 + np.asarray(phi))


def reward_of(settings: TaskSettings, decision: Array, change: Array) -> Array:
    """Return the reward of each lane, 0 or 1, float32 (L,)."""
    good = decision & change if settings.reward == HIT else decision == change
    return good.astype(jnp.float32)


def run_trials(
    model: SimulationModel,
    rules: LaneRules,
    readout: Array,
    state: TaskState,
    trials: Trials,
    options: TrialOptions,
) -> tuple[TaskState, TrialRecord]:
    """Run the first ``trials.n_active`` of B trials; the others leave no trace.

    Args:
        model, rules: network and rules of L lanes.
        readout: (n,) indices of the pool.
        state: where the lanes stand.
        trials: what is shown in B trials.
        options: what to do, static.
    """

    def trial(carry: tuple, inputs: tuple) -> tuple[tuple, dict]:
        before, counts = carry
        current, changes = inputs
        after, record = _run_trial(
            model, rules, readout, before, current, changes, options
        )
        return (after, counts + record.pop("spike_counts")), record

    def trial_if_active(carry: tuple, inputs: tuple) -> tuple[tuple, dict]:
        index, *rest = inputs
        shapes = jax.eval_shape(trial, carry, tuple(rest))[1]
        nothing = jax.tree.map(lambda leaf: jnp.zeros(leaf.shape, leaf.dtype), shapes)
        return jax.lax.cond(
            index < trials.n_active,
            trial,
            lambda c, _: (c, nothing),
            carry,
            tuple(rest),
        )

    n_lanes = state.rewards.shape[1]
    counts = jnp.zeros((model.n_neurons, n_lanes), jnp.float32)
    index = jnp.arange(len(trials.change), dtype=jnp.int32)
    (after, counts), records = jax.lax.scan(
        trial_if_active, (state, counts), (index, trials.current_pA, trials.change)
    )
    return after, TrialRecord(spike_counts=counts, **records)


def _run_trial(
    model: SimulationModel,
    rules: LaneRules,
    readout: Array,
    state: TaskState,
    current_pA: Array,
    change: Array,
    options: TrialOptions,
) -> tuple[TaskState, dict]:
    task, decision_step = options.task, options.task.window_end_ms

    def run(simulation: SimulationState, current: Array) -> tuple:
        return options.kernel.run_steps(
            model,
            rules,
            simulation,
            current,
            readout,
            StepOptions(options.plasticity, options.plastic, options.scored),
        )

    def respond(before: TaskState, after: SimulationState, spikes: Array) -> tuple:
        in_window = spikes[task.window_start_ms : decision_step].sum(axis=0)
        rate_hz = in_window / (len(readout) * task.window_s)
        return *_respond(task, rules.phi, before, after, rate_hz, change), rate_hz

    if not options.plastic and not options.keep_counts:
        # Nothing in a frozen trial depends on the decision: one call, half its cost.
        simulation, seen = run(state.simulation, current_pA)
        parts: tuple[Observed, ...] = (seen,)
        state, decision, rate_hz = respond(state, simulation, seen.readout_by_step)
    else:
        simulation, early = run(state.simulation, current_pA[:decision_step])
        state, decision, rate_hz = respond(state, simulation, early.readout_by_step)
        simulation, late = run(state.simulation, current_pA[decision_step:])
        state = replace(state, simulation=simulation)
        parts = (early, late)
    return state, _trial_record(options, rate_hz, decision, parts)


def _respond(
    task: TaskSettings,
    phi: Array,
    state: TaskState,
    simulation: SimulationState,
    rate_hz: Array,
    change: Array,
) -> tuple[TaskState, Array]:
    """Decide, and add the reward-prediction error to every reward trace."""
    n_tasks = change.shape[0]
    change = jnp.tile(change, rate_hz.shape[0] // n_tasks)
    slot = state.n_trials % task.history_trials
    rates = state.rates_hz.at[slot].set(rate_hz)
    decision = decide(task, phi, rate_hz, mean_of_last(rates, state.n_trials + 1))
    reward = reward_of(task, decision, change)
    expected = mean_of_last(state.rewards, state.n_trials)
    given, known = _given(task, state, reward)
    error = jnp.where(known, given - expected, 0.0)
    simulation = replace(simulation, reward=simulation.reward + error[None])
    rewards = state.rewards.at[slot].set(reward)
    return TaskState(simulation, rates, rewards, state.n_trials + 1), decision


def _given(task: TaskSettings, state: TaskState, reward: Array) -> tuple[Array, Array]:
    """Return the reward that is given, and whether an error can be told from it.

    The first trial expects nothing yet; a delayed reward must have been earned.
    """
    delay = task.reward_delay_trials
    if delay == 0:
        return reward, state.n_trials > 0
    slot = (state.n_trials - delay) % task.history_trials
    return state.rewards[slot], state.n_trials >= delay


def _trial_record(
    options: TrialOptions, rate_hz: Array, decision: Array, parts: tuple[Observed, ...]
) -> dict:
    """Return the record of a trial that ran in one part, or in two with counts."""
    counts = sum((part.spike_counts for part in parts[1:]), parts[0].spike_counts)
    seconds = options.task.trial_ms * DT_MS / MS_PER_SECOND
    until, after = None, None
    if options.keep_counts:
        until, after = (part.spike_counts.astype(jnp.int16) for part in parts)
    by_step = None
    if options.keep_readout:
        spikes = [part.readout_by_step for part in parts]
        by_step = jnp.concatenate(spikes).astype(jnp.int16)
    return {
        "pool_rate_hz": rate_hz,
        "decision": decision,
        "mean_rate_hz": counts.sum(axis=0) / (counts.shape[0] * seconds),
        "synchronous_bins": sum(part.synchronous_bins for part in parts),
        "spike_counts": counts,
        "counts_until_decision": until,
        "counts_after_decision": after,
        "readout_by_step": by_step,
    }
