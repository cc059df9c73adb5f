"""The statistics of every reported number.

In: plain arrays. Out: means, standard errors, intervals and p-values. Networks
are the independent unit: trials and sequences of one network are not replicates
of another, so errors are taken over networks where there are two or more.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy import stats

from evoplast.artefacts.errors import UserError
from evoplast.artefacts.seeds import numpy_rng

EXACT_PAIRS = 16
"""Up to this many pairs all 2^n sign patterns are enumerated (65 536)."""


@dataclass(frozen=True)
class PairedTest:
    """Result of a paired comparison: left minus right."""

    difference: float
    standard_error: float
    p_value: float
    n_pairs: int
    method: str


def standard_error(values: np.ndarray) -> float:
    """Return s.d. / sqrt(n) of the finite ``values`` (n,); NaN if n < 2."""
    values = _finite(values)
    if values.size < 2:
        return float("nan")
    return float(values.std(ddof=1) / np.sqrt(values.size))


def mean(values: np.ndarray) -> float:
    """Return the mean of the finite ``values``; NaN if there are none."""
    values = _finite(values)
    return float(values.mean()) if values.size else float("nan")


def clustered(values: np.ndarray, cluster: np.ndarray) -> tuple[float, float]:
    """Return mean and standard error of ``values`` (n,) in clusters (n,).

    The mean is the mean over clusters of their means, the error that of these
    means. With a single cluster the values themselves are the units.
    """
    values, cluster = np.asarray(values, float), np.asarray(cluster)
    means = cluster_means(values, cluster)
    units = values if means.size == 1 else means
    return mean(units), standard_error(units)


def cluster_means(values: np.ndarray, cluster: np.ndarray) -> np.ndarray:
    """Return the mean of ``values`` (n,) within each cluster, in sorted order."""
    values, cluster = np.asarray(values, float), np.asarray(cluster)
    return np.array([mean(values[cluster == c]) for c in np.unique(cluster)])


def bootstrap_interval(
    values: np.ndarray, seed: int, level: float = 0.95, n_resamples: int = 2000
) -> tuple[float, float]:
    """Return the percentile bootstrap interval of the mean of ``values`` (n,)."""
    values = _finite(values)
    if values.size == 0:
        return float("nan"), float("nan")
    rng = numpy_rng(seed, "bootstrap")
    chosen = rng.integers(0, values.size, (n_resamples, values.size))
    tail = 50 * (1 - level)
    low, high = np.percentile(values[chosen].mean(axis=1), [tail, 100 - tail])
    return float(low), float(high)


def nested_bootstrap_interval(
    values: np.ndarray,
    cluster: np.ndarray,
    seed: int,
    level: float = 0.95,
    n_resamples: int = 2000,
) -> tuple[float, float]:
    """Return the percentile bootstrap interval of the mean of cluster means.

    Clusters are drawn with replacement, then the ``values`` (n,) within each.
    """
    drawn = _nested_means(values, cluster, seed, n_resamples)
    tail = 50 * (1 - level)
    low, high = np.percentile(drawn, [tail, 100 - tail])
    return float(low), float(high)


def nested_bootstrap_p(
    values: np.ndarray, cluster: np.ndarray, seed: int, n_resamples: int = 2000
) -> float:
    """Return the two-sided p-value of the mean of cluster means being 0.

    That of the level at which ``nested_bootstrap_interval`` would just hold 0; never
    below 2 / (n_resamples + 1).
    """
    drawn = np.round(_nested_means(values, cluster, seed, n_resamples), 12)
    smaller = 1 + min((drawn <= 0).sum(), (drawn >= 0).sum())
    return float(min(2 * smaller / (n_resamples + 1), 1.0))


def _nested_means(
    values: np.ndarray, cluster: np.ndarray, seed: int, n_resamples: int
) -> np.ndarray:
    groups = [np.asarray(values, float)[cluster == c] for c in np.unique(cluster)]
    rng = numpy_rng(seed, "nested bootstrap")
    # Means of resampled members first: (clusters, resamples).
    means = np.stack(
        [
            rng.choice(group, (len(groups), n_resamples, len(group))).mean(axis=2)
            for group in groups
        ],
        axis=1,
    )
    chosen = rng.integers(0, len(groups), (len(groups), n_resamples))
    return np.take_along_axis(means, chosen[:, None, :], axis=1)[:, 0].mean(axis=0)


def sign_flip_test(
    left: np.ndarray, right: np.ndarray, seed: int, n_resamples: int = 9999
) -> PairedTest:
    """Test whether paired ``left`` and ``right`` (n,) have the same mean.

    Two-sided permutation test on the signs of the differences: every pattern up
    to ``EXACT_PAIRS`` pairs, beyond that ``n_resamples`` random ones (and the
    observed one, so that p is never 0). With n pairs p cannot fall below
    2 / 2^n: with two networks no difference is significant.

    Raises:
        UserError: the two sides differ in length.
    """
    left, right = np.asarray(left, float), np.asarray(right, float)
    if left.shape != right.shape:
        raise UserError(
            f"A paired test needs as many values on both sides, not {left.size} "
            f"and {right.size}; give both sides the same networks and seeds."
        )
    difference = _finite(left - right)
    if difference.size == 0:
        nothing = float("nan")
        return PairedTest(nothing, nothing, nothing, 0, "no pairs")
    p_value, method = _sign_flip_p(difference, seed, n_resamples)
    return PairedTest(
        mean(difference),
        standard_error(difference),
        p_value,
        difference.size,
        method,
    )


def _sign_flip_p(
    difference: np.ndarray, seed: int, n_resamples: int
) -> tuple[float, str]:
    n = difference.size
    if n <= EXACT_PAIRS:
        signs, method = np.array(list(product((1, -1), repeat=n))), "exact sign flip"
    else:
        rng = numpy_rng(seed, "sign flip")
        drawn = rng.choice((1, -1), (n_resamples, n))
        signs, method = np.vstack([np.ones(n), drawn]), "sampled sign flip"
    flipped = np.abs(signs @ difference)
    # The tolerance keeps patterns that tie with the observed one in the count.
    observed = np.abs(difference.sum()) * (1 - 1e-9) - 1e-12
    return float(np.mean(flipped >= observed)), method


def wilson_interval(successes: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """Return the Wilson score interval of a share ``successes / n``.

    Source: Wilson (1927), J. Am. Stat. Assoc. 22:209. NaN if ``n`` is 0.
    """
    if n == 0:
        return float("nan"), float("nan")
    result = stats.binomtest(int(successes), int(n)).proportion_ci(level, "wilson")
    return float(result.low), float(result.high)


def holm(p_values: np.ndarray) -> np.ndarray:
    """Return p-values (n,) corrected for their number, by Holm's step-down method.

    Source: Holm (1979), Scand. J. Stat. 6:65.
    """
    p_values = np.asarray(p_values, float)
    order = np.argsort(p_values, kind="stable")
    steps = p_values[order] * np.arange(len(p_values), 0, -1)
    corrected = np.empty_like(p_values)
    corrected[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return corrected


def auc(positive: np.ndarray, negative: np.ndarray) -> float:
    """Return the area under the ROC curve: P(positive > negative) + P(tie) / 2.

    ``positive`` (n,) and ``negative`` (m,) are values of the two conditions; NaN
    if either is empty.
    """
    positive, negative = _finite(positive), _finite(negative)
    if positive.size == 0 or negative.size == 0:
        return float("nan")
    ranks = stats.rankdata(np.concatenate([positive, negative]))
    n = positive.size
    u = ranks[:n].sum() - n * (n + 1) / 2
    return float(u / (n * negative.size))


def auc_standard_error(area: float, n_positive: int, n_negative: int) -> float:
    """Return the standard error of an AUC by Hanley & McNeil (1982), Radiology 143:29.

    NaN if either condition has no values.
    """
    if n_positive == 0 or n_negative == 0:
        return float("nan")
    q1 = area / (2 - area)
    q2 = 2 * area**2 / (1 + area)
    variance = (
        area * (1 - area)
        + (n_positive - 1) * (q1 - area**2)
        + (n_negative - 1) * (q2 - area**2)
    ) / (n_positive * n_negative)
    return float(np.sqrt(max(variance, 0.0)))


def _finite(values: np.ndarray) -> np.ndarray:
    values = np.asarray(values, dtype=float).ravel()
    return values[np.isfinite(values)]
