"""Plasticity rules as data: terms, genome, formulas, known rules, Brian2 export."""

from evoplast.rules.brian2_export import (
    Brian2Rule,
    as_script,
    brian2_equations,
)
from evoplast.rules.files import (
    dataset_to_genomes,
    genomes_to_dataset,
)
from evoplast.rules.formula import (
    active_terms,
    coefficient_table,
    complexity,
    formula,
    formulas,
    gates_of,
    latex,
    term_named,
)
from evoplast.rules.known import (
    KNOWN_RULES,
    MIDDLE_TAU_MS,
    known_rule_notes,
    known_rules,
    no_plasticity,
    uniform_rule,
)
from evoplast.rules.sampling import (
    COEFFICIENT_PRIORS,
    NORMAL_SD,
    random_genomes,
)
from evoplast.rules.space import (
    RuleParameters,
    RuleSpace,
    decode,
    encode,
    validate_genomes,
)
from evoplast.rules.terms import (
    N_TERMS,
    PAIR_TERMS,
    POST_TERMS,
    PRE_TERMS,
    REWARD_TERM,
    TERM_HAS_REWARD,
    TERM_HAS_SPIKE,
    TERM_NAMES,
    TERMS,
)

__all__ = [
    "COEFFICIENT_PRIORS",
    "KNOWN_RULES",
    "MIDDLE_TAU_MS",
    "NORMAL_SD",
    "N_TERMS",
    "PAIR_TERMS",
    "POST_TERMS",
    "PRE_TERMS",
    "REWARD_TERM",
    "TERMS",
    "TERM_HAS_REWARD",
    "TERM_HAS_SPIKE",
    "TERM_NAMES",
    "Brian2Rule",
    "RuleParameters",
    "RuleSpace",
    "active_terms",
    "as_script",
    "brian2_equations",
    "coefficient_table",
    "complexity",
    "dataset_to_genomes",
    "decode",
    "encode",
    "formula",
    "formulas",
    "gates_of",
    "genomes_to_dataset",
    "known_rule_notes",
    "known_rules",
    "latex",
    "no_plasticity",
    "random_genomes",
    "term_named",
    "uniform_rule",
    "validate_genomes",
]
