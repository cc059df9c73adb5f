"""How often formulas and terms occur among rules, with intervals.

In: genomes by group (evolved, random). Out: a table of shares with 95 % Wilson
intervals; the random group shows what the sampling of gates alone would give.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from evoplast import rules
from evoplast.analysis.statistics import wilson_interval
from evoplast.artefacts.errors import UserError

PAPER_SHARES = {"Δw = S_pre": 34 / 70}
"""Ye et al. 2026: 48.57 % of the 70 rules; no other share is reported."""


def rule_frequency(
    genomes_by_group: Mapping[str, np.ndarray], space: rules.RuleSpace
) -> pd.DataFrame:
    """Return the share of every formula and of all 25 terms in each group.

    Columns: group, kind (formula or term), name, latex, count, n, share, low, high,
    paper_share (NaN where not reported). The shares of a group's formulas sum to 1;
    a term's share is that of the rules in which it is active. Largest share first.

    Raises:
        UserError: a group has no rules.
    """
    tables = [
        _group_table(group, np.asarray(genomes, np.float32), space)
        for group, genomes in genomes_by_group.items()
    ]
    return pd.concat(tables, ignore_index=True)


def _group_table(
    group: str, genomes: np.ndarray, space: rules.RuleSpace
) -> pd.DataFrame:
    if len(genomes) == 0:
        raise UserError(
            f"The group {group} has no rules to count; run the stage that makes them."
        )
    gates = np.asarray(rules.decode(space, genomes).gates)
    n = len(gates)
    rows = [_row(group, "formula", *r, n) for r in _formula_counts(gates)]
    rows += [_row(group, "term", *r, n) for r in _term_counts(gates)]
    return pd.DataFrame(rows)


def _formula_counts(gates: np.ndarray) -> list[tuple[str, str, int]]:
    distinct, counts = np.unique(gates, axis=0, return_counts=True)
    entries = [
        (rules.formula(row), rules.latex(row), int(count))
        for row, count in zip(distinct, counts, strict=True)
    ]
    return sorted(entries, key=lambda entry: (-entry[2], entry[0]))


def _term_counts(gates: np.ndarray) -> list[tuple[str, str, int]]:
    counts = gates.sum(axis=0).astype(int)
    entries = [
        (term.name, term.latex, int(count))
        for term, count in zip(rules.TERMS, counts, strict=True)
    ]
    return sorted(entries, key=lambda entry: -entry[2])


def _row(group: str, kind: str, name: str, latex: str, count: int, n: int) -> dict:
    low, high = wilson_interval(count, n)
    return {
        "group": group,
        "kind": kind,
        "name": name,
        "latex": latex,
        "count": count,
        "n": n,
        "share": count / n,
        "low": low,
        "high": high,
        "paper_share": PAPER_SHARES.get(name, float("nan")),
    }
