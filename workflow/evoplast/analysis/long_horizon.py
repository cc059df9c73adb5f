"""Long horizon: what a rule does when it goes on training beyond the search.

In: worlds, genomes, how long to train and how often to look. Out: a dataset of
accuracy, rates and weights after each stage. At each look plasticity is off for
``test_trials`` scored trials; training then goes on from where it was.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd
import xarray as xr

from evoplast.analysis.named_rules import NamedRules
from evoplast.analysis.reevaluation import (
    Worlds,
    describe_rules,
    evaluation_table,
)
from evoplast.analysis.statistics import clustered
from evoplast.artefacts.errors import UserError
from evoplast.artefacts.progress import Progress
from evoplast.artefacts.seeds import named_seed
from evoplast.configuration.section import Settings
from evoplast.evaluation import evaluate_stages

UNITS = {
    "cross_accuracy": "1",
    "mean_rate_hz": "Hz",
    "max_rate_hz": "Hz",
    "fraction_at_bound": "1",
    "relative_weight_change": "1",
}
DIMS = ("rule", "instance", "seed", "stage")


@dataclass(frozen=True)
class LongHorizonSettings(Settings):
    """Training in total and between looks, scored trials a look, sequences."""

    SECTIONS: ClassVar[tuple[str, ...]] = ("long_horizon",)

    training_trials: int
    stage_trials: int
    test_trials: int
    seeds: int
    search_training_trials: int


def stages(settings: LongHorizonSettings) -> tuple[int, ...]:
    """Return the training trials done at each look, 0 first, the total last.

    Raises:
        UserError: a stage or the total is below 1, or a stage is longer than it.
    """
    total, step = settings.training_trials, settings.stage_trials
    if not 1 <= step <= total:
        raise UserError(
            f"long_horizon.stage_trials is {step}; it must lie between 1 and "
            f"long_horizon.training_trials ({total})."
        )
    return (*range(0, total, step), total)


def long_horizon(
    worlds: Worlds,
    named: NamedRules,
    settings: LongHorizonSettings,
    seed: int,
    *,
    evaluate_stages: Callable = evaluate_stages,
    log_path: str | Path | None = None,
) -> xr.Dataset:
    """Train rules in stages on every world, test after each.

    Dimensions rule, instance, seed, stage and, for accuracy, task. ``_mean`` and
    ``_se`` (rule, stage) are over networks, or over sequences with one network.
    """
    done = stages(settings)
    cells = [
        (i, w, s) for i, w in sorted(worlds.items()) for s in range(settings.seeds)
    ]
    _check_some(cells, named.genomes)
    tables = []
    with Progress(len(cells), "long horizon", log_path) as progress:
        for instance, world, index in cells:
            results = evaluate_stages(
                world,
                named.genomes,
                named_seed(seed, "long horizon", instance, index),
                done,
                settings.test_trials,
                "test",
            )
            tables.append(_long(results, world.task_names, done, instance, index))
            progress.step(instance=instance, seed=index)
    about = describe_rules(named.space, named.genomes, named.names, named.groups)
    tasks = list(cells[0][1].task_names)
    return _dataset(pd.concat(tables), about, tasks, settings)


def _check_some(cells: list, genomes: np.ndarray) -> None:
    if not cells or len(genomes) == 0:
        raise UserError(
            f"The long horizon got {len(genomes)} rules and {len(cells)} pairs of "
            "network and sequence; it needs at least one of each."
        )


def _long(results, task_names, done, instance: int, index: int) -> pd.DataFrame:
    tables = [
        evaluation_table(result, task_names).assign(stage=trials)
        for trials, result in zip(done, results, strict=True)
    ]
    return pd.concat(tables).assign(instance=instance, seed=index)


def _dataset(
    table: pd.DataFrame,
    about: pd.DataFrame,
    tasks: list[str],
    settings: LongHorizonSettings,
) -> xr.Dataset:
    cube = table.set_index(list(DIMS)).sort_index().to_xarray()
    accuracy = xr.concat([cube[f"accuracy_{t}"] for t in tasks], dim="task")
    data = xr.Dataset(
        {name: cube[name].assign_attrs(units=u) for name, u in UNITS.items()}
    )
    data["accuracy"] = accuracy.transpose(*DIMS, "task").assign_attrs(units="1")
    data["flag"] = cube["flag"].astype(np.int8)
    coordinates = {
        name: ("rule", about[name].to_numpy(object))
        for name in ("name", "group", "formula")
    }
    coordinates |= {"training_trials": ("stage", cube["stage"].values)}
    data = data.assign_coords({"task": tasks, **coordinates})
    for name in ("cross_accuracy", "mean_rate_hz", "max_rate_hz", "fraction_at_bound"):
        data = data.assign(_summary(data[name]))
    attributes = {"search_training_trials": settings.search_training_trials}
    attributes |= {"test_trials": settings.test_trials}
    return data.assign_coords(stage=np.arange(cube.sizes["stage"])).assign_attrs(
        attributes
    )


def _summary(values: xr.DataArray) -> dict[str, tuple]:
    array = values.transpose("rule", "stage", "instance", "seed").values
    cluster = np.repeat(np.arange(array.shape[2]), array.shape[3])
    pairs = np.array(
        [[clustered(cell.ravel(), cluster) for cell in row] for row in array]
    )
    return {
        f"{values.name}_{suffix}": (("rule", "stage"), pairs[..., i], values.attrs)
        for i, suffix in enumerate(("mean", "se"))
    }
