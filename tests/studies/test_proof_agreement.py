import numpy as np
import pandas as pd
import pytest

from evoplast.rules import RuleSpace, uniform_rule
from evoplast.search.families.family import coefficients_of
from evoplast.studies.proof_agreement import (
    champions_of,
    coefficient_agreement,
    recurrence,
)
from evoplast.studies.proof_choices import ANY, WITHIN

SPACE = RuleSpace(n_types=12, phi_min=0.0, phi_max=1.0)
S_PRE, PAIR = 0, 6


def champion(rng, shared, noise):
    """Return S_pre + S_pre·X_post with coefficients shared but for noise."""
    genome = np.array(uniform_rule(SPACE, {"S_pre": 1.0, "S_pre·X_post": 1.0}))
    for term, values in shared.items():
        part = coefficients_of(SPACE, term)
        genome[part] = values + noise * rng.normal(size=values.shape)
    return genome


def champions(noise, n=4):
    rng = np.random.default_rng(0)
    shared = {S_PRE: rng.normal(size=12), PAIR: rng.normal(size=144)}
    return {k: champion(rng, shared, noise) for k in range(n)}


def test_searches_that_found_the_same_coefficients_agree():
    table = coefficient_agreement(SPACE, {"free, any": champions(0.3)}, 1)
    table = table.set_index("term")
    assert list(table.index) == ["S_pre", "S_pre·X_post", "all"]
    # The correlation of x + noise with x + other noise is 1 / (1 + noise²).
    expected = 1 / (1 + 0.3**2)
    assert table.loc["S_pre·X_post", "correlation"] == pytest.approx(expected, abs=0.05)
    assert (table["p_value"] <= 0.002).all()
    assert table["n_pairs"].tolist() == [6, 6, 12]


def test_independent_coefficients_do_not_agree():
    rng = np.random.default_rng(1)
    drawn = {
        k: champion(rng, {S_PRE: np.zeros(12), PAIR: np.zeros(144)}, 1.0)
        for k in range(4)
    }
    table = coefficient_agreement(SPACE, {"free, any": drawn}, 1).set_index("term")
    assert abs(table.loc["all", "correlation"]) < 4 * table.loc["all", "null_sd"]
    assert table.loc["all", "p_value"] > 0.01


def test_what_all_types_share_is_no_agreement():
    rule = np.array(uniform_rule(SPACE, {"S_pre": 0.7}))
    table = coefficient_agreement(SPACE, {"free, any": {0: rule, 1: rule}}, 1)
    assert (table["correlation"] == 0).all() and (table["p_value"] == 1).all()


def test_champions_without_a_common_term_have_no_row():
    drawn = {
        k: np.array(uniform_rule(SPACE, {term: 1.0}))
        for k, term in enumerate(("S_pre", "X_post"))
    }
    assert coefficient_agreement(SPACE, {"free, any": drawn}, 1).empty


def tables():
    rules = pd.DataFrame(
        {
            "search_seed": [0, 0, 1, 1],
            "rule": [0, 1, 0, 1],
            "group": "families",
            "formula": [
                "Δw = S_pre",
                "Δw = S_pre + X_post²",
                "Δw = S_pre + X_post²",
                "Δw = R",
            ],
        }
    )
    choices = pd.DataFrame(
        {
            "search_seed": [0, 0, 1, 1],
            "arm": "families",
            "choice": [ANY, WITHIN] * 2,
            "rule": [1, 1, 1, 0],
            "found": [True, True, True, False],
        }
    )
    return rules, choices


def test_formulas_and_terms_are_counted_by_search():
    table = recurrence(*tables()).set_index(["kind", "text"])
    measured, best = table["n_searches_measured"], table["n_searches_champion"]
    assert measured["formula", "S_pre + X_post²"] == 2
    assert measured["term", "S_pre"] == 2 and measured["term", "R"] == 1
    # What stands in for a side without a rule is no find of its own.
    assert best["term", "S_pre"] == 1 and best["formula", "R"] == 1
    assert (table["n_searches"] == 2).all()


def test_champions_that_were_not_found_have_no_genome():
    genomes = {0: np.arange(4).reshape(2, 2), 1: np.arange(4, 8).reshape(2, 2)}
    found = champions_of(tables()[1], genomes)
    assert sorted(found["families, any"]) == [0, 1]
    assert list(found["families, within biology"]) == [0]
    np.testing.assert_array_equal(found["families, any"][1], [6, 7])
