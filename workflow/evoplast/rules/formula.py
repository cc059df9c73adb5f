"""What a rule looks like to people: formula, LaTeX, complexity, coefficient table.

In: gates (25 numbers, 0 or 1) or a genome. Out: text in the paper's notation,
numbers, or a table with one row per coefficient of an active term.
"""

from collections.abc import Sequence
from difflib import get_close_matches

import numpy as np
import pandas as pd

from evoplast.artefacts.errors import UserError
from evoplast.rules.space import Array, RuleSpace, coefficients_of_term, decode
from evoplast.rules.terms import ALL_TERMS, N_TERMS, OPTIONAL_TERMS, extra_indices


def active_terms(gates: Array) -> tuple[int, ...]:
    """Return the indices of the terms that are on in ``gates`` (25,)."""
    return tuple(int(i) for i in np.flatnonzero(np.asarray(gates) > 0.5))


def formula(gates: Array) -> str:
    """Print ``gates`` as in the paper, e.g. ``Δw = X_post + S_pre·X_pre``."""
    names = [ALL_TERMS[i].name for i in active_terms(gates)]
    return "Δw = " + (" + ".join(names) or "0")


def gates_of(text: str, extra_terms: Sequence[str] = ()) -> np.ndarray:
    """Return the gates (25,) of a formula in plain text, the reverse of ``formula``.

    ``text`` is a sum of terms, with or without "Δw = "; a product may be written with
    ``*``, a square with ``^2`` or as a product, factors in any order: "S_pre*X_post +
    X_post^2". "0" is no plasticity. With ``extra_terms``, those of the optional terms
    that the run has, the gates go on with one for each of ``OPTIONAL_TERMS``.

    Raises:
        UserError: a term is none of these, or occurs twice.
    """
    gates = np.zeros(N_TERMS + len(OPTIONAL_TERMS) * bool(extra_terms))
    body = text.split("=")[-1]
    for part in body.split("+") if body.strip() not in ("", "0") else ():
        index = term_named(part, extra_terms)
        if gates[index]:
            raise UserError(
                f"The formula {text!r} has the term {ALL_TERMS[index].name} twice; "
                "give every term once."
            )
        gates[index] = 1.0
    return gates


def term_named(text: str, extra_terms: Sequence[str] = ()) -> int:
    """Return the index in ``ALL_TERMS`` of a term in plain text; see ``gates_of``.

    Raises:
        UserError: it is none of the 25 and none of ``extra_terms``.
    """
    product = text.replace("²", "^2").replace("·", "*").replace(" ", "")
    factors: list[str] = []
    for factor in product.split("*"):
        base, _, power = factor.partition("^")
        factors += [base] * (2 if power == "2" else 1)
    allowed = [*range(N_TERMS), *(N_TERMS + i for i in extra_indices(extra_terms))]
    for index, term in enumerate(ALL_TERMS):
        if sorted(term.factors) == sorted(factors) and index in allowed:
            return index
        if sorted(term.factors) == sorted(factors):
            raise UserError(
                f"The term {term.name!r} is optional; add it to plasticity.extra_terms."
            )
    names = [ALL_TERMS[index].name for index in allowed]
    near = get_close_matches(text.strip().replace("*", "·"), names, 1, 0.0)[0]
    raise UserError(
        f"The term {text.strip()!r} is none of the {len(names)}; the nearest is "
        f"{near!r}. All: {', '.join(names)}."
    )


def latex(gates: Array) -> str:
    r"""Print ``gates`` (25,) as LaTeX without delimiters (``\Delta w = ...``)."""
    names = [ALL_TERMS[i].latex for i in active_terms(gates)]
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
    term, values = ALL_TERMS[index], coefficients_of_term(rule, index)
    if term.kind in ("pair", "extra"):
        places = [(a, b) for a in names for b in names]
    elif term.kind == "reward":
        places = [("", "")]
    else:
        places = [(n, "") if term.kind == "pre" else ("", n) for n in names]
    flat = np.ravel(values)
    return [(term.name, *p, float(v)) for p, v in zip(places, flat, strict=True)]
