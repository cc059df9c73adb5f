import numpy as np
import pytest
from fakes import SPACE, FakeEvaluate, genomes_with, worlds

from evoplast.analysis import pareto
from evoplast.analysis.pareto import ParetoSettings
from evoplast.analysis.reevaluation import ReevaluationSettings
from evoplast.artefacts.errors import UserError
from evoplast.search.dominance import non_dominated_ranks
from evoplast.search.segments import Population

REEVALUATION = ReevaluationSettings.default(
    training_trials=10, test_trials=20, selection_seeds=1, report_seeds=2
)


def population(term_sets, means, counts=None, flags=None, search_seed=0):
    n = len(term_sets)
    return Population(
        search_seed,
        genomes_with(*term_sets),
        np.asarray(means, float),
        np.full(n, 4) if counts is None else np.asarray(counts),
        np.zeros(n, int) if flags is None else np.asarray(flags),
    )


def means(accuracy, max_rate=100.0, synchrony=0.0, complexity=0.04):
    return [-accuracy, complexity, max_rate, synchrony, 1.0, 1.0]


def run(populations, settings, evaluate=None):
    return pareto.filter_and_reevaluate(
        populations,
        worlds(0, 1),
        worlds(100, 101),
        SPACE,
        settings,
        REEVALUATION,
        5,
        evaluate or FakeEvaluate(),
    )


def test_front_is_that_of_a_brute_force_comparison():
    rng = np.random.default_rng(0)
    points = rng.integers(0, 4, (60, 3)).astype(float)
    front = pareto.non_dominated(points)
    for i, a in enumerate(points):
        dominated = any((b <= a).all() and (b < a).any() for b in points)
        assert front[i] != dominated


def test_equal_rows_stay_on_the_front_together_and_nan_never_does():
    points = np.array([[1.0, 2.0], [1.0, 2.0], [np.nan, 0.0], [3.0, 3.0]])
    assert pareto.non_dominated(points).tolist() == [True, True, False, False]


def test_rules_beyond_the_limits_of_biology_are_left_out():
    pop = population(
        [["S_pre"], ["X_post"], ["R"]],
        [means(0.7, max_rate=300), means(0.65, synchrony=0.2), means(0.6)],
    )
    kept = pareto.filter_population(SPACE, [pop], ParetoSettings.default())
    assert kept["row"].tolist() == [2]


def test_broken_and_termless_rules_and_copies_do_not_compete():
    pop = population(
        [["S_pre"], [], ["X_post"], ["X_post"]],
        [means(0.9), means(0.8), means(0.6), means(0.6)],
        flags=[3, 0, 0, 0],
    )
    kept = pareto.filter_population(SPACE, [pop], ParetoSettings.default())
    assert kept["row"].tolist() == [2]


def test_a_lucky_newcomer_does_not_outrank_a_proven_rule():
    pop = population(
        [["S_pre"], ["X_post"], ["X_pre"], ["R"]],
        [means(0.66, 100), means(0.64, 90), means(0.5, 80), means(0.5, 70)],
        counts=[1, 20, 20, 20],
    )
    kept = pareto.filter_population(SPACE, [pop], ParetoSettings.default(max_rules=1))
    assert kept["row"].tolist() == [1]


def test_the_number_of_rules_is_limited_to_the_most_accurate():
    accuracy = [0.55, 0.7, 0.6, 0.65]
    pop = population(
        [["S_pre"], ["S_post"], ["X_pre"], ["X_post"]],
        [means(a, max_rate=100 * a) for a in accuracy],
    )
    kept = pareto.filter_population(SPACE, [pop], ParetoSettings.default(max_rules=2))
    assert kept["row"].tolist() == [1, 3]


def test_searches_compete_in_one_front_and_keep_their_seed():
    first = population([["S_pre"]], [means(0.6)], search_seed=0)
    second = population([["X_post"], ["R"]], [means(0.65), means(0.5)], search_seed=7)
    table, genomes, _ = run([first, second], ParetoSettings.default())
    assert table["search_seed"].tolist() == [7]
    np.testing.assert_array_equal(genomes, genomes_with(["X_post"]))


def test_one_rule_gives_a_table_of_one_champion():
    pop = population([["S_pre"]], [means(0.6)])
    table, genomes, cells = run([pop], ParetoSettings.default())
    assert table["champion"].tolist() == [True] and table["on_front"].all()
    assert len(genomes) == 1
    assert set(cells["split"]) == {"selection", "seen", "unseen"}
    assert table["formula"].item() == "Δw = S_pre"


def test_reported_means_of_pure_noise_are_at_chance_though_the_search_was_lucky():
    sets = [["S_pre"], ["S_post"], ["X_pre"], ["X_post"]]
    rows = [means(0.8 + 0.01 * i, max_rate=100 + i) for i in range(4)]
    table, *_ = run(
        [population(sets, rows)], ParetoSettings.default(), FakeEvaluate(noise=0.02)
    )
    assert (table["search_accuracy"] > 0.75).all()
    assert table["cross_accuracy_unseen_mean"].mean() == pytest.approx(0.5, abs=0.02)


def test_a_rule_beyond_the_limits_after_reevaluation_is_marked_not_hidden():
    sets = [["S_pre"], ["S_post"], ["X_pre"]]
    rows = [means(0.6 + 0.01 * i, max_rate=40 + i) for i in range(3)]
    # The fake's highest rate is 10 (5 + row) Hz: 50, 60, 70.
    table, *_ = run([population(sets, rows)], ParetoSettings.default(max_rate_hz=60))
    assert table["within_limits"].tolist() == [True, True, False]


def test_no_rule_within_the_limits_is_an_error_that_names_them():
    pop = population([["S_pre"]], [means(0.6, max_rate=250)])
    with pytest.raises(UserError, match=r"max_rate_hz \(200 Hz\).*250 Hz"):
        pareto.filter_population(SPACE, [pop], ParetoSettings.default())


def test_a_population_without_intact_rules_is_an_error_that_says_what_to_do():
    pop = population([["S_pre"]], [means(0.6)], flags=[2])
    with pytest.raises(UserError, match=r"search longer"):
        pareto.filter_population(SPACE, [pop], ParetoSettings.default())


def test_no_population_is_an_error():
    with pytest.raises(UserError, match="0 populations"):
        pareto.filter_population(SPACE, [], ParetoSettings.default())


def test_leading_rules_are_the_champion_the_most_frequent_formula_and_the_next_best():
    sets = [["S_pre"], ["X_post"], ["R"], ["R", "S_pre"]]
    pop = population(sets, [means(0.6 + 0.01 * i, 100 + i) for i in range(4)])
    table, *_ = run([pop], ParetoSettings.default())
    table["selection_rank"] = [1, 2, 3, 4]
    table["formula"] = ["a", "b", "c", "c"]
    assert pareto.leading_rules(table, 3).tolist() == [0, 2, 1]
    assert pareto.leading_rules(table, 9).tolist() == [0, 2, 1, 3]


def test_the_front_is_the_first_rank_of_the_search():
    points = np.random.default_rng(1).normal(size=(40, 6))
    ranks = np.asarray(non_dominated_ranks(points.astype(np.float32)))
    np.testing.assert_array_equal(pareto.non_dominated(points), ranks == 0)
