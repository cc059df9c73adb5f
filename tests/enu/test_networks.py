"""The network of units: wiring, a plain NumPy step, and independence of blocks."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from evoplast.enu import lifetimes, networks
from evoplast.enu.cells import CellState, unpack
from evoplast.enu.lifetimes import live, record, sensory_outputs
from evoplast.enu.mazes import DOUBLE_T_MAZE, T_MAZE
from evoplast.enu.networks import (
    DOUBLE_T_MAZE_WIRING,
    T_MAZE_WIRING,
    maze_network,
    network_genome,
    network_start,
    network_step,
    network_weights,
)

SHORT_MAZE = dataclasses.replace(T_MAZE, steps=8)


@pytest.mark.parametrize(
    ("maze", "kind", "expected"),
    [
        (T_MAZE, "enu", 15072),
        (DOUBLE_T_MAZE, "enu", 15072),
        (T_MAZE, "shared_enu", 8304),
    ],
)
def test_genomes_have_the_published_size(maze, kind, expected):
    network = maze_network(maze, kind)
    assert network.n_parameters == expected
    assert network_genome(network, jax.random.key(0)).shape == (expected,)


def test_every_neuron_reads_the_reward_unit_and_itself():
    for wiring in (T_MAZE_WIRING, DOUBLE_T_MAZE_WIRING):
        for index, row in enumerate(wiring):
            assert len(set(row)) == len(row) == 8
            assert {3, 4 + index} <= set(row)
    network = maze_network(T_MAZE, "enu")
    assert network.n_neurons * network.n_synapses == 48


def test_sensors_write_channel_zero_and_reward_channels_one_and_two():
    out = np.asarray(sensory_outputs(jnp.array([0.0, 1.0, 0.0]), jnp.float32(-1.0)))
    expected = np.zeros((4, 16))
    expected[1, 0] = expected[3, 2] = 1.0
    np.testing.assert_array_equal(out, expected)
    rewarded = np.asarray(sensory_outputs(jnp.zeros(3), jnp.float32(1.0)))
    assert rewarded[3, 1] == 1.0 and rewarded.sum() == 1.0


def numpy_unit(weights, x, o, h, noise):
    def sigmoid(v):
        return 1 / (1 + np.exp(-v))

    u = np.concatenate([x, o])
    raw = np.concatenate([u, h, [1]]) @ weights["gates"]
    r, z = sigmoid(3 * (raw[:32] - 1)), sigmoid(3 * raw[32:])
    c = np.tanh(3 * np.concatenate([u, r * h, [1]]) @ weights["candidate"])
    h = (1 - z) * h + z * c
    y = np.concatenate([h, [1]]) @ weights["output"] + noise
    return h, np.clip(y, 0, 1)


def random_network_state(network, rng):
    blank = network_start(network, 1, 1)
    return jax.tree.map(lambda a: jnp.float32(rng.uniform(0, 1, a.shape)), blank)


def test_a_network_step_agrees_with_plain_numpy():
    rng = np.random.default_rng(0)
    network = maze_network(T_MAZE, "enu")
    genome = network_genome(network, jax.random.key(1))[None]
    neuron_weights, synapse_weights = (
        {name: np.asarray(m[0], float) for name, m in part.items()}
        for part in network_weights(network, genome)
    )
    state = random_network_state(network, rng)
    sensory = jnp.float32(rng.uniform(0, 1, (1, 1, 4, 16)))
    keys = jax.random.split(jax.random.key(2), 1)
    noise = np.asarray(networks._noise(keys, (54, 16)))[0]
    after = network_step(
        network, network_weights(network, genome), state, sensory, keys
    )
    units = np.concatenate([sensory[0, 0], state.neurons.output[0]])
    for n, row in enumerate(T_MAZE_WIRING):
        arrived = []
        for s, source in enumerate(row):
            index = n * 8 + s
            x = np.concatenate([units[source], units[4 + n]])
            o, h = state.synapses.output[0, index], state.synapses.memory[0, index]
            arrived.append(numpy_unit(synapse_weights, x, o, h, noise[6 + index])[1])
        o, h = state.neurons.output[0, n], state.neurons.memory[0, n]
        h, o = numpy_unit(neuron_weights, np.mean(arrived, axis=0), o, h, noise[n])
        np.testing.assert_allclose(after.neurons.memory[0, n], h, atol=2e-5)
        np.testing.assert_allclose(after.neurons.output[0, n], o, atol=2e-5)


def test_shared_units_have_the_same_weights_in_neurons_and_synapses():
    network = maze_network(T_MAZE, "shared_enu")
    genome = network_genome(network, jax.random.key(1))[None]
    neurons, synapses = network_weights(network, genome)
    assert neurons is synapses
    assert unpack(network.neuron, genome)["gates"].shape == (1, 81, 64)


def test_the_result_does_not_depend_on_the_block():
    network = maze_network(SHORT_MAZE, "enu")
    genome = network_genome(network, jax.random.key(0))
    genomes = genome + 0.1 * jax.random.normal(jax.random.key(1), (4, genome.size))
    whole = live(network, SHORT_MAZE, genomes, jax.random.key(2), 2)
    blocks = live(network, SHORT_MAZE, genomes, jax.random.key(2), 2, block=2)
    for a, b in zip(jax.tree.leaves(whole), jax.tree.leaves(blocks), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)


def test_a_recording_shows_the_lifetime_it_belongs_to():
    network = maze_network(SHORT_MAZE, "gru")
    genome = network_genome(network, jax.random.key(0))
    lifetime, traces, places = record(network, SHORT_MAZE, genome, jax.random.key(5), 3)
    assert traces.position.shape == (8, 1, 3, 2) and places.shape[0] == 3
    assert traces.activity.shape == (8, 1, 3, 6, 16)
    np.testing.assert_array_equal(traces.position[-1], lifetime.maze.position)
    scores = np.asarray(traces.reward) + 0.025 * np.asarray(traces.alive)
    np.testing.assert_allclose(scores.mean(axis=0), lifetime.fitness, atol=1e-6)


def test_permuted_agents_differ_although_their_genomes_are_equal():
    network = maze_network(T_MAZE, "enu")
    keys = jax.random.split(jax.random.key(0), 6)
    roles = lifetimes._draw_roles(keys, 4, 3)
    assert np.all(np.sort(np.asarray(roles.sensors), axis=-1) == np.arange(3))
    assert np.unique(np.asarray(roles.actions).reshape(-1, 3), axis=0).shape[0] > 3
    assert isinstance(network_start(network, 1, 1).neurons, CellState)
