"""Evolved against random, known and unplastic, paired by network and sequence.

In: the cells of the Pareto stage and of the baselines (same seeds, same networks).
Out: one row per comparison. Two questions are kept apart: ``champion`` compares the
rule of each side that was best on ``selection``; ``set`` compares as many rules of
each side, again the best on ``selection``, by their mean.
"""

import numpy as np
import pandas as pd

from evoplast.analysis.statistics import cluster_means, clustered, sign_flip_test
from evoplast.artefacts.errors import UserError
from evoplast.artefacts.parquet import read_table
from evoplast.artefacts.seeds import named_seed

PAIRS = (
    ("evolved", "random"),
    ("evolved", "no plasticity"),
    ("random", "no plasticity"),
    ("evolved", "known"),
    ("own", "no plasticity"),
    ("evolved", "own"),
)
KEYS = ["instance", "seed_index"]


def compare(cells: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Compare groups of rules on ``seen`` and ``unseen``; quantity cross accuracy.

    ``p_value`` has networks as units (sequences, where there is one network);
    ``p_value_cells`` treats every network and sequence as a unit and therefore
    speaks of these networks only. The set size is the smaller one of evolved and
    random rules. Rules that were only selected on, not reported, do not take part: of
    known rules, and of no plasticity, these are all but the best threshold's.

    Raises:
        UserError: the sides were not evaluated on the same networks and seeds.
    """
    ranked = {g: _ranked_rules(t) for g, t in cells.groupby("group", sort=False)}
    sets = [ranked[group] for group in ("evolved", "random") if group in ranked]
    size = min(map(len, sets), default=1)
    rows = [
        _row(cells, ranked, pair, split, selection, count, seed)
        for pair in PAIRS
        if set(pair) <= set(ranked)
        for split in ("seen", "unseen")
        if (cells["split"] == split).any()
        for selection, count in (("champion", 1), ("set", size))
    ]
    return pd.DataFrame(rows)


def _ranked_rules(cells: pd.DataFrame) -> list[tuple[str, int]]:
    """List (name, rule) of one group: champions, then the best on ``selection``."""
    reported = cells.loc[cells["split"] != "selection", "rule"]
    selection = cells[(cells["split"] == "selection") & cells["rule"].isin(reported)]
    by_rule = selection.groupby(["name", "rule"], sort=True)
    order = pd.DataFrame(
        {
            "champion": by_rule["champion"].max(),
            "intact": by_rule["flag"].max() == 0,
            "accuracy": by_rule["cross_accuracy"].mean(),
        }
    )
    columns = list(order)
    return list(order.sort_values(columns, ascending=False, kind="stable").index)


def _row(cells, ranked, pair, split, selection, count, seed) -> dict:
    left, right = (_side(cells, g, ranked[g][:count], split) for g in pair)
    if not left.index.equals(right.index):
        raise UserError(
            f"The {pair[0]} and {pair[1]} rules were evaluated on other networks or "
            f"seeds ({split}); make both again with the same config."
        )
    instance = left.index.get_level_values("instance").to_numpy()
    row = {"left": pair[0], "right": pair[1], "split": split, "selection": selection}
    row |= {
        f"n_rules_{s}": len(ranked[g][:count])
        for s, g in zip(("left", "right"), pair, strict=True)
    }
    for side, values in (
        ("left", left),
        ("right", right),
        ("difference", left - right),
    ):
        row[f"{side}_mean"], row[f"{side}_se"] = clustered(values.to_numpy(), instance)
    return row | _tests(left.to_numpy(), right.to_numpy(), instance, seed)


def _side(cells: pd.DataFrame, group: str, chosen: list, split: str) -> pd.Series:
    part = cells[(cells["group"] == group) & (cells["split"] == split)]
    part = part[pd.MultiIndex.from_frame(part[["name", "rule"]]).isin(chosen)]
    return part.groupby(KEYS, sort=True)["cross_accuracy"].mean()


def _tests(left, right, instance: np.ndarray, seed: int) -> dict:
    test_seed = named_seed(seed, "comparison")
    by_cell = sign_flip_test(left, right, test_seed)
    n_instances = len(np.unique(instance))
    test, unit = by_cell, "sequences"
    if n_instances > 1:
        means = (cluster_means(left, instance), cluster_means(right, instance))
        test, unit = sign_flip_test(*means, test_seed), "networks"
    return {
        "p_value": test.p_value,
        "p_value_cells": by_cell.p_value,
        "n_pairs": test.n_pairs,
        "n_cells": len(left),
        "n_instances": n_instances,
        "method": f"{test.method} over {unit}",
    }


def result_lines(table: pd.DataFrame) -> list[str]:
    """Return a sentence for each comparison of the best evolved rule, as a run ends.

    The rule was chosen on other networks; where no network was left out of the choice,
    the sentences say so.
    """
    rows = table[(table["left"] == "evolved") & (table["selection"] == "champion")]
    unseen = rows[rows["split"] == "unseen"]
    used = "that chose nothing" if len(unseen) else "that rules were chosen on"
    return [
        f"Best evolved rule minus {row['right']}: {row['difference_mean']:+.3f} ± "
        f"{row['difference_se']:.3f} in accuracy, p {row['p_value']:.2g}, on "
        f"{row['n_instances']} networks {used}."
        for _, row in (unseen if len(unseen) else rows).iterrows()
    ]


def print_result(path: str) -> None:
    """Print the sentences about the comparison in a file, at the end of a run."""
    print("\n".join(result_lines(read_table(path))))
