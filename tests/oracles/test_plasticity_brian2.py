"""The reference simulator against Brian2, which runs the rules that we export.

One copy of a small network for each rule, all in one Brian2 network: the GLIF3 steps
are those of ``brian2_circuit.py``, the plasticity is what the exporter says.
"""

import dataclasses
import warnings

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from brian2_circuit import brian2_neurons, brian2_synapses
from brian2_door import import_brian2

from evoplast.network import CellTypes, Edges
from evoplast.rules import (
    ALL_TERMS,
    N_TERMS,
    OPTIONAL_NAMES,
    OPTIONAL_TERMS,
    TERM_NAMES,
    RuleSpace,
    as_script,
    brian2_equations,
    decode,
    known_rules,
    random_genomes,
    uniform_rule,
)
from evoplast.simulator import (
    PlasticitySettings,
    SimulationSettings,
    build_model,
    initial_state,
    lane_rules,
    simulation_step,
)

TYPES = ("e4", "i4Pvalb", "e5")
SPACE = RuleSpace(len(TYPES), extra_terms=OPTIONAL_NAMES)
N_STEPS, N_EDGES, GAIN = 160, 70, 1.0
# Strong plasticity, so that every term shows within some tens of steps, and the cap
# and both directions to the bounds are met.
SETTINGS = PlasticitySettings.default(
    eta=0.05,
    max_relative_change=0.03,
    bound_factor=1.5,
    extra_terms=OPTIONAL_NAMES,
    slow_trace_ms=400.0,
)
BEST, RANDOM, OJA = "five-term best", "random", "Oja"
NAMES = (*TERM_NAMES, *OPTIONAL_NAMES, OJA, BEST, RANDOM)
OJA_TERMS = {"S_post·X_pre": 1.0, "S_post·X_post·w": -0.6}
TOLERANCE = 1e-4  # of the weight's range, 0 to w_max


@pytest.fixture(scope="module")
def brian2():
    try:
        return import_brian2()
    except ImportError:
        pytest.skip("Brian2 is not installed")


@pytest.fixture(scope="module")
def network(tiny_network):
    """16 cells of three types of the built network, with connections drawn anew."""
    names = tiny_network.cell_types.names
    kinds = np.array([names.index(name) for name in TYPES])
    chosen = np.flatnonzero(np.isin(tiny_network.cells.cell_type, kinds))
    cells = tiny_network.cells
    taken = {f.name: getattr(cells, f.name)[chosen] for f in dataclasses.fields(cells)}
    kind = np.array([list(kinds).index(k) for k in taken["cell_type"]], np.int32)
    cell_types = CellTypes(TYPES, np.array([True, False, True]), ("L4", "L4", "L5"))
    return dataclasses.replace(
        tiny_network,
        cell_types=cell_types,
        cells=dataclasses.replace(cells, **{**taken, "cell_type": kind}),
        edges=_random_edges(kind, cell_types.excitatory),
    )


