"""What is noted of a search in every generation.

In: the states of algorithm and problem after a generation. Out: one row of numbers,
and rows as a table or as variables of a dataset. Everything but ``seconds`` is a
function of the seeds.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import xarray as xr

from evoplast.evox_compat import State
from evoplast.search.dominance import non_dominated_ranks
from evoplast.search.hypervolume import dominated_share
from evoplast.search.swarm import NoisySwarm
from evoplast.search.task import SearchTask

# Name -> what it says; accuracies are fractions, minus the first objective.
COLUMNS = {
    "generation": "number of the generation, from 0",
    "hypervolume": "share of the box of objectives dominated by the survivors' scores",
    "hypervolume_se": "standard error of its sampling, at most",
    "front_size": "survivors that no other survivor dominates",
    "best_accuracy": "largest shrunk estimate of accuracy among survivors",
    "best_accuracy_se": "its standard error",
    "best_evaluations": "evaluations behind it",
    "best_formula": "formula of that rule",
    "mean_accuracy": "mean shrunk estimate of accuracy of the survivors",
    "fresh_accuracy": "mean of the accuracies measured anew for the old survivors",
    "offspring_accuracy": "mean of the accuracies measured for the offspring",
    "distinct_formulas": "different rows of features among the survivors",
    "gate_distance": "features in which two survivors differ, mean over pairs",
    "control_accuracy": "mean accuracy of the control group in this generation",
    "control_valid": "control rules that were neither silent nor running away",
    "flagged": "candidates of this generation with a flag",
    "evaluations": "evaluations of candidates so far",
    "control_evaluations": "evaluations of control rules so far",
}
SECONDS = "seconds"
# Means over the survivors of what the task counts in a genome, along ``feature``.
FEATURES = "features"
# Means over the survivors of the objectives that the hypervolume leaves out.
BESIDES = "besides"
_MEANS = {FEATURES: "feature", BESIDES: "objective_besides"}


def generation_row(
    task: SearchTask, algorithm: NoisySwarm, swarm: State, problem: State, before: int
) -> dict:
    """Return the row of the generation that has just ended.

    ``before`` is the number of evaluations of candidates before it.
    """
    score, se = (np.asarray(part) for part in algorithm.scores(swarm))
    offset = np.asarray(problem.control_mean)
    best = int(np.nanargmin(score[:, 0]))
    generation = int(problem.generation) - 1
    n = len(problem.relative_last)
    # The offset of the first generation is the same for all generations of a search.
    shown = score + np.asarray(problem.control_first)
    n_shown = len(task.ideal)
    share, share_se = dominated_share(shown[:, :n_shown], task.ideal, task.reference)
    ranks = np.asarray(non_dominated_ranks(score, se, task.settings.alpha))
    features = _features(task, np.asarray(swarm.population))
    return {
        "generation": generation,
        "hypervolume": share,
        "hypervolume_se": share_se,
        "front_size": int((ranks == 0).sum()),
        "best_accuracy": float(-(score[best, 0] + offset[0])),
        "best_accuracy_se": float(se[best, 0]),
        "best_evaluations": int(swarm.count[best]),
        "best_formula": task.describe(np.asarray(swarm.population[best])),
        "mean_accuracy": float(-(np.nanmean(score[:, 0]) + offset[0])),
        **_measured_now(problem, len(score), offset[0]),
        **_diversity(features),
        FEATURES: features.mean(axis=0),
        BESIDES: np.nanmean(score[:, n_shown:], axis=0) + offset[n_shown:],
        "control_accuracy": float(-problem.control_last[0]),
        "control_valid": int(problem.control_valid),
        "flagged": int((problem.flag_last != 0).sum()),
        "evaluations": before + n,
        "control_evaluations": (generation + 1) * len(task.controls),
    }


def _features(task: SearchTask, population: np.ndarray) -> np.ndarray:
    if task.features is None:
        return np.zeros((len(population), 0))
    return np.asarray(task.features(population), float)


def _diversity(features: np.ndarray) -> dict:
    n, share = len(features), features.mean(axis=0)
    # Of n (n - 1) ordered pairs, n p (n - n p) differ in a feature, twice.
    distance = 2.0 * (share * (1.0 - share)).sum() * n / (n - 1)
    distinct = len(np.unique(features, axis=0)) if features.shape[1] else 1
    return {"distinct_formulas": distinct, "gate_distance": float(distance)}


def _measured_now(problem: State, population: int, offset: float) -> dict:
    """Return the accuracies of this generation without its common shift."""
    measured = -(np.asarray(problem.relative_last)[:, 0] + offset)
    fine = np.isfinite(measured) & (np.asarray(problem.flag_last) == 0)
    # The first generation has no offspring yet, later ones P after the survivors.
    n_old = len(measured) - population * (problem.generation > 1)
    old = np.arange(len(measured)) < n_old
    return {
        "fresh_accuracy": _mean(measured[fine & old]),
        "offspring_accuracy": _mean(measured[fine & ~old]),
    }


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else float("nan")


def history_variables(rows: Sequence[Mapping]) -> dict[str, tuple]:
    """Return the rows as variables along ``generation`` for a dataset."""
    table = pd.DataFrame(list(rows), columns=[*COLUMNS])
    variables: dict[str, tuple] = {
        f"history_{name}": (
            "generation",
            table[name].to_numpy(object if name == "best_formula" else None),
            {"long_name": text},
        )
        for name, text in COLUMNS.items()
        if name != "generation"
    }
    for name, along in _MEANS.items():
        means = np.array([row[name] for row in rows])
        if means.shape[1]:
            text = {"long_name": "mean over the survivors"}
            variables[f"history_{name}"] = (("generation", along), means, text)
    return variables | {"generation": ("generation", table["generation"].to_numpy(int))}


def history_rows(dataset: xr.Dataset) -> list[dict]:
    """Return the rows stored in a state by :func:`history_variables`."""
    columns = {
        name: dataset["generation" if name == "generation" else f"history_{name}"]
        for name in COLUMNS
    }
    n = dataset.sizes["generation"]
    means = {name: dataset.get(f"history_{name}", np.zeros((n, 0))) for name in _MEANS}
    return [
        {
            name: values.values[i].item()
            if values.dtype.kind in "if"
            else values.values[i]
            for name, values in columns.items()
        }
        | {name: np.asarray(values[i]) for name, values in means.items()}
        for i in range(n)
    ]
