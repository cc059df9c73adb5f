"""Different formulas, same behaviour? Distances compared, and clusters of behaviour.

In: the dataset of ``behaviour_distances``. Out: tables. Rules are what is exchanged in
every null model: pairs of rules are no replicates of each other. P rules.
"""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd
import xarray as xr
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform
from scipy.stats import rankdata

from evoplast.analysis import holm, standard_error
from evoplast.artefacts.seeds import numpy_rng
from evoplast.structure.compared import sets_of
from evoplast.structure.distances import (
    BEHAVIOUR,
    FORMULA,
    MEASURES,
    joined_distance,
)

N_PERMUTATIONS = 4999
MOST_CLUSTERS = 6
CLOSE, UNLIKE = 0.25, 0.75
"""Share of pairs that count as close in behaviour; formula distance from which two
formulas are unlike (they share at most a quarter of their terms)."""


def degeneracy_tables(
    distances: xr.Dataset, table: pd.DataFrame, seed: int
) -> dict[str, pd.DataFrame]:
    """Return the tables "correlations", "members" and "tests" of all sets of rules.

    ``table``: of ``compared_rules``. The column set says which: "evolved" or "all"
    (``sets_of``); see ``correlations`` and ``cluster_tables``.
    """
    parts: dict[str, list[pd.DataFrame]] = {}
    for name, rows in sets_of(table).items():
        own = distances.isel(rule=rows, other=rows)
        chosen = table.iloc[rows].reset_index(drop=True)
        members, tests = cluster_tables(own, chosen, seed)
        found = {
            "correlations": correlations(own, chosen["group"].tolist(), seed),
            "members": members,
            "tests": tests,
        }
        for kind, part in found.items():
            parts.setdefault(kind, []).append(part.assign(set=name))
    return {k: pd.concat(part, ignore_index=True) for k, part in parts.items()}


