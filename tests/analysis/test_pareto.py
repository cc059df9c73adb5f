from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from fakes import SPACE, FakeEvaluate, genomes_with, worlds

from evoplast.analysis import candidates, pareto
from evoplast.analysis.pareto import ParetoSettings
from evoplast.analysis.reevaluation import Measurement, ReevaluationSettings
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
    evaluate = evaluate or FakeEvaluate()
    measurement = Measurement(
        worlds(0, 1), worlds(100, 101), REEVALUATION, 5, evaluate=evaluate
    )
    return pareto.filter_and_reevaluate(populations, measurement, SPACE, settings)


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


def found(populations, n=48):
    return candidates.find_candidates(SPACE, populations, n, 1.5)


def cells(accuracy, complexity=None, networks=4, noise=0.0, flag=None, **others):
    """Cells of selection: one row per rule and network."""
    rng = np.random.default_rng(0)
    n = len(accuracy)
    typical = {"max_rate_hz": 80, "synchrony": 0, "rate_difference_hz": 1}
    values = typical | {"wasserstein_hz": 3} | others
    tables = []
    for instance in range(networks):
        table = pd.DataFrame({"rule": np.arange(n), "instance": instance})
        table["cross_accuracy"] = np.array(accuracy) + 0.1 * instance
        table["cross_accuracy"] += noise * rng.normal(size=n)
        table["complexity"] = np.full(n, 1) if complexity is None else complexity
        table["flag"] = 0 if flag is None else flag
        tables.append(table.assign(**{k: np.full(n, v) for k, v in values.items()}))
    return pd.concat(tables, ignore_index=True)


def test_broken_and_termless_rules_are_no_candidates():
    pop = population(
        [["S_pre"], [], ["X_post"]],
        [means(0.9), means(0.8), means(0.6)],
        flags=[3, 0, 0],
    )
    assert found([pop])["row"].tolist() == [2]


def test_of_rules_with_one_formula_the_most_accurate_is_the_candidate():
    first = population([["S_pre"], ["X_post"]], [means(0.6), means(0.62)])
    second = population([["S_pre"]], [means(0.65)], search_seed=3)
    table = found([first, second])
    assert table["formula"].is_unique
    own = table[table["formula"] == "Δw = S_pre"]
    assert own[["population", "search_seed"]].to_numpy().tolist() == [[1, 3]]


def test_a_lucky_newcomer_does_not_stand_for_its_formula():
    pop = population(
        [["S_pre"], ["S_pre"], ["X_pre"], ["R"]],
        [means(0.66), means(0.64), means(0.5), means(0.5)],
        counts=[1, 20, 20, 20],
    )
    assert found([pop]).iloc[0]["row"] == 1


def test_better_fronts_are_measured_first():
    pop = population(
        [["S_pre", "R"], ["X_post"], ["R"]],
        [means(0.6, 100, complexity=0.08), means(0.5, 50), means(0.4, 60)],
    )
    # The third is dominated by the second.
    assert found([pop], n=2)["row"].tolist() == [0, 1]


def test_families_keep_where_they_came_from():
    pop = population([["S_pre"], ["X_post"]], [means(0.6), means(0.62)])
    pop = replace(pop, origins=((4, "start", ()), (31, "union", (4, 7))))
    table, *_ = run([pop], ParetoSettings.default())
    by_formula = table.set_index("formula")
    child = by_formula.loc["Δw = X_post"]
    assert child[["family", "operator", "parents"]].tolist() == [31, "union", "4 7"]
    assert by_formula.loc["Δw = S_pre", "parents"] == ""
    assert table["n_terms"].tolist() == [1, 1]


def test_a_network_common_to_all_adds_nothing_to_the_errors():
    mean, se = pareto.pooled_estimates(cells([0.5, 0.6, 0.7]))
    np.testing.assert_allclose(mean[:, 0], [-0.65, -0.75, -0.85])
    np.testing.assert_allclose(se, 0.0, atol=1e-12)


def test_errors_are_those_of_the_noise_over_the_root_of_networks():
    measured = cells(np.full(200, 0.6), networks=9, noise=0.03)
    _, se = pareto.pooled_estimates(measured)
    assert se[0, 0] == pytest.approx(0.03 / 3, rel=0.1)


def test_a_rule_that_is_better_within_its_error_does_not_dominate():
    mean = np.array([[0.50, 1.0], [0.51, 1.01]])
    se = np.full((2, 2), 0.02)
    assert pareto.front_with_errors(mean, se, 0.5).tolist() == [True, False]
    assert pareto.front_with_errors(mean, se, 0.9).tolist() == [True, True]
    assert pareto.front_with_errors(mean, 0.01 * se, 0.9).tolist() == [True, False]


def test_rules_beyond_a_limit_of_biology_are_left_out():
    over = {"max_rate_hz": 116, "synchrony": 0.2, "wasserstein_hz": 5.1}
    within = {"max_rate_hz": 80, "synchrony": 0.0, "wasserstein_hz": 3.0}
    for name, value in over.items():
        values = {name: [value, within[name]]}
        measured = cells([0.7, 0.6], **values)
        assert choose(measured) == [1]
    assert (
        choose(cells([0.7, 0.6], wasserstein_hz=[9, 3]), max_wasserstein_hz=None)[0]
        == 0
    )


