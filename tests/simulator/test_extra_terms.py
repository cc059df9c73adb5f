"""Terms beyond the 25: genome, formula, kernels; off by default without a trace."""

import dataclasses
import typing

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from evoplast.artefacts.errors import UserError
from evoplast.configuration.sections.simulation import ExtraTerm
from evoplast.rules import (
    ALL_TERMS,
    N_TERMS,
    OPTIONAL_NAMES,
    OPTIONAL_SIGNALS,
    RuleSpace,
    coefficient_table,
    dataset_to_genomes,
    decode,
    encode,
    formulas,
    gates_of,
    genomes_to_dataset,
    latex,
    random_genomes,
    term_named,
    uniform_rule,
    validate_genomes,
)
from evoplast.simulator import (
    PlasticitySettings,
    SimulationSettings,
    build_model,
    initial_state,
    lane_rules,
)
from evoplast.simulator.kernels import build, cpu, gpu, reference
from evoplast.simulator.kernels.contract import StepOptions

STEPS, READOUT = 60, jnp.arange(0, 60, 7)
SOME = ("S_post·X_post·w", "S_post·B_pre")
ALL = PlasticitySettings.default(
    eta=0.02, extra_terms=OPTIONAL_NAMES, slow_trace_ms=300.0
)
PLAIN = PlasticitySettings.default(eta=0.02)
needs_compiler = pytest.mark.skipif(
    build.find_compiler() is None, reason="there is no C++ compiler"
)


@pytest.fixture(scope="module")
def current():
    rng = np.random.default_rng(3)
    return jnp.asarray(rng.gamma(1.0, 140.0, (STEPS, 60, 1)), jnp.float32)


def space_of(network, settings):
    return RuleSpace(network.n_types, extra_terms=settings.extra_terms)


def run(kernel, network, genomes, current, settings, plastic=True):
    model = build_model(network, SimulationSettings.default(), settings)
    space = space_of(network, settings)
    rules = lane_rules(decode(space, genomes), 1, settings)
    state = initial_state(model, len(genomes))
    state = dataclasses.replace(state, reward=state.reward + 0.4)
    options = StepOptions(settings, plastic)
    steps = jax.jit(lambda s, c: kernel.run_steps(model, rules, s, c, READOUT, options))
    return steps(state, current)


def each_alone_and_all(space):
    n = len(ALL_TERMS)
    genomes = random_genomes(space, n + 3, jax.random.key(5), 0.5)
    genomes[:n, space.is_gate] = np.eye(n)
    return genomes


def test_the_config_offers_what_the_table_has():
    assert typing.get_args(ExtraTerm) == OPTIONAL_NAMES
    for term in ALL_TERMS[N_TERMS:]:
        assert set(term.factors) & set(OPTIONAL_SIGNALS) and term.kind == "extra"
        assert term.latex


def test_the_genome_grows_by_a_gate_and_a_coefficient_for_each_pair():
    assert RuleSpace(17).n_parameters == 2645
    space = RuleSpace(17, extra_terms=SOME)
    assert space.n_parameters == 2645 + len(SOME) * (1 + 17 * 17)
    assert space.is_gate.sum() == 25 + len(SOME)
    genomes = random_genomes(space, 6, jax.random.key(1), 0.5)
    validate_genomes(space, genomes)
    assert (genomes[:, space.slices["extra"]].std(axis=1) > 0.3).all()
    again = encode(space, decode(space, genomes))
    same = ~space.is_gate
    np.testing.assert_array_equal(again[:, same], genomes[:, same])
    np.testing.assert_array_equal(
        again[:, space.is_gate], genomes[:, space.is_gate] > 0.5
    )


def test_files_give_back_the_genomes():
    space = RuleSpace(3, extra_terms=SOME)
    genomes = random_genomes(space, 4, jax.random.key(2), 0.5)
    stored = genomes_to_dataset(space, genomes, ["a", "b", "c"])
    again, read = dataset_to_genomes(stored)
    assert again.extra_terms == SOME
    np.testing.assert_array_equal(read, genomes)


