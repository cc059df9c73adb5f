"""Test of given strengths, without plasticity and without gradients.

In: strengths and test trials. Out: accuracy with its standard error, and what the rates
of the network are beside the mouse's. The forward pass has the simulator's spikes and
the task's threshold, so that the decisions are those of the rules' frozen test phase,
and the objectives are those of the search.
"""

from dataclasses import dataclass

import jax
import numpy as np

from evoplast.gradient.update import Problem, Seen, Trials, initial_lanes, observe
from evoplast.objectives import (
    MouseReference,
    accuracy,
    balanced_accuracy,
    wasserstein_hz,
)


@dataclass(frozen=True)
class Measurement:
    """Result of a test.

    ``standard_error`` is that of a fraction of ``n_scored`` independent trials; the
    rates are those of the whole test.
    """

    accuracy: float
    standard_error: float
    balanced_accuracy: float
    n_scored: int
    mean_rate_hz: float
    max_rate_hz: float
    synchrony: float
    rate_difference_hz: float
    wasserstein_hz: float


_NAN = float("nan")
NOT_MEASURED = Measurement(_NAN, _NAN, _NAN, 0, _NAN, _NAN, _NAN, _NAN, _NAN)
"""What stands in the table for a run that has diverged."""


def measure(
    problem: Problem, strength: jax.Array, test: Trials, mouse: MouseReference
) -> Measurement:
    """Test ``strength`` (E,) on the trials, from the network at rest."""
    decision, seen = decide_trials(problem, strength, test)
    scored = np.asarray(test.scored, bool)
    chosen, change = decision[scored], np.asarray(test.change, bool)[scored]
    correct = float(accuracy(chosen, change))
    rates = np.asarray(seen.neuron_rate_hz, np.float64)
    return Measurement(
        accuracy=correct,
        standard_error=float(np.sqrt(correct * (1 - correct) / len(chosen))),
        balanced_accuracy=float(balanced_accuracy(chosen, change)),
        n_scored=len(chosen),
        mean_rate_hz=float(rates.mean()),
        max_rate_hz=float(rates.max()),
        synchrony=float(seen.synchrony),
        rate_difference_hz=float(abs(rates.mean() - mouse.mean_hz)),
        wasserstein_hz=float(wasserstein_hz(rates[None], mouse)[0]),
    )


def decide_trials(
    problem: Problem, strength: jax.Array, test: Trials
) -> tuple[np.ndarray, Seen]:
    """Return the decision of each trial (T, B), and all that was seen."""
    lanes = initial_lanes(problem, test.change.shape[1])
    _, seen = observe(problem, strength, lanes, test.current_pA)
    return np.asarray(seen.rate_hz > seen.threshold_hz), seen
