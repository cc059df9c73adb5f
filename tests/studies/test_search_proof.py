from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from fakes import SPACE, FakeEvaluate, genomes_with, worlds

from evoplast.analysis import baselines, reevaluation
from evoplast.analysis.baselines import BaselineSettings
from evoplast.analysis.reevaluation import ReevaluationSettings
from evoplast.artefacts.errors import UserError
from evoplast.rules import formula
from evoplast.search.segments import Population
from evoplast.studies import search_proof
from evoplast.studies.search_proof import ProofSettings, proof_seed

SETTINGS = ProofSettings.default(rules=2, thresholds=(0.4, 0.6))
DRAWING = BaselineSettings.default(
    random_rules=8, training_trials=10, validation_trials=20
)
MEASURING = ReevaluationSettings.default(
    training_trials=10, test_trials=20, selection_seeds=2, report_seeds=1
)
TERM_SETS = (["S_pre"], ["X_post"], ["S_pre", "X_pre"], ["X_post"])


def population(search_seed=0, accuracy=(0.6, 0.55, 0.5, 0.55), flags=(0, 0, 0, 0)):
    means = np.tile([0.0, 0.04, 50.0, 0.0, 1.0, 1.0], (4, 1))
    means[:, 0] = -np.array(accuracy)
    genomes = genomes_with(*TERM_SETS)
    return Population(search_seed, genomes, means, np.full(4, 6), np.array(flags))


def is_evolved(genome):
    return any(np.array_equal(genome, g) for g in genomes_with(*TERM_SETS))


def scored(search_seed, evaluate, unseen):
    seen = worlds(0, 1)
    own = proof_seed(1, search_seed)
    drawn = baselines.draw_rules(SPACE, DRAWING, own)
    screening = baselines.screen(seen, drawn, DRAWING, own, evaluate)
    return search_proof.score_search(
        population(search_seed),
        screening,
        DRAWING,
        seen,
        worlds(*unseen),
        SPACE,
        SETTINGS,
        MEASURING,
        1,
        evaluate,
    )


def many(evaluate, n=3):
    parts = [scored(k, evaluate, (100 + 2 * k, 101 + 2 * k)) for k in range(n)]
    return [pd.concat(tables, ignore_index=True) for tables in zip(*parts, strict=True)]


def compared(table, left="evolved", right="random", split="unseen", selection="set"):
    row = table[(table["left"] == left) & (table["right"] == right)]
    row = row[(row["split"] == split) & (row["selection"] == selection)]
    return row.set_index("quantity")


def test_a_true_advantage_is_found_with_its_size():
    truth = FakeEvaluate(lambda g: 0.6 if is_evolved(g) else 0.5, noise=0.01)
    _, cells = many(truth)
    row = compared(search_proof.compare_searches(cells, 1)).loc["cross_accuracy"]
    assert row["low"] < 0.1 < row["high"] and row["low"] > 0.05
    assert row["p_value"] < 0.05 and row["p_value_signs"] == pytest.approx(2 / 2**3)
    assert (row["n_searches"], row["n_networks"], row["n_rules"]) == (3, 6, 2)


def test_pure_luck_of_the_search_is_not_called_an_advantage():
    _, cells = many(FakeEvaluate(noise=0.02), n=4)
    table = search_proof.compare_searches(cells, 1)
    unseen = table[(table["split"] == "unseen") & (table["selection"] == "set")]
    assert (unseen["difference_mean"].abs() < 3 * unseen["difference_se"] + 0.01).all()
    assert (table["low"] <= table["difference_mean"]).all()


def test_every_search_has_its_own_sequences_and_random_rules():
    evaluate = FakeEvaluate()
    many(evaluate, n=2)
    seeds = {seed for _, seed, *_ in evaluate.calls}
    # Of each search: 2 screenings, 2 sequences to select and 1 to report.
    assert len(seeds) == 2 * (2 + 2 + 1)
    first, second = (
        baselines.draw_rules(SPACE, DRAWING, proof_seed(1, k)) for k in (0, 1)
    )
    assert not np.array_equal(first, second)


def test_each_search_has_one_champion_of_each_group_chosen_on_selection():
    table, cells = many(FakeEvaluate())
    champions = table[table["champion"]].groupby(["search_seed", "group"]).size()
    assert (champions == 1).all() and len(champions) == 3 * 4
    compared = search_proof.compare_searches(cells, 1)
    n_rules = compared.groupby(["left", "right", "selection"])["n_rules"].first()
    assert n_rules["evolved", "known", "set"] == 2
    known = cells[(cells["group"] == "known") & (cells["split"] == "unseen")]
    best = known[known["champion"]].groupby("search_seed")["cross_accuracy"].mean()
    row = compared[(compared["right"] == "known") & (compared["split"] == "unseen")]
    means = row.loc[row["quantity"] == "cross_accuracy", "right_mean"]
    np.testing.assert_allclose(means, best.mean())


