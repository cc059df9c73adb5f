"""What recurs over independent searches: formulas, terms, families of alike formulas.

In: what every search ended with. Out: a table of shares, and one of how alike the
fronts of different searches are. A search's own front (by its own mean objectives)
counts as one: a share is the mean over searches of the share within each front, its
error that over searches. With one search there is no error.
"""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import pdist

from evoplast import rules
from evoplast.analysis import non_dominated
from evoplast.artefacts.seeds import numpy_rng
from evoplast.search import Population

N_SHUFFLES = 999


def own_front(space: rules.RuleSpace, population: Population) -> np.ndarray:
    """Return which rules (F,) of a population are on its own front of intact rules."""
    some = (np.asarray(rules.decode(space, population.genomes).gates) > 0).any(axis=1)
    intact = (np.asarray(population.flags) == 0) & some
    usable = np.flatnonzero(intact if intact.any() else some)
    return usable[non_dominated(np.asarray(population.means)[usable])]


def front_gates(space: rules.RuleSpace, population: Population) -> np.ndarray:
    """Return the gates (F, 25) bool of a search's own front of intact rules."""
    gates = np.asarray(rules.decode(space, population.genomes).gates) > 0
    return gates[own_front(space, population)]


def jaccard(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return shared over all terms of each pair, (P, Q), of gates (P, 25), (Q, 25)."""
    both = (left[:, None] & right[None]).sum(axis=2)
    either = (left[:, None] | right[None]).sum(axis=2)
    return both / np.maximum(either, 1)


def recurrence(
    fronts: Sequence[np.ndarray], similarity: float, paper: dict[str, float]
) -> pd.DataFrame:
    """Return the share of every formula, term and family, one row each.

    ``fronts``: gates (F, 25) of each search's front. A family holds formulas whose
    mean Jaccard similarity is at least ``similarity`` (average linkage over all fronts)
    and bears the name of the one that is most alike to the others. ``paper``: published
    shares by formula. Columns: kind, name, latex, share, se, n_searches_with,
    n_searches, n_formulas (in the family), expected (of a term: its share if the terms
    of every rule were drawn at random), paper_share. Largest share first.
    """
    search = np.repeat(np.arange(len(fronts)), [len(front) for front in fronts])
    gates = np.concatenate(fronts)
    distinct, formula = np.unique(gates, axis=0, return_inverse=True)
    formula = formula.ravel()
    family = _families(distinct, similarity)
    names = [(rules.formula(row), rules.latex(row)) for row in distinct]
    terms = [(term.name, term.latex) for term in rules.ALL_TERMS[: gates.shape[1]]]
    tables = [
        _shares("formula", names, _one_hot(formula), search),
        _shares("term", terms, gates.astype(float), search),
        _shares(
            "family",
            [names[i] for i in _medoids(distinct, family)],
            _one_hot(family[formula]),
            search,
        ),
    ]
    tables[0]["n_formulas"] = 1
    tables[2]["n_formulas"] = np.bincount(family)
    tables[1]["expected"] = _mean_of_searches(gates.mean(axis=1)[:, None], search)[0]
    tables[0]["paper_share"] = tables[0]["name"].map(paper).astype(float)
    table = pd.concat(tables, ignore_index=True)
    order = {"formula": 0, "term": 1, "family": 2}
    return table.sort_values(
        ["kind", "share", "name"],
        ascending=[True, False, True],
        key=lambda column: column.map(order) if column.name == "kind" else column,
    ).reset_index(drop=True)


def _families(distinct: np.ndarray, similarity: float) -> np.ndarray:
    if len(distinct) == 1:
        return np.zeros(1, int)
    tree = linkage(pdist(distinct, "jaccard"), "average")
    return fcluster(tree, 1.0 - similarity, "distance").astype(int) - 1


def _medoids(distinct: np.ndarray, family: np.ndarray) -> list[int]:
    found = []
    for number in range(family.max() + 1):
        members = np.flatnonzero(family == number)
        alike = jaccard(distinct[members], distinct[members]).sum(axis=1)
        found.append(int(members[np.argmax(alike)]))
    return found


def _one_hot(labels: np.ndarray) -> np.ndarray:
    return (labels[:, None] == np.arange(labels.max() + 1)).astype(float)


def _mean_of_searches(values: np.ndarray, search: np.ndarray) -> np.ndarray:
    return pd.DataFrame(values).groupby(search).mean().mean().to_numpy()


def _shares(kind: str, names, member: np.ndarray, search: np.ndarray) -> pd.DataFrame:
    own = pd.DataFrame(member).groupby(search).mean()
    return pd.DataFrame(
        {
            "kind": kind,
            "name": [name for name, _ in names],
            "latex": [latex for _, latex in names],
            "share": own.mean().to_numpy(),
            "se": own.sem().to_numpy(),
            "n_searches_with": (own > 0).sum().to_numpy(),
            "n_searches": len(own),
        }
    )


def agreement(fronts: Sequence[np.ndarray], seed: int) -> pd.DataFrame:
    """Return how alike the fronts of different searches are, beside chance; one row.

    ``similarity``: each rule's largest Jaccard similarity to a rule of the other front,
    averaged over rules and over pairs of searches, ``se`` over searches (a search's
    mean to all others); ``null_mean``, ``null_sd``: the same after the terms were given
    other names at random in every search (which keeps how large rules are and how they
    hang together), ``p_value`` one-sided. Searches that begin with the same formulas
    are alike for that, too. Missing with one search.
    """
    observed = _likeness(fronts)
    if len(fronts) < 2:
        names = ("similarity", "se", "null_mean", "null_sd", "p_value")
        return pd.DataFrame([dict.fromkeys(names, np.nan) | {"n_searches": 1}])
    rng = numpy_rng(seed, "recurrence", "agreement")
    null = np.array(
        [
            np.nanmean(_likeness([front[:, rng.permutation(25)] for front in fronts]))
            for _ in range(N_SHUFFLES)
        ]
    )
    similarity = float(np.nanmean(observed))
    own = np.nanmean(observed, axis=1)
    return pd.DataFrame(
        [
            {
                "similarity": similarity,
                "se": float(own.std(ddof=1) / np.sqrt(len(own))),
                "null_mean": null.mean(),
                "null_sd": null.std(),
                "p_value": (1 + (null >= similarity).sum()) / (1 + len(null)),
                "n_searches": len(fronts),
            }
        ]
    )


def _likeness(fronts: Sequence[np.ndarray]) -> np.ndarray:
    """Return how alike each pair of fronts is (S, S), NaN on the diagonal."""
    alike = np.full((len(fronts), len(fronts)), np.nan)
    for i, j in combinations(range(len(fronts)), 2):
        pairs = jaccard(fronts[i], fronts[j])
        both = 0.5 * (pairs.max(axis=1).mean() + pairs.max(axis=0).mean())
        alike[i, j] = alike[j, i] = both
    return alike
