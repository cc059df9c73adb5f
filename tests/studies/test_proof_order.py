import numpy as np
import pandas as pd
import pytest
from fakes import FakeEvaluate, genomes_with, worlds

from evoplast.analysis import UNPLASTIC, ReevaluationSettings
from evoplast.studies import proof_arms as arms
from evoplast.studies.proof_choices import ANY, WITHIN
from evoplast.studies.proof_order import (
    BALANCED,
    CHANGE,
    RANDOM_ORDER,
    compare_orders,
    rules_compared,
    score_again,
)
from evoplast.studies.search_proof import plan_proof

MEASURING = ReevaluationSettings.default(
    training_trials=10, test_trials=20, selection_seeds=1, report_seeds=1
)
RULES = {UNPLASTIC: 0, arms.KNOWN: 1, arms.FREE: 2, arms.FAMILIES: 3, arms.SWARM: 4}


def choices(n_searches=3):
    sides = [(UNPLASTIC, ANY), (arms.KNOWN, ANY), (arms.FREE, ANY)]
    sides += [(arms.FAMILIES, WITHIN), (arms.SWARM, ANY)]
    rows = [
        {"arm": a, "choice": c, "limit": np.nan, "rule": RULES[a], "search_seed": k}
        for k in range(n_searches)
        for a, c in sides
    ]
    return pd.DataFrame(rows)


def cells(gain, n_searches=3):
    """Two networks of each search; only the rule without limits gains."""
    rows = [
        {
            "search_seed": k,
            "instance": 100 + 2 * k + i,
            "split": "unseen",
            "rule": rule,
            "cross_accuracy": 0.5 + 0.01 * i + gain * (rule == RULES[arms.FREE]),
        }
        for k in range(n_searches)
        for i in range(2)
        for rule in RULES.values()
    ]
    return pd.DataFrame(rows)


def test_a_gain_that_only_balanced_sequences_show_is_seen_to_go():
    table = compare_orders(choices(), cells(0.05), cells(0.01), 1)
    row = table.set_index(["arm", "order"])["difference_mean"]
    assert row[arms.FREE, BALANCED] == pytest.approx(0.05)
    assert row[arms.FREE, RANDOM_ORDER] == pytest.approx(0.01)
    assert row[arms.FREE, CHANGE] == pytest.approx(-0.04)
    assert row[arms.KNOWN, CHANGE] == pytest.approx(0.0)


def test_only_what_is_compared_is_measured_again_on_the_unseen_networks():
    genomes = genomes_with(["S_pre"], ["X_post"], ["R"], ["X_pre"], ["S_post"])
    chosen = rules_compared(choices())
    assert chosen.tolist() == [0, 1, 2, 3]
    evaluate = FakeEvaluate()
    plan = plan_proof(worlds(0), worlds(100, 101), MEASURING, 1, 0)
    table = score_again(chosen, genomes, plan, MEASURING, evaluate)
    assert set(table["instance"]) == {100, 101} and set(table["split"]) == {"unseen"}
    assert set(table["rule"]) == {0, 1, 2, 3}
