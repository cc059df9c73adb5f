"""Temporal kernels of LGN cells: two raised cosines in logarithmic time.

In: weights, peaks and delays of the two bumps, per subunit. Out: causal kernels at
1 ms. Constants and steps follow the model of Billeh et al. 2020 as used by Chen et
al. 2022: bumps over lags of 1 to 600 ms, each with unit Euclidean norm, delayed by
whole milliseconds, cut to 600 ms plus the first delay and normalised again.
"""

import numpy as np

KERNEL_MS = 700
BASIS_MS = 600
LOG_OFFSET_MS = 0.3
# The width of a bump is the distance of these two lags on the logarithmic axis.
WIDTH_FROM_MS, WIDTH_TO_MS = 100.0, 200.0


def raised_cosine(peak_ms: np.ndarray) -> np.ndarray:
    """Return bumps (K, 600) with unit norm at lags 1..600 ms; ``peak_ms`` is (K,)."""
    lag = np.arange(1, BASIS_MS + 1)
    width = np.log(WIDTH_TO_MS + LOG_OFFSET_MS) - np.log(WIDTH_FROM_MS + LOG_OFFSET_MS)
    distance = np.log(lag + LOG_OFFSET_MS)[None, :] - np.log(peak_ms)[:, None]
    angle = np.clip(distance * np.pi / (2 * width), -np.pi, np.pi)
    return _unit_norm((np.cos(angle) + 1) / 2)


def _unit_norm(rows: np.ndarray) -> np.ndarray:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def _delayed(rows: np.ndarray, delay_ms: np.ndarray, length: int) -> np.ndarray:
    """Shift each row right by its own delay into rows of ``length`` samples."""
    index = np.arange(length)[None, :] - delay_ms[:, None]
    inside = (index >= 0) & (index < rows.shape[1])
    index = np.clip(index, 0, rows.shape[1] - 1)
    return np.where(inside, np.take_along_axis(rows, index, axis=1), 0.0)


def temporal_kernels(
    weight: np.ndarray, peak_ms: np.ndarray, delay_ms: np.ndarray, n_lags: int
) -> np.ndarray:
    """Return kernels (K, n_lags), float64, most recent lag first.

    ``weight``, ``peak_ms``, ``delay_ms`` are (K, 2); delays are cut to whole ms.
    """
    delay = np.floor(delay_ms).astype(np.int64)
    length = BASIS_MS + int(delay[:, 0].max(initial=0))
    kept = np.arange(length)[None, :] < BASIS_MS + delay[:, :1]
    kernels = np.zeros((len(weight), length))
    for bump in range(2):
        rows = _delayed(raised_cosine(peak_ms[:, bump]), delay[:, bump], length)
        kernels += weight[:, bump, None] * _unit_norm(np.where(kept, rows, 0.0))
    return _fit(kernels, n_lags)


def _fit(rows: np.ndarray, length: int) -> np.ndarray:
    """Cut rows or pad them with zeros to ``length`` samples."""
    missing = max(0, length - rows.shape[1])
    return np.pad(rows, ((0, 0), (0, missing)))[:, :length]


def zero_crossing(kernels: np.ndarray) -> np.ndarray:
    """Return (K,) the first lag after the peak at which the kernel is negative."""
    lag = np.arange(kernels.shape[1])[None, :]
    after_peak = lag > np.argmax(kernels, axis=1)[:, None]
    return np.argmax(after_peak & (kernels < 0), axis=1)


def box_response(kernels: np.ndarray, duration_ms: int) -> np.ndarray:
    """Return the response (K, n_lags + duration - 1) to a unit box, from its onset."""
    total = np.cumsum(kernels, axis=1, dtype=np.float64)
    n_out = kernels.shape[1] + duration_ms - 1
    rising = np.pad(total, ((0, 0), (0, duration_ms - 1)), mode="edge")
    falling = np.pad(total, ((0, 0), (duration_ms, 0)))[:, :n_out]
    return (rising - falling).astype(np.float32)
