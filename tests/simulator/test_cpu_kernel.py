"""The C++ kernel against the reference, and what happens where it cannot be built."""

import dataclasses
import logging

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from evoplast.artefacts.errors import UserError
from evoplast.rules import TERM_NAMES, RuleSpace, decode, random_genomes
from evoplast.simulator import (
    PlasticitySettings,
    SimulationSettings,
    build_model,
    initial_state,
    kernel_named,
    lane_rules,
)
from evoplast.simulator.kernels import build, cpu, reference
from evoplast.simulator.kernels.contract import StepOptions

STEPS, TASKS = 120, 2
PLASTICITY = PlasticitySettings.default(eta=0.01)
READOUT = jnp.arange(0, 60, 7)

pytestmark = pytest.mark.skipif(
    build.find_compiler() is None, reason="there is no C++ compiler"
)


@pytest.fixture(scope="module")
def model(tiny_network):
    padded = tiny_network.n_edges + 13
    return build_model(tiny_network, SimulationSettings.default(), PLASTICITY, padded)


@pytest.fixture(scope="module")
def current():
    rng = np.random.default_rng(3)
    shape = (STEPS, 60, TASKS)
    return jnp.asarray(rng.gamma(1.0, 140.0, shape), jnp.float32)


def rules_of(genomes, space):
    return lane_rules(decode(space, genomes), TASKS, PLASTICITY)


def one_term_rules(space):
    """Return genomes (25, D), one for each term alone."""
    genomes = random_genomes(space, len(TERM_NAMES), jax.random.key(5), 0.0)
    genomes[:, space.is_gate] = np.eye(len(TERM_NAMES))
    return genomes


def both(model, rules, current, plastic=True, reward=0.4):
    lanes = rules.phi.shape[0]
    results = []
    cpu.prepare()
    for kernel in (reference, cpu):
        state = initial_state(model, lanes)
        state = dataclasses.replace(state, reward=state.reward + reward)
        run = jax.jit(
            lambda s, c, k=kernel: k.run_steps(
                model, rules, s, c, READOUT, StepOptions(PLASTICITY, plastic, True)
            )
        )
        results.append(run(state, current))
    return results


def assert_close(first, second, model):
    (a, seen_a), (b, seen_b) = first, second
    np.testing.assert_array_equal(seen_a.spike_counts, seen_b.spike_counts)
    np.testing.assert_array_equal(seen_a.readout_by_step, seen_b.readout_by_step)
    np.testing.assert_array_equal(seen_a.synchronous_bins, seen_b.synchronous_bins)
    np.testing.assert_array_equal(a.history, b.history)
    error = np.abs(np.asarray(a.weights - b.weights))
    assert (error <= 1e-5 * np.asarray(model.w_max)[:, None]).all()
    for name in ("voltage_mV", "asc_pA", "y1", "y2", "refractory"):
        x, y = (np.asarray(getattr(s.neuron, name)) for s in (a, b))
        np.testing.assert_allclose(x, y, rtol=1e-3, atol=1e-2)
    np.testing.assert_allclose(a.trace, b.trace, rtol=1e-6)
    np.testing.assert_allclose(a.reward, b.reward, rtol=1e-6)
    assert a.step == b.step == STEPS


def test_every_term_alone_and_together_as_in_the_reference(model, current):
    space = RuleSpace(model.n_types)
    mixed = random_genomes(space, 7, jax.random.key(6), 0.5)
    rules = rules_of(np.concatenate([one_term_rules(space), mixed]), space)
    first, second = both(model, rules, current)
    moved = np.abs(np.asarray(first[0].weights) - np.asarray(model.w_init)[:, None])
    assert (moved.max(axis=0) > 0).all(), "a term without effect tests nothing"
    assert_close(first, second, model)


@pytest.mark.parametrize("term", ["S_pre", "S_post·X_pre", "S_pre·S_post", "S_post"])
def test_event_driven_path_as_in_the_reference(model, current, term):
    space = RuleSpace(model.n_types)
    genomes = np.repeat(one_term_rules(space)[[TERM_NAMES.index(term)]], 8, axis=0)
    first, second = both(model, rules_of(genomes, space), current)
    assert_close(first, second, model)


def test_steps_done_in_blocks_give_the_same_bytes(model, current, monkeypatch):
    space = RuleSpace(model.n_types)
    mixed = random_genomes(space, 7, jax.random.key(6), 0.5)
    rules = rules_of(np.concatenate([one_term_rules(space), mixed]), space)
    one_by_one = both(model, rules, current[:-2])[1]
    monkeypatch.setattr(cpu, "CACHE_BYTES", 0)
    in_blocks = both(model, rules, current[:-2])[1]
    for a, b in zip(*map(jax.tree.leaves, (one_by_one, in_blocks)), strict=True):
        np.testing.assert_array_equal(a, b)


def test_what_is_not_a_number_stays_so(model, current):
    space = RuleSpace(model.n_types)
    rules = rules_of(one_term_rules(space)[3:4], space)
    results = []
    for kernel in (reference, cpu):
        state = initial_state(model, TASKS)
        weights = state.weights.at[5, 1].set(jnp.nan)
        state = dataclasses.replace(state, weights=weights)
        after, _ = kernel.run_steps(
            *(model, rules, state, current[:8], READOUT),
            StepOptions(PLASTICITY, plastic=True),
        )
        results.append(np.isnan(np.asarray(after.weights)))
    np.testing.assert_array_equal(*results)
    assert results[0][5, 1] and results[0].sum() == 1


def test_frozen_weights_stay_and_spikes_are_those_of_the_reference(model, current):
    space = RuleSpace(model.n_types)
    rules = rules_of(random_genomes(space, 8, jax.random.key(7), 0.5), space)
    first, second = both(model, rules, current, plastic=False)
    assert_close(first, second, model)
    initial = np.broadcast_to(model.w_init[:, None], second[0].weights.shape)
    np.testing.assert_array_equal(second[0].weights, initial)


def test_a_lane_does_not_depend_on_its_company_or_threads(model, current, monkeypatch):
    space = RuleSpace(model.n_types)
    genomes = np.concatenate(
        [one_term_rules(space)[:1], random_genomes(space, 19, jax.random.key(8), 0.5)]
    )
    alone = both(model, rules_of(genomes[:1], space), current)[1]
    monkeypatch.setenv("NPROC", "3")
    together = both(model, rules_of(genomes, space), current)[1]
    np.testing.assert_array_equal(
        alone[0].weights, np.asarray(together[0].weights)[:, :TASKS]
    )


def test_without_a_compiler_the_reference_runs_and_the_log_says_so(monkeypatch, caplog):
    monkeypatch.setenv(build.COMPILER_VARIABLE, "")
    chain = (build.built_library, build.loaded_library, cpu.prepare, kernel_named)
    for function in chain:
        function.cache_clear()
    with caplog.at_level(logging.WARNING, "evoplast"):
        assert kernel_named("auto") is reference.KERNEL
    assert "needs a C++ compiler and none was found" in caplog.text
    with pytest.raises(UserError, match="install g\\+\\+"):
        kernel_named("cpu")
    kernel_named.cache_clear()


def test_a_failing_compiler_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv(build.COMPILER_VARIABLE, "false")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    build.built_library.cache_clear()
    with pytest.raises(UserError, match="could not be compiled with false"):
        build.built_library()
    build.built_library.cache_clear()
    assert not list(tmp_path.rglob("*.so"))


def test_an_unknown_kernel_is_named():
    with pytest.raises(UserError, match="simulation.kernel is 'gpu9'"):
        kernel_named("gpu9")
