"""Rules that an analysis measures and tells about, each with a name and a group.

In: genomes, a table of rules. Out: one bundle, so that analyses take one argument.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evoplast import rules


@dataclass(frozen=True)
class NamedRules:
    """Rules of one space: ``genomes`` (P, D), a name and a group for each."""

    space: rules.RuleSpace
    genomes: np.ndarray
    names: Sequence[str]
    groups: Sequence[str]


def rules_of_table(
    space: rules.RuleSpace, genomes: np.ndarray, table: pd.DataFrame, rows: np.ndarray
) -> NamedRules:
    """Return the rules in ``rows`` of a table and of its genomes (P, D)."""
    names, groups = (table[key].iloc[rows].tolist() for key in ("name", "group"))
    return NamedRules(space, genomes[rows], names, groups)
