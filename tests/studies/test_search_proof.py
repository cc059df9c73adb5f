from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from fakes import SPACE, FakeEvaluate, genomes_with, worlds

from evoplast.analysis import baselines
from evoplast.analysis.baselines import UNPLASTIC, BaselineSettings
from evoplast.analysis.reevaluation import ReevaluationSettings
from evoplast.artefacts.errors import UserError
from evoplast.search.segments import Population
from evoplast.studies import proof_arms as arms
from evoplast.studies import proof_comparison, proof_fronts
from evoplast.studies.proof_choices import ANY, NEAR, TERMS, WITHIN
from evoplast.studies.search_proof import plan_proof, score_search

SETTINGS = arms.ProofSettings.default(
    rules=2,
    rules_within=1,
    thresholds=(0.4, 0.6),
    complexities=(1, 2),
    wasserstein_limits_hz=(2.0, 5.0),
    max_rate_hz=115.0,
    shrinkage=1.0,
)
MEASURING = ReevaluationSettings.default(
    training_trials=10,
    test_trials=20,
    selection_seeds=2,
    report_seeds=1,
    seen_instances=4,
)
TERM_SETS = (["S_pre"], ["X_post"], ["S_pre", "X_pre"], ["X_post", "R"])


class Truth(FakeEvaluate):
    """Accuracy, distance to the mouse and highest rate as functions of the genome."""

    def __init__(self, accuracy, distance_hz=lambda g: 4.0, noise=0.0):
        super().__init__(accuracy, noise)
        self.distance_hz = distance_hz

    def __call__(self, world, genomes, *rest, **named):
        found = super().__call__(world, genomes, *rest, **named)
        found.objectives[:, 2] = 100.0
        found.objectives[:, 5] = [self.distance_hz(g) for g in genomes]
        return found


def n_terms(genome):
    return int((genome[SPACE.slices["gates"]] > 0.5).sum())


def population(search_seed=0, accuracy=(0.6, 0.55, 0.5, 0.55), flags=(0, 0, 0, 0)):
    means = np.tile([0.0, 0.04, 50.0, 0.0, 1.0, 1.0], (4, 1))
    means[:, 0] = -np.array(accuracy)
    genomes = genomes_with(*TERM_SETS, phi=0.5)
    return Population(search_seed, genomes, means, np.full(4, 6), np.array(flags))


def random_side(search_seed, evaluate, seen):
    drawing = BaselineSettings.default(
        random_rules=8, training_trials=10, validation_trials=20
    )
    own = arms.proof_seed(1, search_seed)
    drawn = baselines.draw_rules(SPACE, drawing, own)
    table = baselines.screen(seen, drawn, drawing, own, evaluate)
    return arms.screened_population(drawn, table, search_seed), table


def scored(search_seed, evaluate, unseen=(100, 101), own=(0.6, 0.55, 0.5, 0.55)):
    seen, found = worlds(0, 1), population(search_seed, own)
    sides = {
        arms.FAMILIES: found,
        arms.FREE: found,
        arms.SWARM: replace(found, genomes=genomes_with(*TERM_SETS, phi=0.52)),
        arms.RANDOM: random_side(search_seed, evaluate, seen)[0],
    }
    cells = plan_proof(seen, worlds(*unseen), MEASURING, 1, search_seed)
    return score_search(sides, cells, SPACE, SETTINGS, MEASURING, evaluate)


def many(evaluate, n=3):
    parts = [scored(k, evaluate, (100 + 2 * k, 101 + 2 * k)) for k in range(n)]
    names = ("rules", "choices", "cells")
    return [
        pd.concat([getattr(part, name) for part in parts], ignore_index=True)
        for name in names
    ]


def compared(table, left, right, quantity="cross_accuracy"):
    names = ["left", "left_choice", "right", "right_choice", "quantity"]
    return table.set_index(names).sort_index().loc[(*left, *right, quantity)]


def family_is_better(genome):
    phi = genome[SPACE.slices["phi"]][0]
    return 0.6 if np.isclose(phi, 0.5) and n_terms(genome) in (1, 2) else 0.5