def test_where_all_are_beyond_the_limits_the_front_is_chosen_among_them():
    measured = cells([0.7, 0.6], complexity=[1, 2], max_rate_hz=300)
    assert choose(measured) == [0]


def test_a_rule_broken_on_one_network_is_left_out():
    assert choose(cells([0.7, 0.6], flag=[2, 0])) == [1]


def test_the_best_rule_of_every_number_of_terms_has_a_place():
    measured = cells(
        [0.70, 0.69, 0.68, 0.60, 0.55, 0.54], complexity=[5, 5, 4, 2, 1, 1]
    )
    assert choose(measured, front_alpha=0.9, max_rules=4) == [0, 2, 3, 4]
    # All are on the front of one objective each where rates differ, too.
    measured["max_rate_hz"] = np.tile([80, 70, 60, 50, 40, 30], 4)
    assert choose(measured, max_rules=5) == [0, 1, 2, 3, 4]


def test_a_rule_that_only_its_dimension_saves_is_on_the_front_where_it_counts():
    values = {"complexity": [1, 1], "wasserstein_hz": [3.0, 3.5]}
    assert choose(cells([0.7, 0.6], **values)) == [0]
    wide = cells([0.7, 0.6], **values, dimension=[3.0, 5.0])
    assert choose(wide) == [0, 1]
    lost = cells([0.7, 0.6], **values, lost_accuracy=[0.0, 0.1])
    assert choose(lost) == [0]


def choose(measured, **changes):
    return pareto.choose_front(measured, ParetoSettings.default(**changes)).tolist()


def test_searches_compete_in_one_front_and_keep_their_seed():
    first = population([["S_pre"]], [means(0.6)], search_seed=0)
    second = population([["X_post"]], [means(0.65)], search_seed=7)
    table, genomes, _ = run([first, second], ParetoSettings.default())
    assert sorted(table["search_seed"]) == [0, 7]
    rows = dict(zip(table["search_seed"], genomes, strict=True))
    np.testing.assert_array_equal(rows[7], genomes_with(["X_post"])[0])


def test_one_rule_gives_a_table_of_one_champion():
    pop = population([["S_pre"]], [means(0.6)])
    table, genomes, cells = run([pop], ParetoSettings.default())
    assert table["champion"].tolist() == [True] and table["on_front"].all()
    assert len(genomes) == 1
    assert set(cells["split"]) == {"selection", "unseen"}
    assert table["formula"].item() == "Δw = S_pre"


def test_the_front_is_chosen_on_selection_and_reported_elsewhere():
    sets = [[name] for name in ("S_pre", "S_post", "X_pre", "X_post", "R")]
    pop = population(sets, [means(0.6)] * 5)
    evaluate = FakeEvaluate(noise=0.0, truth=lambda g: 0.5 + 0.1 * (g[0] > 0.5))
    settings = ParetoSettings.default(max_rules=2, max_rate_hz=500)
    table, genomes, long = run([pop], settings, evaluate)
    by_images = {(images, n) for _, _, images, n in evaluate.calls}
    assert by_images == {("training", 5), ("test", len(table))}
    assert len(evaluate.calls) == len(
        set(zip(long["split"], long["instance"], long["seed_index"], strict=True))
    )
    best = table.loc[table["champion"], "rule"].item()
    assert genomes[best, 0] > 0.5
    assert long["name"].nunique() == len(table)


def test_reported_means_of_pure_noise_are_at_chance_though_the_search_was_lucky():
    sets = [["S_pre"], ["S_post"], ["X_pre"], ["X_post"]]
    rows = [means(0.8 + 0.01 * i, max_rate=100 + i) for i in range(4)]
    table, *_ = run(
        [population(sets, rows)], ParetoSettings.default(), FakeEvaluate(noise=0.02)
    )
    assert (table["search_accuracy"] > 0.75).all()
    assert table["cross_accuracy_unseen_mean"].mean() == pytest.approx(0.5, abs=0.02)


def test_a_population_without_intact_rules_is_an_error_that_says_what_to_do():
    pop = population([["S_pre"]], [means(0.6)], flags=[2])
    with pytest.raises(UserError, match=r"search longer"):
        found([pop])


def test_no_population_is_an_error():
    with pytest.raises(UserError, match="0 populations"):
        found([])


def test_leading_rules_are_the_champion_the_simplest_and_the_next_best():
    table = pd.DataFrame(
        {"rule": range(4), "selection_rank": [1, 2, 3, 4], "n_terms": [3, 4, 1, 1]}
    )
    assert pareto.leading_rules(table, 3).tolist() == [0, 2, 1]
    assert pareto.leading_rules(table, 9).tolist() == [0, 2, 1, 3]


def test_the_front_is_the_first_rank_of_the_search():
    points = np.random.default_rng(1).normal(size=(40, 6))
    ranks = np.asarray(non_dominated_ranks(points.astype(np.float32)))
    np.testing.assert_array_equal(pareto.non_dominated(points), ranks == 0)
