"""How often plasticity meets its limits, counted beside a kernel."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from circuits import random_network

from evoplast.rules import RuleSpace, decode, random_genomes
from evoplast.simulator import (
    LIMITS,
    PlasticitySettings,
    SimulationSettings,
    build_model,
    counting_kernel,
    counting_state,
    initial_state,
    lane_rules,
    limits_of,
)
from evoplast.simulator.kernels import cpu, reference
from evoplast.simulator.kernels.contract import StepOptions

PLASTICITY = PlasticitySettings.default(
    eta=0.02, max_relative_change=0.02, bound_factor=1.05
)
LANES, STEPS = 6, 40


@pytest.fixture(scope="module")
def problem():
    model = build_model(random_network(), SimulationSettings.default(), PLASTICITY, 64)
    space = RuleSpace(model.n_types)
    genomes = random_genomes(space, LANES, jax.random.key(1), 0.3)
    rng = np.random.default_rng(3)
    current = rng.gamma(1.0, 300.0, (STEPS, model.n_neurons, 1)).astype(np.float32)
    rules = lane_rules(decode(space, genomes), 1, PLASTICITY)
    return model, rules, jnp.asarray(current)


def run(kernel, state, problem, plastic=True):
    model, rules, current = problem
    pool = jnp.arange(3, dtype=jnp.int32)
    options = StepOptions(PLASTICITY, plastic)
    return kernel.run_steps(model, rules, state, current, pool, options)


@pytest.fixture(scope="module")
def by_hand(problem):
    """Count with the rule's own unlimited change, before any limit is applied."""
    model, rules, current = problem
    state, found = initial_state(model, LANES), np.zeros((len(LIMITS), LANES), int)
    real, bound = np.asarray(model.edge_index) >= 0, np.asarray(model.w_max)[:, None]
    for external in current:
        before = state
        external = jnp.tile(external, (1, LANES))
        state, spikes = reference.simulation_step(
            model, rules, before, external, PLASTICITY, True
        )
        wanted = np.asarray(model.w_ref)[:, None] * np.asarray(
            reference.relative_change(
                *(model, rules, spikes, before.trace, before.reward, jnp.array(True))
            )
        )
        old, new = np.asarray(before.weights), np.asarray(state.weights)
        cap = PLASTICITY.max_relative_change * old
        moved = (wanted != 0) & (new != old)
        capped = moved & (np.abs(wanted) >= cap) & (new < bound)
        at_bound = (new >= bound) & (np.asarray(model.w_init)[:, None] < bound)
        for row, each in enumerate((moved, capped, at_bound)):
            found[row] += each[real].sum(axis=0)
    return found


@pytest.mark.parametrize("kernel", [reference.KERNEL, cpu.KERNEL])
def test_the_counts_are_those_of_the_rules_own_unlimited_change(
    kernel, problem, by_hand
):
    kernel.prepare()
    start = counting_state(initial_state(problem[0], LANES))
    after, _ = run(counting_kernel(kernel), start, problem)
    found = limits_of(after)
    assert by_hand.min(axis=1)[0] > 0 and by_hand.sum(axis=1).min() > 0
    # A change within a thousandth of the cap may fall on either side.
    np.testing.assert_allclose(found, by_hand, rtol=0.01, atol=2)


def test_a_counting_kernel_does_what_its_kernel_does(problem):
    plain, seen = run(cpu.KERNEL, initial_state(problem[0], LANES), problem)
    start = counting_state(initial_state(problem[0], LANES))
    counted, seen_too = run(counting_kernel(cpu.KERNEL), start, problem)
    for name in ("weights", "trace", "reward", "history"):
        np.testing.assert_array_equal(getattr(plain, name), getattr(counted, name))
    for name, value in vars(seen).items():
        np.testing.assert_array_equal(value, getattr(seen_too, name))


def test_frozen_weights_meet_no_limit(problem):
    start = counting_state(initial_state(problem[0], LANES))
    after, _ = run(counting_kernel(cpu.KERNEL), start, problem, plastic=False)
    assert not limits_of(after)[:2].any()


def test_a_state_that_counts_nothing_is_refused(problem):
    with pytest.raises(TypeError, match="counting_state"):
        limits_of(initial_state(problem[0], LANES))
