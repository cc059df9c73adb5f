"""The pool's rate and its threshold, trial by trial, for several lanes.

In: spikes, or spike counts, of trials. Out: the pool's rate in the response window,
the threshold each trial is compared with, and the history that later trials need.
T trials, B lanes, H trials of history.
"""

from dataclasses import dataclass

import jax
import jax.numpy as jnp

from evoplast.task import RELATIVE, TaskSettings

Array = jax.Array


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class PoolHistory:
    """The pool's rate (H, B) Hz in the last H trials, oldest first.

    ``known`` (H,) is 0 for trials before the beginning of the run.
    """

    rate_hz: Array
    known: Array


def empty_history(n_trials: int, n_lanes: int) -> PoolHistory:
    """Return a history of ``n_trials`` trials of which none is known."""
    return PoolHistory(jnp.zeros((n_trials, n_lanes)), jnp.zeros(n_trials))


def extend(history: PoolHistory, rate_hz: Array) -> PoolHistory:
    """Return the history after the trials with rates (T, B)."""
    n = len(history.known)
    rates = jnp.concatenate([history.rate_hz, rate_hz])[-n:]
    known = jnp.concatenate([history.known, jnp.ones(len(rate_hz))])[-n:]
    return PoolHistory(rates, known)


def relative_threshold(history: PoolHistory, rate_hz: Array, phi: float) -> Array:
    """Return (0.5 + phi) times the mean of the last H rates at each trial, (T, B).

    The present trial is one of the H, as in the task.
    """
    rates = jnp.concatenate([history.rate_hz, rate_hz])
    known = jnp.concatenate([history.known, jnp.ones(len(rate_hz))])
    # Windows are added up one by one: differences of running sums would round, and
    # a rate equal to its own mean must not be taken for one above it.
    n_past, n_new = len(history.known), len(rate_hz)
    window = 1 + jnp.arange(n_new)[:, None] + jnp.arange(n_past)
    total = (rates * known[:, None])[window].sum(axis=1)
    return (0.5 + phi) * total / known[window].sum(axis=1)[:, None]


def threshold_hz(
    task: TaskSettings, phi: float, history: PoolHistory, rate_hz: Array
) -> Array:
    """Return the threshold (T, B) in Hz that each trial's rate is compared with."""
    if task.threshold == RELATIVE:
        return relative_threshold(history, rate_hz, phi)
    return jnp.full_like(rate_hz, phi)


def window_rate_hz(task: TaskSettings, spikes: Array, pool: Array) -> Array:
    """Return the pool's mean rate in the response window, (T, B) Hz.

    ``spikes`` (T, trial_ms, N, B); ``pool`` (n,) indices of the readout neurons.
    """
    window = spikes[:, task.window_start_ms : task.window_end_ms, pool]
    return window.sum(axis=(1, 2)) / (len(pool) * task.window_s)
