"""A network of evolvable units that lives in a maze.

In: genomes (P, G) that hold one set of neuron weights and one of synapse weights,
and a maze. Out: the ``Lifetime`` of every agent (P, E). All neurons share the neuron
weights, all synapses the synapse weights; every instance keeps its own memory.
Wiring and order of a step follow the released code of Bertens and Lee (2020).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
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
    MazeState,
    Transition,
    draw_places,
    reset,
)
from evoplast.enu.mazes import (
    step as maze_step,
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


def sensory_outputs(observation: jax.Array, reward: jax.Array) -> jax.Array:
    """Return the sensory units' channels (..., 4, C).

    Sensors write channel 0; the reward unit writes reward to channel 1 and
    punishment to channel 2.
    """
    sensors = jnp.zeros((*observation.shape, CHANNELS)).at[..., 0].set(observation)
    signal = jnp.zeros((*reward.shape, 1, CHANNELS))
    signal = signal.at[..., 0, 1].set(jnp.maximum(reward, 0.0))
    signal = signal.at[..., 0, 2].set(jnp.maximum(-reward, 0.0))
    return jnp.concatenate([sensors, signal], axis=-2)


# --- lifetimes in a maze --------------------------------------------------------


class Roles(NamedTuple):
    """Who is who in an agent: sensors (P, E, 3) and actions (P, E, A), permuted."""

    sensors: jax.Array
    actions: jax.Array


class Lifetime(NamedTuple):
    """Fitness (P, E) and the last state of the maze, whose fields are (P, E, ...)."""

    fitness: jax.Array
    maze: MazeState


class Recording(NamedTuple):
    """Traces (T, P, E, ...) of agents.

    position (2), facing (2), observation (3), reward, energy, alive; activity
    (N, C) of the neurons; action_activity (A): channel 0 of the output neurons in
    the order of the actions.
    """

    position: jax.Array
    facing: jax.Array
    observation: jax.Array
    reward: jax.Array
    energy: jax.Array
    alive: jax.Array
    foods: jax.Array
    activity: jax.Array
    action_activity: jax.Array


def _draw_roles(keys: jax.Array, n_environments: int, n_actions: int) -> Roles:
    """Draw the permutations of every agent, from one key per offspring."""

    def draw(key: jax.Array) -> Roles:
        sensor_key, action_key = jax.random.split(key)
        return Roles(
            _permutations(sensor_key, n_environments, N_SENSORS),
            _permutations(action_key, n_environments, n_actions),
        )

    return jax.vmap(draw)(keys)


def _permutations(key: jax.Array, count: int, size: int) -> jax.Array:
    keys = jax.random.split(key, count)
    return jax.vmap(lambda k: jax.random.permutation(k, size))(keys)


def _over_agents(function: Callable) -> Callable:
    """Map a function of places (E, ...) and two arrays (P, E, ...) over agents."""
    return jax.vmap(jax.vmap(function), in_axes=(None, 0, 0))


def _live(
    network: Network,
    maze: Maze,
    places: jax.Array,
    keys: jax.Array,
    genomes: jax.Array,
    records: bool,
) -> tuple[Lifetime, Recording | None]:
    """Live one life per agent; ``keys`` (P,) give roles and noise of an offspring."""
    n_offspring, n_environments = genomes.shape[0], places.shape[0]
    weights = network_weights(network, genomes)
    split = jax.vmap(lambda key: jax.random.split(key))(keys)
    roles = _draw_roles(split[:, 0], n_environments, maze.n_actions)
    advance_maze = _over_agents(partial(maze_step, maze))

    def advance(carry: tuple, index: jax.Array) -> tuple[tuple, tuple]:
        state, world, seen = carry
        sensed = jnp.take_along_axis(seen.observation, roles.sensors, axis=-1)
        sensory = sensory_outputs(sensed, seen.reward)
        now = jax.vmap(jax.random.fold_in, in_axes=(0, None))(split[:, 1], index)
        state = network_step(network, weights, state, sensory, now)
        shape = (n_offspring, n_environments, network.n_neurons, CHANNELS)
        activity = state.neurons.output.reshape(shape)
        spoken = activity[:, :, -maze.n_actions :, 0]
        outputs = jnp.take_along_axis(spoken, roles.actions, axis=-1)
        world, seen = advance_maze(places, world, outputs)
        traces = _record(world, seen, activity, outputs) if records else None
        return (state, world, seen), (seen.score, traces)

    world, observation = jax.vmap(partial(reset, maze))(places)
    repeat = partial(_repeat, n_offspring)
    world, observation = jax.tree.map(repeat, (world, observation))
    nothing = jnp.zeros((n_offspring, n_environments))
    start = (
        network_start(network, n_offspring, n_environments),
        world,
        Transition(observation, nothing, nothing),
    )
    (_, world, _), (scores, traces) = jax.lax.scan(
        advance, start, jnp.arange(maze.steps)
    )
    return Lifetime(jnp.mean(scores, axis=0), world), traces


def _repeat(count: int, values: jax.Array) -> jax.Array:
    return jnp.broadcast_to(values, (count, *values.shape))


def _record(
    world: MazeState, seen: Transition, activity: jax.Array, outputs: jax.Array
) -> Recording:
    return Recording(
        world.position,
        world.facing,
        seen.observation,
        seen.reward,
        world.energy,
        world.alive,
        world.foods,
        activity,
        outputs,
    )


def _draw_world(
    maze: Maze, key: jax.Array, n_offspring: int, n_environments: int
) -> tuple[jax.Array, jax.Array]:
    """Places (E, K, 2), the same for all offspring, and a key per offspring."""
    places_key, agent_key = jax.random.split(key)
    keys = jax.random.split(places_key, n_environments)
    places = jax.vmap(partial(draw_places, maze))(keys)
    return places, jax.random.split(agent_key, n_offspring)


def live(
    network: Network,
    maze: Maze,
    genomes: jax.Array,
    key: jax.Array,
    n_environments: int,
    block: int = 0,
) -> Lifetime:
    """Live ``n_environments`` lives with each of the genomes (P, G).

    Args:
        network: wiring and units.
        maze: where they live.
        genomes: (P, G).
        key: decides places, roles and noise.
        n_environments: E; places are the same for all offspring.
        block: offspring simulated at once (0, or no divisor of P: all). Saves memory
            and cache; the result does not depend on it.
    """
    places, keys = _draw_world(maze, key, genomes.shape[0], n_environments)

    def simulate(agents: tuple) -> Lifetime:
        some_keys, some_genomes = agents
        return _live(network, maze, places, some_keys, some_genomes, False)[0]

    return _in_blocks(simulate, (keys, genomes), block)


def _in_blocks(function: Callable, arguments: tuple, block: int) -> Lifetime:
    """Apply a batched function to blocks of its arguments, one after the other."""
    count = arguments[1].shape[0]
    if block == 0 or count <= block or count % block:
        return function(arguments)
    blocks = jax.tree.map(
        lambda a: a.reshape(count // block, block, *a.shape[1:]), arguments
    )
    results = jax.lax.map(function, blocks)
    return jax.tree.map(lambda a: a.reshape(count, *a.shape[2:]), results)


def record(
    network: Network, maze: Maze, genome: jax.Array, key: jax.Array, n_lifetimes: int
) -> tuple[Lifetime, Recording, jax.Array]:
    """Record lifetimes of one genome (G,).

    Returns:
        Lifetimes (1, E), traces (T, 1, E, ...) and the places (E, K, 2).
    """
    places, keys = _draw_world(maze, key, 1, n_lifetimes)
    lifetime, traces = _live(network, maze, places, keys, genome[None], True)
    return lifetime, traces, places
