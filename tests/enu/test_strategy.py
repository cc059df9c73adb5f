"""The evolution strategy against its formula, and inside EvoX's workflow."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from evoplast.artefacts.errors import UserError
from evoplast.enu.strategy import RankWeightedES, rank_weights
from evoplast.evox_compat import Problem, StdWorkflow


def test_rank_weights_sum_to_one_and_have_the_published_maximum():
    weights = rank_weights(jax.random.normal(jax.random.key(0), (512,)), 5.0)
    assert float(weights.sum()) == pytest.approx(1.0, abs=1e-6)
    assert float(weights.max()) == pytest.approx(5.977 / 512, rel=1e-3)


def test_the_lowest_cost_gets_the_largest_weight_and_ties_go_by_position():
    weights = np.asarray(rank_weights(jnp.array([3.0, 1.0, 2.0, 2.0]), 1.0))
    np.testing.assert_allclose(weights, np.array([0, 3, 1, 2]) / 6, atol=1e-7)


def test_first_pair_is_the_centre_and_the_rest_is_mirrored():
    algorithm = RankWeightedES(jnp.arange(5.0), population=8, sigma=0.5)
    offspring, _ = algorithm.ask(algorithm.init(jax.random.key(1)))
    deviation = np.asarray(offspring) - np.arange(5.0)
    np.testing.assert_array_equal(deviation[[0, 4]], 0.0)
    np.testing.assert_allclose(deviation[:4], -deviation[4:], atol=1e-6)
    assert 0.3 < deviation[1:4].std() < 0.7


def test_two_updates_follow_the_formula():
    algorithm = RankWeightedES(jnp.zeros(3), population=6, sigma=0.1, momentum=0.9)
    state = algorithm.init(jax.random.key(2))
    centre, velocity = np.zeros(3), np.zeros(3)
    rng = np.random.default_rng(0)
    for _ in range(2):
        offspring, state = algorithm.ask(state)
        noise = np.asarray(offspring) - centre
        costs = rng.normal(size=6)
        ranks = np.argsort(np.argsort(-costs))
        weights = (ranks / 6) ** 5 / ((ranks / 6) ** 5).sum()
        velocity = 0.9 * velocity + weights @ noise
        centre = centre + velocity
        state = algorithm.tell(state, jnp.float32(costs))
        np.testing.assert_allclose(state.centre, centre, atol=1e-6)


def test_noise_depends_on_key_and_generation_only():
    algorithm = RankWeightedES(jnp.zeros(4), population=4)
    state = algorithm.init(jax.random.key(3))
    first, asked = algorithm.ask(state)
    again, _ = algorithm.ask(asked)
    later, _ = algorithm.ask(state.replace(generation=jnp.int32(1)))
    np.testing.assert_array_equal(first, again)
    assert np.abs(np.asarray(later) - np.asarray(first)).max() > 1e-3


class Sphere(Problem):
    """Squared distance from (1, ..., 1), without state."""

    def evaluate(self, state, population):
        return jnp.sum((population - 1.0) ** 2, axis=1), state


def test_it_minimises_inside_an_evox_workflow():
    algorithm = RankWeightedES(jnp.zeros(4), population=32, sigma=0.05)
    workflow = StdWorkflow(algorithm, Sphere())
    state = workflow.init(jax.random.key(4))
    for _ in range(60):
        state = workflow.step(state)
    centre = state.get_child_state("algorithm").centre
    assert float(jnp.sum((centre - 1.0) ** 2)) < 0.1


@pytest.mark.parametrize("population", [0, 7])
def test_a_population_without_pairs_is_refused(population):
    with pytest.raises(UserError, match=f"population = {population} cannot be split"):
        RankWeightedES(jnp.zeros(2), population=population)
