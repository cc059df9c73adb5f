"""What a rule looks like to people: formula, LaTeX, complexity, coefficient table.

In: gates (25 numbers, 0 or 1) or a genome. Out: text in the paper's notation,
numbers, or a table with one row per coefficient of an active term.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from evoplast.rules.space import Array, RuleSpace, decode
from evoplast.rules.terms import N_TERMS, PAIR_TERMS, POST_TERMS, PRE_TERMS, TERMS


def active_terms(gates: Array) -> tuple[int, ...]:
    """Return the indices of the terms that are on in ``gates`` (25,)."""
    return tuple(int(i) for i in np.flatnonzero(np.asarray(gates) > 0.5))


def formula(gates: Array) -> str:
    """Print ``gates`` (25,) as in the paper, e.g. ``Δw = X_post + S_pre·X_pre``."""
    names = [TERMS[i].name for i in active_terms(gates)]
    return "Δw = " + (" + ".join(names) or "0")


def latex(gates: Array) -> str:
    r"""Print ``gates`` (25,) as LaTeX without delimiters (``\Delta w = ...``)."""
    names = [TERMS[i].latex for i in active_terms(gates)]
    return r"\Delta w = " + (" + ".join(names) or "0")


def formulas(space: RuleSpace, genomes: Array) -> list[str]:
    """Return the formula of every genome (P, D)."""
    return [formula(gates) for gates in np.asarray(decode(space, genomes).gates)]


def complexity(gates: Array) -> np.ndarray:
    """Return active gates / 25 for gates (..., 25)."""
    return np.asarray(gates).sum(axis=-1) / N_TERMS


def coefficient_table(
    space: RuleSpace, genome: Array, type_names: Sequence[str]
) -> pd.DataFrame:
    """List every coefficient of the active terms of one genome (D,).

    Columns: term, pre_type, post_type (empty where the term has no such side),
    coefficient. A rule without active terms gives an empty table.
    """
    rule = decode(space, np.asarray(genome)[None])
    rows: list[tuple[str, str, str, float]] = []
    for index in active_terms(rule.gates[0]):
        rows += _term_rows(rule, index, list(type_names))
    return pd.DataFrame(rows, columns=["term", "pre_type", "post_type", "coefficient"])


def _term_rows(rule, index: int, names: list[str]) -> list[tuple]:
    name = TERMS[index].name
    match TERMS[index].kind:
        case "pre":
            values = rule.pre[0, PRE_TERMS.index(index)]
            return [(name, t, "", float(v)) for t, v in zip(names, values, strict=True)]
        case "post":
            values = rule.post[0, POST_TERMS.index(index)]
            return [(name, "", t, float(v)) for t, v in zip(names, values, strict=True)]
        case "pair":
            values = rule.pair[0, PAIR_TERMS.index(index)]
            pairs = [(a, b) for a in names for b in names]
            flat = values.reshape(-1)
            return [(name, *p, float(v)) for p, v in zip(pairs, flat, strict=True)]
    return [(name, "", "", float(rule.reward_alone[0]))]
