"""What rules do on networks never used, cell by cell, and their differences.

In: worlds, genomes, how many trials. Out: a long table with a row for each rule,
network and sequence, and its summaries. All rules meet the same sequences, every
network has its own: differences are paired, and networks are the unit of every error
and test.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from evoplast.analysis import (
    OBJECTIVES,
    Evaluate,
    Worlds,
    bootstrap_interval,
    evaluation_table,
    holm,
    sign_flip_test,
    standard_error,
)
from evoplast.artefacts.progress import Progress
from evoplast.artefacts.seeds import named_seed
from evoplast.evaluation import Evaluation, World, evaluate

CROSS = "cross_accuracy"
BY_TASK = ("accuracy", "d_prime", "hit_rate", "false_alarm_rate")
PLAIN = tuple(name for name in OBJECTIVES if name != CROSS) + ("mean_rate_hz",)


@dataclass(frozen=True)
class CellPlan:
    """Where and how rules are measured.

    Attributes:
        worlds: networks that chose nothing, by instance.
        n_training, n_scored: trials per task.
        sequences: sequences per network.
        seed: of the run; ``stage``: name that sequences are drawn under.
        evaluate: from rules to numbers; ``log_path``: where progress goes.
    """

    worlds: Worlds
    n_training: int
    n_scored: int
    sequences: int
    seed: int
    stage: str
    evaluate: Evaluate = evaluate
    log_path: str | Path | None = None

    def cells(self) -> list[tuple[int, World, int, int]]:
        """List (instance, world, index of the sequence, its seed)."""
        return [
            (instance, world, k, named_seed(self.seed, self.stage, instance, k))
            for instance, world in sorted(self.worlds.items())
            for k in range(self.sequences)
        ]


def measure_cells(
    plan: CellPlan, genomes: np.ndarray, **options: object
) -> pd.DataFrame:
    """Evaluate ``genomes`` (P, D) in every cell of ``plan`` on test images.

    ``options`` go to ``evaluate``. Columns: rule, instance, seed_index and those of
    ``cell_table``.
    """
    cells, tables = plan.cells(), []
    with Progress(len(cells), plan.stage, plan.log_path) as progress:
        for instance, world, index, sequence in cells:
            result = plan.evaluate(
                world,
                genomes,
                sequence,
                plan.n_training,
                plan.n_scored,
                "test",
                **options,
            )
            table = cell_table(result, world.task_names)
            tables.append(table.assign(instance=instance, seed_index=index))
            progress.step(instance=instance, best_accuracy=float(table[CROSS].max()))
    return pd.concat(tables, ignore_index=True)


def cell_table(result: Evaluation, task_names: Sequence[str]) -> pd.DataFrame:
    """Return one row per rule: that of ``evaluation_table`` and, of each task, d',
    hit and false-alarm rate.
    """
    table = evaluation_table(result, task_names)
    for quantity in BY_TASK[1:]:
        values = np.asarray(getattr(result, quantity), float)
        for task, column in zip(task_names, values.T, strict=True):
            table[f"{quantity}_{task}"] = column
    return table


def quantities_of(cells: pd.DataFrame) -> list[str]:
    """Return the measured quantities of a table: accuracy first, then by task."""
    by_task = [n for q in BY_TASK for n in cells if n.startswith(f"{q}_")]
    return [CROSS, *by_task, *(name for name in PLAIN if name in cells)]


def compared(
    cells: pd.DataFrame,
    reference: Mapping[int, int],
    seed: int,
    quantities: Sequence[str],
) -> pd.DataFrame:
    """Return mean and paired difference of each rule, one row per rule and quantity.

    ``reference`` names for each rule the one it is compared with (itself: nothing to
    compare). Columns: rule, quantity, mean, se, n_networks, difference, difference_se,
    low, high (95 % bootstrap over networks), p_value (sign flips of networks) and
    p_holm, corrected for the number of rules that are compared where the quantity is
    the accuracy of both tasks, and for that of rules and quantities in all others.
    """
    by_network = cells.groupby(["rule", "instance"])[list(quantities)].mean()
    rows = [
        {
            "rule": rule,
            "quantity": quantity,
            **_difference(by_network[quantity], rule, reference[rule], seed),
        }
        for quantity in quantities
        for rule in reference
    ]
    table = pd.DataFrame(rows)
    table["p_holm"] = np.nan
    for part in (table["quantity"] == CROSS, table["quantity"] != CROSS):
        tested = part & table["p_value"].notna()
        table.loc[tested, "p_holm"] = holm(table.loc[tested, "p_value"].to_numpy())
    return table


def _difference(values: pd.Series, rule: int, other: int, seed: int) -> dict:
    own = values.loc[rule].to_numpy()
    row = {"mean": own.mean(), "se": standard_error(own), "n_networks": len(own)}
    names = ("difference", "difference_se", "low", "high", "p_value")
    if rule == other:
        return row | dict.fromkeys(names, np.nan)
    right = values.loc[other].to_numpy()
    test = sign_flip_test(own, right, named_seed(seed, "behaviour", "sign flips"))
    low, high = bootstrap_interval(own - right, seed)
    found = (test.difference, test.standard_error, low, high, test.p_value)
    return row | dict(zip(names, found, strict=True))
