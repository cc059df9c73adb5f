"""Rules laid out for the kernels: one lane per candidate and task.

In: :class:`~evoplast.rules.RuleParameters` of P candidates. Out: :class:`LaneRules`,
coefficient tables with gates, learning rate and term scales multiplied in and the
lane axis last (lane = candidate * n_tasks + task).

With traces X, spikes S, j presynaptic, i postsynaptic, the update of a synapse is
w_ref times

    post-side sum + S_j (a0 + a1 S_i + a2 X_i + a6 X_j)
                  + X_j (a3 + a4 S_i + a5 X_i + a7 X_j)

where every a is base + reward * R of i's type, one value per pair of types. Extra terms
(``plasticity.extra_terms``) follow in the sum, each its coefficient times its signals.
"""

from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np

from evoplast.rules import (
    N_TERMS,
    OPTIONAL_TERMS,
    PAIR_TERMS,
    POST_TERMS,
    PRE_TERMS,
    REWARD_TERM,
    TERM_HAS_SPIKE,
    TERM_NAMES,
    RuleParameters,
    extra_indices,
)
from evoplast.simulator.model import PlasticitySettings
from evoplast.simulator.neuron import DT_MS

Array = jax.Array

# Rows of the edge tables a0..a7 and of the post tables.
EDGE_ROWS = (
    "S_pre",
    "S_pre·S_post",
    "S_pre·X_post",
    "X_pre",
    "S_post·X_pre",
    "X_pre·X_post",
    "S_pre·X_pre",
    "X_pre²",
)
POST_ROWS = ("S_post", "X_post", "S_post·X_post", "X_post²")


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class LaneRules:
    """Tables of L lanes for M cell types.

    Attributes:
        edge_base, edge_reward: (8, M_post, M_pre, L), rows ``EDGE_ROWS``.
        post_base, post_reward: (4, M, L), rows ``POST_ROWS``.
        reward_alone: (L,).
        trace_keep, reward_keep: (M, L), 1 - dt/tau of spike and reward traces.
        phi: (L,), readout threshold.
        extra: (X, M_post, M_pre, L), the terms of ``plasticity.extra_terms``.
    """

    edge_base: Array
    edge_reward: Array
    post_base: Array
    post_reward: Array
    reward_alone: Array
    trace_keep: Array
    reward_keep: Array
    phi: Array
    extra: Array


def lane_rules(
    parameters: RuleParameters, n_tasks: int, settings: PlasticitySettings
) -> LaneRules:
    """Lay out the rules of P candidates in P * n_tasks lanes."""
    continuous = settings.continuous_term_scale
    scale = jnp.where(jnp.asarray(TERM_HAS_SPIKE), 1.0, continuous)
    gates = jnp.asarray(parameters.gates, jnp.float32)
    factor = settings.eta * scale[None] * gates[:, :N_TERMS]
    terms = _terms_by_name(parameters, factor)
    m = parameters.tau_E_ms.shape[1]

    def table(rows: tuple[str, ...], suffix: str, shape: tuple[int, ...]) -> Array:
        parts = [jnp.broadcast_to(terms[r + suffix], shape) for r in rows]
        return _to_lanes(jnp.stack(parts, axis=1), n_tasks)

    p = parameters.phi.shape[0]
    return LaneRules(
        edge_base=table(EDGE_ROWS, "", (p, m, m)),
        edge_reward=table(EDGE_ROWS, "·R", (p, m, m)),
        post_base=table(POST_ROWS, "", (p, m, 1))[:, :, 0],
        post_reward=table(POST_ROWS, "·R", (p, m, 1))[:, :, 0],
        reward_alone=_to_lanes(
            parameters.reward_alone * factor[:, REWARD_TERM], n_tasks
        ),
        trace_keep=_to_lanes(1.0 - DT_MS / parameters.tau_E_ms, n_tasks),
        reward_keep=_to_lanes(1.0 - DT_MS / parameters.tau_R_ms, n_tasks),
        phi=_to_lanes(parameters.phi, n_tasks),
        extra=_to_lanes(_extra_tables(parameters, settings), n_tasks),
    )


def _extra_tables(parameters: RuleParameters, settings: PlasticitySettings) -> Array:
    """Return the scaled coefficients of the run's extra terms (P, X, M_post, M_pre)."""
    (p, m), chosen = parameters.tau_E_ms.shape, extra_indices(settings.extra_terms)
    tables = [jnp.zeros((p, 0, m, m), jnp.float32)]
    for o in chosen if parameters.extra is not None else ():
        scale = 1.0 if OPTIONAL_TERMS[o].has_spike else settings.continuous_term_scale
        on = settings.eta * scale * jnp.asarray(parameters.gates)[:, N_TERMS + o]
        values = jnp.swapaxes(jnp.asarray(parameters.extra)[:, o], 1, 2)
        tables.append((on[:, None, None] * values)[:, None])
    if parameters.extra is None:
        tables.append(jnp.zeros((p, len(chosen), m, m), jnp.float32))
    return jnp.concatenate(tables, axis=1)


def _terms_by_name(
    parameters: RuleParameters, factor: Array
) -> dict[str, Array | np.ndarray]:
    """Return each term's scaled coefficients, broadcastable to (P, M_post, M_pre)."""
    terms: dict[str, Array | np.ndarray] = {}
    for row, term in enumerate(PRE_TERMS):
        values = parameters.pre[:, row] * factor[:, term, None]
        terms[TERM_NAMES[term]] = values[:, None, :]
    for row, term in enumerate(POST_TERMS):
        values = parameters.post[:, row] * factor[:, term, None]
        terms[TERM_NAMES[term]] = values[:, :, None]
    for row, term in enumerate(PAIR_TERMS):
        values = parameters.pair[:, row] * factor[:, term, None, None]
        terms[TERM_NAMES[term]] = jnp.swapaxes(values, 1, 2)
    return terms


def _to_lanes(values: Array | np.ndarray, n_tasks: int) -> Array:
    last = jnp.moveaxis(jnp.asarray(values, jnp.float32), 0, -1)
    return jnp.repeat(last, n_tasks, axis=-1)
