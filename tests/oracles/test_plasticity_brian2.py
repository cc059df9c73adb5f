"""The reference simulator against Brian2, which runs the rules that we export.

One copy of a small network for each rule, all in one Brian2 network: the GLIF3 steps
are written in Brian2's language here, the plasticity is what the exporter says.
"""

import dataclasses
import warnings

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from brian2_door import import_brian2

from evoplast.network import CellTypes, Edges, glif3_propagators
from evoplast.rules import (
    N_TERMS,
    TERM_NAMES,
    RuleSpace,
    as_script,
    brian2_equations,
    decode,
    known_rules,
    random_genomes,
)
from evoplast.rules.brian2_export import CLEAR_WHEN, TRACE_WHEN, WEIGHT_WHEN
from evoplast.simulator import (
    PlasticitySettings,
    SimulationSettings,
    build_model,
    initial_state,
    lane_rules,
    simulation_step,
)

TYPES = ("e4", "i4Pvalb", "e5")
SPACE = RuleSpace(len(TYPES))
N_STEPS, N_EDGES, GAIN = 160, 70, 1.0
# Strong plasticity, so that every term shows within some tens of steps, and the cap
# and both directions to the bounds are met.
SETTINGS = PlasticitySettings(eta=0.05, max_relative_change=0.03, bound_factor=1.5)
BEST, RANDOM = "five-term best", "random"
NAMES = (*TERM_NAMES, BEST, RANDOM)
TOLERANCE = 1e-4  # of the weight's range, 0 to w_max

MEMBRANE_EQUATIONS = """
v : 1  # mV above E_L
free : 1
listening : 1
waiting : 1
asc_0 : 1
asc_1 : 1
y1_0 : 1
y1_1 : 1
y1_2 : 1
y1_3 : 1
y2_0 : 1
y2_1 : 1
y2_2 : 1
y2_3 : 1
copy_of : integer (constant)
"""
PORTS = range(4)
CONSTANTS = (
    *(f"{p}_{q}" for p in ("P11", "P21", "P22", "P31", "P32", "psc") for q in PORTS),
    *(f"{p}_{j}" for p in ("stable", "decay", "kept", "amp") for j in (0, 1)),
    *("P33", "P30", "theta", "v_reset", "pause"),
)
MEMBRANE_STEP = "\n".join(
    (
        "listening = int(waiting <= 0)",
        "free = P33*v + P30*(drive(t, copy_of) + stable_0*asc_0 + stable_1*asc_1)",
        *(f"free = free + P31_{q}*y1_{q} + P32_{q}*y2_{q}" for q in PORTS),
        "v = v + listening*(free - v)",
        *(f"asc_{j} = asc_{j}*(1 + listening*(decay_{j} - 1))" for j in (0, 1)),
        "waiting = clip(waiting - 1, 0, inf)",
        *(f"y2_{q} = P21_{q}*y1_{q} + P22_{q}*y2_{q}" for q in PORTS),
        *(f"y1_{q} = P11_{q}*y1_{q}" for q in PORTS),
    )
)
RESET = """
v = v_reset
asc_0 = amp_0 + kept_0*asc_0
asc_1 = amp_1 + kept_1*asc_1
waiting = pause
"""


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
    """Each term alone with random coefficients, the best rule, a random rule."""
    drawn = np.array(random_genomes(SPACE, len(NAMES), jax.random.key(4), 0.5))
    drawn[:N_TERMS, SPACE.slices["gates"]] = np.eye(N_TERMS)
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
    return build_model(network, SimulationSettings(recurrent_gain=GAIN), SETTINGS)


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
def theirs(brian2, network, model, genomes, current_pA, reward_jump):
    """The same from Brian2, float64."""
    with warnings.catch_warnings():
        # Brian2 2.9 uses old names of pyparsing.
        warnings.simplefilter("ignore")
        return _run_brian2(brian2, network, model, genomes, current_pA, reward_jump)


