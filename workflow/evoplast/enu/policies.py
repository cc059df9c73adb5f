"""Reference policies: what agents that need no evolution reach in the mazes.

In: a maze and a policy's name. Out: fitness, foods, poisons and survival of many
lifetimes. Policies know the position and the moves (no identity shuffling).
"""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from evoplast.artefacts.errors import UserError
from evoplast.enu.mazes import (
    STEPS_PER_ACTION,
    Maze,
    MazeState,
    Transition,
    directions,
    draw_places,
    reset,
    step,
)

FOOD, POISON = 1, 2


class Lifetimes(NamedTuple):
    """Results of lifetimes (E,): fitness, foods, poisons and being alive at the end."""

    fitness: jax.Array
    foods: jax.Array
    poisons: jax.Array
    alive: jax.Array


class Situation(NamedTuple):
    """All a policy may use: state, observation (3,), end of the food, key, target.

    ``target`` is the end the agent is heading for, the policy's only memory.
    """

    state: MazeState
    observation: jax.Array
    food_end: jax.Array
    key: jax.Array
    target: jax.Array


Policy = Callable[[Maze, Situation], tuple[jax.Array, jax.Array]]


def _towards(maze: Maze, here: Situation, target: jax.Array) -> jax.Array:
    """Outputs (A,) of the first move on the way to an end."""
    row, column = here.state.position
    action = jnp.asarray(directions(maze))[row, column, target]
    return jax.nn.one_hot(action, maze.n_actions)


def do_nothing(maze: Maze, here: Situation) -> tuple[jax.Array, jax.Array]:
    """Never act."""
    return jnp.zeros(maze.n_actions), here.target


def random_action(maze: Maze, here: Situation) -> tuple[jax.Array, jax.Array]:
    """Act uniformly at random."""
    action = jax.random.randint(here.key, (), 0, maze.n_actions)
    return jax.nn.one_hot(action, maze.n_actions), here.target


def same_end(maze: Maze, here: Situation) -> tuple[jax.Array, jax.Array]:
    """Always walk to the same end."""
    return _towards(maze, here, here.target), here.target


def change_after_poison(maze: Maze, here: Situation) -> tuple[jax.Array, jax.Array]:
    """Walk to the same end until it gives poison, then to the next one."""
    target = here.state.poisons % len(maze.ends)
    return _towards(maze, here, target), here.target


def _search(
    maze: Maze, here: Situation, avoids: jax.Array
) -> tuple[jax.Array, jax.Array]:
    """Walk to the target; turn to the next if it is empty or holds known poison."""
    ends = jnp.array(maze.ends)
    front = here.state.position + here.state.facing
    facing_target = jnp.all(front == ends[here.target])
    holds_food = here.observation[FOOD] > 0
    holds_poison = here.observation[POISON] > 0
    useless = ~holds_food & ~(holds_poison & ~avoids)
    turn = facing_target & useless
    target = jnp.where(turn, (here.target + 1) % len(maze.ends), here.target)
    return _towards(maze, here, target), target


def learner(maze: Maze, here: Situation) -> tuple[jax.Array, jax.Array]:
    """Search for food; learn which object is poison from the first taste."""
    return _search(maze, here, here.state.foods + here.state.poisons > 0)


def told_the_object(maze: Maze, here: Situation) -> tuple[jax.Array, jax.Array]:
    """Search for food, knowing from birth which object it is."""
    return _search(maze, here, jnp.bool_(True))


def told_the_place(maze: Maze, here: Situation) -> tuple[jax.Array, jax.Array]:
    """Walk straight to the food."""
    return _towards(maze, here, here.food_end), here.target


POLICIES: dict[str, Policy] = {
    "do nothing": do_nothing,
    "random": random_action,
    "same end": same_end,
    "change after poison": change_after_poison,
    "learner": learner,
    "told the object": told_the_object,
    "told the place": told_the_place,
}


class PolicyTrace(NamedTuple):
    """Traces (T, ...) of one life: as in a network's recording, plus the score."""

    position: jax.Array
    facing: jax.Array
    observation: jax.Array
    reward: jax.Array
    energy: jax.Array
    alive: jax.Array
    foods: jax.Array
    score: jax.Array


def _life(
    maze: Maze, policy: Policy, key: jax.Array
) -> tuple[MazeState, PolicyTrace, jax.Array]:
    """Live one life; return the last state, the traces and the places (K, 2)."""
    places_key, action_key = jax.random.split(key)
    places = draw_places(maze, places_key)

    def advance(carry: tuple, index: jax.Array) -> tuple[tuple, PolicyTrace]:
        state, observation, target = carry
        food_end = places[jnp.minimum(state.foods, places.shape[0] - 1), 0]
        now = jax.random.fold_in(action_key, index)
        here = Situation(state, observation, food_end, now, target)
        outputs, target = policy(maze, here)
        acts = state.step % STEPS_PER_ACTION == 0
        state, seen = step(maze, places, state, jnp.where(acts, outputs, 0.0))
        return (state, seen.observation, target), _trace(state, seen)

    start = (*reset(maze, places), jnp.int32(0))
    (state, _, _), traces = jax.lax.scan(advance, start, jnp.arange(maze.steps))
    return state, traces, places


def _trace(state: MazeState, seen: Transition) -> PolicyTrace:
    return PolicyTrace(
        state.position,
        state.facing,
        seen.observation,
        seen.reward,
        state.energy,
        state.alive,
        state.foods,
        seen.score,
    )


def _lifetime(maze: Maze, policy: Policy, key: jax.Array) -> Lifetimes:
    state, traces, _ = _life(maze, policy, key)
    fitness = jnp.mean(traces.score)
    return Lifetimes(fitness, state.foods, state.poisons, state.alive)


def find_policy(name: str) -> Policy:
    """Return a policy by name.

    Raises:
        UserError: the policy is unknown.
    """
    if name not in POLICIES:
        raise UserError(
            f"policy {name!r} is unknown; choose one of {', '.join(POLICIES)}."
        )
    return POLICIES[name]


def run_policy(maze: Maze, name: str, key: jax.Array, n_lifetimes: int) -> Lifetimes:
    """Live ``n_lifetimes`` lives with a policy; results (E,) as NumPy.

    Raises:
        UserError: the policy is unknown.
    """
    policy = find_policy(name)
    keys = jax.random.split(key, n_lifetimes)
    live = jax.jit(jax.vmap(lambda k: _lifetime(maze, policy, k)))
    return jax.tree.map(np.asarray, live(keys))


def trace_policy(
    maze: Maze, name: str, key: jax.Array
) -> tuple[PolicyTrace, np.ndarray]:
    """Live one life; return its traces (T, ...) and the places (K, 2) as NumPy.

    Raises:
        UserError: the policy is unknown.
    """
    policy = find_policy(name)
    _, traces, places = jax.jit(lambda k: _life(maze, policy, k))(key)
    return jax.tree.map(np.asarray, traces), np.asarray(places)
