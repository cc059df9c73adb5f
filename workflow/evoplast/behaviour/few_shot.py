"""Few-shot learning: accuracy after a few training trials, and trials to half the gain.

In: rules, networks never used, numbers of training trials. Out: cells, a table with one
row per rule, task and number of trials, and one of the trials to half of the gain. The
weights are frozen for each test, and training goes on from where it was; all tests of a
network show the same sequence.
"""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from evoplast.analysis import holm
from evoplast.artefacts.progress import Progress
from evoplast.artefacts.seeds import numpy_rng
from evoplast.behaviour.cells import CROSS, CellPlan, cell_table, compared
from evoplast.behaviour.representatives import NONE, Representatives
from evoplast.evaluation import evaluate_stages

N_RESAMPLES = 2000
LEVELS = (2.5, 97.5)
_ROUNDING = 1e-9


def few_shot_cells(
    chosen: Representatives,
    plan: CellPlan,
    stages: Sequence[int],
    evaluate_stages: Callable = evaluate_stages,
) -> pd.DataFrame:
    """Test the chosen rules after each number of training trials in ``stages``.

    Columns: those of ``cell_table``, instance, seed_index and training_trials.
    """
    cells, tables = plan.cells(), []
    with Progress(len(cells), plan.stage, plan.log_path) as progress:
        for instance, world, index, sequence in cells:
            results = evaluate_stages(
                world, chosen.genomes, sequence, stages, plan.n_scored, "test"
            )
            tables += [
                cell_table(result, world.task_names).assign(
                    training_trials=trials, instance=instance, seed_index=index
                )
                for trials, result in zip(stages, results, strict=True)
            ]
            progress.step(instance=instance)
    return pd.concat(tables, ignore_index=True)


def learning_curves(
    chosen: Representatives, cells: pd.DataFrame, seed: int
) -> pd.DataFrame:
    """Return accuracy and gain over no plasticity at the same number of trials.

    One row per rule, task ("both" for their mean) and number of trials; columns of
    ``compared`` for it, task, training_trials and what is known of the rule. ``p_holm``
    is corrected for all rules and numbers of trials of one task.
    """
    accuracies = {CROSS: "both"} | {
        name: name.removeprefix("accuracy_")
        for name in cells
        if name.startswith("accuracy_")
    }
    reference = dict.fromkeys(range(len(chosen.genomes)), chosen.index(NONE))
    tables = [
        compared(part, reference, seed, list(accuracies)).assign(training_trials=trials)
        for trials, part in cells.groupby("training_trials", sort=True)
    ]
    table = pd.concat(tables, ignore_index=True)
    table["task"] = table["quantity"].map(accuracies)
    for _, part in table[table["p_value"].notna()].groupby("task"):
        table.loc[part.index, "p_holm"] = holm(part["p_value"].to_numpy())
    about = chosen.table[["rule", "label", "labels", "group", "formula"]]
    return about.merge(table.drop(columns="quantity"), on="rule")


def trials_to_half(
    chosen: Representatives, cells: pd.DataFrame, seed: int
) -> pd.DataFrame:
    """Return after how many trials each rule has half of its gain, one row a task.

    The gain is that over the same rule untrained; at the last stage it is whole.
    Columns: rule, label, labels, group, formula, task, gain (whole), trials, low,
    high (95 % bootstrap over networks; infinite where more than 2.5 % of the
    resamples have no gain), share_without_gain, n_networks. NaN where there is no gain.
    """
    names = [CROSS, *(name for name in cells if name.startswith("accuracy_"))]
    still = chosen.index(NONE)
    rows = []
    for row in chosen.table[chosen.table["rule"] != still].itertuples():
        own = cells[cells["rule"] == row.rule]
        for name in names:
            curves = own.pivot_table(name, "instance", "training_trials", "mean")
            task = "both" if name == CROSS else name.removeprefix("accuracy_")
            about = {"rule": row.rule, "label": row.label, "labels": row.labels}
            about |= {"group": row.group, "formula": row.formula, "task": task}
            rows.append(about | half_of_gain(curves, seed))
    return pd.DataFrame(rows)


def half_of_gain(curves: pd.DataFrame, seed: int) -> dict[str, float]:
    """Return gain, and trials to half of it with an interval.

    ``curves`` (networks, stages): accuracy of one rule, by numbers of training
    trials, 0 first.
    """
    stages, values = curves.columns.to_numpy(float), curves.to_numpy(float)
    gains = values - values[:, :1]
    rng = numpy_rng(seed, "few shot", "bootstrap")
    chosen = rng.integers(0, len(gains), (N_RESAMPLES, len(gains)))
    drawn = np.array([crossing(stages, mean) for mean in gains[chosen].mean(axis=1)])
    without = np.isnan(drawn)
    # Sorted values, not between them: infinity has no half.
    filled = np.where(without, np.inf, drawn)
    low, high = np.percentile(filled, LEVELS, method="inverted_cdf")
    whole = gains.mean(axis=0)
    return {
        "gain": float(whole[-1]),
        "trials": crossing(stages, whole),
        "low": float(low),
        "high": float(high),
        "share_without_gain": float(without.mean()),
        "n_networks": len(gains),
    }


def crossing(stages: np.ndarray, gains: np.ndarray) -> float:
    """Return where ``gains`` (S,) first reach half of the last, between stages (S,).

    Straight lines connect the stages; NaN if the last gain is not above 0 (or 1e-9,
    below which means of fractions round).
    """
    half = 0.5 * gains[-1]
    if not half > 0.5 * _ROUNDING:
        return float("nan")
    after = int(np.argmax(gains >= half))
    share = (half - gains[after - 1]) / (gains[after] - gains[after - 1])
    return float(stages[after - 1] + share * (stages[after] - stages[after - 1]))
