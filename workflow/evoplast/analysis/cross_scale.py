"""Cross-scale: the same rules at other network sizes.

In: worlds by size, genomes. Out: a table with one row per rule and size, beside no
plasticity on the same networks and sequences, and the trend of the gain over sizes. A
rule's parameters are per cell type, so a genome fits a network of any size.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd
from scipy import stats

from evoplast import rules
from evoplast.analysis.baselines import UNPLASTIC
from evoplast.analysis.named_rules import NamedRules
from evoplast.analysis.reevaluation import (
    Evaluate,
    Worlds,
    describe_rules,
    evaluation_table,
)
from evoplast.analysis.statistics import (
    cluster_means,
    clustered,
    holm,
    sign_flip_test,
)
from evoplast.artefacts.errors import UserError
from evoplast.artefacts.progress import Progress
from evoplast.artefacts.seeds import named_seed
from evoplast.configuration.section import Settings
from evoplast.evaluation import evaluate

KEYS = ["n_neurons", "instance", "seed_index"]


@dataclass(frozen=True)
class CrossScaleSettings(Settings):
    """Trials and sequences per network; the size (cells) that the search used."""

    SECTIONS: ClassVar[tuple[str, ...]] = ("cross_scale", "task")

    training_trials: int
    test_trials: int
    seeds: int
    search_n_neurons: int


def cross_scale(
    worlds_by_size: Mapping[int, Worlds],
    named: NamedRules,
    settings: CrossScaleSettings,
    seed: int,
    *,
    evaluate: Evaluate = evaluate,
    log_path: str | Path | None = None,
) -> pd.DataFrame:
    """Score rules at every size; one row per rule and size.

    No plasticity is added once per distinct threshold of the rules, and each rule is
    compared with the one that has its own threshold: ``gain`` is what plasticity
    does, not what the readout does. ``trend`` is its slope per doubling of the number
    of neurons, ``trend_se`` and ``trend_p`` by least squares with networks as units,
    ``trend_p_holm`` corrected for the number of rules; NaN below three networks.

    Raises:
        UserError: no rule or no network.
    """
    if len(named.genomes) == 0 or not any(worlds_by_size.values()):
        raise UserError(
            "The cross-scale stage needs at least one rule and one network; check "
            "cross_scale.rules, cross_scale.sizes and cross_scale.instances."
        )
    genomes = np.asarray(named.genomes, np.float32)
    everything, reference = _with_unplastic(named.space, genomes)
    added = [UNPLASTIC] * (len(everything) - len(genomes))
    about = describe_rules(
        named.space, everything, [*named.names, *added], [*named.groups, *added]
    )
    cells = _cells(worlds_by_size, everything, settings, seed, evaluate, log_path)
    rows = [
        _row(cells, rule, int(reference[rule]), size, settings, seed)
        for size in sorted(worlds_by_size)
        for rule in about["rule"]
    ]
    table = about.merge(pd.DataFrame(rows), on="rule")
    plastic = range(len(genomes))
    return table.merge(_trends(cells, reference, plastic), on="rule", how="left")


def _trends(
    cells: pd.DataFrame, reference: np.ndarray, plastic: Iterable[int]
) -> pd.DataFrame:
    """Return the slope of each rule's gain over the logarithm of the size."""
    place = ["n_neurons", "instance"]
    means = cells.groupby(["rule", *place])["cross_accuracy"].mean()
    rows = []
    for rule in plastic:
        gain = means.loc[rule] - means.loc[int(reference[rule])]
        doublings = np.log2(gain.index.get_level_values("n_neurons").to_numpy(float))
        rows.append({"rule": rule, **_slope(doublings, gain.to_numpy())})
    table = pd.DataFrame(rows)
    known = table["trend_p"].notna()
    table["trend_p_holm"] = np.nan
    table.loc[known, "trend_p_holm"] = holm(table.loc[known, "trend_p"].to_numpy())
    return table


def _slope(x: np.ndarray, y: np.ndarray) -> dict:
    if len(x) < 3 or len(np.unique(x)) < 2:
        return dict.fromkeys(("trend", "trend_se", "trend_p"), float("nan"))
    fit = stats.linregress(x, y)
    return {"trend": fit.slope, "trend_se": fit.stderr, "trend_p": fit.pvalue}


def _with_unplastic(
    space: rules.RuleSpace, genomes: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Append no plasticity at each distinct phi; return all and each one's row."""
    phi = genomes[:, space.slices["phi"]].ravel()
    distinct, index = np.unique(phi, return_inverse=True)
    still = np.tile(rules.no_plasticity(space), (len(distinct), 1))
    still[:, space.slices["phi"]] = distinct[:, None]
    own = len(genomes) + np.concatenate([index, np.arange(len(distinct))])
    return np.concatenate([genomes, still]), own


def _cells(worlds_by_size, genomes, settings, seed, evaluate, log_path) -> pd.DataFrame:
    plan = [
        (size, instance, world, index)
        for size, worlds in sorted(worlds_by_size.items())
        for instance, world in sorted(worlds.items())
        for index in range(settings.seeds)
    ]
    tables = []
    with Progress(len(plan), "cross-scale", log_path) as progress:
        for size, instance, world, index in plan:
            result = evaluate(
                world,
                genomes,
                named_seed(seed, "cross scale", size, instance, index),
                settings.training_trials,
                settings.test_trials,
                "test",
            )
            table = evaluation_table(result, world.task_names)
            place = dict(zip(KEYS, (size, instance, index), strict=True))
            tables.append(table.assign(**place))
            progress.step(**place)
    return pd.concat(tables, ignore_index=True)


def _row(
    cells: pd.DataFrame,
    rule: int,
    reference: int,
    size: int,
    settings: CrossScaleSettings,
    seed: int,
) -> dict:
    at_size = cells[cells["n_neurons"] == size]
    own, other = (
        at_size[at_size["rule"] == r].sort_values(KEYS) for r in (rule, reference)
    )
    instance = own["instance"].to_numpy()
    row: dict[str, float] = {"rule": rule, "n_neurons": size}
    row |= {"is_search_size": size == settings.search_n_neurons}
    accuracies = [c for c in own if c.startswith(("accuracy_", "auc_"))]
    for name in ("cross_accuracy", *accuracies, "mean_rate_hz", "max_rate_hz"):
        row[f"{name}_mean"], row[f"{name}_se"] = clustered(own[name], instance)
    sides = [side["cross_accuracy"].to_numpy() for side in (own, other)]
    row["gain_mean"], row["gain_se"] = clustered(sides[0] - sides[1], instance)
    row |= _test(sides, instance, named_seed(seed, "cross scale", "test"))
    return row | {"flag": int(own["flag"].max())}


def _test(sides: list[np.ndarray], instance: np.ndarray, seed: int) -> dict:
    n_instances = len(np.unique(instance))
    if n_instances > 1:
        sides = [cluster_means(side, instance) for side in sides]
    return {
        "p_value": sign_flip_test(sides[0], sides[1], seed).p_value,
        "n_cells": len(instance),
        "n_instances": n_instances,
    }
