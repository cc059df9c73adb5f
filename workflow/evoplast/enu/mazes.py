"""T-maze and Double T-maze as pure JAX environments with reset and step.

In: a maze, the places of food and poison, and one output per action and network
step. Out: observation (3,) of the cell in front (wall, food, poison), reward and
score. Functions take one agent; map them over agents with ``jax.vmap``.

The T-maze follows the released code of Bertens and Lee (2020). Of the Double T-maze
only a caption is published: layout, energy and lifetime are our choice.

Coordinates are (row, column) from 0. Energy is counted in its own unit, of which a
network step costs 1/4.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from evoplast.artefacts.errors import UserError

MOVES = ((1, 0), (-1, 0), (0, 1), (0, -1))
RIGHT = MOVES[2]
N_SENSORS = 3
STEPS_PER_ACTION = 4
ENERGY_PER_STEP = 0.25
ALIVE_BONUS = 0.025
SWAP_PROBABILITY = 0.5


@dataclass(frozen=True)
class Maze:
    """A maze of walls ``#`` with a start, ends, allowed moves and energy.

    ``n_actions`` 3 allows row + 1, row - 1 and column + 1; 4 adds column - 1.
    ``steps`` is the lifetime in network steps.
    """

    name: str
    grid: tuple[str, ...]
    start: tuple[int, int]
    ends: tuple[tuple[int, int], ...]
    n_actions: int
    energy: float
    steps: int

    @property
    def walls(self) -> np.ndarray:
        """Walls as a boolean grid (rows, columns)."""
        return np.array([[cell == "#" for cell in row] for row in self.grid])

    @property
    def n_places(self) -> int:
        """Rows of the table of places: one more than foods can be eaten."""
        shortest = int(min(distances(self)[self.start]))
        return self.steps // (STEPS_PER_ACTION * shortest) + 2


T_MAZE = Maze(
    name="t_maze",
    grid=(
        "#######",
        "#####.#",
        "#####.#",
        "##....#",
        "#####.#",
        "#####.#",
        "#######",
    ),
    start=(3, 2),
    ends=((1, 5), (5, 5)),
    n_actions=3,
    energy=18.0,
    steps=400,
)
DOUBLE_T_MAZE = Maze(
    name="double_t_maze",
    grid=(
        "#########",
        "#########",
        "###.....#",
        "#####.###",
        "##....###",
        "#####.###",
        "###.....#",
        "#########",
        "#########",
    ),
    start=(4, 2),
    ends=((2, 3), (2, 7), (6, 7), (6, 3)),
    n_actions=4,
    energy=40.0,
    steps=800,
)
MAZES = {maze.name: maze for maze in (T_MAZE, DOUBLE_T_MAZE)}


@lru_cache
def _routes(maze: Maze) -> tuple[np.ndarray, np.ndarray]:
    """Shortest distances and first actions towards every end, by relaxation."""
    walls = maze.walls
    shape = (*walls.shape, len(maze.ends))
    distance = np.full(shape, np.inf)
    action = np.zeros(shape, int)
    for index, end in enumerate(maze.ends):
        distance[(*end, index)] = 0
    for _ in range(walls.size):
        for row, column in zip(*np.nonzero(~walls), strict=True):
            for move, (down, right) in enumerate(MOVES[: maze.n_actions]):
                further = distance[row + down, column + right] + 1
                nearer = further < distance[row, column]
                distance[row, column][nearer] = further[nearer]
                action[row, column][nearer] = move
    return distance, action


def distances(maze: Maze) -> np.ndarray:
    """Return the number of moves to each end (rows, columns, ends); inf: none."""
    return _routes(maze)[0]


def directions(maze: Maze) -> np.ndarray:
    """Return the first action of the shortest way to each end, like ``distances``."""
    return _routes(maze)[1]


# --- where food and poison are --------------------------------------------------


def _swapping_places(key: jax.Array, n_places: int) -> jax.Array:
    swaps = jax.random.bernoulli(key, SWAP_PROBABILITY, (n_places,))
    food = jnp.cumsum(swaps) % 2
    return jnp.stack([food, 1 - food], axis=-1)


def _moving_places(key: jax.Array, n_places: int, n_ends: int) -> jax.Array:
    move_key, pair_key = jax.random.split(key)
    moves = jax.random.bernoulli(move_key, SWAP_PROBABILITY, (n_places,))
    keys = jax.random.split(pair_key, n_places)
    fresh = jax.vmap(lambda k: jax.random.permutation(k, n_ends)[:2])(keys)
    latest = jax.lax.cummax(jnp.where(moves, jnp.arange(n_places), 0))
    return fresh[latest]


def draw_places(maze: Maze, key: jax.Array) -> jax.Array:
    """Draw the ends (K, 2) of food and poison after 0, 1, ... foods were eaten.

    T-maze: exchanged with probability 1/2 before the first step and after every
    food. Double T-maze: after every food both move with probability 1/2 to two
    different random ends.
    """
    if len(maze.ends) == 2:
        return _swapping_places(key, maze.n_places).astype(jnp.int32)
    return _moving_places(key, maze.n_places, len(maze.ends)).astype(jnp.int32)


# --- the environment ------------------------------------------------------------


class MazeState(NamedTuple):
    """One agent in a maze, after network step ``step``.

    position, facing (2,); sums (A,) of the outputs since the last action; foods and
    poisons eaten; actions taken; energy; alive.
    """

    position: jax.Array
    facing: jax.Array
    sums: jax.Array
    foods: jax.Array
    poisons: jax.Array
    actions: jax.Array
    energy: jax.Array
    alive: jax.Array
    step: jax.Array


class Transition(NamedTuple):
    """What a step returns beside the state.

    observation (3,): one-hot of wall, food, poison in front; reward +1, 0 or -1;
    score: contribution to the fitness before division by the lifetime.
    """

    observation: jax.Array
    reward: jax.Array
    score: jax.Array


def reset(maze: Maze, places: jax.Array) -> tuple[MazeState, jax.Array]:
    """Return the state at birth and the first observation (3,)."""
    zero = jnp.int32(0)
    state = MazeState(
        position=jnp.array(maze.start, jnp.int32),
        facing=jnp.array(RIGHT, jnp.int32),
        sums=jnp.zeros(maze.n_actions),
        foods=zero,
        poisons=zero,
        actions=zero,
        energy=jnp.float32(maze.energy),
        alive=jnp.bool_(True),
        step=zero,
    )
    return state, observe(maze, places, state)


def current_ends(
    maze: Maze, places: jax.Array, foods: jax.Array
) -> tuple[jax.Array, jax.Array]:
    """Return the positions (2,) of food and poison after ``foods`` foods."""
    food, poison = places[jnp.minimum(foods, places.shape[0] - 1)]
    ends = jnp.array(maze.ends, jnp.int32)
    return ends[food], ends[poison]


def observe(maze: Maze, places: jax.Array, state: MazeState) -> jax.Array:
    """Return the content (3,) of the cell in front: wall, food, poison; else 0."""
    front = state.position + state.facing
    food, poison = current_ends(maze, places, state.foods)
    wall = jnp.asarray(maze.walls)[front[0], front[1]]
    content = [wall, jnp.all(front == food), jnp.all(front == poison)]
    return jnp.stack(content).astype(jnp.float32)


def _move(maze: Maze, state: MazeState, sums: jax.Array) -> MazeState:
    """Act if it is time to act, the outputs decide and the agent is alive."""
    decided = jnp.any(sums != sums[0]) & state.alive
    acts = decided & (state.step % STEPS_PER_ACTION == 0)
    facing = jnp.array(MOVES, jnp.int32)[jnp.argmax(sums)]
    target = state.position + facing
    blocked = jnp.asarray(maze.walls)[target[0], target[1]]
    return state._replace(
        facing=jnp.where(acts, facing, state.facing),
        position=jnp.where(acts & ~blocked, target, state.position),
        actions=state.actions + acts,
    )


def _eat(
    maze: Maze, places: jax.Array, state: MazeState
) -> tuple[MazeState, jax.Array, jax.Array]:
    """Eat what is here: back to the start, energy; return reward and score too."""
    food, poison = current_ends(maze, places, state.foods)
    eats = jnp.all(state.position == food) & state.alive
    suffers = jnp.all(state.position == poison) & state.alive
    event = eats | suffers
    first = state.foods + state.poisons == 0
    foods, poisons = state.foods + eats, state.poisons + suffers
    refill = state.energy + jnp.where(event, maze.energy, 0.0)
    energy = jnp.where(suffers & (poisons > 1), 0.0, refill)
    reward = eats.astype(jnp.float32) - suffers
    start, right = jnp.array(maze.start), jnp.array(RIGHT)
    after = state._replace(
        position=jnp.where(event, start, state.position),
        facing=jnp.where(event, right, state.facing),
        foods=foods,
        poisons=poisons,
        energy=jnp.minimum(energy, maze.energy) - ENERGY_PER_STEP,
    )
    return after, reward, jnp.where(event & first, 1.0, reward)


def step(
    maze: Maze, places: jax.Array, state: MazeState, outputs: jax.Array
) -> tuple[MazeState, Transition]:
    """Advance one network step.

    An action is taken at steps 0, 4, 8, ... from the outputs (A,) summed since the
    last one, this step included; none if all sums are equal. Pressing against a wall
    turns the agent. Food and poison return it to the start. The first event counts
    +1 in the score whatever it is; a second poison kills.
    """
    sums = state.sums + outputs
    moved = _move(maze, state, sums)
    after, reward, score = _eat(maze, places, moved)
    alive = state.alive & (after.energy > 0)
    acted = state.step % STEPS_PER_ACTION == 0
    after = after._replace(
        sums=jnp.where(acted, 0.0, sums), alive=alive, step=state.step + 1
    )
    observation = observe(maze, places, after)
    return after, Transition(observation, reward, score + ALIVE_BONUS * alive)


def find_maze(name: str) -> Maze:
    """Return a maze by name.

    Raises:
        UserError: the name is unknown.
    """
    if name not in MAZES:
        raise UserError(f"maze {name!r} is unknown; choose one of {', '.join(MAZES)}.")
    return MAZES[name]
