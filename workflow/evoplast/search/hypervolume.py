"""Hypervolume: how much of a box of objectives a front dominates.

In: points (n, m), all minimised, and a reference point. Out: a volume. Exact by
exclusive contributions (the idea of While, Bradstreet & Barone 2012) for small
fronts; as a share of a fixed box by a fixed Sobol sample for every other use, so
that the numbers of two generations, or of two runs, are counted on the same points.
"""

from functools import cache

import numpy as np
from scipy.stats import qmc

# 2^15 points: the standard error of a share p is below sqrt(p (1 - p) / 2^15), i.e.
# 0.0028 at most; both the sample and its scrambling are fixed.
SAMPLE_EXPONENT = 15
_SCRAMBLE_SEED = 20260


def hypervolume(points: np.ndarray, reference: np.ndarray) -> float:
    """Return the exact volume dominated by ``points`` (n, m) up to ``reference``.

    Points that are not finite or do not lie below the reference add nothing. The
    time grows steeply with n: meant for up to about 50 points in six dimensions.
    """
    points = np.asarray(points, float)
    inside = (points < reference).all(axis=1) & np.isfinite(points).all(axis=1)
    return _volume(_front(points[inside]), np.asarray(reference, float))


def _front(points: np.ndarray) -> np.ndarray:
    points = np.unique(points, axis=0)
    no_worse = np.all(points[:, None] <= points[None], axis=2)
    np.fill_diagonal(no_worse, False)
    return points[~no_worse.any(axis=0)]


def _volume(front: np.ndarray, reference: np.ndarray) -> float:
    if len(front) == 0:
        return 0.0
    if len(reference) == 1:
        return float(reference[0] - front.min())
    boxes = (reference - front).prod(axis=1)
    if len(front) == 1:
        return float(boxes[0])
    total = 0.0
    for i, point in enumerate(front):
        overlap = _front(np.maximum(front[i + 1 :], point))
        total += boxes[i] - _volume(overlap, reference)
    return float(total)


def dominated_share(
    points: np.ndarray, ideal: np.ndarray, reference: np.ndarray
) -> tuple[float, float]:
    """Return the share of the box [ideal, reference] that ``points`` dominate.

    The second number is the standard error of a random sample of that size, an
    upper bound for the Sobol sample used here.
    """
    points = np.asarray(points, float)
    points = points[np.isfinite(points).all(axis=1)]
    unit = (points - ideal) / (np.asarray(reference, float) - ideal)
    left = _sample(len(ideal))
    n = len(left)
    # Best product of remaining sides first: most samples are settled early.
    for point in unit[np.argsort(-np.clip(1 - unit, 0, 1).prod(axis=1))]:
        left = left[~(point <= left).all(axis=1)]
    share = 1.0 - len(left) / n
    return share, float(np.sqrt(share * (1 - share) / n))


@cache
def _sample(dimension: int) -> np.ndarray:
    sobol = qmc.Sobol(dimension, scramble=True, rng=_SCRAMBLE_SEED)
    return sobol.random_base2(SAMPLE_EXPONENT)
