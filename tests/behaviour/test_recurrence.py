"""Shares over searches whose truth is counted by hand."""

import numpy as np
import pytest
from scipy.spatial.distance import pdist, squareform

from evoplast import rules
from evoplast.behaviour import agreement, recurrence
from evoplast.behaviour.recurrence import jaccard

PAPER = {"Δw = S_pre": 0.4857}


def front(*formulas):
    return np.stack([rules.gates_of(text) for text in formulas]) > 0


FRONTS = [
    front("S_pre", "X_post + X_post^2"),
    front("S_pre", "X_post", "X_post + X_post^2", "R"),
]


@pytest.fixture
def table():
    return recurrence(FRONTS, 0.5, PAPER).set_index(["kind", "name"])


def test_the_search_is_the_unit(table):
    row = table.loc["formula", "Δw = S_pre"]
    # 1/2 in one search and 1/4 in the other, however many rules each has.
    assert row["share"] == pytest.approx(0.375)
    assert row["se"] == pytest.approx(0.125)
    assert row["n_searches_with"] == row["n_searches"] == 2
    assert row["paper_share"] == 0.4857


def test_shares_of_formulas_and_of_families_sum_to_one(table):
    for kind in ("formula", "family"):
        assert table.loc[kind, "share"].sum() == pytest.approx(1)


def test_terms_count_in_every_rule_that_has_them(table):
    term = table.loc["term"]
    assert term.loc["X_post", "share"] == pytest.approx((1 / 2 + 2 / 4) / 2)
    assert len(term) == 25
    # Random terms: 3 of 50 in the first front, 5 of 100 in the second.
    assert term["expected"].iloc[0] == pytest.approx((3 / 50 + 5 / 100) / 2)


def test_formulas_that_share_half_their_terms_are_a_family(table):
    family = table.loc["family"]
    assert len(family) == 3
    joined = family[family["n_formulas"] == 2]
    assert joined["share"].item() == pytest.approx((1 / 2 + 2 / 4) / 2)


def test_similarity_is_scipys():
    gates = np.random.default_rng(2).random((6, 25)) < 0.3
    gates[:, 0] = True
    distance = squareform(pdist(gates, "jaccard"))
    np.testing.assert_allclose(jaccard(gates, gates), 1 - distance)


def test_searches_that_find_the_same_agree_beyond_chance():
    same = agreement([FRONTS[1]] * 4, 1).iloc[0]
    assert same["similarity"] == pytest.approx(1) and same["p_value"] < 0.01
    assert same["null_mean"] < 0.5


def test_searches_of_their_own_terms_agree_no_more_than_chance():
    apart = [front("S_pre"), front("X_pre"), front("R")]
    found = agreement(apart, 1).iloc[0]
    assert found["similarity"] == 0 and found["p_value"] == 1


def test_one_search_has_no_error():
    table = recurrence(FRONTS[:1], 0.5, PAPER)
    assert table["se"].isna().all()
    assert np.isnan(agreement(FRONTS[:1], 1)["similarity"].item())
