"""Linear decoders of labels from counts, judged on trials that did not teach them.

In: features (T, F), labels (T,). Out: the share of trials that are told right, and
the same for labels that are shifted against the trials. T trials in a row, F features.

The decoder is regularised least squares on one indicator for each label (ridge
classification; Rifkin & Klautau 2004, J. Mach. Learn. Res. 5:101): one solution serves
all labels and all shifts. Blocks of successive trials are left out in turn, so that
what drifts slowly helps nobody. A shifted sequence of labels has the same labels, runs
and repeats but says nothing about the trials: it measures chance without assuming it.
"""

import numpy as np
from scipy import linalg

# The penalty in units of the mean eigenvalue of the features' Gram matrix; chosen
# before any result was seen, and not tuned.
PENALTY = 1.0
_TINY = 1e-9


def blocks(n_trials: int, n_folds: int) -> np.ndarray:
    """Return the number (T,) of the block of successive trials that each belongs to."""
    return np.arange(n_trials) * n_folds // n_trials


def shifted_labels(labels: np.ndarray, n_shifts: int) -> np.ndarray:
    """Return the labels and ``n_shifts`` circular shifts of them, (1 + S, T).

    The shifts are spread evenly between a tenth and nine tenths of the trials.
    """
    n = len(labels)
    steps = np.rint(np.linspace(0.1 * n, 0.9 * n, n_shifts)).astype(int)
    return np.stack([np.roll(labels, step) for step in (0, *steps)])


def decode(features: np.ndarray, labels: np.ndarray, n_folds: int) -> np.ndarray:
    """Return the share right (S,) of each row of ``labels`` (S, T) of ``features``.

    Every trial is judged once, by a decoder that all other blocks taught. NaN where
    there are fewer trials than blocks, or one label only.
    """
    n_rows, n = labels.shape
    kinds = np.unique(labels)
    if n < n_folds or len(kinds) < 2:
        return np.full(n_rows, np.nan)
    target = (labels[:, :, None] == kinds).astype(float)
    flat = target.transpose(1, 0, 2).reshape(n, -1)
    block, found = blocks(n, n_folds), np.empty((n, n_rows), labels.dtype)
    for fold in range(n_folds):
        held = block == fold
        scores = ridge_scores(features[~held], flat[~held], features[held])
        best = scores.reshape(held.sum(), n_rows, -1).argmax(axis=2)
        found[held] = kinds[best]
    return (found == labels.T).mean(axis=0)


def ridge_scores(
    known: np.ndarray, target: np.ndarray, asked: np.ndarray
) -> np.ndarray:
    """Return what ridge regression from ``known`` to ``target`` says of ``asked``.

    (n, F), (n, C), (m, F) to (m, C). Features are standardised by ``known``; those that
    never vary there are left out.
    """
    mean, sd = known.mean(axis=0), known.std(axis=0)
    use = sd > _TINY
    if not use.any():
        return np.repeat(target.mean(axis=0)[None], len(asked), axis=0)
    left, right = ((x[:, use] - mean[use]) / sd[use] for x in (known, asked))
    gram = left @ left.T
    penalty = PENALTY * np.trace(gram) / len(gram)
    centre = target.mean(axis=0)
    ridge = gram + penalty * np.eye(len(gram))
    weight = linalg.solve(ridge, target - centre, assume_a="pos")
    return right @ (left.T @ weight) + centre
