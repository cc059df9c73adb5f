"""The ceiling: how well any linear readout tells a change from a repeat.

In: a world. Out: one row per task and readout, without plasticity. A readout is a
linear discriminant (shrunk covariance; Ledoit & Wolf 2004) of what cells do until the
decision. Weights and threshold come from all sequences but one, which judges them; the
pool's mean, which the task reads, needs a threshold only. A rule that set gains from
type to type well could reach the readout of type means. The pool is layer 5, as in the
task.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from evoplast import rules
from evoplast.analysis import standard_error
from evoplast.artefacts.errors import UserError
from evoplast.artefacts.progress import Progress
from evoplast.artefacts.seeds import named_seed
from evoplast.configuration.section import Settings
from evoplast.evaluation import World, evaluate

POOL, POOL_CELLS, TYPES, CELLS = "pool mean", "pool cells", "type means", "all cells"
READOUTS = (POOL, POOL_CELLS, TYPES, CELLS)
COUNTS, POOL_RATE = "counts_until_decision", "pool_rate_by_trial"


@dataclass(frozen=True)
class CeilingSettings(Settings):
    """How many sequences, each of how many scored trials per task."""

    SECTIONS: ClassVar[tuple[str, ...]] = ("ceiling",)

    sequences: int
    trials: int

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.sequences < 2:
            raise UserError(
                f"ceiling.sequences is {self.sequences}; a sequence is judged by what "
                "others teach, so it must be at least 2."
            )


@dataclass(frozen=True)
class Trials:
    """One sequence of one task: features (T, F) of each readout, change (T,) bool."""

    features: Mapping[str, np.ndarray]
    change: np.ndarray


def measure_ceiling(
    world: World,
    settings: CeilingSettings,
    seed: int,
    log_path: str | Path | None = None,
) -> pd.DataFrame:
    """Return one row per task and readout; see ``readout_row``."""
    recorded = []
    with Progress(settings.sequences, "ceiling", log_path) as progress:
        for i in range(settings.sequences):
            recorded.append(_recorded(world, settings, named_seed(seed, "sequence", i)))
            progress.step()
    rows = [
        {"task": task, "readout": name}
        | readout_row([part[k] for part in recorded], name)
        for k, task in enumerate(world.task_names)
        for name in READOUTS
    ]
    return pd.DataFrame(rows)


def _recorded(world: World, settings: CeilingSettings, seed: int) -> list[Trials]:
    """Return the trials of each task of one sequence."""
    result = evaluate(
        world,
        rules.no_plasticity(world.rule_space)[None],
        seed,
        0,
        settings.trials,
        "training",
        record=(COUNTS, POOL_RATE),
    )
    counts, pool_rate = (result.recordings[name][0] for name in (COUNTS, POOL_RATE))
    return [
        Trials(features_of(world, cells, rate_hz), np.asarray(change, bool))
        for cells, rate_hz, change in zip(counts, pool_rate, result.change, strict=True)
    ]


def features_of(
    world: World, counts: np.ndarray, pool_rate_hz: np.ndarray
) -> dict[str, np.ndarray]:
    """Return features (T, F) from counts (T, N) until the decision and the pool (T,).

    The pool's rate is that in the response window. Types without a cell are left out.
    """
    counts = np.asarray(counts, float)
    kind = world.network.cells.cell_type
    types = [counts[:, kind == k].mean(axis=1) for k in np.unique(kind)]
    return {
        POOL: np.asarray(pool_rate_hz, float)[:, None],
        POOL_CELLS: counts[:, np.asarray(world.readout)],
        TYPES: np.stack(types, axis=1),
        CELLS: counts,
    }


def readout_row(sequences: list[Trials], name: str) -> dict[str, float]:
    """Return AUC and accuracy of a readout, means over the sequences left out.

    ``_se`` are standard errors over sequences; ``n_features``, ``n_trials`` and
    ``n_sequences`` say what the readout had.
    """
    scored = [_left_out(sequences, i, name) for i in range(len(sequences))]
    auc, accuracy = np.array(scored).T
    return {
        "auc": auc.mean(),
        "auc_se": standard_error(auc),
        "accuracy": accuracy.mean(),
        "accuracy_se": standard_error(accuracy),
        "n_features": sequences[0].features[name].shape[1],
        "n_trials": sum(len(part.change) for part in sequences),
        "n_sequences": len(sequences),
    }


def _left_out(sequences: list[Trials], left: int, name: str) -> tuple[float, float]:
    """Return AUC and accuracy in one sequence of the readout that others teach."""
    others = [part for i, part in enumerate(sequences) if i != left]
    known = np.concatenate([part.features[name] for part in others])
    change = np.concatenate([part.change for part in others])
    judged = sequences[left]
    taught, found = known[:, 0], judged.features[name][:, 0]
    if name != POOL:
        model = _discriminant().fit(known, change)
        taught = model.decision_function(known)
        found = model.decision_function(judged.features[name])
    decision = found > best_threshold(taught, change)
    accuracy = (decision == judged.change).mean()
    return float(roc_auc_score(judged.change, found)), float(accuracy)


def _discriminant():
    """Return the classifier; equal priors, as there are as many changes as repeats."""
    return make_pipeline(
        StandardScaler(),
        LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto", priors=(0.5, 0.5)),
    )


def best_threshold(score: np.ndarray, change: np.ndarray) -> float:
    """Return the threshold with the most correct decisions, (T,) scores.

    Of equally good ones the middle; it lies between two scores.
    """
    order = np.argsort(score, kind="stable")
    values, kinds = score[order], change[order]
    between = np.concatenate(
        [values[:1] - 1.0, (values[1:] + values[:-1]) / 2, values[-1:] + 1.0]
    )
    # A threshold below all scores finds every change and no repeat.
    correct = kinds.sum() + np.concatenate([[0], np.cumsum(np.where(kinds, -1, 1))])
    # Equal scores cannot be told apart by a threshold between them.
    possible = np.concatenate([[True], values[1:] > values[:-1], [True]])
    best = np.flatnonzero(possible & (correct == correct[possible].max()))
    return float(between[best[len(best) // 2]])
