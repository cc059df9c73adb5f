"""Coefficients, levels and orders of types whose truth is known."""

import numpy as np
import pytest

from evoplast import rules
from evoplast.artefacts.errors import UserError
from evoplast.search import coefficients_of
from evoplast.structure import heterogeneity, structure_table
from evoplast.structure.heterogeneity import SearchEnd, mean_of_users, used_parameters
from evoplast.structure.layout import explained, level_sizes

SPACE = rules.RuleSpace(6, 0.0, 1.0)
TYPES = ("e23", "i23", "e4", "i4", "e5", "i5")
CLASSES = {"excitatory or inhibitory": np.array([1, 0] * 3)}
PAIR = coefficients_of(SPACE, rules.TERM_NAMES.index("S_pre·X_post"))
SYNAPSES = np.ones((6, 6))
N_DRAWS = 400


def ends(shift, n_searches=3, seed=1):
    """Return fronts of S_pre·X_post beside a normal prior, moved by ``shift``."""
    rng = np.random.default_rng(seed)
    used = used_parameters(SPACE, rules.gates_of("S_pre·X_post")[None])[0]

    def drawn(*shape):
        return np.where(used, rng.normal(0, 0.1, (*shape, SPACE.n_parameters)), np.nan)

    found = []
    for _ in range(n_searches):
        value = drawn()
        value[PAIR] += np.asarray(shift, float).ravel()
        found.append(SearchEnd(value, drawn(N_DRAWS), used.astype(int)))
    return found


def test_parameters_that_a_formula_uses():
    used = used_parameters(SPACE, rules.gates_of("S_pre·X_post")[None])[0]
    tau = {name: SPACE.slices[name] for name in ("tau_E_ms", "tau_R_ms")}
    assert used[PAIR].all() and used.sum() == 36 + 6
    assert used[tau["tau_E_ms"]].all() and not used[tau["tau_R_ms"]].any()
    rewarded = used_parameters(SPACE, rules.gates_of("S_pre·R")[None])[0]
    assert rewarded[tau["tau_R_ms"]].all() and not rewarded[tau["tau_E_ms"]].any()


def test_the_mean_is_over_rules_that_use_a_parameter():
    values = np.array([[1.0, 5.0], [3.0, 7.0]])
    used = np.array([[True, False], [True, False]])
    found = mean_of_users(values, used)
    assert found[0] == 2.0 and np.isnan(found[1])


def test_only_what_was_selected_differs_from_the_prior():
    shift = np.zeros((6, 6))
    shift[1, 2] = 0.5
    table = heterogeneity(SPACE, TYPES, ends(shift), SYNAPSES)
    pairs = table[table["kind"] == "pair"].set_index(["pre_type", "post_type"])
    assert pairs.loc[("i23", "e4"), "p_fdr"] < 0.001
    assert (pairs["p_fdr"] < 0.05).sum() == 1
    row = pairs.loc[("i23", "e4")]
    assert row["prior_sd"] == pytest.approx(0.1 / np.sqrt(3), rel=0.1)
    assert row["n_searches"] == row["n_rules"] == 3 and row["se"] > 0


def test_z_without_selection_is_standard_normal():
    tables = [
        heterogeneity(SPACE, TYPES, ends(np.zeros((6, 6)), seed=s), SYNAPSES)
        for s in range(8)
    ]
    z = np.concatenate([table["z"] for table in tables])
    assert z.mean() == pytest.approx(0, abs=0.2) and 0.9 < z.std() < 1.1


def test_a_pair_without_synapses_is_shown_and_not_tested():
    synapses = SYNAPSES.copy()
    synapses[0, 0] = 0
    table = heterogeneity(SPACE, TYPES, ends(np.zeros((6, 6)), 1), synapses)
    row = table[(table["pre_type"] == "e23") & (table["post_type"] == "e23")].iloc[0]
    assert np.isfinite(row["z"]) and np.isnan(row["p_fdr"]) and np.isnan(row["se"])


def test_no_rule_left_is_a_sentence():
    nothing = np.full(SPACE.n_parameters, np.nan)
    end = SearchEnd(nothing, np.stack([nothing] * 3), np.zeros(SPACE.n_parameters, int))
    with pytest.raises(UserError, match="search.seeds"):
        heterogeneity(SPACE, TYPES, [end], SYNAPSES)


def test_levels_add_up_to_the_whole_map():
    values = np.random.default_rng(1).normal(size=(5, 6, 6))
    sizes = level_sizes(values, np.ones((6, 6), bool))
    total = sum(np.square(size) for size in sizes.values())
    np.testing.assert_allclose(total, (values**2).mean(axis=(1, 2)))


def test_the_share_explained_is_that_of_an_analysis_of_variance():
    classes = np.array([0, 0, 1, 1])
    # Between: (1 - 2)² = (3 - 2)² = 1; in all: (4 + 0 + 0 + 4) / 4 = 2.
    assert explained(np.array([0.0, 2.0, 2.0, 4.0]), classes) == pytest.approx(0.5)
    by_class = np.array([[1.0, 5.0], [2.0, 7.0]])[classes][:, classes]
    assert explained(by_class, classes) == pytest.approx(1.0)


def levels(shift):
    table = structure_table(SPACE, ends(shift), CLASSES, SYNAPSES > 0, 1)
    return table[table["kind"] == "pair"].set_index("level")[["p_value", "p_holm"]]


def test_selection_is_found_at_its_level():
    sender = np.tile(np.array([0.3, -0.3, 0.2, -0.2, 0.3, -0.3])[:, None], (1, 6))
    found = levels(sender)
    assert found["p_holm"]["sender"] < 0.02
    # Three of six types are excitatory: 2 of 20 ways to say which are as good.
    assert found["p_value"]["excitatory or inhibitory"] == pytest.approx(0.1, abs=0.03)
    assert found["p_holm"][["all types", "receiver", "pair"]].min() > 0.05
    alike = levels(np.full((6, 6), 0.3))
    assert alike["p_holm"]["all types"] < 0.02
    assert alike["p_holm"][["sender", "receiver"]].min() > 0.05
