import numpy as np
import pytest
from fakes import SPACE, genomes_with

from evoplast import rules
from evoplast.analysis.rule_frequency import rule_frequency
from evoplast.artefacts.errors import UserError


def table_of(*term_sets):
    return rule_frequency({"evolved": genomes_with(*term_sets)}, SPACE)


def test_formula_shares_sum_to_one_and_are_sorted():
    table = table_of(["S_pre"], ["S_pre"], ["X_post"], ["S_pre", "R"])
    formulas = table[table["kind"] == "formula"]
    assert formulas["share"].sum() == pytest.approx(1)
    assert formulas["name"].iloc[0] == "Δw = S_pre"
    assert formulas["share"].iloc[0] == 0.5
    assert formulas["share"].is_monotonic_decreasing


def test_term_shares_count_the_rules_in_which_a_term_is_active():
    table = table_of(["S_pre"], ["S_pre", "R"], ["X_post"])
    terms = table[table["kind"] == "term"].set_index("name")
    assert len(terms) == rules.N_TERMS
    assert terms.loc["S_pre", "count"] == 2 and terms.loc["R", "count"] == 1
    assert terms.loc["X_pre²", "share"] == 0


def test_intervals_contain_the_share():
    table = table_of(["S_pre"], ["S_pre"], ["X_post"])
    assert (table["low"] <= table["share"] + 1e-12).all()
    assert (table["share"] <= table["high"] + 1e-12).all()


def test_the_papers_share_stands_beside_its_formula_only():
    table = table_of(["S_pre"], ["X_post"])
    reported = table[np.isfinite(table["paper_share"])]
    assert reported["name"].tolist() == ["Δw = S_pre"]
    assert reported["paper_share"].item() == pytest.approx(0.4857, abs=1e-4)


def test_equal_formulas_with_other_coefficients_are_one_family():
    genomes = np.concatenate([genomes_with(["S_pre"]), genomes_with(["S_pre"])])
    genomes[1, SPACE.slices["pre"]] = -0.3
    table = rule_frequency({"random": genomes}, SPACE)
    assert (table["kind"] == "formula").sum() == 1


def test_with_several_searches_the_search_is_the_unit():
    genomes = genomes_with(["S_pre"], ["S_pre"], ["S_pre"], ["X_post"])
    searches = np.array([0, 0, 0, 1])
    table = rule_frequency({"evolved": genomes}, SPACE, {"evolved": searches})
    row = table[(table["kind"] == "term") & (table["name"] == "S_pre")].iloc[0]
    # 1 in the first search and 0 in the second: half, with an s.e. of half.
    assert (row["share"], row["low"], row["high"]) == (0.5, 0.0, 1.0)
    assert (row["n"], row["unit"], row["count"]) == (2, "search", 3)


def test_one_search_has_no_interval():
    genomes = genomes_with(["S_pre"], ["X_post"])
    table = rule_frequency({"evolved": genomes}, SPACE, {"evolved": np.array([4, 4])})
    assert table[["low", "high"]].isna().all(axis=None)
    assert table.loc[table["kind"] == "formula", "share"].sum() == pytest.approx(1)


def test_an_empty_group_is_refused():
    with pytest.raises(UserError, match="evolved has no rules"):
        rule_frequency({"evolved": genomes_with(["R"])[:0]}, SPACE)
