import numpy as np
import pytest

from evoplast.artefacts.errors import UserError
from evoplast.artefacts.netcdf import read_dataset, write_dataset
from evoplast.rules import (
    KNOWN_RULES,
    TERM_NAMES,
    RuleSpace,
    coefficient_table,
    complexity,
    dataset_to_genomes,
    decode,
    formula,
    formulas,
    genomes_to_dataset,
    known_rule_notes,
    known_rules,
    latex,
    no_plasticity,
    uniform_rule,
    validate_genomes,
)

SPACE = RuleSpace(3)
TYPES = ("e5", "p5", "s5")


def _gates(*names):
    return np.array([float(name in names) for name in TERM_NAMES])


def test_the_best_rule_prints_as_in_the_paper():
    gates = _gates("X_post", "S_pre·X_pre", "S_post·X_pre", "X_post²", "X_post·R")
    assert formula(gates) == (
        "Δw = X_post + S_pre·X_pre + S_post·X_pre + X_post² + X_post·R"
    )
    assert complexity(gates) == 0.2


def test_a_rule_without_terms_prints_as_zero():
    assert formula(_gates()) == "Δw = 0"
    assert latex(_gates()) == r"\Delta w = 0"


def test_latex_raises_squares_and_sets_sides_upright():
    assert latex(_gates("X_pre²·R")) == r"\Delta w = X_{\mathrm{pre}}^{2} \, R"


def test_complexity_of_one_term_is_a_twenty_fifth():
    assert complexity(_gates("S_pre")) == 0.04


def test_known_rules_are_legal_and_show_their_terms():
    rules = known_rules(SPACE)
    genomes = np.stack(list(rules.values()))
    validate_genomes(SPACE, genomes)
    shown = dict(zip(rules, formulas(SPACE, genomes), strict=True))
    for rule in KNOWN_RULES:
        right = shown[rule.name].removeprefix("Δw = ")
        assert set(right.split(" + ")) == set(rule.coefficients or {"0"})


def test_every_known_rule_says_what_it_expresses():
    notes = known_rule_notes()
    assert notes.keys() == known_rules(SPACE).keys()
    assert "not expressible" in notes["Oja-like"]


def test_no_plasticity_has_no_open_gate():
    assert decode(SPACE, no_plasticity(SPACE)[None]).gates.sum() == 0


def test_pair_stdp_strengthens_on_postsynaptic_spikes_and_weakens_on_presynaptic():
    table = coefficient_table(SPACE, known_rules(SPACE)["pair STDP"], TYPES)
    assert set(table[table.term == "S_post·X_pre"].coefficient) == {1.0}
    assert set(table[table.term == "S_pre·X_post"].coefficient) == {-1.0}
    assert len(table) == 2 * len(TYPES) ** 2


def test_the_coefficient_table_lists_one_row_per_coefficient():
    genome = uniform_rule(SPACE, {"S_pre": 0.5, "X_post·R": -0.5, "R": 0.25})
    genome[SPACE.slices["pre"]][1] = 0.75
    table = coefficient_table(SPACE, genome, TYPES)
    assert len(table) == 3 + 3 + 1
    row = table[(table.term == "S_pre") & (table.pre_type == "p5")]
    assert row.coefficient.item() == 0.75
    assert list(table[table.term == "R"].post_type) == [""]


def test_pair_rows_of_the_table_name_both_sides():
    genome = uniform_rule(SPACE, {"S_pre·X_post": 0.0})
    decode(SPACE, genome[None]).pair[0, 1, 2, 0] = 0.5
    table = coefficient_table(SPACE, genome, TYPES).set_index(["pre_type", "post_type"])
    assert table.coefficient["s5", "e5"] == 0.5
    assert table.coefficient.sum() == 0.5


def test_a_rule_without_terms_has_an_empty_table():
    assert coefficient_table(SPACE, no_plasticity(SPACE), TYPES).empty


def test_genomes_survive_a_file_bit_for_bit(tmp_path):
    rng = np.random.default_rng(0)
    unit = rng.random((4, SPACE.n_parameters))
    genomes = (SPACE.lower + unit * (SPACE.upper - SPACE.lower)).astype(np.float32)
    path = tmp_path / "parameters.nc"
    write_dataset(path, genomes_to_dataset(SPACE, genomes, TYPES), {})
    stored = read_dataset(path)
    space, again = dataset_to_genomes(stored)
    assert space == SPACE
    np.testing.assert_array_equal(again, genomes)
    assert list(stored.formula.values) == formulas(SPACE, genomes)
    assert stored.coefficient_pair.dims == (
        "candidate",
        "pair_term",
        "pre_type",
        "post_type",
    )


def test_a_parameter_file_without_a_part_is_refused():
    dataset = genomes_to_dataset(SPACE, no_plasticity(SPACE)[None], TYPES)
    with pytest.raises(UserError, match="tau_E"):
        dataset_to_genomes(dataset.drop_vars("tau_E"))


def test_a_wrong_number_of_type_names_is_refused():
    with pytest.raises(UserError, match="2 names"):
        genomes_to_dataset(SPACE, no_plasticity(SPACE)[None], TYPES[:2])
