"""What a generation of families is measured by.

In: a world, genomes, a seed, settings. Out: :class:`Measured`: objectives whose
accuracy is that of the best threshold, accuracy at every threshold, and the amount by
which limits of biology are violated.

The threshold needs no search: one evaluation gives the pool's rates, and these the
accuracy at every threshold. (Where a rule uses the reward, the threshold also decides
the reward of the training; the mean is evaluated at its own threshold in the next
generation, so that the two agree as the mean settles.)
"""

from dataclasses import dataclass

import numpy as np

from evoplast.configuration.sections.search import ExtraObjectives
from evoplast.evaluation import NO_EXTRAS, World, with_extras
from evoplast.objectives import OK, minimised_extras, smoothed_accuracy
from evoplast.rules import RuleSpace
from evoplast.search.families.settings import FamilySettings
from evoplast.task import TaskSettings, decision_margin

ACCURACY, MAX_RATE, WASSERSTEIN = 0, 2, 5
_N_THRESHOLDS = 51


@dataclass(frozen=True)
class Measured:
    """P genomes in one world (NumPy).

    Attributes:
        objectives: (P, m) the six and extra ones, all minimised, accuracy the smoothed
            one at the best threshold; measured values, also of flagged genomes.
        by_threshold: (P, K) smoothed accuracy, the mean of the tasks.
        violation: (P,) see ``violation_of``.
        flag: (P,).
    """

    objectives: np.ndarray
    by_threshold: np.ndarray
    violation: np.ndarray
    flag: np.ndarray


def thresholds(space: RuleSpace) -> np.ndarray:
    """Return the thresholds (K,) float32 that are tried, ends of the range included."""
    return np.linspace(space.phi_min, space.phi_max, _N_THRESHOLDS, dtype=np.float32)


def measure(
    world: World,
    genomes: np.ndarray,
    sequence_seed: int,
    settings: FamilySettings,
    extras: ExtraObjectives = NO_EXTRAS,
) -> Measured:
    """Evaluate genomes (P, D) once, on training images."""
    found = with_extras(extras)(
        world,
        genomes,
        sequence_seed,
        settings.training_trials,
        settings.validation_trials,
        "training",
        record=("pool_rate_by_trial",),
    )
    tried = thresholds(world.rule_space)
    by_threshold = accuracy_by_threshold(
        world.settings.task,
        tried,
        found.recordings["pool_rate_by_trial"],
        found.change,
    )
    objectives = np.array(found.objectives, float)
    # Flagged genomes have the worst objectives there; limits need what was measured.
    objectives[:, MAX_RATE] = found.max_rate_hz
    objectives[:, ACCURACY] = -by_threshold.max(axis=1)
    besides = minimised_extras(found.recordings, found.flag, extras.extra_objectives)
    return Measured(
        objectives=np.concatenate([objectives, besides], axis=1),
        by_threshold=by_threshold,
        violation=violation_of(objectives, settings),
        flag=np.asarray(found.flag),
    )


def accuracy_by_threshold(
    task: TaskSettings, tried: np.ndarray, rate_hz: np.ndarray, change: np.ndarray
) -> np.ndarray:
    """Return the smoothed accuracy (P, K), the mean of the tasks.

    ``tried`` (K,) thresholds, ``rate_hz`` (P, k, T) of the pool, ``change`` (k, T).
    A pool that is silent in all trials of a kind counts as guessing.
    """
    by_trial = np.moveaxis(rate_hz, -1, 0)
    truth = np.broadcast_to(change.T[:, None, :], by_trial.shape)
    base = decision_margin(task, np.zeros(1), by_trial)
    columns = [smoothed_accuracy(base - phi, truth).mean(axis=1) for phi in tried]
    return np.nan_to_num(np.stack(columns, axis=1), nan=0.5)


def violation_of(objectives: np.ndarray, settings: FamilySettings) -> np.ndarray:
    """Return by how much limits of biology are violated, (P,) Hz, 0 if they hold.

    The excess of the Wasserstein distance to the mouse over ``max_wasserstein_hz``
    plus ``rate_weight`` times that of the highest rate over ``max_rate_hz``.
    """
    total = np.zeros(len(objectives))
    for column, limit, weight in (
        (WASSERSTEIN, settings.max_wasserstein_hz, 1.0),
        (MAX_RATE, settings.max_rate_hz, settings.rate_weight),
    ):
        if limit is not None:
            total += weight * np.maximum(objectives[:, column] - limit, 0.0)
    return total


def intact(measured: Measured) -> np.ndarray:
    """Return which genomes have no flag, (P,) bool."""
    return np.asarray(measured.flag) == OK
