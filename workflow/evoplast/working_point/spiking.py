"""Statistics of spike trains and of tuning curves.

In: spike times, or rates by direction of a moving grating. Out: variability of
intervals, selectivity, preferred orientation. N neurons, D directions.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class SpikeTimes:
    """Spikes of N neurons in L lanes over T steps of 1 ms; arrays (n_spikes,)."""

    step: np.ndarray
    neuron: np.ndarray
    lane: np.ndarray
    n_steps: int
    n_neurons: int
    n_lanes: int

    def between(self, start: int, stop: int) -> "SpikeTimes":
        """Return the spikes of steps ``start`` to ``stop``, counted from ``start``."""
        kept = (self.step >= start) & (self.step < stop)
        return SpikeTimes(
            *(self.step[kept] - start, self.neuron[kept], self.lane[kept]),
            *(stop - start, self.n_neurons, self.n_lanes),
        )

    def rates_hz(self) -> np.ndarray:
        """Return the rate (N, L) of each neuron in each lane."""
        index = self.neuron.astype(np.int64) * self.n_lanes + self.lane
        counts = np.bincount(index, minlength=self.n_neurons * self.n_lanes)
        return counts.reshape(self.n_neurons, -1) * 1000.0 / self.n_steps


def interval_cv(spikes: SpikeTimes, lanes: np.ndarray, fewest: int) -> np.ndarray:
    """Return the coefficient of variation of each neuron's intervals (N,).

    Intervals of all ``lanes`` are pooled, none spans two of them. NaN for neurons
    with less than ``fewest`` intervals. A Poisson process has 1, a clock 0.
    """
    kept = np.isin(spikes.lane, lanes)
    step, neuron, lane = (
        a[kept].astype(np.int64) for a in (spikes.step, spikes.neuron, spikes.lane)
    )
    order = np.lexsort((step, lane, neuron))
    step, train = step[order], (neuron * spikes.n_lanes + lane)[order]
    same = train[1:] == train[:-1]
    interval, owner = np.diff(step)[same], neuron[order][1:][same]
    n = np.bincount(owner, minlength=spikes.n_neurons)
    total = np.bincount(owner, interval, spikes.n_neurons)
    square = np.bincount(owner, interval.astype(float) ** 2, spikes.n_neurons)
    known = np.where(n >= max(fewest, 2), n, np.nan)
    mean = total / known
    variance = np.maximum(square - known * mean**2, 0.0) / (known - 1)
    return np.sqrt(variance) / mean


def resultant(rates: np.ndarray, direction_deg: np.ndarray, cycles: int) -> np.ndarray:
    """Return the complex mean of exp(i cycles direction), weighted by rates (N, D).

    ``cycles`` is 1 for direction, 2 for orientation. NaN for silent neurons.
    """
    total = rates.sum(axis=1)
    turned = np.exp(1j * cycles * np.deg2rad(direction_deg))
    unknown = np.full(len(rates), np.nan, complex)
    return np.divide(rates @ turned, total, out=unknown, where=total > 0)


def global_selectivity(
    rates: np.ndarray, direction_deg: np.ndarray, cycles: int = 2
) -> np.ndarray:
    """Return the length (N,) of the resultant: 0 untuned, 1 one direction only.

    With ``cycles`` 2 this is 1 minus the circular variance, the global orientation
    selectivity index. Few spikes bias it upwards.
    """
    return np.abs(resultant(rates, direction_deg, cycles))


def preferred_deg(
    rates: np.ndarray, direction_deg: np.ndarray, cycles: int = 2
) -> np.ndarray:
    """Return the preferred orientation (N,) in 0..180, or direction in 0..360."""
    angle = np.angle(resultant(rates, direction_deg, cycles), deg=True) / cycles
    return angle % (360.0 / cycles)


def crossvalidated_selectivity(
    first: np.ndarray, second: np.ndarray, direction_deg: np.ndarray
) -> np.ndarray:
    """Return the orientation selectivity (N,) of one half in the other's preference.

    Rates (N, D) of two halves of the recording. Its mean over untuned neurons is 0
    whatever their number of spikes; it is negative where the halves disagree.
    """
    preferred = np.exp(1j * np.angle(resultant(first, direction_deg, 2)))
    return np.real(resultant(second, direction_deg, 2) * np.conj(preferred))


def peak_selectivity(rates: np.ndarray) -> np.ndarray:
    """Return (R_pref - R_orth) / (R_pref + R_orth) of rates (N, D), (N,).

    Directions must be evenly spaced over 360 degrees, a multiple of 4; R_orth is
    the mean of both orthogonal directions.
    """
    n_directions = rates.shape[1]
    best = np.argmax(rates, axis=1)
    rows, quarter = np.arange(len(rates)), n_directions // 4
    peak = rates[rows, best]
    across = [rates[rows, (best + k * quarter) % n_directions] for k in (1, 3)]
    orthogonal = np.mean(across, axis=0)
    total = peak + orthogonal
    return (peak - orthogonal) / np.where(total > 0, total, np.nan)


def alignment(preferred: np.ndarray, assigned: np.ndarray) -> tuple[float, float]:
    """Return how well preferred orientations follow the assigned angles (degrees).

    First the length of the mean resultant of their difference (1: a fixed offset, 0:
    unrelated), then the offset in -90..90 degrees. NaN preferences are left out.
    """
    difference = np.deg2rad(preferred - assigned)
    known = difference[np.isfinite(difference)]
    if known.size == 0:
        return float("nan"), float("nan")
    mean = np.exp(2j * known).mean()
    return float(np.abs(mean)), float(np.angle(mean, deg=True) / 2)