def test_formulas_and_tables_name_them():
    space = RuleSpace(2, extra_terms=SOME)
    oja = uniform_rule(space, {"S_post·X_pre": 1.0, "S_post·X_post·w": -0.5})
    assert formulas(space, oja[None]) == ["Δw = S_post·X_pre + S_post·X_post·w"]
    gates = decode(space, oja[None]).gates[0]
    np.testing.assert_array_equal(
        gates_of("w*X_post*S_post + X_pre*S_post", SOME), gates
    )
    assert r"X_{\mathrm{post}} \, w" in latex(gates)
    table = coefficient_table(space, oja, ["a", "b"])
    assert len(table[table["term"] == "S_post·X_post·w"]) == 4
    assert set(table["coefficient"]) == {1.0, -0.5}


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: RuleSpace(2, extra_terms=("S_post·v",)), "nearest optional term"),
        (lambda: RuleSpace(2, extra_terms=("w", "w")), "give every term once"),
        (lambda: term_named("S_post*w"), "add it to plasticity.extra_terms"),
        (lambda: term_named("S_pots*w", SOME), "is none of the 27"),
        (lambda: PlasticitySettings.default(extra_terms=("W",)), "extra_terms"),
        (lambda: PlasticitySettings.default(slow_trace_ms=0.0), "slow_trace_ms"),
    ],
)
def test_mistakes_are_one_sentence(call, said):
    with pytest.raises(UserError, match=said):
        call()


def test_each_extra_term_moves_weights_of_the_reference(tiny_network, current):
    space = space_of(tiny_network, ALL)
    genomes = each_alone_and_all(space)[N_TERMS : len(ALL_TERMS)]
    after, _ = run(reference, tiny_network, genomes, current, ALL)
    before = np.abs(tiny_network.edges.weight_pA).sum()
    moved = np.asarray(after.weights).sum(axis=0) / before - 1
    assert (np.abs(moved) > 1e-7).all()
    frozen, _ = run(reference, tiny_network, genomes, current, ALL, plastic=False)
    assert not np.asarray(frozen.slow).any()


@needs_compiler
def test_the_cpu_kernel_equals_the_reference(tiny_network, current):
    cpu.prepare()
    genomes = each_alone_and_all(space_of(tiny_network, ALL))
    (a, seen_a), (b, seen_b) = (
        run(kernel, tiny_network, genomes, current, ALL) for kernel in (reference, cpu)
    )
    np.testing.assert_array_equal(seen_a.spike_counts, seen_b.spike_counts)
    largest = np.asarray(a.weights).max()
    np.testing.assert_allclose(a.weights, b.weights, rtol=0, atol=1e-5 * largest)
    np.testing.assert_allclose(a.slow, b.slow, rtol=1e-5)
    assert np.asarray(a.slow).max() > 1


@needs_compiler
def test_no_lane_of_the_cpu_kernel_sees_another(tiny_network, current):
    cpu.prepare()
    genomes = each_alone_and_all(space_of(tiny_network, ALL))[-21:]
    together, _ = run(cpu, tiny_network, genomes, current, ALL)
    for lane in (0, 9, 20):
        alone, _ = run(cpu, tiny_network, genomes[[lane]], current, ALL)
        for a, b in zip(*map(jax.tree.leaves, (alone, together)), strict=True):
            if b.ndim:  # the step has no lanes
                np.testing.assert_array_equal(a[..., 0], b[..., lane])


@pytest.mark.parametrize("kernel", [reference, pytest.param(cpu, marks=needs_compiler)])
def test_terms_that_are_off_change_nothing(tiny_network, current, kernel):
    plain = random_genomes(space_of(tiny_network, PLAIN), 5, jax.random.key(8), 0.5)
    more = space_of(tiny_network, ALL)
    padded = np.zeros((5, more.n_parameters), np.float32)
    padded[:, : plain.shape[1]] = plain
    kernel.prepare()
    without, _ = run(kernel, tiny_network, plain, current, PLAIN)
    with_, _ = run(kernel, tiny_network, padded, current, ALL)
    largest = np.asarray(without.weights).max()
    np.testing.assert_allclose(
        without.weights, with_.weights, rtol=0, atol=1e-6 * largest
    )


def test_the_cuda_kernel_refuses_them_in_a_sentence(tiny_network, current):
    genomes = each_alone_and_all(space_of(tiny_network, ALL))[:1]
    with pytest.raises(UserError, match="CUDA kernel does not know"):
        run(gpu, tiny_network, genomes, current, ALL)
