"""How often formulas and terms occur among rules.

In: genomes by group (evolved, random), the search of each. Out: a table of shares.
Rules that were drawn independently are the unit and have 95 % Wilson intervals. Rules
of one search are relatives: with several searches the search is the unit, a share is
the mean of the searches' shares, and its interval one standard error; one search alone
has none. The random group shows what the sampling of gates alone would give.
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
    genomes_by_group: Mapping[str, np.ndarray],
    space: rules.RuleSpace,
    searches: Mapping[str, np.ndarray] | None = None,
) -> pd.DataFrame:
    """Return the share of every formula and of all 25 terms in each group.

    ``searches`` gives for a group the search of each rule; rules of other groups are
    independent. Columns: group, kind (formula or term), name, latex, count (rules), n
    (units), unit (rule or search), share, low, high (NaN where unknown), paper_share
    (NaN where not reported). The shares of a group's formulas sum to 1; a term's share
    is that of the rules in which it is active. Largest share first.

    Raises:
        UserError: a group has no rules.
    """
    searches = searches or {}
    tables = [
        _group_table(group, np.asarray(genomes, np.float32), space, searches.get(group))
        for group, genomes in genomes_by_group.items()
    ]
    return pd.concat(tables, ignore_index=True)


def _group_table(
    group: str,
    genomes: np.ndarray,
    space: rules.RuleSpace,
    searches: np.ndarray | None,
) -> pd.DataFrame:
    if len(genomes) == 0:
        raise UserError(
            f"The group {group} has no rules to count; run the stage that makes them."
        )
    gates = np.asarray(rules.decode(space, genomes).gates) > 0
    distinct, which = np.unique(gates, axis=0, return_inverse=True)
    is_formula = which.reshape(-1, 1) == np.arange(len(distinct))
    formulas = [(rules.formula(row), rules.latex(row)) for row in distinct]
    terms = [(term.name, term.latex) for term in rules.ALL_TERMS[: gates.shape[1]]]
    tables = [
        _shares("formula", formulas, is_formula, searches),
        _shares("term", terms, gates, searches),
    ]
    table = pd.concat(tables, ignore_index=True)
    table.insert(0, "group", group)
    table["paper_share"] = table["name"].map(PAPER_SHARES).astype(float)
    return table


def _shares(
    kind: str,
    names: list[tuple[str, str]],
    member: np.ndarray,
    searches: np.ndarray | None,
) -> pd.DataFrame:
    """Return the rows of one kind; ``member`` (rules, names) is bool."""
    table = pd.DataFrame(names, columns=["name", "latex"])
    table.insert(0, "kind", kind)
    table["count"] = member.sum(axis=0)
    if searches is None:
        table["n"], table["unit"] = len(member), "rule"
        table["share"] = member.mean(axis=0)
        limits = [wilson_interval(int(n), len(member)) for n in table["count"]]
        table[["low", "high"]] = limits
    else:
        own = pd.DataFrame(member).groupby(np.asarray(searches)).mean()
        table["n"], table["unit"] = len(own), "search"
        table["share"], error = own.mean().to_numpy(), own.sem().to_numpy()
        table["low"] = np.maximum(table["share"] - error, 0.0)
        table["high"] = np.minimum(table["share"] + error, 1.0)
    order = ["share", "name"]
    return table.sort_values(order, ascending=[False, True], kind="stable")
