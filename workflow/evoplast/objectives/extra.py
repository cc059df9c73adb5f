"""Objectives that a search may have besides the six.

In: what evaluations recorded. Out: their values per candidate, in natural units or
minimised. P candidates, k tasks, T trials, N neurons.

* ``dimension``: over how many dimensions the counts of neurons in scored trials
  spread, their participation ratio (Gao et al. 2017, bioRxiv 214262); more is better.
* ``stability``: the accuracy (smoothed, at the rule's threshold) that is lost when
  training goes on; less is better, below 0 the rule still learns.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from evoplast.objectives.scores import OBJECTIVE_NAMES, OK

DIMENSION, LOST_ACCURACY = "dimension", "lost_accuracy"


@dataclass(frozen=True)
class ExtraObjective:
    """An objective: its column in tables, its sign if minimised, a failure's value."""

    column: str
    sign: float
    worst: float

    @property
    def minimised(self) -> str:
        """Its name among the minimised objectives."""
        return self.column if self.sign > 0 else f"negative_{self.column}"


# By the values of search.extra_objectives. A network that fails fills no dimension and
# has lost all that a rule can know.
EXTRA_OBJECTIVES = {
    "dimension": ExtraObjective(DIMENSION, -1.0, 0.0),
    "stability": ExtraObjective(LOST_ACCURACY, 1.0, 1.0),
}


def objective_names(extra: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the names of the minimised objectives: the six, then the ``extra``."""
    return (*OBJECTIVE_NAMES, *(EXTRA_OBJECTIVES[name].minimised for name in extra))


def natural_extras(
    recordings: Mapping[str, np.ndarray], flag: np.ndarray
) -> dict[str, np.ndarray]:
    """Return the extra objectives (P,) in ``recordings`` (P, k) by column.

    Means over tasks; where nothing varies the dimension is 0. Candidates with another
    ``flag`` (P,) than ``OK`` get the worst value.
    """
    return {
        extra.column: np.where(
            np.asarray(flag) == OK,
            np.nan_to_num(recordings[extra.column]).mean(axis=1),
            extra.worst,
        )
        for extra in EXTRA_OBJECTIVES.values()
        if extra.column in recordings
    }


def minimised_extras(
    recordings: Mapping[str, np.ndarray], flag: np.ndarray, extra: Sequence[str]
) -> np.ndarray:
    """Return the ``extra`` objectives (P, number of them), all minimised."""
    natural, chosen = natural_extras(recordings, flag), map(EXTRA_OBJECTIVES.get, extra)
    columns = [own.sign * natural[own.column] for own in chosen if own is not None]
    return np.reshape(columns, (len(columns), len(flag))).T


def participation_ratio(activity: np.ndarray) -> float:
    """Return the participation ratio of samples (n, F); NaN if nothing varies.

    The sum of the covariance's eigenvalues squared over the sum of their squares: the
    trace and the squared Frobenius norm, from the smaller of the two Gram matrices.
    """
    centred = activity - activity.mean(axis=0)
    smaller = centred.T @ centred if len(centred) > centred.shape[1] else None
    gram = centred @ centred.T if smaller is None else smaller
    squares = float((gram.astype(np.float64) ** 2).sum())
    return float(np.trace(gram)) ** 2 / squares if squares > 0 else float("nan")


def dimensions_of_counts(counts: np.ndarray) -> np.ndarray:
    """Return the participation ratio (p, k) of counts (p, k, T, N) over trials."""
    n_trials = counts.shape[2]
    # Multiples of the number of trials: their mean and all sums are whole numbers, and
    # no order of summation, on however many threads, changes a bit.
    whole = counts.astype(np.float64) * n_trials
    return np.array([[participation_ratio(task) for task in own] for own in whole])
