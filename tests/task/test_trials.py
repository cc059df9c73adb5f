"""The loop over trials: decisions, rewards and reward traces from first principles."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from evoplast.rules import RuleSpace, decode, random_genomes
from evoplast.simulator import (
    PlasticitySettings,
    SimulationSettings,
    build_model,
    lane_rules,
)
from evoplast.task import (
    TaskSettings,
    TrialOptions,
    Trials,
    initial_task_state,
    readout_pool,
    run_trials,
)

N_TRIALS, N_TASKS, N_CANDIDATES = 5, 2, 3
TASK = TaskSettings.default(
    grey_before_ms=4,
    image_ms=12,
    grey_after_ms=8,
    window_start_ms=6,
    window_end_ms=16,
    history_trials=3,
)
CHANGE = np.array([[0, 0], [1, 1], [0, 1], [1, 1], [1, 0]], bool)


@pytest.fixture(scope="module")
def rule(tiny_network):
    space = RuleSpace(tiny_network.n_types, 0.0, 1.0)
    genomes = random_genomes(space, N_CANDIDATES, jax.random.key(1), 0.3)
    return decode(space, genomes)


@pytest.fixture(scope="module")
def trials(tiny_network, rule):
    """A function that runs the first n of the five trials from a state."""
    plasticity = PlasticitySettings.default()
    model = build_model(tiny_network, SimulationSettings.default(), plasticity)
    n_lanes = N_CANDIDATES * N_TASKS
    shape = (N_TRIALS, TASK.trial_ms, tiny_network.n_neurons, N_TASKS)
    current = np.random.default_rng(3).uniform(0, 900, shape).astype(np.float32)
    usual = TrialOptions(TASK, plasticity, keep_counts=True)
    rules = lane_rules(rule, N_TASKS, plasticity)
    readout = jnp.asarray(readout_pool(tiny_network, TaskSettings.default()))
    compiled = jax.jit(run_trials, static_argnames="options")

    def run(n_active, state=None, skip=0, **other):
        state = state or initial_task_state(model, TASK, n_lanes)
        later = np.roll(current, -skip, axis=0), np.roll(CHANGE, -skip, axis=0)
        shown = Trials(*later, np.int32(n_active))
        options = replace(usual, **other)
        return compiled(model, rules, readout, state, shown, options=options)

    return run


@pytest.fixture(scope="module")
def outcome(trials):
    return trials(N_TRIALS)


def test_decisions_follow_the_pools_own_running_mean(outcome, rule):
    record = outcome[1]
    rates = np.asarray(record.pool_rate_hz)
    phi = np.repeat(np.asarray(rule.phi), N_TASKS)
    for trial in range(N_TRIALS):
        own_mean = rates[max(0, trial - 2) : trial + 1].mean(axis=0)
        expected = rates[trial] > (0.5 + phi) * own_mean
        assert np.array_equal(record.decision[trial], expected)
    assert rates.std() > 0


def test_reward_errors_enter_every_type_and_decay_with_its_time_constant(outcome, rule):
    state, record = outcome
    change = np.tile(CHANGE, (1, N_CANDIDATES))
    rewards = (np.asarray(record.decision) & change).astype(float)
    assert 0 < rewards.sum() < rewards.size
    keep = np.repeat(1 - 1 / np.asarray(rule.tau_R_ms).T, N_TASKS, axis=1)
    trace = np.zeros_like(keep)
    for trial in range(N_TRIALS):
        past = rewards[max(0, trial - 3) : trial]
        error = rewards[trial] - past.mean(axis=0) if trial else 0.0
        trace = trace * keep**TASK.window_end_ms + error
        trace = trace * keep ** (TASK.trial_ms - TASK.window_end_ms)
    np.testing.assert_allclose(state.simulation.reward, trace, rtol=1e-3, atol=1e-6)


def test_a_delayed_reward_is_that_of_an_earlier_trial(trials, rule):
    delay = 2
    state, record = trials(N_TRIALS, task=replace(TASK, reward_delay_trials=delay))
    change = np.tile(CHANGE, (1, N_CANDIDATES))
    rewards = (np.asarray(record.decision) & change).astype(float)
    assert 0 < rewards[: N_TRIALS - delay].sum() < rewards[: N_TRIALS - delay].size
    keep = np.repeat(1 - 1 / np.asarray(rule.tau_R_ms).T, N_TASKS, axis=1)
    trace = np.zeros_like(keep)
    for trial in range(N_TRIALS):
        past = rewards[max(0, trial - 3) : trial]
        late = rewards[trial - delay] - past.mean(axis=0) if trial >= delay else 0.0
        trace = trace * keep**TASK.window_end_ms + late
        trace = trace * keep ** (TASK.trial_ms - TASK.window_end_ms)
    np.testing.assert_allclose(state.simulation.reward, trace, rtol=1e-3, atol=1e-6)


def test_trials_beyond_the_active_ones_leave_no_trace(trials, outcome):
    state, record = trials(3)
    assert not np.asarray(record.mean_rate_hz)[3:].any()
    resumed, rest = trials(2, state, skip=3)
    whole, seen = outcome
    same = jax.tree.map(lambda a, b: bool((a == b).all()), resumed, whole)
    assert all(jax.tree.leaves(same))
    assert np.array_equal(rest.pool_rate_hz[:2], seen.pool_rate_hz[3:])


def test_a_frozen_trial_in_one_call_is_that_in_two_to_the_bit(trials):
    # Counts before and after the decision need two calls.
    frozen = {"plastic": False, "scored": True, "keep_readout": True}
    one, two = (trials(N_TRIALS, keep_counts=keep, **frozen) for keep in (False, True))
    until, after = two[1].counts_until_decision, two[1].counts_after_decision
    assert until.any() and after.any() and two[1].decision.any()
    assert one[1].counts_until_decision is None
    counts = np.asarray(until + after, np.float32).sum(axis=0)
    np.testing.assert_array_equal(one[1].spike_counts, counts)
    second = replace(two[1], counts_until_decision=None, counts_after_decision=None)
    pairs = zip(jax.tree.leaves(one), jax.tree.leaves((two[0], second)), strict=True)
    for a, b in pairs:
        np.testing.assert_array_equal(a, b)
