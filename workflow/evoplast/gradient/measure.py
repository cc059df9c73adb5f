"""Test accuracy of given strengths, without plasticity and without gradients.

In: strengths and test trials. Out: accuracy with its standard error. The forward
pass has the simulator's spikes and the task's threshold, so that the decisions are
those of the rules' frozen test phase.
"""

from dataclasses import dataclass

import jax
import numpy as np

from evoplast.gradient.update import Problem, Trials, initial_lanes, observe
from evoplast.objectives import accuracy, balanced_accuracy


@dataclass(frozen=True)
class Measurement:
    """Result of a test.

    ``standard_error`` is that of a fraction of ``n_scored`` independent trials.
    """

    accuracy: float
    standard_error: float
    balanced_accuracy: float
    n_scored: int
    mean_rate_hz: float


NOT_MEASURED = Measurement(np.nan, np.nan, np.nan, 0, np.nan)
"""What stands in the table for a run that has diverged."""


def measure(problem: Problem, strength: jax.Array, test: Trials) -> Measurement:
    """Test ``strength`` (E,) on the trials, from the network at rest."""
    decision, mean_rate_hz = decide_trials(problem, strength, test)
    scored = np.asarray(test.scored, bool)
    chosen, change = decision[scored], np.asarray(test.change, bool)[scored]
    correct = float(accuracy(chosen, change))
    error = float(np.sqrt(correct * (1 - correct) / len(chosen)))
    balanced = float(balanced_accuracy(chosen, change))
    return Measurement(correct, error, balanced, len(chosen), mean_rate_hz)


def decide_trials(
    problem: Problem, strength: jax.Array, test: Trials
) -> tuple[np.ndarray, float]:
    """Return the decision of each trial (T, B) and the mean rate in Hz."""
    lanes = initial_lanes(problem, test.change.shape[1])
    _, rate_hz, threshold_hz, mean = observe(problem, strength, lanes, test.current_pA)
    return np.asarray(rate_hz > threshold_hz), float(mean)
