"""Numbers that say how well a rule does: task scores and the six objectives.

In: decisions, pool rates and spike counts of scored trials (NumPy). Out: accuracy,
d', AUC, and the objectives of the search, all to be minimised.
"""

import numpy as np
from scipy.stats import norm, rankdata, wasserstein_distance

from evoplast.objectives.mouse import MouseReference

OBJECTIVE_NAMES = (
    "negative_accuracy",
    "complexity",
    "max_rate_hz",
    "synchrony",
    "mean_rate_deviation_hz",
    "wasserstein_hz",
)
# For a candidate that failed: never correct, all 25 terms, one spike per step.
WORST_OBJECTIVES = np.array([0.0, 1.0, 1000.0, 1.0, 1000.0, 1000.0])
OK, SILENT, NON_FINITE, RUNAWAY = 0, 1, 2, 3
FLAG_NAMES = ("ok", "silent", "non_finite", "runaway")


def accuracy(decision: np.ndarray, change: np.ndarray) -> np.ndarray:
    """Return the fraction of correct trials; decision (T, ...), change alike."""
    return (decision == change).mean(axis=0)


def hit_and_false_alarm_rates(
    decision: np.ndarray, change: np.ndarray, correction: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Return P("change" | change) and P("change" | repeat) of (T, ...) arrays.

    ``correction`` is added to each count and twice that to each total (0.5 is the
    log-linear rule of Hautus 1995). NaN without trials of a kind.
    """
    rates = []
    for kind in (change, ~change):
        reported = (decision & kind).sum(axis=0) + correction
        total = kind.sum(axis=0) + 2 * correction
        known = np.where(total > 0, total, np.nan)
        rates.append(reported / known)
    return rates[0], rates[1]


def balanced_accuracy(decision: np.ndarray, change: np.ndarray) -> np.ndarray:
    """Return the mean of hit and correct-rejection rates; NaN if a kind is absent."""
    hits, false_alarms = hit_and_false_alarm_rates(decision, change)
    return 0.5 * (hits + 1.0 - false_alarms)


def d_prime(decision: np.ndarray, change: np.ndarray) -> np.ndarray:
    """Return the sensitivity index, with the log-linear correction."""
    hits, false_alarms = hit_and_false_alarm_rates(decision, change, correction=0.5)
    return norm.ppf(hits) - norm.ppf(false_alarms)


def smoothed_accuracy(margin: np.ndarray, change: np.ndarray) -> np.ndarray:
    """Return the accuracy of normally distributed decision variables.

    ``margin`` (T, ...) is the decision variable minus its threshold, in any unit;
    ``change`` alike. The mean of P(margin > 0 | change) and P(margin <= 0 | repeat),
    each by the normal distribution with the mean and variance of its trials: a trial
    counts by its distance from the threshold, not by its side alone. With a single
    value on one side it is counted. NaN without two trials of each kind.
    """
    parts = []
    for kind, sign in ((change, 1.0), (~change, -1.0)):
        n = kind.sum(axis=0)
        known = np.where(n > 1, n, np.nan)
        mean = (margin * kind).sum(axis=0) / known
        square = (((margin - mean) * kind) ** 2).sum(axis=0)
        sd = np.sqrt(square / (known - 1))
        z = sign * mean / np.where(sd > 0, sd, np.nan)
        exact = np.where(mean == 0, sign < 0, sign * mean > 0)
        parts.append(np.where(sd > 0, norm.cdf(z), np.where(sd == 0, exact, np.nan)))
    return 0.5 * (parts[0] + parts[1])


def kernel_accuracy(margin: np.ndarray, change: np.ndarray) -> np.ndarray:
    """Return the accuracy by the smoothed empirical distributions of the margin.

    As :func:`smoothed_accuracy`, with a Gaussian kernel on every trial instead of one
    normal distribution; its width is Silverman's, 1.06 s.d. n^(-1/5).
    """
    parts = []
    for kind, sign in ((change, 1.0), (~change, -1.0)):
        n = np.maximum(kind.sum(axis=0), 1)
        mean = (margin * kind).sum(axis=0) / n
        sd = np.sqrt((((margin - mean) * kind) ** 2).sum(axis=0) / np.maximum(n - 1, 1))
        width = np.maximum(1.06 * sd * n**-0.2, 1e-9)
        parts.append((norm.cdf(sign * margin / width) * kind).sum(axis=0) / n)
    return 0.5 * (parts[0] + parts[1])


def auc(rate_hz: np.ndarray, change: np.ndarray) -> np.ndarray:
    """Return P(rate on a change > rate on a repeat), ties counting half.

    ``rate_hz`` and ``change`` are (T, ...). The Mann-Whitney statistic over its
    maximum; NaN if one kind of trial is absent.
    """
    ranks = rankdata(rate_hz, axis=0)
    n_change = change.sum(axis=0)
    n_repeat = len(change) - n_change
    above = (ranks * change).sum(axis=0) - n_change * (n_change + 1) / 2
    pairs = n_change * n_repeat
    return above / np.where(pairs > 0, pairs, np.nan)


def wasserstein_hz(rates_hz: np.ndarray, mouse: MouseReference) -> np.ndarray:
    """Return the Wasserstein-1 distance to the mouse of each candidate (P,), Hz.

    ``rates_hz`` (P, N); NaN where a rate is not finite.
    """
    return np.array(
        [
            wasserstein_distance(
                rates, mouse.mixture_hz, v_weights=mouse.mixture_weights
            )
            if np.isfinite(rates).all()
            else np.nan
            for rates in np.asarray(rates_hz, np.float64)
        ]
    )


def objectives(
    cross_accuracy: np.ndarray,
    complexity: np.ndarray,
    rates_hz: np.ndarray,
    synchrony: np.ndarray,
    flag: np.ndarray,
    mouse: MouseReference,
) -> np.ndarray:
    """Return the six objectives (P, 6), all minimised, order ``OBJECTIVE_NAMES``.

    Args:
        cross_accuracy: (P,) mean accuracy of the tasks.
        complexity: (P,) active terms / 25.
        rates_hz: (P, N) mean rate of each neuron in the scored trials.
        synchrony: (P,) fraction of synchronous bins.
        flag: (P,) int; candidates other than ``OK`` get ``WORST_OBJECTIVES``.
        mouse: the reference.
    """
    columns = (
        -cross_accuracy,
        complexity,
        rates_hz.max(axis=1),
        synchrony,
        np.abs(rates_hz.mean(axis=1) - mouse.mean_hz),
        wasserstein_hz(rates_hz, mouse),
    )
    values = np.stack([np.asarray(c, np.float64) for c in columns], axis=1)
    return np.where((flag == OK)[:, None], values, WORST_OBJECTIVES)
