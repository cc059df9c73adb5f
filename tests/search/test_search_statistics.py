import jax.numpy as jnp
import numpy as np

from evoplast.search.statistics import (
    PRIOR_DEGREES,
    add_evaluation,
    estimates,
    first_evaluation,
    join,
    pooled_variance,
    take,
)


def _after(values):
    """Statistics after evaluations ``values`` (evaluations, n, m)."""
    statistics = first_evaluation(jnp.asarray(values[0], jnp.float32))
    for value in values[1:]:
        statistics = add_evaluation(statistics, jnp.asarray(value, jnp.float32))
    return statistics


def test_running_moments_equal_those_of_numpy():
    values = np.random.default_rng(0).normal(5, 2, (7, 4, 3))
    statistics = _after(values)
    np.testing.assert_array_equal(statistics.count, 7)
    np.testing.assert_allclose(statistics.mean, values.mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(statistics.m2 / 7, values.var(axis=0), rtol=1e-4)


def test_the_pooled_variance_is_the_mean_of_unbiased_variances():
    values = np.random.default_rng(1).normal(0, 3, (5, 6, 2))
    expected = values.var(axis=0, ddof=1).mean(axis=0)
    np.testing.assert_allclose(pooled_variance(_after(values)), expected, rtol=1e-5)


def test_a_newcomer_borrows_the_pooled_variance():
    values = np.random.default_rng(2).normal(0, 1, (6, 5, 1))
    old = _after(values)
    both = join(old, first_evaluation(jnp.zeros((1, 1))))
    _, se = estimates(both, shrinkage=0.0)
    np.testing.assert_allclose(se[-1, 0] ** 2, pooled_variance(old)[0], rtol=1e-5)
    own = (PRIOR_DEGREES * pooled_variance(old)[0] + old.m2[0, 0]) / (PRIOR_DEGREES + 5)
    np.testing.assert_allclose(se[0, 0] ** 2, own / 6, rtol=1e-5)


def test_scores_are_shrunk_by_their_number_of_evaluations():
    values = np.array([[[0.0], [0.0], [1.0]], [[0.2], [0.0], [0.8]]])
    both = join(_after(values), first_evaluation(jnp.array([[-2.0]])))
    score, _ = estimates(both, shrinkage=1.5)
    target = np.median([0.1, 0.0, 0.9, -2.0])
    np.testing.assert_allclose(score[2, 0], target + 2 / 3.5 * (0.9 - target), 1e-5)
    np.testing.assert_allclose(score[3, 0], target + 1 / 2.5 * (-2 - target), 1e-5)


def test_exact_objectives_are_neither_shrunk_nor_uncertain():
    statistics = _after(np.tile(np.array([[0.04], [0.2], [1.0]]), (3, 1, 1)))
    score, se = estimates(statistics, shrinkage=1.5)
    np.testing.assert_array_equal(score, statistics.mean)
    np.testing.assert_array_equal(se, 0.0)


def test_shrinkage_removes_the_luck_of_newcomers():
    # 40 equal genomes, 20 of them measured ten times: none is better than another.
    rng = np.random.default_rng(3)
    statistics = join(
        take(_after(rng.normal(0, 1, (10, 40, 1))), jnp.arange(20)),
        first_evaluation(jnp.asarray(rng.normal(0, 1, (20, 1)), jnp.float32)),
    )
    plain, _ = estimates(statistics, shrinkage=0.0)
    shrunk, _ = estimates(statistics, shrinkage=1.5)
    assert int(jnp.argmin(plain)) >= 20
    assert float(shrunk.min()) > 0.5 * float(plain.min())


def test_one_broken_genome_leaves_the_estimates_of_the_others_alone():
    rng = np.random.default_rng(4)
    values = rng.normal(0, 1, (3, 5, 2))
    broken = values.copy()
    broken[1, 2] = np.nan
    score, se = estimates(_after(broken), 1.5)
    keep = np.array([0, 1, 3, 4])
    assert np.isnan(score[2]).all()
    expected, expected_se = estimates(_after(values[:, keep]), 1.5)
    np.testing.assert_allclose(score[keep], expected, rtol=1e-5)
    np.testing.assert_allclose(se[keep], expected_se, rtol=1e-5)