def test_the_most_accurate_intact_rules_are_taken_once():
    chosen = search_proof.best_of_population(
        SPACE, population(flags=(3, 0, 0, 0)), SETTINGS
    )
    assert chosen.tolist() == [1, 2]


def test_too_few_rules_for_the_proof_are_named():
    with pytest.raises(UserError, match="search_proof.rules is 4.*with 3"):
        search_proof.best_of_population(
            SPACE, population(), ProofSettings.default(rules=4)
        )


def test_one_search_is_no_sample():
    _, cells = many(FakeEvaluate(), n=1)
    with pytest.raises(UserError, match="at least 2"):
        search_proof.compare_searches(cells, 1)


def test_an_interval_covers_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(0)
    drawn = [search_proof.interval(rng.normal(0.3, 1, 5)) for _ in range(400)]
    covered = np.mean([row["low"] < 0.3 < row["high"] for row in drawn])
    assert covered == pytest.approx(0.95, abs=0.03)


def test_spread_is_split_into_searches_and_networks():
    rng = np.random.default_rng(1)
    searches = rng.normal(0, 0.03, 300)
    values = searches[:, None] + rng.normal(0, 0.06, (300, 4))
    index = pd.MultiIndex.from_product(
        [range(300), range(4)], names=["search_seed", "instance"]
    )
    row = search_proof.over_searches(pd.Series(values.ravel(), index), 1)
    assert row["search_sd"] == pytest.approx(0.03, rel=0.2)
    assert row["network_sd"] == pytest.approx(0.06, rel=0.1)


def test_the_formulas_of_the_paper_are_counted_even_if_they_are_absent():
    table = search_proof.formulas_of_fronts([population()], SPACE).set_index("paper")
    assert table.loc["S_pre", "count"] == 1
    assert table.loc["S_pre", "containing"] == 2
    assert table.loc["S_pre·X_post", "count"] == 0
    assert table.loc["five-term best", "count"] == 0
    assert table["count"].sum() == 4
    assert formula(np.zeros(25)) not in set(table["formula"])


def test_progress_compares_first_and_last_generations_without_the_very_first():
    generations = np.arange(5.0)
    one = {name: generations for name in search_proof.PROGRESS}
    histories = {0: pd.DataFrame(one), 1: pd.DataFrame(one) + 1}
    table = search_proof.progress_of_searches(histories).set_index("quantity")
    row = table.loc["hypervolume"]
    assert (row["first_mean"], row["last_mean"]) == (2.0, 4.0)
    assert row["difference_mean"] == 2.0 and row["n_searches"] == 2


def test_shrinking_takes_the_luck_off_the_best_and_keeps_the_order():
    rng = np.random.default_rng(2)
    rows = [
        {"rule": r, "instance": i, "seed_index": s, "cross_accuracy": rng.normal(0.5)}
        for r in range(30)
        for i in range(2)
        for s in range(2)
    ]
    selected = pd.DataFrame(rows)
    means = selected.groupby("rule")["cross_accuracy"].mean().to_numpy()
    family = pd.Series(["all"] * 30)
    estimates = reevaluation.selection_estimates(selected, family)
    assert abs(estimates.max() - 0.5) < 0.5 * abs(means.max() - 0.5)
    assert (np.diff(estimates[np.argsort(means)]) >= 0).all()


def test_a_search_of_one_generation_cannot_move():
    one = pd.DataFrame({name: [0.0] for name in search_proof.PROGRESS})
    with pytest.raises(UserError, match="single generation"):
        search_proof.progress_of_searches({0: one, 1: one})


def test_luck_of_estimates_undoes_the_control_group_and_the_shrinkage():
    found = population(accuracy=(0.60, 0.55, 0.5, 0.55))
    found = replace(found, counts=np.array([1, 4, 4, 4]))
    # The last generation was easy: the newcomer looks better without the control group.
    history = pd.DataFrame({"control_accuracy": [0.5, 0.5, 0.5, 0.58]})
    table = pd.DataFrame(
        {"group": "evolved", "rule": [0, 1], "cross_accuracy_selection_mean": 0.55}
    )
    luck = search_proof.luck_of_estimates(
        found,
        history,
        table,
        ProofSettings.default(rules=2, shrinkage=1.5),
        np.array([0, 1]),
    ).set_index("estimate")
    assert luck.loc["no shrinkage", "bias"] == pytest.approx(0.05)
    assert luck.loc["neither", "estimated"] == pytest.approx(0.60 + 0.58 - 0.52)
    assert luck.loc["both", "bias"] < luck.loc["no shrinkage", "bias"]
    assert luck.loc["no control group", "bias"] < luck.loc["neither", "bias"]