def _random_edges(kind, excitatory):
    rng = np.random.default_rng(3)
    n = len(kind)
    pairs = np.sort(rng.choice(n * n, N_EDGES, replace=False))
    target, source = (pairs // n).astype(np.int32), (pairs % n).astype(np.int32)
    sign = np.where(excitatory[kind[source]], 1.0, -1.0)
    return Edges(
        source=source,
        target=target,
        weight_pA=(sign * rng.uniform(10, 60, N_EDGES)).astype(np.float32),
        delay_ms=rng.integers(1, 5, N_EDGES).astype(np.float32),
        receptor=rng.integers(0, 4, N_EDGES).astype(np.int8),
    )


@pytest.fixture(scope="module")
def genomes():
    """Each term alone with random coefficients, Oja's, the best and a random rule."""
    drawn = np.array(random_genomes(SPACE, len(NAMES), jax.random.key(4), 0.5))
    n_alone = N_TERMS + len(OPTIONAL_TERMS)
    drawn[:n_alone, SPACE.is_gate] = np.eye(n_alone)
    drawn[NAMES.index(OJA)] = uniform_rule(SPACE, OJA_TERMS, tau_E_ms=20.0)
    drawn[NAMES.index(BEST)] = known_rules(SPACE)[BEST]
    return drawn


@pytest.fixture(scope="module")
def current_pA(network):
    rng = np.random.default_rng(5)
    cells = network.cells
    rheobase_pA = cells.g_nS * (cells.V_th_mV - cells.E_L_mV)
    blocks = rng.uniform(0.8, 3.5, (N_STEPS // 20, network.n_neurons))
    return (np.repeat(blocks, 20, axis=0) * rheobase_pA).astype(np.float32)


@pytest.fixture(scope="module")
def reward_jump():
    """What is added to the reward traces before each step (T, M)."""
    jump = np.zeros((N_STEPS, len(TYPES)), np.float32)
    jump[[0, 60, 110]] = [[0.9, 0.4, -0.6], [-1.0, 0.5, 0.8], [0.7, -0.8, 0.5]]
    return jump


@pytest.fixture(scope="module")
def model(network):
    return build_model(
        network, SimulationSettings.default(recurrent_gain=GAIN), SETTINGS
    )


@pytest.fixture(scope="module")
def ours(network, model, genomes, current_pA, reward_jump):
    """Spikes, voltages (T, N, L) and strengths (T, E, L), edges as in the network."""
    rules = lane_rules(decode(SPACE, genomes), 1, SETTINGS)

    def body(state, inputs):
        current, jump = inputs
        state = dataclasses.replace(state, reward=state.reward + jump[:, None])
        state, spikes = simulation_step(
            model, rules, state, current[:, None], SETTINGS, plastic=True
        )
        return state, (spikes, state.neuron.voltage_mV, state.weights)

    start = initial_state(model, len(NAMES))
    inputs = (jnp.asarray(current_pA), jnp.asarray(reward_jump))
    observed = jax.jit(lambda s, i: jax.lax.scan(body, s, i)[1])(start, inputs)
    spikes, voltage_mV, weights = (np.asarray(a, np.float64) for a in observed)
    return spikes, voltage_mV, weights[:, np.argsort(model.edge_index)]


@pytest.fixture(scope="module")
def theirs(brian2, network, genomes, current_pA, reward_jump):
    """The same from Brian2, float64."""
    with warnings.catch_warnings():
        # Brian2 2.9 uses old names of pyparsing.
        warnings.simplefilter("ignore")
        return _run_brian2(brian2, network, genomes, current_pA, reward_jump)


def _run_brian2(brian2, network, genomes, current_pA, reward_jump):
    brian2.defaultclock.dt = 1.0 * brian2.ms
    rules = [brian2_equations(SPACE, g, TYPES, SETTINGS) for g in genomes]
    neurons = brian2_neurons(brian2, network, rules, current_pA)
    everything = [
        brian2_synapses(brian2, network, neurons, c, rule, GAIN)
        for c, rule in enumerate(rules)
    ]
    kind = np.tile(network.cells.cell_type, len(rules))
    spikes, voltage_mV, weights = [], [], []

    def reward(t):
        neurons.R_[:] += reward_jump[len(weights), kind]

    def record(t):
        spikes.append(neurons.S_[:].reshape(len(rules), -1).T.copy())
        voltage_mV.append(neurons.v_[:].reshape(len(rules), -1).T.copy())
        weights.append(np.stack([s.w_[:] for s in everything], axis=1) * 1e12)

    before = brian2.NetworkOperation(reward, when="start")
    after = brian2.NetworkOperation(record, when="after_end")
    simulation = brian2.Network(neurons, *everything, before, after)
    simulation.run(N_STEPS * brian2.ms, namespace={})
    return np.array(spikes), np.array(voltage_mV), np.array(weights)


def _range_pA(model):
    return np.asarray(model.w_max)[np.argsort(model.edge_index)]


def _signals_of(genome):
    active = np.flatnonzero(decode(SPACE, genome[None]).gates[0])
    return {factor[0] for index in active for factor in ALL_TERMS[index].factors}


def test_the_circuit_meets_everything_that_a_rule_can_meet(
    network, ours, model, genomes
):
    spikes, _, weights = ours
    assert set(np.unique(network.edges.delay_ms)) == {1, 2, 3, 4}
    assert set(np.unique(network.edges.receptor)) == {0, 1, 2, 3}
    assert len(np.unique(np.sign(network.edges.weight_pA))) == 2
    assert (spikes.sum(axis=(0, 1)) > 100).all()
    before, after = weights[:-1], weights[1:]
    capped = np.abs(after / before - 1) > 0.999 * SETTINGS.max_relative_change
    at_bound = after > 0.9999 * _range_pA(model)[:, None]
    assert capped.any() and not capped.all()
    assert at_bound.any() and not at_bound.all()
    assert {"V", "B", "w"} <= _signals_of(genomes[NAMES.index(RANDOM)])


@pytest.mark.parametrize("name", NAMES)
def test_every_weight_equals_brian2_in_every_step(name, ours, theirs, model):
    lane = NAMES.index(name)
    spikes, _, weights = (a[..., lane] for a in ours)
    their_spikes, _, their_weights = (a[..., lane] for a in theirs)
    np.testing.assert_array_equal(spikes, their_spikes)
    assert np.abs(weights[-1] / weights[0] - 1).max() > 0.01
    error = np.abs(weights - their_weights) / _range_pA(model)
    assert error.max() < TOLERANCE


def test_voltages_equal_brian2(ours, theirs):
    np.testing.assert_allclose(ours[1], theirs[1], rtol=0, atol=1e-3)


@pytest.mark.parametrize("name", [BEST, RANDOM, OJA])
def test_the_example_script_runs_and_learns_within_bounds(
    brian2, network, genomes, name, capsys
):
    rule = brian2_equations(SPACE, genomes[NAMES.index(name)], TYPES, SETTINGS)
    script = as_script(rule, network.cell_types.excitatory, 5, duration_ms=100.0)
    scope = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(compile(script, "script.py", "exec"), scope)
    synapses = scope["synapses"]
    assert scope["spikes"].num_spikes > 15
    assert (np.abs(scope["relative_change"]) > 1e-3).any()
    assert (synapses.w_[:] >= 0).all()
    assert (synapses.w_[:] <= synapses.w_max_[:]).all()
    assert "onto i4Pvalb" in capsys.readouterr().out
    table = scope["COEFFICIENTS"]
    for key, values in rule.coefficients.items():
        np.testing.assert_array_equal(np.float32(table[key]), np.float32(values))
