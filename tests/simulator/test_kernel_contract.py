"""Kernels keep one contract; arrays go to the compiled ones by name."""

import dataclasses
import inspect

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from circuits import random_network

from evoplast.artefacts.errors import UserError
from evoplast.rules import RuleSpace, decode, random_genomes
from evoplast.simulator import (
    PlasticitySettings,
    SimulationSettings,
    build_model,
    initial_state,
    lane_rules,
)
from evoplast.simulator.kernels import arguments, build, cpu, gpu, reference
from evoplast.simulator.kernels.contract import Kernel, RunSteps, StepOptions

PLASTICITY = PlasticitySettings.default(eta=0.01)
LEARNING = StepOptions(PLASTICITY, plastic=True)
N_LANES, STEPS = 6, 30
COMPILED = [cpu, gpu]

needs_compiler = pytest.mark.skipif(
    build.find_compiler() is None, reason="there is no C++ compiler"
)


@pytest.fixture(scope="module")
def problem():
    model = build_model(random_network(), SimulationSettings.default(), PLASTICITY)
    space = RuleSpace(model.n_types)
    genomes = random_genomes(space, N_LANES, jax.random.key(1), 0.5)
    rng = np.random.default_rng(3)
    current = rng.gamma(1.0, 300.0, (STEPS, model.n_neurons, 1)).astype(np.float32)
    rules = lane_rules(decode(space, genomes), 1, PLASTICITY)
    return model, rules, jnp.asarray(current)


def run(module, problem, change=lambda state: state):
    module.prepare() if module is cpu else gpu.prepare_emulation()
    model, rules, current = problem
    state = change(initial_state(model, N_LANES))
    readout = jnp.arange(3, dtype=jnp.int32)
    return module.run_steps(model, rules, state, current, readout, LEARNING)


@pytest.mark.parametrize("module", [reference, cpu, gpu])
def test_every_kernel_has_the_interface_of_the_contract(module):
    kernel = module.KERNEL
    assert isinstance(kernel, Kernel) and kernel.run_steps is module.run_steps
    wanted = list(inspect.signature(RunSteps.__call__).parameters.values())[1:]
    assert list(inspect.signature(kernel.run_steps).parameters.values()) == wanted


def swapped(arrays):
    return (arrays[1], arrays[0], *arrays[2:])


def with_one_more(arrays):
    # A number for every neuron that Python has and the compiled kernel has not.
    return (dataclasses.replace(arrays[0], name="P33"), *arrays)


@needs_compiler
@pytest.mark.parametrize("module", COMPILED)
@pytest.mark.parametrize(
    ("alter", "said"),
    [(swapped, "P11 here is P21 there"), (with_one_more, "P11 here is P33 there")],
)
def test_a_swapped_or_inserted_array_is_refused(
    module, alter, said, problem, monkeypatch
):
    altered = alter(arguments.declared(module.HEADER))
    monkeypatch.setattr(module, "declared", lambda header: altered)
    with pytest.raises(jax.errors.JaxRuntimeError, match=said):
        jax.block_until_ready(run(module, problem))


@needs_compiler
@pytest.mark.parametrize("module", COMPILED)
def test_a_line_in_the_header_alone_is_refused(module, problem, monkeypatch):
    arrays = arguments.declared(module.HEADER)
    new = dataclasses.replace(arrays[0], name="new_array")
    monkeypatch.setattr(module, "declared", lambda header: (new, *arrays))
    with pytest.raises(UserError, match="lists the array new_array"):
        run(module, problem)


@needs_compiler
@pytest.mark.parametrize("module", COMPILED)
@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda w: w[:-1], "weights has E = 49, arrays before it 50"),
        (lambda w: w.astype(jnp.int32), "weights has another element type"),
        (lambda w: w[..., None], "weights has 3 dimensions, not 2"),
    ],
)
def test_an_array_of_another_shape_or_type_is_refused(module, change, said, problem):
    def with_other_weights(state):
        return dataclasses.replace(state, weights=change(state.weights))

    with pytest.raises(jax.errors.JaxRuntimeError, match=said):
        jax.block_until_ready(run(module, problem, with_other_weights))


@pytest.mark.parametrize("module", COMPILED)
def test_every_line_of_the_header_is_understood(module):
    text = (build.FOLDER / module.HEADER).read_text()
    lines = [line for line in text.splitlines() if line.startswith(arguments.ROLES)]
    arrays = arguments.declared(module.HEADER)
    assert len(lines) == len(arrays) > 40
    assert len({array.name for array in arrays}) == len(arrays)


@needs_compiler
def test_the_way_steps_are_split_into_calls_changes_no_bit(problem):
    cpu.prepare()
    model, rules, current = problem
    readout = jnp.arange(3, dtype=jnp.int32)

    def advance(state, part):
        return cpu.run_steps(model, rules, state, part, readout, LEARNING)[0]

    whole = advance(initial_state(model, N_LANES), current)
    state = initial_state(model, N_LANES)
    for part in (current[:1], current[1:8], current[8:]):
        state = advance(state, part)
    for a, b in zip(jax.tree.leaves(whole), jax.tree.leaves(state), strict=True):
        np.testing.assert_array_equal(a, b)