def test_a_true_advantage_is_found_with_its_size_and_only_that():
    rules, choices, cells = many(Truth(family_is_better, noise=0.01))
    table = proof_comparison.compare_searches(choices, cells, 1)
    for opponent in ((UNPLASTIC, ANY), (arms.RANDOM, ANY), (arms.SWARM, WITHIN)):
        row = compared(table, (arms.FREE, ANY), opponent)
        assert row["low"] < 0.1 < row["high"] and row["low"] > 0.05
        assert row["p_value"] < 0.05 and row["p_value_networks"] <= 2 / 2**5
        assert row["p_value_signs"] == pytest.approx(2 / 2**3)
        assert (row["n_searches"], row["n_networks"]) == (3, 6)
    row = compared(table, (arms.SWARM, ANY), (UNPLASTIC, ANY))
    assert abs(row["difference_mean"]) < 0.02 and not row["planned"]


def test_the_planned_tests_are_corrected_together():
    _, choices, cells = many(Truth(family_is_better, noise=0.02))
    table = proof_comparison.compare_searches(choices, cells, 1)
    planned = table[table["planned"]]
    assert len(planned) == 12 and (planned["quantity"] == "cross_accuracy").all()
    assert (planned["p_holm"] >= planned["p_value"]).all()
    lowest = planned.loc[planned["p_value"].idxmin()]
    assert lowest["p_holm"] == pytest.approx(min(12 * lowest["p_value"], 1))
    assert table.loc[~table["planned"], "p_holm"].isna().all()


def test_nothing_is_chosen_on_what_is_reported():
    evaluate = Truth(family_is_better, noise=0.05)
    one = scored(0, evaluate)
    other = Truth(family_is_better, noise=0.05)
    cells = plan_proof(worlds(0, 1), worlds(100, 101), MEASURING, 1, 0)
    assert {cell.split for cell in cells} == {"selection", "unseen"}
    assert not {c.sequence_seed for c in cells if c.split == "selection"} & {
        c.sequence_seed for c in cells if c.split == "unseen"
    }
    changed = scored(0, other, (100, 105))
    pd.testing.assert_frame_equal(one.choices, changed.choices)
    shown = one.cells[one.cells["split"] == "unseen"]
    assert set(shown["rule"]) == set(one.choices["rule"])
    assert {images for index, _, images, _ in evaluate.calls if index >= 100} == {
        "test"
    }


def test_the_champion_is_the_best_of_its_side_on_selection():
    one = scored(0, Truth(family_is_better, noise=0.05))
    intact = one.rules[one.rules["selection_flag"] == 0]
    for arm in (arms.FAMILIES, arms.SWARM, arms.RANDOM, arms.KNOWN, UNPLASTIC):
        best = intact[intact["group"] == arm]["selection_cross_accuracy"].max()
        chosen = one.choices[
            (one.choices["arm"] == arm) & (one.choices["choice"] == ANY)
        ]
        rule = one.rules.set_index("rule").loc[chosen["rule"].item()]
        assert rule["group"] == arm and rule["selection_cross_accuracy"] == best


def test_within_biology_is_measured_against_no_plasticity():
    def distance(genome):
        return {0: 4.0, 1: 6.0}.get(n_terms(genome), 3.0)

    truth = Truth(lambda g: 0.7 - 0.05 * n_terms(g), distance)
    one = scored(0, truth, own=(0.6, 0.5, 0.58, 0.5))
    own = one.rules[one.rules["group"] == arms.FAMILIES]
    assert {1, 2} <= set(own["n_terms"])
    assert (own["within_biology"] == (own["n_terms"] == 2)).all()
    terms = one.choices.merge(one.rules, on="rule")
    terms = terms[terms["arm"] == arms.FREE].set_index("choice")["n_terms"]
    assert terms[ANY] == 1 and terms[WITHIN] == 2


def test_a_side_with_nothing_within_biology_is_the_unplastic_network():
    one = scored(0, Truth(lambda g: 0.6, lambda g: 4.0 + n_terms(g)))
    within = one.choices[one.choices["choice"] == WITHIN].set_index("arm")
    still = within.loc[UNPLASTIC, "rule"]
    assert (within["rule"] == still).all()
    assert not within.drop(UNPLASTIC)["found"].any() and within.loc[UNPLASTIC, "found"]