def _run_brian2(brian2, network, model, genomes, current_pA, reward_jump):
    brian2.defaultclock.dt = 1.0 * brian2.ms
    rules = [brian2_equations(SPACE, g, TYPES, SETTINGS) for g in genomes]
    neurons = _brian2_neurons(brian2, network, rules, current_pA)
    everything = [
        _brian2_synapses(brian2, network, model, neurons, c, rule)
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


def _brian2_neurons(brian2, network, rules, current_pA):
    kind, n = network.cells.cell_type, network.n_neurons
    constants = "\n".join(f"{name} : 1 (constant)" for name in CONSTANTS)
    equations = "\n".join((MEMBRANE_EQUATIONS, constants, rules[0].neuron_equations))
    neurons = brian2.NeuronGroup(
        n * len(rules),
        equations,
        threshold="listening > 0.5 and v > theta",
        reset=RESET + rules[0].reset,
        namespace={"drive": brian2.TimedArray(current_pA, dt=1.0 * brian2.ms)},
    )
    for name, values in _constants(network).items():
        setattr(neurons, name, np.tile(values, len(rules)))
    neurons.copy_of = np.tile(np.arange(n), len(rules))
    neurons.tau_E = np.concatenate([r.tau_E_ms[kind] for r in rules]) * brian2.ms
    neurons.tau_R = np.concatenate([r.tau_R_ms[kind] for r in rules]) * brian2.ms
    neurons.run_regularly(rules[0].clear_spikes, when=CLEAR_WHEN)
    neurons.run_regularly(MEMBRANE_STEP, when="groups")
    neurons.run_regularly(rules[0].trace_update, when=TRACE_WHEN)
    return neurons


def _constants(network):
    cells, p = network.cells, glif3_propagators(network.cells, network.tau_syn_ms, 1.0)
    per_port = {"P11": p.P11, "P21": p.P21, "P22": p.P22, "psc": p.psc_initial}
    columns = {"P31": p.P31.T, "P32": p.P32.T}
    columns |= {k: np.tile(v, (network.n_neurons, 1)).T for k, v in per_port.items()}
    columns |= {"stable": p.asc_stable.T, "decay": p.asc_decay.T}
    columns |= {"kept": p.asc_refractory_decay.T, "amp": cells.asc_amp_pA.T}
    return {
        f"{name}_{i}": v for name, vs in columns.items() for i, v in enumerate(vs)
    } | {
        "P33": p.P33,
        "P30": p.P30,
        "theta": cells.V_th_mV - cells.E_L_mV,
        "v_reset": cells.V_reset_mV - cells.E_L_mV,
        "pause": p.refractory_steps.astype(float),
    }


def _brian2_synapses(brian2, network, model, neurons, copy, rule):
    edges, kind, n = network.edges, network.cells.cell_type, network.n_neurons
    own = neurons[copy * n : (copy + 1) * n]
    arrival = (f"y1_{q}_post += psc_{q}_post*strength*to_{q}" for q in PORTS)
    ports = "\n".join(f"to_{q} : 1 (constant)" for q in PORTS)
    synapses = brian2.Synapses(
        own,
        own,
        f"{rule.synapse_equations}\n{ports}\nsigned_gain : 1 (constant)",
        on_pre="\n".join(("strength = signed_gain*w/pA", *arrival)),
        namespace={**rule.namespace, "pA": brian2.pA},
    )
    synapses.connect(i=edges.source, j=edges.target)
    synapses.delay = edges.delay_ms.astype(float) * brian2.ms
    for q in PORTS:
        setattr(synapses, f"to_{q}", (edges.receptor == q).astype(float))
    synapses.signed_gain = np.sign(edges.weight_pA) * GAIN
    w_ref_pA, w_max_pA = _reference_and_bound_pA(network, rule)
    synapses.w = np.abs(edges.weight_pA).astype(float) * brian2.pA
    synapses.w_ref = w_ref_pA * brian2.pA
    synapses.w_max = w_max_pA * brian2.pA
    for name, table in rule.coefficients.items():
        setattr(synapses, name, table[kind[edges.source], kind[edges.target]])
    synapses.run_regularly(rule.weight_update, when=WEIGHT_WHEN)
    return synapses


def _reference_and_bound_pA(network, rule):
    edges, kind = network.edges, network.cells.cell_type
    strength = np.abs(edges.weight_pA).astype(float)
    pair = kind[edges.source] * len(TYPES) + kind[edges.target]
    w_ref = (np.bincount(pair, strength) / np.maximum(np.bincount(pair), 1))[pair]
    return w_ref, np.maximum(rule.bound_factor * w_ref, strength)


def _range_pA(model):
    return np.asarray(model.w_max)[np.argsort(model.edge_index)]


def test_the_circuit_meets_everything_that_a_rule_can_meet(network, ours, model):
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


@pytest.mark.parametrize("name", [BEST, RANDOM])
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
