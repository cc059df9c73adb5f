"""What each choice of the proof came to on networks never used, and the fronts.

In: choices, cells and rules of all searches, the table of the ceiling if there is one.
Out: one row per choice: accuracy, gain over no plasticity, rates, distance to the
mouse, and how far the gain goes towards what a linear readout of the means of the cell
types could reach.
"""

import numpy as np
import pandas as pd

from evoplast.analysis import UNPLASTIC
from evoplast.studies.proof_choices import ANY, NEAR, TERMS, WITHIN
from evoplast.studies.proof_comparison import (
    CROSS,
    by_network,
    interval,
    over_searches,
    search_means,
)

PLAIN = ("max_rate_hz", "mean_rate_hz", "wasserstein_hz", "synchrony")
CHAMPIONS, COMPLEXITY, DISTANCE = (ANY, WITHIN), (TERMS,), (NEAR,)
_GAIN = ("difference_mean", "difference_se", "low", "high", "p_value")


def outcomes(
    choices: pd.DataFrame,
    cells: pd.DataFrame,
    rules: pd.DataFrame,
    seed: int,
    ceiling: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return one row per arm, choice and limit.

    Columns: accuracy_mean, _se, _low, _high (t interval over searches), that of each
    task (mean), gain_mean, _se, _low, _high, _p_value (over no plasticity, paired by
    network), gain_p_networks, ``PLAIN``, n_terms_mean, n_found (searches in which the
    side had such a rule), n_searches, ceiling_accuracy and ceiling_share with its
    interval (missing without ``ceiling``). With a single search no errors are known.
    """
    distance, top = ceiling_distance(ceiling)
    keys = choices[["arm", "choice", "limit"]].drop_duplicates()
    rows = []
    for arm, choice, limit in keys.itertuples(index=False):
        own = _of(choices, arm, choice, limit)
        row = {"arm": arm, "choice": choice, "limit": limit}
        row |= _accuracies(own, cells, arm, choice)
        row |= _gain(own, choices, cells, seed)
        row |= _nature(own, cells, rules) | {"ceiling_accuracy": top}
        for end in ("mean", "low", "high"):
            row[f"ceiling_share_{end}"] = row[f"gain_{end}"] / distance
        rows.append(row)
    return pd.DataFrame(rows)


def of_kind(table: pd.DataFrame, kinds: tuple[str, ...]) -> pd.DataFrame:
    """Return the outcomes of some kinds of choices, ``CHAMPIONS`` or one front."""
    return table[table["choice"].isin(kinds)].reset_index(drop=True)


def ceiling_distance(ceiling: pd.DataFrame | None) -> tuple[float, float]:
    """Return how far type means lie above the pool's mean, and where they lie.

    Both without plasticity on the same networks, means of the tasks; NaN without a
    table.
    """
    if ceiling is None:
        return float("nan"), float("nan")
    by_readout = ceiling.groupby("readout")["accuracy"].mean()
    top = float(by_readout["type means"])
    return top - float(by_readout["pool mean"]), top


def _of(choices: pd.DataFrame, arm: str, choice: str, limit: float) -> pd.DataFrame:
    same = (choices["arm"] == arm) & (choices["choice"] == choice)
    if not np.isnan(limit):
        same &= choices["limit"] == limit
    return choices[same]


def _accuracies(own: pd.DataFrame, cells: pd.DataFrame, arm: str, choice: str) -> dict:
    means = search_means(by_network(own, cells, arm, choice, CROSS))
    found = interval(means.to_numpy())
    row = {
        "accuracy_mean": found["difference_mean"],
        "accuracy_se": found["difference_se"],
        "accuracy_low": found["low"],
        "accuracy_high": found["high"],
    }
    for name in sorted(name for name in cells if name[:9] == "accuracy_"):
        row[f"{name}_mean"] = search_means(
            by_network(own, cells, arm, choice, name)
        ).mean()
    return row


def _gain(own, choices, cells, seed: int) -> dict:
    arm, choice = own["arm"].iloc[0], own["choice"].iloc[0]
    reached = by_network(own, cells, arm, choice, CROSS)
    still = by_network(choices, cells, UNPLASTIC, ANY, CROSS)
    difference = reached - still.reindex(reached.index)
    if own["search_seed"].nunique() < 2:
        found = interval(search_means(difference).to_numpy())
        networks = float("nan")
    else:
        found = over_searches(difference, seed)
        networks = found["p_value_networks"]
    row = {f"gain_{name.removeprefix('difference_')}": found[name] for name in _GAIN}
    return row | {"gain_p_networks": networks}


def _nature(own: pd.DataFrame, cells: pd.DataFrame, rules: pd.DataFrame) -> dict:
    arm, choice = own["arm"].iloc[0], own["choice"].iloc[0]
    row = {
        f"{name}_mean": search_means(by_network(own, cells, arm, choice, name)).mean()
        for name in PLAIN
    }
    named = own.merge(rules, on=["search_seed", "rule"])
    row["n_terms_mean"] = named["n_terms"].mean()
    row["n_found"] = int(own["found"].sum())
    row["n_searches"] = own["search_seed"].nunique()
    return row
