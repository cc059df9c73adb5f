import numpy as np
import pytest
from fakes import SPACE, FakeEvaluate, worlds

from evoplast import rules
from evoplast.analysis import baselines
from evoplast.analysis.baselines import BaselineSettings
from evoplast.analysis.reevaluation import Measurement, ReevaluationSettings
from evoplast.artefacts.errors import UserError

REEVALUATION = ReevaluationSettings.default(
    training_trials=10, test_trials=20, selection_seeds=1, report_seeds=2
)
SETTINGS = BaselineSettings.default(
    random_rules=30, best_rules=4, thresholds=(0.4, 0.6)
)


def measurement(evaluate, seen):
    return Measurement(seen, worlds(100), REEVALUATION, 3, evaluate=evaluate)


def random_rules(evaluate, settings=SETTINGS, seen=None):
    seen = worlds(0, 1, 2) if seen is None else seen
    return baselines.random_rules(measurement(evaluate, seen), SPACE, settings)


def test_each_random_rule_is_screened_once_and_only_the_best_again():
    evaluate = FakeEvaluate()
    table, genomes, cells = random_rules(evaluate)
    screened = [n for *_, n in evaluate.calls[:3]]
    assert sum(screened) == 30 == len(table) == len(genomes)
    assert {n for *_, n in evaluate.calls[3:]} == {4}
    assert table["reevaluated"].sum() == 4
    assert set(cells["rule"]) == set(table.loc[table["reevaluated"], "rule"])


def test_screening_accuracies_of_noise_centre_on_chance():
    table, *_ = random_rules(FakeEvaluate(noise=0.03))
    accuracy = table["screening_cross_accuracy"]
    assert accuracy.mean() == pytest.approx(0.5, abs=4 * 0.03 / np.sqrt(60))


def test_an_easy_network_does_not_decide_which_rules_are_kept():
    seen = {**worlds(0, 1), **worlds(2, offset=0.2)}
    table, *_ = random_rules(FakeEvaluate(noise=0.05), seen=seen)
    kept = table.loc[table["reevaluated"], "screening_instance"]
    assert len(set(kept)) > 1
    means = table.groupby("screening_instance")["screening_relative_accuracy"].mean()
    np.testing.assert_allclose(means, 0, atol=1e-12)


def test_random_rules_are_kept_by_the_estimate_that_the_search_selects_by():
    settings = BaselineSettings.default(
        random_rules=30, best_rules=4, accuracy_estimate="counted"
    )
    smoothed = BaselineSettings.default(
        random_rules=30, best_rules=4, accuracy_estimate="smoothed"
    )
    best, worst = (random_rules(FakeEvaluate(), s)[0] for s in (settings, smoothed))
    lowest = worst.groupby("screening_instance")["screening_cross_accuracy"].min()
    kept = worst.loc[worst["reevaluated"], "screening_cross_accuracy"]
    assert kept.min() == lowest.min()
    assert not set(worst.rule[worst.reevaluated]) & set(best.rule[best.reevaluated])


def test_rules_not_kept_have_no_reevaluated_numbers():
    table, *_ = random_rules(FakeEvaluate())
    left = table[~table["reevaluated"]]
    assert left["cross_accuracy_unseen_mean"].isna().all()
    assert (left["selection_rank"] == 0).all() and not left["champion"].any()
    assert table["champion"].sum() == 1


def test_broken_rules_are_kept_last():
    table, *_ = random_rules(FakeEvaluate(broken=range(1, 10)))
    kept = table[table["reevaluated"]].sort_values("rule")
    intact = table[table["screening_flag"] == 0]
    assert len(intact) == 3
    assert set(intact["rule"]) <= set(kept["rule"])


def test_every_random_rule_has_a_term():
    settings = BaselineSettings.default(random_rules=50, initial_gate_probability=0.01)
    genomes = baselines.draw_rules(SPACE, settings, 3)
    assert (rules.decode(SPACE, genomes).gates.sum(axis=1) > 0).all()


def test_known_rules_appear_at_every_threshold_with_one_champion_each():
    table, genomes, _ = baselines.known_rules(
        measurement(FakeEvaluate(), worlds(0)), SPACE, SETTINGS
    )
    names = list(rules.known_rules(SPACE))
    assert len(table) == 2 * len(names) == len(genomes)
    champions = table[table["champion"]]
    assert sorted(champions["name"]) == sorted(names)
    unplastic = table[table["group"] == "no plasticity"]
    assert unplastic["phi"].tolist() == pytest.approx([0.4, 0.6])
    assert set(unplastic["formula"]) == {"Δw = 0"}


def test_only_the_best_threshold_of_a_known_rule_is_run_for_the_report():
    table, _, cells = baselines.known_rules(
        measurement(FakeEvaluate(), worlds(0)), SPACE, SETTINGS
    )
    reported = cells.loc[cells["split"] != "selection", "rule"]
    assert set(reported) == set(table.loc[table["champion"], "rule"])
    number = table["cross_accuracy_unseen_mean"]
    assert number.notna().equals(table["champion"])
    assert table["cross_accuracy_selection_mean"].notna().all()


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"random_rules": 2}, "random_rules is 2"),
        ({"best_rules": 0}, "best_rules is 0"),
        ({"best_rules": 31}, "best_rules is 31"),
    ],
)
def test_impossible_numbers_are_refused_with_the_key(changes, match):
    settings = BaselineSettings.default(**{"random_rules": 30, **changes})
    with pytest.raises(UserError, match=match):
        random_rules(FakeEvaluate(), settings)


@pytest.mark.parametrize("thresholds", [(), (0.5, 1.5)])
def test_thresholds_outside_the_range_are_refused(thresholds):
    with pytest.raises(UserError, match=r"thresholds|phi"):
        baselines.known_genomes(SPACE, thresholds)
