"""The neuron and the network step against NEST's ``glif_psc``."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from nest_circuit import connect, import_nest, nest_neurons

from evoplast.network import Cells, Edges, build_network
from evoplast.simulator import (
    PlasticitySettings,
    SimulationSettings,
    build_model,
    initial_state,
    membrane_step,
    neuron_parameters,
    port_slots,
    resting_state,
    simulation_step,
    synapse_step,
)

N_STEPS = 500
N_PORTS = 4
# A current that a generator gives from time t on acts in step t + 1; a spike of a
# generator at time t arrives, with a delay of one step, at the end of step t.
CURRENT_LATENCY_STEPS = 1
EXCITATION, INHIBITION = 0.8, -0.2  # of the rheobase, per spike
N_NETWORK = 300


@pytest.fixture(scope="module")
def nest():
    try:
        return import_nest()
    except ImportError:
        pytest.skip("NEST is not installed")


def _rheobase_pA(cells):
    return cells.g_nS * (cells.V_th_mV - cells.E_L_mV)


def _inject(nest, neurons, current_pA):
    """Give every neuron its own current (T, N)."""
    times = np.arange(1.0, len(current_pA))
    generators = nest.Create("step_current_generator", len(neurons))
    generators.set(
        [
            {"amplitude_times": times, "amplitude_values": column[1:]}
            for column in current_pA.T
        ]
    )
    nest.Connect(generators, neurons, "one_to_one", {"delay": 1.0})


def _run_nest(nest, neurons, n_steps):
    """Return spikes (T, N) and voltages (T, N) of ``n_steps`` steps."""
    recorder = nest.Create("spike_recorder")
    meter = nest.Create("multimeter", params={"record_from": ["V_m"], "interval": 1.0})
    nest.Connect(neurons, recorder)
    nest.Connect(meter, neurons)
    nest.Simulate(float(n_steps + 2))
    first = neurons[0].global_id
    events = recorder.events
    spikes = np.zeros((n_steps + 3, len(neurons)), dtype=bool)
    spikes[np.round(events["times"]).astype(int), events["senders"] - first] = True
    events = meter.events
    voltage = np.full((n_steps + 3, len(neurons)), np.nan)
    row = np.round(events["times"]).astype(int)
    voltage[row, events["senders"] - first] = events["V_m"]
    # NEST stamps what happens in step s with the end of the step, s + 1.
    return spikes[1 : n_steps + 1], voltage[1 : n_steps + 1]


@pytest.fixture(scope="module")
def every_model(allen_tables, tiny_network):
    """A network of one cell per GLIF model, each with a synapse on every port."""
    models = allen_tables.models
    n = len(models)
    names = ("C_m_pF", "g_nS", "E_L_mV", "V_reset_mV", "V_th_mV", "t_ref_ms")
    cells = Cells(
        cell_type=models["type"].to_numpy(np.int32),
        model_id=models["model_id"].to_numpy(),
        **{name: np.zeros(n) for name in ("x_um", "y_um", "z_um", "tuning_deg")},
        **{name: models[name].to_numpy(float) for name in names},
        asc_decay_per_ms=models[
            ["asc_decay_1_per_ms", "asc_decay_2_per_ms"]
        ].to_numpy(),
        asc_amp_pA=models[["asc_amp_1_pA", "asc_amp_2_pA"]].to_numpy(),
    )
    target = np.repeat(np.arange(n, dtype=np.int32), N_PORTS)
    edges = Edges(
        source=target,
        target=target,
        weight_pA=np.zeros(len(target), np.float32),
        delay_ms=np.ones(len(target), np.float32),
        receptor=np.tile(np.arange(N_PORTS, dtype=np.int8), n),
    )
    return dataclasses.replace(tiny_network, cells=cells, edges=edges)


@jax.jit
def _run_cells(parameters, current_pA, arriving_pA):
    """Return spikes (T, N) and voltages above E_L (T, N)."""

    def body(state, inputs):
        current, arriving = inputs
        state, spikes = membrane_step(parameters, state, current[:, None])
        state = synapse_step(parameters, state, arriving[..., None])
        return state, (spikes[:, 0], state.voltage_mV[:, 0])

    state = resting_state(parameters, 1)
    return jax.lax.scan(body, state, (current_pA, arriving_pA))[1]


def _assert_same_course(network, current_pA, arriving_pA, spikes, voltage):
    """Compare our neurons under these inputs with NEST's spikes and voltages."""
    ports, _ = port_slots(network)
    parameters = neuron_parameters(network, ports)
    ours = _run_cells(
        parameters, jnp.asarray(current_pA), jnp.asarray(arriving_pA, jnp.float32)
    )
    np.testing.assert_array_equal(np.asarray(ours[0]) > 0, spikes)
    ours_mV = np.asarray(ours[1], np.float64) + network.cells.E_L_mV
    np.testing.assert_allclose(ours_mV, voltage, atol=1e-3, rtol=0)