def test_fronts_allow_what_they_say():
    truth = Truth(lambda g: 0.5 + 0.1 * n_terms(g), lambda g: 2.5 * n_terms(g))
    one = scored(0, truth, own=(0.6, 0.5, 0.58, 0.5))
    chosen = one.choices.merge(one.rules, on="rule")
    terms = chosen[(chosen["choice"] == TERMS) & (chosen["arm"] == arms.FREE)]
    assert terms["n_terms"].tolist() == [1, 2]
    near = chosen[chosen["choice"] == NEAR]
    # No family lies within 2 Hz: the point is left out, not filled.
    assert near["limit"].tolist() == [5.0, np.inf]
    assert (near["selection_wasserstein_hz"] <= near["limit"]).all()


def test_candidates_are_the_best_within_biology_as_well():
    found = population(accuracy=(0.6, 0.58, 0.56, 0.54))
    means = found.means.copy()
    means[:, 5] = [9.0, 9.0, 9.0, 3.0]
    rows = arms.candidates(
        SPACE, replace(found, means=means), SETTINGS, 5.0, with_fronts=False
    )
    assert rows.tolist() == [0, 1, 3]


def test_the_most_accurate_intact_rules_are_taken_once():
    order = arms.own_ranking(SPACE, population(flags=(3, 0, 0, 0)), SETTINGS)
    assert order.tolist() == [1, 3, 2]


def test_too_few_rules_for_the_proof_are_named():
    with pytest.raises(UserError, match="search_proof.rules is 5.*with 4"):
        arms.own_ranking(SPACE, population(), replace(SETTINGS, rules=5))


def test_random_rules_rank_as_their_screening_says():
    side, table = random_side(0, FakeEvaluate(noise=0.05), worlds(0, 1))
    order = arms.own_ranking(SPACE, side, SETTINGS)
    best = baselines.best_screened(table, len(order))
    np.testing.assert_array_equal(order, best)


def test_one_search_is_no_sample():
    _, choices, cells = many(FakeEvaluate(), n=1)
    with pytest.raises(UserError, match="at least 2"):
        proof_comparison.compare_searches(choices, cells, 1)


def test_an_interval_covers_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(0)
    drawn = [proof_comparison.interval(rng.normal(0.3, 1, 5)) for _ in range(400)]
    covered = np.mean([row["low"] < 0.3 < row["high"] for row in drawn])
    assert covered == pytest.approx(0.95, abs=0.03)


def test_spread_is_split_into_searches_and_networks():
    rng = np.random.default_rng(1)
    searches = rng.normal(0, 0.03, 300)
    values = searches[:, None] + rng.normal(0, 0.06, (300, 4))
    index = pd.MultiIndex.from_product(
        [range(300), range(4)], names=["search_seed", "instance"]
    )
    row = proof_comparison.over_searches(pd.Series(values.ravel(), index), 1)
    assert row["search_sd"] == pytest.approx(0.03, rel=0.2)
    assert row["network_sd"] == pytest.approx(0.06, rel=0.1)


def test_outcomes_give_the_share_of_the_ceiling():
    rules, choices, cells = many(Truth(family_is_better))
    ceiling = pd.DataFrame(
        {
            "readout": ["pool mean", "type means"] * 2,
            "task": ["gratings"] * 2 + ["natural"] * 2,
            "accuracy": [0.55, 0.8, 0.55, 0.7],
        }
    )
    table = proof_fronts.outcomes(choices, cells, rules, 1, ceiling)
    row = table.set_index(["arm", "choice"]).sort_index().loc[(arms.FREE, ANY)]
    assert row["gain_mean"] == pytest.approx(0.1)
    assert row["ceiling_share_mean"] == pytest.approx(0.1 / 0.2)
    assert row["ceiling_accuracy"] == pytest.approx(0.75)
    without = proof_fronts.outcomes(choices, cells, rules, 1)
    assert without["ceiling_share_mean"].isna().all()


def test_a_point_that_one_search_has_gets_no_error():
    rules, choices, cells = many(Truth(family_is_better))
    alone = (choices["choice"] == NEAR) & (choices["search_seed"] > 0)
    table = proof_fronts.outcomes(choices[~alone], cells, rules, 1)
    near = proof_fronts.of_kind(table, proof_fronts.DISTANCE)
    assert (near["n_searches"] == 1).all() and near["accuracy_se"].isna().all()
    assert near["accuracy_mean"].notna().all()
