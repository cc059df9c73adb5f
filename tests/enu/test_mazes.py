"""Mazes: walls, rewards, energy, swaps, timing, and the reference policies."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from evoplast.artefacts.errors import UserError
from evoplast.enu.mazes import (
    DOUBLE_T_MAZE,
    T_MAZE,
    distances,
    draw_places,
    find_maze,
    observe,
    reset,
    step,
)
from evoplast.enu.policies import run_policy

DOWN, UP, FORWARD = 0, 1, 2
FOOD_UP = jnp.tile(jnp.array([[0, 1]]), (30, 1))
advance = jax.jit(partial(step, T_MAZE))


def act(state, action, places=FOOD_UP):
    """One action: four network steps, the output given at the first."""
    outputs = jax.nn.one_hot(action, 3)
    for index in range(4):
        state, seen = advance(places, state, outputs * (index == 0))
        if index == 0:
            first = seen
    return state, first


def walk(actions, places=FOOD_UP):
    state, _ = reset(T_MAZE, places)
    transitions = []
    for action in actions:
        state, seen = act(state, action, places)
        transitions.append(seen)
    return state, transitions


def test_walls_stop_the_agent_but_turn_it():
    state, (seen,) = walk([UP])
    assert state.position.tolist() == [3, 2] and state.facing.tolist() == [-1, 0]
    assert seen.observation.tolist() == [1, 0, 0]


def test_the_food_is_seen_before_it_is_eaten_and_returns_the_agent():
    state, seen = walk([FORWARD, FORWARD, FORWARD, UP, UP])
    assert seen[3].observation.tolist() == [0, 1, 0]
    assert [float(s.reward) for s in seen] == [0, 0, 0, 0, 1]
    assert state.position.tolist() == [3, 2] and state.facing.tolist() == [0, 1]
    assert seen[4].observation.tolist() == [0, 0, 0]
    assert int(state.foods) == 1 and float(seen[4].score) == pytest.approx(1.025)


def test_first_poison_scores_and_feeds_but_the_second_kills():
    to_poison = [FORWARD, FORWARD, FORWARD, DOWN, DOWN]
    state, seen = walk(to_poison)
    assert float(seen[4].reward) == -1 and float(seen[4].score) == pytest.approx(1.025)
    assert float(state.energy) == 18 - 4 * 0.25 and bool(state.alive)
    state, seen = walk(to_poison * 2)
    assert float(seen[9].score) == -1 and not bool(state.alive)


def test_the_dead_do_not_move_and_do_not_revive():
    state, _ = walk([FORWARD, FORWARD, FORWARD, DOWN, DOWN] * 2)
    after, seen = act(state, FORWARD)
    assert after.position.tolist() == state.position.tolist()
    assert float(seen.score) == 0 and not bool(after.alive)


def test_energy_lasts_for_71_steps_that_end_alive():
    state, _ = reset(T_MAZE, FOOD_UP)
    scores = []
    for _ in range(73):
        state, seen = advance(FOOD_UP, state, jnp.zeros(3))
        scores.append(float(seen.score))
    assert np.count_nonzero(scores) == 71 and not bool(state.alive)


def test_actions_use_the_sum_since_the_last_action():
    state, _ = reset(T_MAZE, FOOD_UP)
    outputs = [[0, 0, 0], [0, 1, 0], [0, 0, 0.6], [0, 0, 0.6], [0, 0, 0]]
    for output in outputs:
        before = state
        state, _ = advance(FOOD_UP, state, jnp.array(output, jnp.float32))
    assert int(before.actions) == 0
    assert int(state.actions) == 1 and state.position.tolist() == [3, 3]
    assert state.sums.tolist() == [0, 0, 0]


def test_a_tie_of_two_takes_the_first_and_a_tie_of_all_nothing():
    state, _ = reset(T_MAZE, FOOD_UP)
    tied, _ = advance(FOOD_UP, state, jnp.array([0.0, 1.0, 1.0]))
    assert tied.facing.tolist() == [-1, 0]
    idle, _ = advance(FOOD_UP, state, jnp.ones(3))
    assert idle.facing.tolist() == [0, 1] and int(idle.actions) == 0


def test_food_and_poison_swap_after_a_food():
    places = FOOD_UP.at[1:].set(jnp.array([1, 0]))
    state, seen = walk([FORWARD, FORWARD, FORWARD, UP, UP] * 2, places)
    assert int(state.foods) == 1 and int(state.poisons) == 1
    assert seen[8].observation.tolist() == [0, 0, 1]


@pytest.mark.parametrize("maze", [T_MAZE, DOUBLE_T_MAZE])
def test_places_move_with_probability_one_half_and_never_coincide(maze):
    keys = jax.random.split(jax.random.key(0), 400)
    places = np.asarray(jax.vmap(partial(draw_places, maze))(keys))
    assert np.all(places[..., 0] != places[..., 1])
    counts = np.bincount(places[:, 0, 0], minlength=len(maze.ends)) / 400
    np.testing.assert_allclose(counts, 1 / len(maze.ends), atol=0.08)
    moved = np.any(places[:, 1:] != places[:, :-1], axis=-1).mean()
    other = 1.0 if maze is T_MAZE else 11 / 12
    assert moved == pytest.approx(0.5 * other, abs=0.03)


def test_shortest_trips_are_five_and_seven_actions():
    assert distances(T_MAZE)[3, 2].tolist() == [5, 5]
    assert distances(DOUBLE_T_MAZE)[4, 2].tolist() == [7, 7, 7, 7]


def test_an_empty_end_of_the_double_maze_gives_nothing():
    places = jnp.tile(jnp.array([[1, 2]]), (30, 1))
    state, _ = reset(DOUBLE_T_MAZE, places)
    state = state._replace(position=jnp.array([2, 4]), facing=jnp.array([0, -1]))
    assert observe(DOUBLE_T_MAZE, places, state).tolist() == [0, 0, 0]
    state, seen = step(DOUBLE_T_MAZE, places, state, jax.nn.one_hot(3, 4))
    assert state.position.tolist() == [2, 3] and float(seen.reward) == 0


@pytest.mark.parametrize(
    ("policy", "fitness", "tolerance"),
    [
        ("do nothing", 0.0044375, 1e-7),
        ("told the place", 0.075, 1e-7),
        ("learner", 0.0658, 3e-4),
        ("random", 0.0101, 3e-4),
    ],
)
def test_policies_of_the_t_maze_have_the_known_scores(policy, fitness, tolerance):
    exact = tolerance < 1e-6
    lives = run_policy(T_MAZE, policy, jax.random.key(1), 8 if exact else 4096)
    assert np.float64(lives.fitness).mean() == pytest.approx(fitness, abs=tolerance)
    eaten = {"learner": (15.83, 0.5), "random": (0.90, 0.92)}
    if policy in eaten:
        foods, poisons = eaten[policy]
        assert lives.foods.mean() == pytest.approx(foods, abs=0.1)
        assert lives.poisons.mean() == pytest.approx(poisons, abs=0.05)


@pytest.mark.parametrize(
    ("policy", "fitness", "tolerance"),
    [("random", 0.0058, 3e-4), ("told the place", 0.06, 1e-7)],
)
def test_policies_of_the_double_maze_have_the_known_scores(policy, fitness, tolerance):
    count = 8 if tolerance < 1e-6 else 2048
    lives = run_policy(DOUBLE_T_MAZE, policy, jax.random.key(1), count)
    assert np.float64(lives.fitness).mean() == pytest.approx(fitness, abs=tolerance)


def test_unknown_mazes_and_policies_are_refused():
    with pytest.raises(UserError, match="maze 'y_maze' is unknown"):
        find_maze("y_maze")
    with pytest.raises(UserError, match="policy 'clever' is unknown"):
        run_policy(T_MAZE, "clever", jax.random.key(0), 1)
