"""A network of evolvable units: its wiring and one step of it.

In: genomes (P, G) that hold one set of neuron weights and one of synapse weights. Out:
the state of all units after a step. All neurons share the neuron weights, all synapses
the synapse weights; every instance keeps its own memory. Wiring and order of a step
follow the released code of Bertens and Lee (2020).
"""

from dataclasses import dataclass
from typing import NamedTuple

import jax
import jax.numpy as jnp

from evoplast.enu.cells import (
    Cell,
    CellState,
    initial_genome,
    initial_state,
    step,
    unpack,
)
from evoplast.enu.mazes import (
    N_SENSORS,
    Maze,
)

CHANNELS = 16
OUTPUT_NOISE = 0.01
N_SENSORY = N_SENSORS + 1
T_MAZE_WIRING = (
    (0, 1, 5, 6, 7, 8, 3, 4),
    (0, 2, 4, 6, 7, 9, 3, 5),
    (1, 2, 4, 5, 8, 9, 3, 6),
    (4, 5, 8, 9, 0, 1, 3, 7),
    (4, 6, 7, 9, 0, 2, 3, 8),
    (5, 6, 7, 8, 1, 2, 3, 9),
)
DOUBLE_T_MAZE_WIRING = (
    *((0, 1, 2, 3, 4, 5, 6, 7) for _ in range(4)),
    (3, 5, 6, 7, 8, 9, 10, 11),
    (3, 4, 6, 7, 8, 9, 10, 11),
    (3, 4, 5, 7, 8, 9, 10, 11),
    (3, 4, 5, 6, 8, 9, 10, 11),
)


@dataclass(frozen=True)
class Network:
    """Wiring and units of an agent.

    ``wiring`` lists for each neuron the units its synapses read; units are the four
    sensory ones (wall, food, poison, reward), then the neurons; the last
    ``n_actions`` neurons are the outputs. ``shared`` uses one set of weights.
    """

    kind: str
    wiring: tuple[tuple[int, ...], ...]
    n_actions: int

    @property
    def shared(self) -> bool:
        """Neurons and synapses have the same weights."""
        return self.kind == "shared_enu"

    @property
    def n_neurons(self) -> int:
        """Neurons that are units: hidden and output."""
        return len(self.wiring)

    @property
    def n_synapses(self) -> int:
        """Synapses of one neuron."""
        return len(self.wiring[0])

    @property
    def synapse(self) -> Cell:
        """The synapse: reads the presynaptic unit and the postsynaptic neuron."""
        return Cell(self.kind, 2 * CHANNELS, CHANNELS)

    @property
    def neuron(self) -> Cell:
        """The neuron: reads the mean output of its synapses."""
        return self.synapse if self.shared else Cell(self.kind, CHANNELS, CHANNELS)

    @property
    def n_parameters(self) -> int:
        """Length of the genome: neuron weights, then synapse weights."""
        neuron = 0 if self.shared else self.neuron.n_parameters
        return neuron + self.synapse.n_parameters


def maze_network(maze: Maze, kind: str) -> Network:
    """Return the network that lives in ``maze``."""
    wiring = T_MAZE_WIRING if maze.n_actions == 3 else DOUBLE_T_MAZE_WIRING
    return Network(kind, wiring, maze.n_actions)


def network_genome(network: Network, key: jax.Array) -> jax.Array:
    """Return an initial genome (G,)."""
    neuron_key, synapse_key = jax.random.split(key)
    synapse = initial_genome(network.synapse, synapse_key)
    if network.shared:
        return synapse
    return jnp.concatenate([initial_genome(network.neuron, neuron_key), synapse])


def network_weights(network: Network, genomes: jax.Array) -> tuple[dict, dict]:
    """Return neuron and synapse weights of genomes (P, G)."""
    if network.shared:
        weights = unpack(network.synapse, genomes)
        return weights, weights
    border = network.neuron.n_parameters
    neuron = unpack(network.neuron, genomes[:, :border])
    return neuron, unpack(network.synapse, genomes[:, border:])


class NetworkState(NamedTuple):
    """Neurons with instances (E * N) and synapses with instances (E * N * S)."""

    neurons: CellState
    synapses: CellState


def network_start(
    network: Network, n_offspring: int, n_environments: int
) -> NetworkState:
    """Return the state at birth: all memories and outputs are zero."""
    n_neurons = n_environments * network.n_neurons
    return NetworkState(
        initial_state(network.neuron, n_offspring, n_neurons),
        initial_state(network.synapse, n_offspring, n_neurons * network.n_synapses),
    )


def _synapse_input(
    network: Network, sensory: jax.Array, neurons: jax.Array
) -> jax.Array:
    """Presynaptic and postsynaptic outputs (P, E, N, S, 2 C) of the previous step."""
    units = jnp.concatenate([sensory, neurons], axis=2)
    presynaptic = units[:, :, jnp.array(network.wiring)]
    postsynaptic = jnp.broadcast_to(neurons[:, :, :, None], presynaptic.shape)
    return jnp.concatenate([presynaptic, postsynaptic], axis=-1)


def _noise(keys: jax.Array, shape: tuple[int, ...]) -> jax.Array:
    """Noise (P, ...) from one key per offspring: independent of any batching."""
    draw = jax.vmap(lambda key: jax.random.normal(key, shape))
    return OUTPUT_NOISE * draw(keys)


def network_step(
    network: Network,
    weights: tuple[dict, dict],
    state: NetworkState,
    sensory: jax.Array,
    keys: jax.Array,
) -> NetworkState:
    """Advance all synapses, then all neurons.

    Args:
        network: wiring and units.
        weights: of neurons and synapses.
        state: of the previous step.
        sensory: outputs (P, E, 4, C) of the sensory units.
        keys: one per offspring (P,), for the noise of this step.
    """
    n_offspring, n_environments = sensory.shape[:2]
    n_neurons, n_synapses = network.n_neurons, network.n_synapses
    batch = (n_offspring, n_environments, n_neurons)
    neurons = state.neurons.output.reshape(*batch, CHANNELS)
    x = _synapse_input(network, sensory, neurons)
    x = x.reshape(n_offspring, -1, 2 * CHANNELS)
    n_units = n_environments * n_neurons
    noise = _noise(keys, (n_units * (n_synapses + 1), CHANNELS))
    neuron_noise, synapse_noise = noise[:, :n_units], noise[:, n_units:]
    synapses = step(network.synapse, weights[1], state.synapses, x, synapse_noise)
    arrived = synapses.output.reshape(n_offspring, n_units, n_synapses, CHANNELS)
    integrated = jnp.sum(arrived, axis=2) / n_synapses
    if network.shared:
        integrated = jnp.pad(integrated, ((0, 0), (0, 0), (0, CHANNELS)))
    after = step(network.neuron, weights[0], state.neurons, integrated, neuron_noise)
    return NetworkState(after, synapses)
