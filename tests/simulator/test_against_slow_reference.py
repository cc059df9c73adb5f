"""The kernel against the edge-by-edge, term-by-term NumPy model."""

from dataclasses import replace

import jax
import numpy as np
import pytest
from circuits import random_network
from slow_reference import SlowSimulation

from evoplast.rules import N_TERMS, TERM_NAMES, RuleSpace, decode, random_genomes
from evoplast.simulator import (
    PlasticitySettings,
    SimulationSettings,
    build_model,
    initial_state,
    lane_rules,
    simulation_step,
)

N_STEPS = 45
GAIN = 2.0
# Strong plasticity, so that every term shows within some tens of steps.
SETTINGS = PlasticitySettings.default(
    eta=0.05, max_relative_change=0.3, bound_factor=1.5
)
N_RANDOM = 3


@pytest.fixture(scope="module")
def rule():
    space = RuleSpace(4)
    genomes = random_genomes(space, N_TERMS + N_RANDOM, jax.random.key(0), 0.3)
    genomes = np.array(genomes)
    genomes[:N_TERMS, space.slices["gates"]] = np.eye(N_TERMS)
    return decode(space, genomes)


@pytest.fixture(scope="module")
def current_pA():
    rng = np.random.default_rng(1)
    return rng.uniform(0, 900, (N_STEPS, 12)).astype(np.float32)


@pytest.fixture(scope="module")
def reward():
    return np.random.default_rng(2).uniform(-1, 1, 4).astype(np.float32)


@pytest.fixture(scope="module")
def fast(rule, current_pA, reward):
    """Spikes (T, N, L), strengths (T, E, L) and voltages (T, N, L) of the kernel."""
    network = random_network()
    model = build_model(
        network, SimulationSettings.default(recurrent_gain=GAIN), SETTINGS, 60
    )
    rules = lane_rules(rule, 1, SETTINGS)
    n_lanes = len(rule.phi)
    state = initial_state(model, n_lanes)
    state = replace(state, reward=np.tile(reward[:, None], (1, n_lanes)))

    def body(state, current):
        state, spikes = simulation_step(
            model, rules, state, current[:, None], SETTINGS, plastic=True
        )
        return state, (spikes, state.weights, state.neuron.voltage_mV)

    _, observed = jax.jit(lambda s, c: jax.lax.scan(body, s, c))(state, current_pA)
    spikes, weights, voltage = (np.asarray(a) for a in observed)
    order = np.asarray(model.edge_index)
    real = order >= 0
    in_network_order = np.empty((N_STEPS, network.n_edges, n_lanes), np.float32)
    in_network_order[:, order[real]] = weights[:, real]
    return spikes, in_network_order, voltage


def run_slowly(rule, candidate, current_pA, reward):
    slow = SlowSimulation(random_network(), rule, candidate, SETTINGS, GAIN, reward)
    spikes, weights, voltage = [], [], []
    for current in current_pA:
        spikes.append(slow.step(current))
        weights.append(slow.w.copy())
        voltage.append(slow.v.copy())
    return np.array(spikes), np.array(weights), np.array(voltage), slow


@pytest.mark.parametrize(
    "candidate",
    range(N_TERMS + N_RANDOM),
    ids=[*TERM_NAMES, *(f"random{i}" for i in range(N_RANDOM))],
)
def test_every_step_equals_the_slow_model(fast, rule, current_pA, reward, candidate):
    spikes, weights, voltage, slow = run_slowly(rule, candidate, current_pA, reward)
    assert spikes.sum() > 20
    assert np.abs(weights[-1] - slow.w0).max() > 1e-3
    assert np.array_equal(fast[0][..., candidate], spikes)
    np.testing.assert_allclose(fast[1][..., candidate], weights, rtol=2e-4, atol=1e-4)
    np.testing.assert_allclose(fast[2][..., candidate], voltage, rtol=1e-3, atol=2e-3)
