import jax.numpy as jnp
import numpy as np
import pytest

from evoplast.artefacts.errors import UserError
from evoplast.search import SwarmSettings
from evoplast.studies.benchmark_problems import NoisyProblem, make_benchmark
from evoplast.studies.search_benchmark import (
    ALGORITHMS,
    NO_NOISE_HANDLING,
    RANDOM,
    BenchmarkSettings,
    compare_searches,
    contestant,
    summarise,
)

SMALL = BenchmarkSettings.default(population=8, evaluations=24, seeds=1, noise=0.5)


def _dtlz2_by_hand(x, optimum):
    """Deb et al. 2005 with m = 6, one point at a time, and a moved optimum."""
    g = sum((a - b) ** 2 for a, b in zip(x[5:], optimum, strict=True))
    values = []
    for i in range(6):
        product = 1 + g
        for j in range(5 - i):
            product *= np.cos(x[j] * np.pi / 2)
        values.append(product * (np.sin(x[5 - i] * np.pi / 2) if i else 1))
    return values


def _lsmop1_by_hand(x):
    n = len(x) - 5
    values = []
    for i in range(6):
        mine = range(i, n, 6)
        y = [(1 + (j + 1) / n) * x[5 + j] - 10 * x[0] for j in mine]
        product = 1 + np.mean(np.square(y))
        for j in range(5 - i):
            product *= x[j]
        values.append(product * (1 - x[5 - i] if i else 1))
    return values


def _optimum(benchmark):
    """The optimum, found from differences: g is quadratic in each coordinate."""
    base = np.zeros((1, len(benchmark.upper)), np.float32)

    def g(x):
        return float(benchmark.true_objectives(jnp.asarray(x))[0, 0]) - 1

    found = []
    for j in range(5, base.shape[1]):
        moved = base.copy()
        moved[0, j] = 1
        found.append((1 - g(moved) + g(base)) / 2)
    return np.array(found)


def test_the_problems_are_those_of_the_papers():
    rng = np.random.default_rng(0)
    dtlz2, lsmop1 = make_benchmark("dtlz2", 14), make_benchmark("lsmop1", 14)
    optimum = _optimum(dtlz2)
    assert (np.abs(optimum - 0.5) <= 0.401).all() and optimum.std() > 0.1
    for problem, by_hand in (
        (dtlz2, lambda x: _dtlz2_by_hand(x, optimum)),
        (lsmop1, _lsmop1_by_hand),
    ):
        x = (rng.random((3, 14)) * problem.upper).astype(np.float32)
        expected = [by_hand(row) for row in x.astype(float)]
        np.testing.assert_allclose(problem.true_objectives(x), expected, rtol=2e-4)


@pytest.mark.parametrize("name", ["dtlz2", "lsmop1"])
def test_no_point_is_better_than_the_front(name):
    problem = make_benchmark(name, 30)
    length = np.linalg.norm if name == "dtlz2" else np.sum
    np.testing.assert_allclose(length(problem.front, axis=1), 1, rtol=1e-6)
    x = np.random.default_rng(1).random((200, 30), np.float32) * problem.upper
    values = np.asarray(problem.true_objectives(x))
    assert (length(values, axis=1) > 1).all()


def test_dtlz7_is_that_of_pymoo_with_its_hard_objective_first():
    published = pytest.importorskip("pymoo.problems").get_problem(
        "dtlz7", n_var=40, n_obj=6
    )
    problem = make_benchmark("dtlz7", 40)
    x = np.random.default_rng(2).random((50, 40), np.float32)
    expected = np.roll(published.evaluate(x.astype(float)), 1, axis=1)
    np.testing.assert_allclose(problem.true_objectives(x), expected, rtol=2e-5)


def test_no_point_of_dtlz7_dominates_its_front():
    problem = make_benchmark("dtlz7", 12)
    rng = np.random.default_rng(3)
    x = np.zeros((20_000, 12), np.float32)
    x[:, :5] = rng.random((20_000, 5))
    best = np.asarray(problem.true_objectives(x))
    front = problem.front[:200]
    # Rounding to float32 aside.
    dominated = (best[:, None] <= front + 1e-6).all(-1) & (
        best[:, None] < front - 1e-5
    ).any(-1)
    assert not dominated.any()


def test_noise_is_in_units_of_the_spread_and_always_new():
    problem = make_benchmark("dtlz2", 20)
    noisy = NoisyProblem(problem, noise=0.5)
    x = jnp.full((4000, 20), 0.3)
    first, state = noisy.evaluate(noisy.setup(jnp.array([0, 1], jnp.uint32)), x)
    second, _ = noisy.evaluate(state, x)
    error = np.asarray(first - problem.true_objectives(x))
    np.testing.assert_allclose(error.std(axis=0), 0.5 * problem.spread, rtol=0.05)
    assert np.mean(np.asarray(first) != np.asarray(second)) > 0.99


def test_every_algorithm_spends_the_same_evaluations():
    problem = make_benchmark("dtlz2", 12)
    settings = BenchmarkSettings.default(population=126, evaluations=15_000)
    for name in ALGORITHMS[1:]:
        algorithm, generations = contestant(
            name, problem, settings, SwarmSettings.default()
        )
        again = getattr(getattr(algorithm, "settings", None), "n_refreshed", 0)
        spent = 126 + generations * (126 + again)
        assert 15_000 - 2 * 126 - again < spent <= 15_000, name


def test_the_ablation_evaluates_nobody_again():
    problem = make_benchmark("dtlz2", 12)
    algorithm, _ = contestant(
        NO_NOISE_HANDLING, problem, SMALL, SwarmSettings.default()
    )
    assert algorithm.settings.n_refreshed == 0


def test_what_is_compared_does_not_depend_on_the_config_of_the_search():
    problem, found = make_benchmark("dtlz2", 12), []
    demo = SwarmSettings.default(
        preferred_share=0.75,
        refresh=0.5,
        random_factors="dimension",
        population=6,
    )
    for swarm in (SwarmSettings.default(), demo):
        algorithm, _ = contestant("swarm, scalar, indicator", problem, SMALL, swarm)
        found.append(algorithm.settings)
    assert found[0] == found[1]
    assert (found[1].n_preferred, found[1].population) == (0, SMALL.population)


@pytest.mark.slow
def test_the_table_has_every_algorithm_and_is_the_same_twice():
    steps = []

    def step():
        return steps.append(1)

    tables = [
        compare_searches("lsmop1", 12, SMALL, SwarmSettings.default(), 1, step)
        for _ in range(2)
    ]
    assert tables[0].equals(tables[1])
    assert list(tables[0]["algorithm"]) == list(ALGORITHMS)
    assert len(steps) == 2 * len(ALGORITHMS)
    summary = summarise(tables[0])
    start = summary.set_index("algorithm").loc[RANDOM]
    assert start["relative_igd"] == 1 and start["n"] == 1


def test_impossible_benchmarks_are_refused():
    with pytest.raises(UserError, match="evaluations is 20; .* need 24"):
        BenchmarkSettings.default(population=8, evaluations=20)
    with pytest.raises(UserError, match="dimensions has 11"):
        make_benchmark("dtlz2", 11)
    with pytest.raises(UserError, match="zdt1 is no test problem"):
        make_benchmark("zdt1", 30)
