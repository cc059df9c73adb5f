"""What docs/order-of-events.md says, on two neurons whose every number is known."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from circuits import network

from evoplast.rules import (
    PAIR_TERMS,
    PRE_TERMS,
    TERM_NAMES,
    RuleSpace,
    decode,
    no_plasticity,
)
from evoplast.simulator import (
    PlasticitySettings,
    SimulationSettings,
    build_model,
    initial_state,
    lane_rules,
    simulation_step,
)

SPACE = RuleSpace(4)
SETTINGS = PlasticitySettings.default(
    eta=0.01, max_relative_change=0.1, bound_factor=4.0
)
KICK_PA = 1e5
SOURCE_TYPE, TARGET_TYPE = 0, 2
COEFFICIENT = 2.0


def pair_of_neurons(delay_ms=1.0):
    """Neuron 0 (type 0) drives neuron 1 (type 2), and the other way round."""
    return network([0, 2], [0, 1], [1, 0], [50.0, 50.0], [delay_ms] * 2, [0, 0])


def rule_of(term, pre_type=SOURCE_TYPE, post_type=TARGET_TYPE):
    """Return a rule of one term, for one type or pair of types alone."""
    rule = jax.tree.map(np.array, decode(SPACE, no_plasticity(SPACE)[None]))
    number = TERM_NAMES.index(term)
    rule.gates[0, number] = 1.0
    for table in (rule.pre, rule.post, rule.pair):
        table[:] = 0.0
    if number in PAIR_TERMS:
        rule.pair[0, PAIR_TERMS.index(number), pre_type, post_type] = COEFFICIENT
    else:
        rule.pre[0, PRE_TERMS.index(number), pre_type] = COEFFICIENT
    return rule


def run(rule, kicks, gain=1.0, delay_ms=1.0, n_steps=10):
    """Return strengths (T, 2) after, y1 (T, 2) after, traces (T, 2) after each step.

    ``kicks`` are pairs (step, neuron); columns are edges 0 to 1 and 1 to 0, targets
    1 and 0, neurons 0 and 1.
    """
    simulation = SimulationSettings.default(recurrent_gain=gain)
    model = build_model(pair_of_neurons(delay_ms), simulation, SETTINGS)
    rules = lane_rules(rule, 1, SETTINGS)
    current = np.zeros((n_steps, 2, 1), np.float32)
    for step, neuron in kicks:
        current[step, neuron] = KICK_PA

    def body(state, now):
        state, _ = simulation_step(model, rules, state, now, SETTINGS, True)
        return state, (state.weights[:, 0], state.neuron.y1[0, :, 0], state.trace[:, 0])

    _, seen = jax.jit(lambda: jax.lax.scan(body, initial_state(model, 1), current))()
    weights, y1, trace = map(np.asarray, seen)
    by_source = np.argsort(np.asarray(model.source))
    return model, weights[:, by_source], y1[:, ::-1], trace


def test_a_spike_arrives_with_the_strength_before_the_learning_of_that_step():
    # The spike of step 2 arrives in step 3, in which the same synapse learns.
    model, weights, y1, _ = run(rule_of("S_post·X_pre"), [(2, 0), (3, 1)])
    before, after = weights[2, 0], weights[3, 0]
    assert after > before
    arrived = float(model.neuron.psc_initial[0, 1, 0]) * before
    assert y1[3, 0] == pytest.approx(arrived, rel=1e-6)


def test_traces_at_the_update_are_those_before_the_spikes_of_the_step():
    model, weights, _, trace = run(rule_of("S_pre·X_pre"), [(2, 0), (8, 0)])
    assert weights[2, 0] == weights[1, 0], "the first spike finds no trace"
    tau = decode(SPACE, no_plasticity(SPACE)[None]).tau_E_ms[0, SOURCE_TYPE]
    before_second = (1 - 1 / tau) ** 5
    assert trace[7, 0] == pytest.approx(before_second, rel=1e-5)
    expected = SETTINGS.eta * COEFFICIENT * float(model.w_ref[0]) * before_second
    assert weights[8, 0] - weights[7, 0] == pytest.approx(expected, rel=1e-3)
    assert trace[8, 0] == pytest.approx(before_second * (1 - 1 / tau) + 1, rel=1e-5)


def test_plasticity_sees_both_spikes_when_they_happen_whatever_the_delay():
    for delay_ms in (1.0, 4.0):
        _, weights, _, _ = run(
            rule_of("S_pre·S_post"), [(2, 0), (2, 1)], delay_ms=delay_ms
        )
        assert weights[2, 0] > weights[1, 0] and weights[-1, 0] == weights[2, 0]


def test_a_pair_coefficient_is_indexed_by_the_source_first_outside():
    rule = rule_of("S_pre·S_post", pre_type=0, post_type=2)
    tables = lane_rules(rule, 1, SETTINGS)
    inside = np.argwhere(np.asarray(tables.edge_base)[..., 0])
    assert inside[:, 1:].tolist() == [[2, 0]], "inside, the target comes first"
    _, weights, _, _ = run(rule, [(2, 0), (2, 1)])
    assert weights[2, 0] > weights[1, 0]
    assert weights[2, 1] == weights[1, 1], "the synapse the other way is of (2, 0)"


def test_the_recurrent_gain_scales_what_arrives_and_nothing_else():
    rule, kicks = rule_of("S_pre·X_pre"), [(2, 0), (8, 0)]
    plain, weights, y1, _ = run(rule, kicks)
    strong, same_weights, more, _ = run(rule, kicks, gain=3.0)
    for name in ("w_init", "w_ref", "w_max"):
        np.testing.assert_array_equal(getattr(plain, name), getattr(strong, name))
    np.testing.assert_array_equal(weights, same_weights)
    np.testing.assert_allclose(more[3], 3.0 * y1[3], rtol=1e-6)


def test_a_change_is_limited_by_the_present_strength_then_the_strength_by_its_bounds():
    rule = rule_of("S_pre·S_post")
    large = replace(rule, pair=rule.pair * 1e3)
    _, weights, _, _ = run(large, [(2, 0), (2, 1)])
    cap = 1.0 + SETTINGS.max_relative_change
    assert weights[2, 0] == pytest.approx(cap * weights[1, 0], rel=1e-6)
    kicks = [(step, neuron) for step in range(0, 80, 4) for neuron in (0, 1)]
    model, weights, _, _ = run(large, kicks, n_steps=80)
    assert weights[-1, 0] == np.asarray(jnp.max(model.w_max))
