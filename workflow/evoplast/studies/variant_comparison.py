"""What the variants of the search say: networks and sizes, selection bias, the start.

In: rules, cells and histories of the searches of :mod:`search_variants`, each with the
columns ``variant`` and ``search_seed``. Out: one table per study. Where several
searches were made of a variant, they are the unit of errors; with a single one these
are errors over networks, and ``unit`` says so.
"""

import numpy as np
import pandas as pd

from evoplast.analysis import (
    UNPLASTIC,
    clustered,
    standard_error,
)
from evoplast.studies.search_variants import CONTROL, EVOLVED

REFERENCE = "reference"
SEARCH = ["variant", "search_seed", "generations"]
NETWORK = [*SEARCH, "split", "instance"]
DIVERSITY = ("hypervolume", "gate_distance", "distinct_formulas", "mean_accuracy")


def generalisation(rules: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """Return accuracy on seen and unseen networks at every look of every variant.

    One row per variant, look and split (seen, unseen): evaluations, accuracy (mean of
    the rules measured again) and ``gain``, the same minus no plasticity (best
    threshold on ``selection``), each with ``_se``, ``n_searches``, ``n_networks`` (of
    all searches together), ``unit``. Other columns of ``rules`` that say what a
    variant is (n_neurons, n_networks_used) are kept.
    """
    gains = _gains(cells)
    rows = []
    for (variant, look, split), part in gains.groupby(
        ["variant", "generations", "split"], sort=False
    ):
        about = rules[(rules["variant"] == variant) & (rules["generations"] == look)]
        row = {"variant": variant, "generations": look, "split": split}
        row |= about[["n_neurons", "n_networks_used", "evaluations"]].iloc[0].to_dict()
        for name in ("accuracy", "still", "gain"):
            row |= _with_error(part, name)
        rows.append(row)
    return pd.DataFrame(rows)


def _gains(cells: pd.DataFrame) -> pd.DataFrame:
    """Return accuracy, no plasticity and their difference by search and network."""
    reported = cells[cells["split"] != "selection"]
    evolved = reported[reported["group"] == EVOLVED]
    accuracy = evolved.groupby(NETWORK)["cross_accuracy"].mean().rename("accuracy")
    best = best_threshold(cells)
    still = reported.merge(best, on=[*SEARCH, "rule"])
    still = still.groupby(NETWORK)["cross_accuracy"].mean().rename("still")
    table = pd.concat([accuracy, still], axis=1).reset_index()
    return table.assign(gain=table["accuracy"] - table["still"])


def best_threshold(cells: pd.DataFrame) -> pd.DataFrame:
    """Return, for each search and look, the unplastic rule best on ``selection``."""
    part = cells[(cells["group"] == UNPLASTIC) & (cells["split"] == "selection")]
    means = part.groupby([*SEARCH, "rule"])["cross_accuracy"].mean().reset_index()
    best = means.groupby(SEARCH)["cross_accuracy"].idxmax()
    return means.loc[best, [*SEARCH, "rule"]]


def _with_error(part: pd.DataFrame, name: str) -> dict:
    mean, se = clustered(part[name].to_numpy(), part["search_seed"].to_numpy())
    n_searches = part["search_seed"].nunique()
    return {
        f"{name}_mean": mean,
        f"{name}_se": se,
        "n_searches": n_searches,
        "n_networks": len(part),
        "unit": "searches" if n_searches > 1 else "networks",
    }


def selection_bias(rules: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """Return how much each search overstated what it selected, one row per search.

    ``estimate`` and ``measured`` are the search's estimate and the mean on new
    sequences of the same networks and images, of the rule it calls best (``chosen``
    "best") and of all measured again ("set"); ``bias`` is their difference. The new
    sequences may be easier or harder than the search's: ``bias_corrected`` compares
    the two advantages over the control group, each on its own sequences. ``seen`` and
    ``unseen`` are the accuracies on other images and on other networks.
    """
    last = rules[rules["generations"] == rules["generations"].max()]
    last = last[last["group"] == EVOLVED].sort_values("rule")
    rows = []
    for keys, part in last.groupby(SEARCH, sort=False):
        own = cells[(cells[SEARCH] == list(keys)).all(axis=1)]
        for chosen, taken in (("best", part.head(1)), ("set", part)):
            about = {"variant": keys[0], "search_seed": keys[1], "chosen": chosen}
            rows.append(about | _bias(own, taken))
    return pd.DataFrame(rows)


def _bias(cells: pd.DataFrame, taken: pd.DataFrame) -> dict:
    mask = cells["rule"].isin(taken["rule"])
    control = _mean_of(cells, cells["group"] == CONTROL, "selection")
    measured = _mean_of(cells, mask, "selection")
    estimate = taken["search_estimate"].mean()
    return {
        "estimate": estimate,
        "measured": measured,
        "bias": estimate - measured,
        "bias_corrected": taken["search_advantage"].mean() - (measured - control),
        "evaluations_behind": taken["search_count"].mean(),
        "seen": _mean_of(cells, mask, "seen"),
        "unseen": _mean_of(cells, mask, "unseen"),
    }


def _mean_of(cells: pd.DataFrame, mask: pd.Series, split: str) -> float:
    part = cells[mask & (cells["split"] == split) & (cells["flag"] == 0)]
    return float(part["cross_accuracy"].mean())


def bias_summary(bias: pd.DataFrame) -> pd.DataFrame:
    """Return mean and standard error over searches of every column of the bias."""
    names = ["bias", "bias_corrected", "measured", "unseen", "evaluations_behind"]
    rows = []
    for (variant, chosen), part in bias.groupby(["variant", "chosen"], sort=False):
        row = {"variant": variant, "chosen": chosen, "n_searches": len(part)}
        for name in names:
            row[f"{name}_mean"] = part[name].mean()
            row[f"{name}_se"] = standard_error(part[name].to_numpy())
        rows.append(row)
    return pd.DataFrame(rows)


def initialisation(
    rules: pd.DataFrame, cells: pd.DataFrame, histories: pd.DataFrame
) -> pd.DataFrame:
    """Return what became of each start or option, one row per variant.

    Accuracy on seen and unseen networks and gain over no plasticity as in
    ``generalisation``; hypervolume, gate_distance (mean number of gates in which two
    survivors differ), distinct_formulas and mean_accuracy in the first generation
    (``_first``) and the last (``_last``), means over searches.
    """
    final = rules["generations"].max()
    accuracy = generalisation(
        rules[rules["generations"] == final], cells[cells["generations"] == final]
    )
    rows = []
    for variant, part in histories.groupby("variant", sort=False):
        row = {"variant": variant, "n_searches": part["search_seed"].nunique()}
        ends = {"first": part["generation"].min(), "last": part["generation"].max()}
        for end, generation in ends.items():
            chosen = part[part["generation"] == generation]
            row |= {f"{name}_{end}": chosen[name].mean() for name in DIVERSITY}
        for split in ("seen", "unseen"):
            found = accuracy[
                (accuracy["variant"] == variant) & (accuracy["split"] == split)
            ]
            for name in ("accuracy_mean", "accuracy_se", "gain_mean", "gain_se"):
                row[f"{split}_{name}"] = np.nan if found.empty else found[name].iloc[0]
        rows.append(row)
    return pd.DataFrame(rows)
