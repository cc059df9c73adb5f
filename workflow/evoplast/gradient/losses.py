"""The terms of the training loss.

In: rates, voltages and decisions of one update. Out: scalars. Three terms are
those of Chen, Scherr & Maass (2022): cross-entropy of the readout, quantile Huber
distance of the rates from a reference, squared voltage outside a dead band. The
fourth, of synchrony, makes the regulariser as wide as the biology of the search.
"""

import jax
import jax.numpy as jnp
import numpy as np

from evoplast.simulator import SYNCHRONY_BIN_STEPS, SYNCHRONY_FRACTION

Array = jax.Array
BIN_MS, CALM_SHARE = SYNCHRONY_BIN_STEPS, 0.5 * SYNCHRONY_FRACTION
FLOOR_HZ = 1.0
"""The readout's threshold is not taken below this when rates are compared to it."""


def log_odds(pool_rate_hz: Array, threshold_hz: Array, scale: Array) -> Array:
    """Return the log odds of "change": excess of the rate over the threshold.

    The excess is relative to the threshold, so that one ``scale`` (positive, 1)
    serves thresholds in Hz and thresholds relative to the pool's own mean. The
    threshold is a constant here: it is what the pool did in the trials before.
    """
    threshold = jax.lax.stop_gradient(threshold_hz)
    return scale * (pool_rate_hz - threshold) / jnp.maximum(threshold, FLOOR_HZ)


def cross_entropy(odds: Array, change: Array, scored: Array) -> Array:
    """Return the mean cross-entropy of the scored trials; all arrays (T, B)."""
    each = jax.nn.softplus(odds) - change * odds
    return jnp.sum(each * scored) / jnp.maximum(jnp.sum(scored), 1.0)


def rate_loss(rate_per_ms: Array, target_per_ms: Array, kappa: float) -> Array:
    """Return the quantile Huber distance of sorted rates from sorted targets.

    ``rate_per_ms`` (N,) in any order, ``target_per_ms`` (N,) ascending, both in
    spikes per ms; ``kappa`` is where the loss turns from quadratic to linear.
    """
    n = rate_per_ms.shape[0]
    excess = jnp.sort(rate_per_ms) - target_per_ms
    quantile = jnp.arange(1, n + 1) / n
    weight = jnp.abs(quantile - (excess <= 0))
    size = jnp.abs(excess)
    huber = jnp.where(size <= kappa, excess**2 / (2 * kappa), size - kappa / 2)
    return jnp.sum(weight * huber)


def synchrony_loss(spikes: Array) -> Array:
    """Return how far bins of 2 ms are above half of what counts as synchronous.

    ``spikes`` (T, trial_ms, N, B). Mean over bins of the squared excess of the share
    of active cells over 0.1, in units of 0.1; the objective counts bins above 0.2.
    """
    n_bins = spikes.shape[1] // BIN_MS
    whole = spikes[:, : n_bins * BIN_MS]
    shape = (spikes.shape[0], n_bins, BIN_MS, *spikes.shape[2:])
    share = whole.reshape(shape).sum(axis=2).mean(axis=2)
    return jnp.mean(jnp.square(jax.nn.relu(share - CALM_SHARE) / CALM_SHARE))


def voltage_loss(voltage: Array) -> Array:
    """Return the squared excess beyond -1 and 1, summed over N, averaged over B.

    ``voltage`` (N, B) is 0 at rest and 1 at threshold.
    """
    above, below = jax.nn.relu(voltage - 1), jax.nn.relu(-voltage - 1)
    return jnp.mean(jnp.sum(jnp.square(above) + jnp.square(below), axis=0))


def target_rates(
    sample_hz: np.ndarray, weights: np.ndarray, n_neurons: int
) -> np.ndarray:
    """Return N ascending rates in spikes per ms, distributed as the reference.

    ``sample_hz`` and ``weights`` (n,) are a weighted sample of the reference; its
    quantile function is read at the N mid-quantiles.
    """
    order = np.argsort(sample_hz, kind="stable")
    cumulative = np.cumsum(weights[order])
    centres = (cumulative - 0.5 * weights[order]) / cumulative[-1]
    levels = (np.arange(n_neurons) + 0.5) / n_neurons
    rates = np.interp(levels, centres, sample_hz[order])
    return (rates / 1000.0).astype(np.float32)
