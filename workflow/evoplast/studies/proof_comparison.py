"""Comparisons of the proof: which side's choice does better on networks never used.

In: choices and cells of all searches. Out: one row per comparison, with intervals and
p-values of two questions. Would another search do so? The search is the unit: t test,
sign flips of the searches, a bootstrap of searches and then of their networks. Do the
rules found do so on other networks? The network is the unit: sign flips of all
networks, the searches as they are. The tests that were planned are corrected for their
number (Holm 1979, Scand. J. Stat. 6:65).
"""

import numpy as np
import pandas as pd
from scipy import stats

from evoplast.analysis import (
    UNPLASTIC,
    holm,
    nested_bootstrap_interval,
    nested_bootstrap_p,
    sign_flip_test,
    standard_error,
)
from evoplast.artefacts.errors import UserError
from evoplast.artefacts.seeds import named_seed
from evoplast.studies.proof_arms import FAMILIES, FREE, KNOWN, RANDOM, SWARM
from evoplast.studies.proof_choices import ANY, WITHIN

CANDIDATES = ((FAMILIES, WITHIN), (FREE, ANY))
OPPONENTS = (
    (UNPLASTIC, ANY),
    (KNOWN, ANY),
    (RANDOM, WITHIN),
    (RANDOM, ANY),
    (SWARM, WITHIN),
    (SWARM, ANY),
)
PLANNED = tuple((left, right) for left in CANDIDATES for right in OPPONENTS)
"""The planned tests, of cross_accuracy: every candidate against every opponent."""

OTHERS = (
    ((FAMILIES, ANY), (UNPLASTIC, ANY)),
    ((FREE, WITHIN), (UNPLASTIC, ANY)),
    ((RANDOM, ANY), (UNPLASTIC, ANY)),
    ((SWARM, ANY), (UNPLASTIC, ANY)),
    ((KNOWN, ANY), (UNPLASTIC, ANY)),
    ((FREE, ANY), (FAMILIES, WITHIN)),
)
CROSS = "cross_accuracy"
CONFIDENCE, POWER = 0.95, 0.8


def compare_searches(
    choices: pd.DataFrame, cells: pd.DataFrame, seed: int
) -> pd.DataFrame:
    """Return one row per comparison and quantity (accuracy, that of each task).

    Columns: left, left_choice, right, right_choice, quantity, planned, left_mean,
    right_mean, those of ``over_searches``, and p_holm, p_networks_holm for planned
    tests of cross accuracy (else missing).

    Raises:
        UserError: fewer than two searches.
    """
    n = choices["search_seed"].nunique()
    if n < 2:
        raise UserError(
            f"search_proof.seeds is {n}; a test over searches needs at least 2."
        )
    quantities = [CROSS, *sorted(name for name in cells if name[:9] == "accuracy_")]
    table = pd.DataFrame(
        [
            _comparison(choices, cells, pair, quantity, seed)
            for pair in (*PLANNED, *OTHERS)
            for quantity in quantities
        ]
    )
    planned = table["planned"]
    for corrected, single in (
        ("p_holm", "p_value"),
        ("p_networks_holm", "p_value_networks"),
    ):
        table[corrected] = np.nan
        table.loc[planned, corrected] = holm(table.loc[planned, single].to_numpy())
    return table


def _comparison(choices, cells, pair, quantity: str, seed: int) -> dict:
    (arm, choice), (other, other_choice) = pair
    left = by_network(choices, cells, arm, choice, quantity)
    right = by_network(choices, cells, other, other_choice, quantity)
    return {
        "left": arm,
        "left_choice": choice,
        "right": other,
        "right_choice": other_choice,
        "quantity": quantity,
        "planned": pair in PLANNED and quantity == CROSS,
        "left_mean": search_means(left).mean(),
        "right_mean": search_means(right).mean(),
        **over_searches(left - right, seed),
    }


def by_network(
    choices: pd.DataFrame,
    cells: pd.DataFrame,
    arm: str,
    choice: str,
    quantity: str,
    limit: float | None = None,
) -> pd.Series:
    """Return a choice's ``quantity`` on unseen networks by (search_seed, instance)."""
    chosen = choices[(choices["arm"] == arm) & (choices["choice"] == choice)]
    if limit is not None:
        chosen = chosen[chosen["limit"] == limit]
    unseen = cells[cells["split"] == "unseen"]
    own = chosen[["search_seed", "rule"]].merge(unseen, on=["search_seed", "rule"])
    return own.groupby(["search_seed", "instance"], sort=True)[quantity].mean()


def search_means(values: pd.Series) -> pd.Series:
    """Return the mean of each search over its networks."""
    return values.groupby("search_seed").mean()


def over_searches(difference: pd.Series, seed: int) -> dict:
    """Return the statistics of differences by (search_seed, instance).

    difference_mean, difference_se and the 95 % t interval low, high over searches;
    p_value (t), p_value_signs (never below 2 / 2^n), nested_low, nested_high and
    p_value_nested (bootstrap of searches, then networks), p_value_networks (sign flips
    of all networks); search_sd and network_sd (components of the spread), detectable
    (the difference found with a power of 80 %), n_searches, n_networks.
    """
    means = search_means(difference).to_numpy()
    n, se = len(means), standard_error(means)
    groups = difference.groupby("search_seed")
    network_var = groups.var(ddof=1).mean()
    between = means.var(ddof=1) - np.nan_to_num(network_var) / groups.size().mean()
    searches = difference.index.get_level_values("search_seed").to_numpy()
    values = difference.to_numpy()
    nested = nested_bootstrap_interval(values, searches, seed)
    own = named_seed(seed, "search proof")
    return {
        **interval(means),
        "p_value_signs": sign_flip_test(means, np.zeros(n), own).p_value,
        "nested_low": nested[0],
        "nested_high": nested[1],
        "p_value_nested": nested_bootstrap_p(values, searches, seed),
        "p_value_networks": sign_flip_test(values, 0 * values, own).p_value,
        "search_sd": float(np.sqrt(max(between, 0.0))),
        "network_sd": float(np.sqrt(network_var)),
        "detectable": float(_quantiles(n) * se),
        "n_searches": n,
        "n_networks": len(values),
    }


def _quantiles(n: int) -> float:
    tail = 0.5 * (1 + CONFIDENCE)
    return stats.t.ppf(tail, n - 1) + stats.t.ppf(POWER, n - 1)


def interval(values: np.ndarray) -> dict:
    """Return mean, standard error, t interval and p of paired differences (n,)."""
    # Differences of fractions that are equal may differ in the last bit.
    values = np.round(np.asarray(values, float), 12)
    n, mean, se = len(values), float(values.mean()), standard_error(values)
    half = stats.t.ppf(0.5 * (1 + CONFIDENCE), n - 1) * se
    t = abs(mean) / se if se != 0 else np.inf
    p_value = 1.0 if mean == 0 else 2 * stats.t.sf(t, n - 1)
    return {
        "difference_mean": mean,
        "difference_se": se,
        "low": mean - half,
        "high": mean + half,
        "p_value": float(p_value),
    }