def exchanged(strata: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return an order (P,) in which rules changed places within their stratum."""
    order = np.arange(len(strata))
    for stratum in np.unique(strata):
        place = np.flatnonzero(strata == stratum)
        order[place] = rng.permutation(place)
    return order


def mantel(
    left: np.ndarray, right: np.ndarray, orders: Sequence[np.ndarray]
) -> tuple[float, float]:
    """Return Spearman's correlation of two distance matrices (P, P) and its p-value.

    Two-sided, by exchanging the rules of one (Mantel 1967, Cancer Res. 27:209) in
    ``orders``; both NaN if a matrix has the same distance everywhere.
    """
    upper = np.triu_indices(len(left), 1)
    a, b = _ranks(left, upper), _ranks(right, upper)
    if not a.any() or not b.any():
        return float("nan"), float("nan")
    square = squareform(b)
    null = np.array([a @ square[np.ix_(order, order)][upper] for order in orders])
    seen = float(a @ b)
    as_large = (np.abs(null) >= abs(seen) * (1 - 1e-9)).sum()
    return seen, float((1 + as_large) / (1 + len(null)))


def _ranks(matrix: np.ndarray, upper: tuple[np.ndarray, ...]) -> np.ndarray:
    """Return centred ranks of length 1; 0 everywhere if all are equal."""
    ranks = rankdata(matrix[upper])
    ranks = ranks - ranks.mean()
    size = np.linalg.norm(ranks)
    return ranks / size if size > 0 else np.zeros_like(ranks)


def correlations(
    distances: xr.Dataset, groups: Sequence[str], seed: int
) -> pd.DataFrame:
    """Return one row per pair of measures: rank correlation of mean distances.

    Rules are exchanged within their group (P,).

    Columns: left, right, correlation (of the means over networks), p_value
    (``mantel``), p_holm (over the pairs of measures), by_network and its se (mean of
    the correlations on single networks), n_rules, n_networks.
    """
    own = distances["distance"]
    orders = _orders(groups, numpy_rng(seed, "mantel"))
    rows = []
    for left, right in combinations(MEASURES, 2):
        a, b = (own.sel(measure=name).values for name in (left, right))
        seen, p_value = mantel(a.mean(axis=0), b.mean(axis=0), orders)
        upper = np.triu_indices(a.shape[-1], 1)
        each = [_ranks(x, upper) @ _ranks(y, upper) for x, y in zip(a, b, strict=True)]
        rows.append(
            {
                "left": left,
                "right": right,
                "correlation": seen,
                "p_value": p_value,
                "by_network": float(np.mean(each)),
                "by_network_se": standard_error(np.array(each)),
            }
        )
    table = pd.DataFrame(rows)
    known = table["p_value"].notna()
    table["p_holm"] = np.nan
    table.loc[known, "p_holm"] = holm(table.loc[known, "p_value"].to_numpy())
    return table.assign(n_rules=own.sizes["rule"], n_networks=own.sizes["network"])


def _orders(groups: Sequence[str], rng: np.random.Generator) -> list[np.ndarray]:
    strata = np.unique(np.asarray(groups, str), return_inverse=True)[1]
    return [exchanged(strata, rng) for _ in range(N_PERMUTATIONS)]


def clusters(matrix: np.ndarray) -> tuple[np.ndarray, float]:
    """Return the cluster (P,) of each rule, from 0, and the mean silhouette.

    Average linkage, cut where the silhouette (Rousseeuw 1987, J. Comput. Appl. Math.
    20:53) is largest, between 2 and ``MOST_CLUSTERS`` clusters.
    """
    tree = linkage(squareform(matrix, checks=False), "average")
    best, labels = -np.inf, np.zeros(len(matrix), int)
    for count in range(2, min(MOST_CLUSTERS, len(matrix) - 1) + 1):
        found = fcluster(tree, count, "maxclust") - 1
        value = silhouette(matrix, found)
        if value > best:
            best, labels = value, found
    return labels, float(best)


def silhouette(matrix: np.ndarray, labels: np.ndarray) -> float:
    """Return the mean silhouette of clusters in distances (P, P); alone counts 0."""
    member = labels[:, None] == np.unique(labels)
    sizes = member.sum(axis=0)
    total = matrix @ member
    own = np.argmax(member, axis=1)
    rows = np.arange(len(labels))
    inside = total[rows, own] / np.maximum(sizes[own] - 1, 1)
    outside = total / sizes
    outside[rows, own] = np.inf
    nearest = outside.min(axis=1)
    value = (nearest - inside) / np.maximum(np.maximum(inside, nearest), 1e-12)
    return float(np.where(sizes[own] > 1, value, 0.0).mean())


def cluster_tables(
    distances: xr.Dataset, table: pd.DataFrame, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the clusters of behaviour, and what null models say of them.

    ``table``: name, group, formula of the rules (P rows). It comes back with cluster
    (0 the largest), accuracy, accuracy_se (over networks). The second has a row per
    quantity: quantity, value, null_mean, null_sd, p_value (two-sided), n_rules,
    n_networks:

    * silhouette: are there clusters? Null: rules exchanged on each network alone, so
      that what a rule does on one says nothing of what it does on another;
    * formula distance within clusters, and the share of pairs close in behaviour (the
      nearest quarter) whose formulas are unlike (distance of at least 0.75). Null:
      formulas exchanged among rules of a group. At the null the behaviour knows
      nothing of the formula; far below it, unlike formulas do not behave alike.
    """
    each = joined_distance(distances, BEHAVIOUR)
    behaviour, n = each.mean(axis=0), each.shape[-1]
    formula = distances["distance"].sel(measure=FORMULA).values.mean(axis=0)
    labels, seen = clusters(behaviour)
    rng = numpy_rng(seed, "degeneracy")
    shuffled = [clusters(_shuffled(each, rng))[1] for _ in range(N_PERMUTATIONS // 10)]
    within = labels[:, None] == labels
    close = behaviour <= np.quantile(behaviour[np.triu_indices(n, 1)], CLOSE)
    orders = _orders(table["group"].tolist(), rng)
    upper = np.triu(np.ones((n, n), bool), 1)
    quantities = {
        "silhouette": (seen, np.array(shuffled)),
        "formula distance within clusters": _exchanged(formula, within & upper, orders),
        "close pairs of unlike formulas": _exchanged(
            (formula >= UNLIKE).astype(float), close & upper, orders
        ),
    }
    tests = pd.DataFrame(
        [{"quantity": k} | _compared(*found) for k, found in quantities.items()]
    )
    sizes = {"n_rules": n, "n_networks": len(each)}
    return _members(distances, table, labels), tests.assign(**sizes)


def _shuffled(each: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the mean of distances (networks, P, P), rules exchanged on each alone."""
    orders = [rng.permutation(each.shape[-1]) for _ in each]
    return np.mean(
        [own[np.ix_(k, k)] for own, k in zip(each, orders, strict=True)], axis=0
    )


def _exchanged(
    values: np.ndarray, pairs: np.ndarray, orders: Sequence[np.ndarray]
) -> tuple[float, np.ndarray]:
    """Return the mean of ``values`` (P, P) over ``pairs``, and of exchanged rules."""
    if not pairs.any():
        return float("nan"), np.full(len(orders), np.nan)
    null = np.array([values[np.ix_(k, k)][pairs].mean() for k in orders])
    return float(values[pairs].mean()), null


def _compared(seen: float, null: np.ndarray) -> dict[str, float]:
    """Return the value beside its null; p is twice the smaller tail."""
    above, below = ((null >= seen - 1e-9).sum(), (null <= seen + 1e-9).sum())
    p_value = min(2 * (1 + min(above, below)) / (1 + len(null)), 1.0)
    return {
        "value": seen,
        "null_mean": float(null.mean()),
        "null_sd": float(null.std(ddof=1)),
        "p_value": float(p_value) if np.isfinite(seen) else float("nan"),
    }


def _members(
    distances: xr.Dataset, table: pd.DataFrame, labels: np.ndarray
) -> pd.DataFrame:
    order = np.argsort(-np.bincount(labels), kind="stable")
    accuracy = distances["accuracy"].values
    return table.assign(
        cluster=np.argsort(order)[labels],
        accuracy=accuracy.mean(axis=0),
        accuracy_se=[standard_error(column) for column in accuracy.T],
    )
