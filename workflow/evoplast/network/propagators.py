"""Exact one-step propagators of the GLIF3 neuron with alpha-shaped synapses.

In: cell parameters, synaptic time constants, the step. Out: the coefficients with
which the linear part of the model advances exactly over one step, following the
semantics of NEST's ``glif_psc`` (Billeh et al. 2020; Rotter & Diesmann 1999 for the
alpha synapse; Teeter et al. 2018 for the after-spike currents).

With V relative to E_L, a step from t to t+dt is, in this order::

    V    <- P33 V + P30 (I + sum_j asc_stable_j asc_j) + sum_p (P31_p y1_p + P32_p y2_p)
    asc  <- asc_decay asc
    on a spike: V <- V_reset, asc <- asc_amp + asc_refractory_decay asc
    y2_p <- P21_p y1_p + P22_p y2_p
    y1_p <- P11_p y1_p + psc_initial_p * (weights that arrive)

During the ``refractory_steps`` after a spike V stays at V_reset and asc is frozen
(its decay over the refractory time was applied at the spike).
"""

from dataclasses import dataclass
from math import factorial

import numpy as np

from evoplast.network.types import Cells

# Below this size of (1/tau_m - 1/tau_syn) dt the closed form loses digits.
_SERIES_LIMIT = 0.3
_SERIES_TERMS = 14


@dataclass(frozen=True)
class Propagators:
    """Coefficients of one step; N neurons, Q ports, float64.

    ``P11``, ``P21``, ``P22``, ``psc_initial``: (Q,). ``P31``, ``P32``: (N, Q), mV per
    unit of y1 (pA/ms) and y2 (pA). ``P33``: (N,). ``P30``: (N,), mV per pA of a
    current that is constant over the step. ``asc_stable`` (mean of an after-spike
    current over the step relative to its start), ``asc_decay``,
    ``asc_refractory_decay``: (N, 2). ``refractory_steps``: int32 (N,).
    """

    P11: np.ndarray
    P21: np.ndarray
    P22: np.ndarray
    P31: np.ndarray
    P32: np.ndarray
    P33: np.ndarray
    P30: np.ndarray
    asc_stable: np.ndarray
    asc_decay: np.ndarray
    asc_refractory_decay: np.ndarray
    refractory_steps: np.ndarray
    psc_initial: np.ndarray


def _ramp_integral(x: np.ndarray) -> np.ndarray:
    """Return the integral of u exp(x u) over u in [0, 1], stable near x = 0."""
    powers = range(_SERIES_TERMS)
    series = sum(x**k / (factorial(k) * (k + 2)) for k in powers)
    safe = np.where(np.abs(x) < _SERIES_LIMIT, 1.0, x)
    closed = (np.exp(safe) * (safe - 1.0) + 1.0) / safe**2
    return np.where(np.abs(x) < _SERIES_LIMIT, series, closed)


def _step_integral(x: np.ndarray) -> np.ndarray:
    """Return the integral of exp(x u) over u in [0, 1], stable near x = 0."""
    safe = np.where(x == 0.0, 1.0, x)
    return np.where(x == 0.0, 1.0, np.expm1(safe) / safe)


def glif3_propagators(
    cells: Cells, tau_syn_ms: np.ndarray, dt_ms: float
) -> Propagators:
    """Return the exact propagators of every cell for a step of ``dt_ms``.

    ``tau_syn_ms`` is (Q,). The refractory time is rounded up to whole steps, as in
    NEST.
    """
    tau_m_ms = cells.C_m_pF / cells.g_nS
    decay_syn = np.exp(-dt_ms / tau_syn_ms)
    decay_m = np.exp(-dt_ms / tau_m_ms)
    x = dt_ms * (1.0 / tau_m_ms[:, None] - 1.0 / tau_syn_ms[None, :])
    per_charge = (dt_ms * decay_m / cells.C_m_pF)[:, None]
    k_dt = cells.asc_decay_per_ms * dt_ms
    return Propagators(
        P11=decay_syn,
        P21=dt_ms * decay_syn,
        P22=decay_syn,
        P31=per_charge * dt_ms * _ramp_integral(x),
        P32=per_charge * _step_integral(x),
        P33=decay_m,
        P30=-np.expm1(-dt_ms / tau_m_ms) / cells.g_nS,
        asc_stable=-np.expm1(-k_dt) / k_dt,
        asc_decay=np.exp(-k_dt),
        asc_refractory_decay=np.exp(-cells.asc_decay_per_ms * cells.t_ref_ms[:, None]),
        refractory_steps=refractory_steps(cells.t_ref_ms, dt_ms),
        psc_initial=np.e / tau_syn_ms,
    )


def refractory_steps(t_ref_ms: np.ndarray, dt_ms: float) -> np.ndarray:
    """Return the refractory time in steps of ``dt_ms``, rounded up, int32 (N,)."""
    # A hair is taken away because 0.3 ms / 0.1 ms is 2.999... or 3.000...4 in binary.
    return np.ceil(t_ref_ms / dt_ms - 1e-9).astype(np.int32)
