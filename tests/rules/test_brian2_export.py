import numpy as np
import pytest

from evoplast.artefacts.errors import UserError
from evoplast.rules import (
    TERM_NAMES,
    TERMS,
    RuleSpace,
    as_script,
    brian2_equations,
    decode,
    known_rules,
    no_plasticity,
    uniform_rule,
)
from evoplast.rules.brian2_export import parameter_name
from evoplast.simulator import PlasticitySettings

SPACE = RuleSpace(3)
TYPES = ("e5", "p5", "s5")
EXCITATORY = (True, False, False)
SETTINGS = PlasticitySettings.default()


def export(genome, **options):
    return brian2_equations(SPACE, genome, TYPES, SETTINGS, **options)


def random_genome(*active):
    rng = np.random.default_rng(0)
    span = SPACE.upper - SPACE.lower
    genome = (SPACE.lower + rng.random(SPACE.n_parameters) * span).astype(np.float32)
    genome[SPACE.slices["gates"]] = [name in active for name in TERM_NAMES]
    return genome


def test_only_the_active_terms_appear_each_with_its_scale():
    rule = export(known_rules(SPACE)["five-term best"])
    assert rule.weight_update.splitlines()[0] == (
        "change = eta*w_ref*(continuous_term_scale*a_Xpost*X_post"
        " + a_Spre_Xpre*S_pre*X_pre + a_Spost_Xpre*S_post*X_pre"
        " + continuous_term_scale*a_Xpost2*X_post*X_post"
        " + continuous_term_scale*a_Xpost_R*X_post*R_post)"
    )
    assert set(rule.coefficients) == {
        *("a_Xpost", "a_Spre_Xpre", "a_Spost_Xpre", "a_Xpost2", "a_Xpost_R")
    }


def test_parameter_names_are_distinct_and_not_reserved_by_brian2():
    names = [parameter_name(term) for term in TERMS]
    assert len(set(names)) == len(TERMS)
    assert not any(name.endswith(("_pre", "_post")) for name in names)


def test_tables_run_over_presynaptic_rows_and_postsynaptic_columns():
    genome = random_genome("S_pre", "X_post", "S_pre·X_post", "R")
    parts, rule = decode(SPACE, genome[None]), export(genome)
    pre, post = rule.coefficients["a_Spre"], rule.coefficients["a_Xpost"]
    assert np.array_equal(pre, np.repeat(parts.pre[0, 0][:, None], 3, axis=1))
    assert np.array_equal(post, np.repeat(parts.post[0, 1][None], 3, axis=0))
    assert np.array_equal(rule.coefficients["a_Spre_Xpost"], parts.pair[0, 1])
    assert np.array_equal(rule.coefficients["a_R"], np.full((3, 3), parts.reward_alone))


def test_no_plasticity_exports_a_change_of_zero():
    rule = export(no_plasticity(SPACE))
    assert rule.weight_update.startswith("change = eta*w_ref*(0)\n")
    assert not rule.coefficients


def test_the_weight_unit_is_that_of_all_three_weights():
    lines = export(uniform_rule(SPACE, {"S_pre": 1.0}), weight_unit="siemens")
    assert lines.synapse_equations.splitlines() == [
        "w : siemens",
        "w_ref : siemens (constant)",
        "w_max : siemens (constant)",
        "a_Spre : 1 (constant)",
    ]


@pytest.mark.parametrize("name", known_rules(SPACE))
def test_the_script_of_every_known_rule_is_python_with_nothing_left_open(name):
    script = as_script(export(known_rules(SPACE)[name]), EXCITATORY)
    compile(script, name, "exec")
    assert "$" not in script


def test_bad_input_is_refused_with_what_to_do():
    genome = known_rules(SPACE)["S_pre"]
    with pytest.raises(UserError, match="2 names of cell types"):
        brian2_equations(SPACE, genome, TYPES[:2], SETTINGS)
    with pytest.raises(UserError, match="tau_E_ms"):
        export(np.where(genome == 75.0, 0.0, genome).astype(np.float32))
    with pytest.raises(UserError, match="1 flags excitatory"):
        as_script(export(genome), [True])
    with pytest.raises(UserError, match="another unit than amp"):
        as_script(export(genome, weight_unit="1"), EXCITATORY)
