"""What a rule looks like to people: formula, LaTeX, complexity, coefficient table.

In: gates (25 numbers, 0 or 1) or a genome. Out: text in the paper's notation,
numbers, or a table with one row per coefficient of an active term.
"""

from collections.abc import Sequence
from difflib import get_close_matches

import numpy as np
import pandas as pd

from evoplast.artefacts.errors import UserError
from evoplast.rules.space import Array, RuleSpace, decode
from evoplast.rules.terms import N_TERMS, PAIR_TERMS, POST_TERMS, PRE_TERMS, TERMS


def active_terms(gates: Array) -> tuple[int, ...]:
    """Return the indices of the terms that are on in ``gates`` (25,)."""
    return tuple(int(i) for i in np.flatnonzero(np.asarray(gates) > 0.5))


def formula(gates: Array) -> str:
    """Print ``gates`` (25,) as in the paper, e.g. ``Δw = X_post + S_pre·X_pre``."""
    names = [TERMS[i].name for i in active_terms(gates)]
    return "Δw = " + (" + ".join(names) or "0")


def gates_of(text: str) -> np.ndarray:
    """Return the gates (25,) of a formula in plain text, the reverse of ``formula``.

    ``text`` is a sum of terms, with or without "Δw = "; a product may be written with
    ``*``, a square with ``^2`` or as a product, factors in any order: "S_pre*X_post +
    X_post^2". "0" is no plasticity.

    Raises:
        UserError: a term is none of the 25, or occurs twice.
    """
    gates = np.zeros(N_TERMS)
    body = text.split("=")[-1]
    for part in body.split("+") if body.strip() not in ("", "0") else ():
        index = term_named(part)
        if gates[index]:
            raise UserError(
                f"The formula {text!r} has the term {TERMS[index].name} twice; give "
                "every term once."
            )
        gates[index] = 1.0
    return gates


def term_named(text: str) -> int:
    """Return the index of a term in plain text; see ``gates_of``.

    Raises:
        UserError: it is none of the 25.
    """
    product = text.replace("²", "^2").replace("·", "*").replace(" ", "")
    factors: list[str] = []
    for factor in product.split("*"):
        base, _, power = factor.partition("^")
        factors += [base] * (2 if power == "2" else 1)
    for index, term in enumerate(TERMS):
        if sorted(term.factors) == sorted(factors):
            return index
    names = [term.name for term in TERMS]
    near = get_close_matches(text.strip().replace("*", "·"), names, 1, 0.0)[0]
    raise UserError(
        f"The term {text.strip()!r} is none of the {N_TERMS}; the nearest is {near!r}. "
        f"All: {', '.join(names)}."
    )


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
