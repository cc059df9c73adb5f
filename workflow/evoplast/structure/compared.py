"""Which rules are held against each other: the front, known rules, random rules.

In: the pools of earlier stages. Out: genomes and a table, one row a rule. Only what was
measured again counts, and of known rules at several thresholds the better one.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from evoplast import rules
from evoplast.analysis import UNPLASTIC, leading_rules
from evoplast.artefacts.errors import UserError
from evoplast.behaviour import Pool

EVOLVED, KNOWN, RANDOM = "evolved", "known", "random"
FEWEST = 4


def compared_rules(
    space: rules.RuleSpace, pools: Mapping[str, Pool], n_evolved: int
) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the rules that are compared, and their genomes (P, D).

    ``pools``: "evolved" (the front, of which the ``n_evolved`` leading rules are
    taken), "known" and "random". Columns: rule (row of the genomes), name, group,
    formula, n_terms. No plasticity comes last.

    Raises:
        UserError: too few rules are left to be exchanged.
    """
    evolved, known = (pools[name].table for name in (EVOLVED, KNOWN))
    random = pools[RANDOM].table
    champions = known[known["champion"]]
    still = champions["group"] == UNPLASTIC
    parts = [
        (EVOLVED, evolved.iloc[leading_rules(evolved, n_evolved)]),
        (KNOWN, champions[~still]),
        (RANDOM, random[random["reevaluated"]]),
        (KNOWN, champions[still].iloc[:1]),
    ]
    table = pd.concat([part for _, part in parts], ignore_index=True)
    genomes = [pools[name].genomes[part["rule"]] for name, part in parts if len(part)]
    table["rule"] = np.arange(len(table))
    if (table["n_terms"] > 0).sum() < FEWEST:
        raise UserError(
            f"The degeneracy needs at least {FEWEST} rules with a formula, but the "
            f"front and the baselines leave {(table['n_terms'] > 0).sum()}; raise "
            "degeneracy.rules, pareto.max_rules or baselines.best_rules."
        )
    columns = ["rule", "name", "group", "formula", "n_terms"]
    return table[columns], np.concatenate(genomes)


def sets_of(table: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return the rows of each set that tests are made in: evolved rules, and all.

    Rules without a formula are in none, and a set has at least ``FEWEST`` rules.
    """
    formed = (table["n_terms"] > 0).to_numpy()
    members = {
        "evolved": formed & (table["group"] == EVOLVED).to_numpy(),
        "all": formed,
    }
    found = {name: np.flatnonzero(member) for name, member in members.items()}
    return {name: rows for name, rows in found.items() if len(rows) >= FEWEST}
