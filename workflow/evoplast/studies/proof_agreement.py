"""Do independent searches find the same?

In: rules measured again and champions of every search, with their genomes. Out: in how
many searches each formula and each term comes back, and the correlation of the
coefficients of shared terms between champions, beside what it is when the cell types of
every champion are shuffled.
"""

from collections.abc import Mapping
from itertools import combinations

import numpy as np
import pandas as pd

from evoplast.artefacts.seeds import numpy_rng
from evoplast.rules import TERMS, RuleSpace, decode
from evoplast.search import coefficients_of
from evoplast.studies.proof_arms import FAMILY_ARMS, SWARM
from evoplast.studies.proof_choices import ANY, WITHIN

ARMS = (*FAMILY_ARMS, SWARM)
_SHUFFLES = 999


def recurrence(rules: pd.DataFrame, choices: pd.DataFrame) -> pd.DataFrame:
    """Return how often formulas and terms come back, one row per arm, kind and text.

    Of each formula, and of each term: in how many searches it is among the rules
    measured again (``n_searches_measured``) and among the champions
    (``n_searches_champion``; best of all or within biology), of ``n_searches``.
    """
    champions = choices[choices["choice"].isin((ANY, WITHIN)) & choices["found"]]
    best = champions[["search_seed", "arm", "rule"]].drop_duplicates()
    best = best.rename(columns={"arm": "group"}).assign(champion=True)
    table = rules[rules["group"].isin(ARMS)].merge(best, "left")
    table["champion"] = table["champion"].eq(True)
    rows = []
    for arm, part in table.groupby("group", sort=True):
        whole = part["formula"].str.removeprefix("Δw = ")
        texts = {"formula": whole, "term": whole.str.split(" + ", regex=False)}
        for kind, text in texts.items():
            long = part.assign(text=text).explode("text")
            for name, same in long.groupby("text", sort=True):
                chosen = same[same["champion"]]
                row = {"arm": arm, "kind": kind, "text": name}
                row["n_searches_measured"] = same["search_seed"].nunique()
                row["n_searches_champion"] = chosen["search_seed"].nunique()
                rows.append(row | {"n_searches": part["search_seed"].nunique()})
    order = ["n_searches_champion", "n_searches_measured"]
    return pd.DataFrame(rows).sort_values(
        ["arm", "kind", *order, "text"], ascending=[True, True, False, False, True]
    )


def coefficient_agreement(
    space: RuleSpace, champions: Mapping[str, Mapping[int, np.ndarray]], seed: int
) -> pd.DataFrame:
    """Return correlations of coefficients between champions of independent searches.

    ``champions``: of each choice the genome (D,) of each search. One row per term that
    two or more of them share, and one for all such terms (``term`` "all"): the mean of
    Pearson's r over pairs of searches (``correlation``), the mean and s.d. under the
    null (cell types of every champion shuffled, 999 times), one-sided p_value, n_pairs.
    """
    rows = []
    for choice, genomes in champions.items():
        shared = _shared(space, genomes)
        if not shared:
            continue
        observed = _correlations(shared)
        rng = numpy_rng(seed, "search proof", "agreement", choice)
        null = [_correlations(_shuffled(shared, rng)) for _ in range(_SHUFFLES)]
        for term in (*observed, "all"):
            value = _pooled(observed, term)
            drawn = np.array([_pooled(one, term) for one in null])
            terms = observed if term == "all" else [term]
            rows.append(
                {
                    "choice": choice,
                    "term": term,
                    "correlation": value,
                    "null_mean": drawn.mean(),
                    "null_sd": drawn.std(),
                    "p_value": (1 + (drawn >= value).sum()) / (1 + len(drawn)),
                    "n_pairs": sum(len(observed[name]) for name in terms),
                }
            )
    columns = ["choice", "term", "correlation", "null_mean", "null_sd", "p_value"]
    return pd.DataFrame(rows, columns=[*columns, "n_pairs"])


def champions_of(
    choices: pd.DataFrame, genomes: Mapping[int, np.ndarray]
) -> dict[str, dict[int, np.ndarray]]:
    """Return the genome of each champion by "arm, choice" and search.

    ``genomes``: of each search those of its rules (P, D). Sides that found none in a
    search have no genome there.
    """
    chosen = choices[choices["choice"].isin((ANY, WITHIN)) & choices["found"]]
    chosen = chosen[chosen["arm"].isin(ARMS)]
    return {
        f"{arm}, {choice}": {
            int(row.search_seed): genomes[row.search_seed][row.rule]
            for row in part.itertuples()
        }
        for (arm, choice), part in chosen.groupby(["arm", "choice"], sort=True)
    }


def _shared(
    space: RuleSpace, genomes: Mapping[int, np.ndarray]
) -> dict[str, dict[int, np.ndarray]]:
    """Return {term: {search: coefficients (n,) or (n, n)}} of terms that two share."""
    found: dict[str, dict[int, np.ndarray]] = {}
    for search, genome in genomes.items():
        gates = np.asarray(decode(space, genome[None]).gates)[0]
        for term in np.flatnonzero(gates):
            values = np.asarray(genome[coefficients_of(space, int(term))], float)
            if len(values) == space.n_types**2:
                values = values.reshape(space.n_types, space.n_types)
            if len(values) > 1:
                found.setdefault(TERMS[term].name, {})[search] = values
    return {term: own for term, own in found.items() if len(own) > 1}


def _correlations(shared) -> dict[str, list[float]]:
    return {
        term: [
            _correlation(own[a].ravel(), own[b].ravel())
            for a, b in combinations(sorted(own), 2)
        ]
        for term, own in shared.items()
    }


def _correlation(left: np.ndarray, right: np.ndarray) -> float:
    """Return Pearson's r; 0 where one side has a single value."""
    left, right = left - left.mean(), right - right.mean()
    size = np.sqrt((left**2).sum() * (right**2).sum())
    return float(left @ right / size) if size > 0 else 0.0


def _pooled(correlations: Mapping[str, list[float]], term: str) -> float:
    if term != "all":
        return float(np.mean(correlations[term]))
    return float(np.mean([r for values in correlations.values() for r in values]))


def _shuffled(shared, rng: np.random.Generator) -> dict[str, dict[int, np.ndarray]]:
    """Return coefficients with the types of each champion in an order of its own.

    Rows and columns of a pair term move together, and all terms of a champion alike.
    """
    searches = sorted({search for own in shared.values() for search in own})
    n = len(next(iter(next(iter(shared.values())).values())))
    orders = {search: rng.permutation(n) for search in searches}
    return {
        term: {
            search: values[np.ix_(*[orders[search]] * values.ndim)]
            for search, values in own.items()
        }
        for term, own in shared.items()
    }
