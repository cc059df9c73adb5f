"""Lives of networks of evolvable units in a maze.

In: a network, a maze, genomes (P, G). Out: the ``Lifetime`` of every agent (P, E) and,
for single genomes, what happened in it. The order of a step follows the released code
of Bertens and Lee (2020).
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp

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
from evoplast.enu.networks import (
    CHANNELS,
    Network,
    network_start,
    network_step,
    network_weights,
)


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
    assert traces is not None
    return lifetime, traces, places