def _delayed(current_pA):
    """Return what the neurons see of the generators' currents (T, N)."""
    seen_pA = np.roll(current_pA, CURRENT_LATENCY_STEPS, axis=0)
    # Generators cannot be told of time 0; they start at 1.
    seen_pA[: CURRENT_LATENCY_STEPS + 1] = 0.0
    return seen_pA


def test_step_currents_give_the_spikes_and_voltages_of_nest(nest, every_model):
    level = np.zeros(N_STEPS)
    level[50:200], level[300:450], level[450:] = 1.3, 3.0, -0.5
    current_pA = level[:, None] * _rheobase_pA(every_model.cells)
    neurons = nest_neurons(nest, every_model.cells, every_model.tau_syn_ms)
    _inject(nest, neurons, current_pA)
    spikes, voltage = _run_nest(nest, neurons, N_STEPS)
    arriving_pA = np.zeros((N_STEPS, N_PORTS, every_model.n_neurons))
    assert spikes.sum(axis=0).min() >= 3
    _assert_same_course(every_model, _delayed(current_pA), arriving_pA, spikes, voltage)


def _inject_spikes(nest, neurons, times, weight_pA, receptor):
    generator = nest.Create("spike_generator", params={"spike_times": times})
    for neuron, weight in zip(neurons, weight_pA, strict=True):
        synapse = {"weight": weight, "delay": 1.0, "receptor_type": receptor}
        nest.Connect(generator, neuron, syn_spec=synapse)


@pytest.mark.parametrize("port", range(N_PORTS))
def test_spikes_on_a_port_give_the_spikes_and_voltages_of_nest(nest, every_model, port):
    rng = np.random.default_rng(port)
    times = np.unique(rng.integers(20, N_STEPS - 20, size=120))
    # Ports 1 and 3 carry inhibition; a current keeps their targets firing.
    inhibitory = port % 2 == 1
    rheobase_pA = _rheobase_pA(every_model.cells)
    weight_pA = (INHIBITION if inhibitory else EXCITATION) * rheobase_pA
    level = np.zeros((N_STEPS, 1))
    level[20:] = 2.5 if inhibitory else 0.2
    current_pA = level * rheobase_pA
    neurons = nest_neurons(nest, every_model.cells, every_model.tau_syn_ms)
    _inject(nest, neurons, current_pA)
    _inject_spikes(nest, neurons, times.astype(float), weight_pA, port + 1)
    spikes, voltage = _run_nest(nest, neurons, N_STEPS)
    arriving_pA = np.zeros((N_STEPS, N_PORTS, every_model.n_neurons))
    arriving_pA[times, port] = weight_pA
    assert (spikes.sum(axis=0) > 0).mean() > 0.9
    _assert_same_course(every_model, _delayed(current_pA), arriving_pA, spikes, voltage)


@jax.jit
def _run_network(model, current_pA):
    """Return the spikes (T, N) of a network whose weights rest."""

    def body(state, current):
        state, spikes = simulation_step(
            model,
            None,
            state,
            current[:, None],
            PlasticitySettings.default(),
            plastic=False,
        )
        return state, spikes[:, 0]

    return jax.lax.scan(body, initial_state(model, 1), current_pA)[1]


def _input_pA(cells, seed):
    """Return currents (T, N) that change every 50 ms, as images do."""
    rng = np.random.default_rng(seed)
    blocks = rng.uniform(0.0, 1.6, size=(N_STEPS // 50, len(cells.g_nS)))
    return np.repeat(blocks, 50, axis=0) * _rheobase_pA(cells)


def test_a_network_fires_as_in_nest(nest, allen_tables):
    network = build_network(allen_tables, N_NETWORK, seed=5, instance=0)
    settings = SimulationSettings.default(recurrent_gain=4.0)
    model = build_model(network, settings, PlasticitySettings.default())
    current_pA = _input_pA(network.cells, seed=6)
    neurons = nest_neurons(nest, network.cells, network.tau_syn_ms)
    _inject(nest, neurons, current_pA)
    connect(nest, neurons, network.edges, settings.recurrent_gain)
    theirs, _ = _run_nest(nest, neurons, N_STEPS)
    seen_pA = jnp.asarray(_delayed(current_pA), jnp.float32)
    ours = np.asarray(_run_network(model, seen_pA)) > 0
    # Single and double precision part at last; the first spikes leave no doubt.
    first = slice(0, 200)
    assert theirs[first].sum() > 500
    np.testing.assert_array_equal(ours[first], theirs[first])
    kind = network.cells.cell_type
    rate_hz, their_rate_hz = (
        np.bincount(kind, spikes.sum(axis=0)) / np.bincount(kind) * 1000.0 / N_STEPS
        for spikes in (ours, theirs)
    )
    np.testing.assert_allclose(rate_hz, their_rate_hz, rtol=0.01)
