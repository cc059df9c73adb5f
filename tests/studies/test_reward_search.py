import numpy as np
import pandas as pd
import pytest
from fakes import SPACE, worlds
from test_search_proof import (
    MEASURING,
    SETTINGS,
    Truth,
    n_terms,
    population,
)

from evoplast.artefacts.errors import UserError
from evoplast.studies import proof_arms as arms
from evoplast.studies.proof_choices import ANY, TERMS, WITHIN
from evoplast.studies.reward_search import compare_reward
from evoplast.studies.search_proof import plan_proof, score_search

R_ALONE = 24
# By the searches' own estimates the rule with R is best.
OWN = (0.55, 0.5, 0.5, 0.6)


def uses_reward(genome):
    return genome[SPACE.slices["gates"]][R_ALONE] > 0.5


def searches(evaluate, n=3):
    """Both sides of ``n`` searches; only the side with reward has the rule with R."""
    parts = []
    for k in range(n):
        found = population(k, accuracy=OWN)
        free = population(k, accuracy=OWN, flags=(0, 0, 0, 1))
        unseen = worlds(100 + 2 * k, 101 + 2 * k)
        cells = plan_proof(worlds(0, 1), unseen, MEASURING, 1, k)
        sides = {arms.FAMILIES: found, arms.REWARD_FREE: free}
        parts.append(score_search(sides, cells, SPACE, SETTINGS, MEASURING, evaluate))
    names = ("choices", "cells", "rules")
    return [
        pd.concat([getattr(part, name) for part in parts], ignore_index=True)
        for name in names
    ]


def row_of(table, choice, limit=None):
    same = (table["choice"] == choice) & (table["quantity"] == "cross_accuracy")
    if limit is not None:
        same &= table["limit"] == limit
    return table[same].iloc[0]


def test_what_the_reward_adds_is_found_with_its_size():
    truth = Truth(
        lambda g: 0.6 + 0.05 * uses_reward(g) - 0.1 * (n_terms(g) == 0), noise=0.005
    )
    table = compare_reward(*searches(truth), 1)
    row = row_of(table, WITHIN)
    assert row["low"] < 0.05 < row["high"] and row["low"] > 0.02
    assert row["with_gain"] - row["without_gain"] == pytest.approx(
        row["difference_mean"]
    )
    assert row["n_with_reward"] == row["n_searches"] == 3
    assert row_of(table, TERMS, 1.0)["n_with_reward"] == 0


def test_without_an_effect_of_the_reward_none_is_found():
    table = compare_reward(*searches(Truth(lambda g: 0.6)), 1)
    row = row_of(table, WITHIN)
    assert row["difference_mean"] == 0 and row["p_value"] == row["p_holm"] == 1


def test_the_planned_tests_are_those_within_biology_corrected_together():
    table = compare_reward(*searches(Truth(lambda g: 0.6, noise=0.01)), 1)
    planned = table["planned"]
    assert set(table.loc[planned, "choice"]) == {WITHIN}
    assert (table.loc[planned, "p_holm"] >= table.loc[planned, "p_value"]).all()
    assert table.loc[~planned, "p_holm"].isna().all()
    choices = table[["choice", "limit"]].drop_duplicates()
    limits = choices.loc[choices["choice"] == TERMS, "limit"]
    assert set(choices["choice"]) == {WITHIN, ANY, TERMS}
    np.testing.assert_array_equal(limits, sorted(SETTINGS.complexities))


def test_one_search_is_refused():
    with pytest.raises(UserError, match="search_proof.seeds is 1"):
        compare_reward(*searches(Truth(lambda g: 0.6), 1), 1)
