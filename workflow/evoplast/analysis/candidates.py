"""What searches offer to the front: the best rule of every formula.

In: populations with their mean objectives. Out: one row per candidate, with what its
search knew of it and where it came from.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from evoplast import rules
from evoplast.analysis.reevaluation import OBJECTIVES
from evoplast.artefacts.errors import UserError
from evoplast.search import Population, non_dominated_ranks

ACCURACY = OBJECTIVES.index("cross_accuracy")
ORIGIN = (
    "search_seed",
    "search_accuracy",
    "search_evaluations",
    "family",
    "operator",
    "parents",
)
"""Columns of a candidate that the table of rules keeps."""


def find_candidates(
    space: rules.RuleSpace,
    populations: Sequence[Population],
    n: int,
    shrinkage: float,
) -> pd.DataFrame:
    """Return up to ``n`` candidates of all searches, each of another formula.

    Columns: population, row (where the genome is), formula, n_terms and
    :data:`ORIGIN`; ``search_accuracy`` is the mean, pulled towards that of its
    population by ``shrinkage`` evaluations. Only intact rules with a term are offered.
    Of rules with the same formula the most accurate stands for it. Formulas of better
    fronts over the six objectives come first, then more accurate ones.

    Raises:
        UserError: there is no population, or no intact rule with a term.
    """
    if not populations or n < 1:
        raise UserError(
            f"The Pareto filter got {len(populations)} populations and "
            f"pareto.candidates = {n}; both must be at least 1."
        )
    tables = [_offered(space, i, p, shrinkage) for i, p in enumerate(populations)]
    pooled = pd.concat(tables, ignore_index=True)
    intact = pooled[(pooled["flag"] == 0) & (pooled["n_terms"] > 0)]
    if intact.empty:
        raise UserError(
            f"None of the {len(pooled)} rules that the search ended with is intact "
            "with an active term; search longer or lower plasticity.eta."
        )
    best = _in_order(intact).drop_duplicates("formula")
    means = np.stack(best["means"]).astype(np.float32)
    ranked = best.assign(rank=np.asarray(non_dominated_ranks(means)))
    return _in_order(ranked, "rank").head(n).reset_index(drop=True)


def _in_order(table: pd.DataFrame, *first: str) -> pd.DataFrame:
    columns = [*first, "search_accuracy", "n_terms", "population", "row"]
    ascending = [name != "search_accuracy" for name in columns]
    return table.sort_values(columns, ascending=ascending)


def _offered(
    space: rules.RuleSpace, index: int, population: Population, shrinkage: float
) -> pd.DataFrame:
    gates = np.asarray(rules.decode(space, np.asarray(population.genomes)).gates)
    intact = np.asarray(population.flags) == 0
    means = np.asarray(population.means, float)
    accuracy = shrunken(-means[:, ACCURACY], population.counts, intact, shrinkage)
    return pd.DataFrame(
        {
            "population": index,
            "row": np.arange(len(gates)),
            "formula": [rules.formula(row) for row in gates],
            "n_terms": gates.sum(axis=1).astype(int),
            "search_seed": population.search_seed,
            "search_accuracy": accuracy,
            "search_evaluations": np.asarray(population.counts).astype(int),
            "flag": np.asarray(population.flags).astype(int),
            "means": list(means),
            **_ancestry(population, len(gates)),
        }
    )


def _ancestry(population: Population, n: int) -> dict[str, list]:
    origins = population.origins or [(-1, "swarm", ())] * n
    return {
        "family": [number for number, _, _ in origins],
        "operator": [operator for _, operator, _ in origins],
        "parents": [" ".join(map(str, parents)) for _, _, parents in origins],
    }


def shrunken(
    accuracy: np.ndarray, counts: np.ndarray, intact: np.ndarray, shrinkage: float
) -> np.ndarray:
    """Pull accuracies (P,) of ``counts`` evaluations towards the intact ones' mean."""
    counts = np.asarray(counts, dtype=float)
    centre = accuracy[intact].mean() if intact.any() else accuracy.mean()
    weight = counts / np.maximum(counts + shrinkage, np.finfo(float).tiny)
    return centre + weight * (accuracy - centre)
