"""Directions in which the coefficients of a formula are tried.

In: a rule space, the gates of a formula, a JAX key. Out: normal directions (n, D) that
are 0 outside of the formula's coefficients and time constants.

A direction is hierarchical: a coefficient of a pair of types is the sum of a part
common to the term, one of the presynaptic type, one of the postsynaptic type and one
of the pair, all of equal variance; a coefficient of one type is the sum of a common
part and its own. Few samples then say much about the parts that many synapses share,
and the pairs can still differ.
"""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from evoplast.rules import (
    N_TERMS,
    PAIR_TERMS,
    POST_TERMS,
    PRE_TERMS,
    REWARD_TERM,
    TERM_HAS_REWARD,
    TERMS,
    RuleSpace,
)

TERM_HAS_TRACE = np.array(
    [any(factor.startswith("X") for factor in term.factors) for term in TERMS]
)


def hierarchical_directions(
    space: RuleSpace,
    gates: np.ndarray,
    key: jax.Array,
    n: int,
    time_constant_scale_ms: float = 0.0,
) -> jax.Array:
    """Return directions (n, D) of unit variance in every coefficient of a formula.

    ``gates`` (25,); time constants of traces that the formula uses get a standard
    deviation of ``time_constant_scale_ms``, hierarchical over types as well.
    """
    on = np.asarray(gates) > 0
    uses = np.array([(on & TERM_HAS_TRACE).any(), (on & TERM_HAS_REWARD).any()])
    scale = jnp.asarray(time_constant_scale_ms * uses, jnp.float32)
    return _drawn(space, jnp.asarray(on, jnp.float32), scale, key, n)


@partial(jax.jit, static_argnames="space")
def hierarchical_steps(
    space: RuleSpace, genomes: jax.Array, key: jax.Array
) -> jax.Array:
    """Return a direction (P, D) for each of ``genomes`` (P, D), in its own formula.

    Unit variance in the coefficients of its terms, 0 elsewhere.
    """
    on = (genomes[:, np.flatnonzero(space.is_gate)] > 0.5).astype(jnp.float32)
    keys, fixed = jax.random.split(key, len(genomes)), jnp.zeros(2)
    return jax.vmap(lambda gates, own: _drawn(space, gates, fixed, own, 1)[0])(on, keys)


@partial(jax.jit, static_argnames=("space", "n"))
def _drawn(
    space: RuleSpace, on: jax.Array, tau_scale: jax.Array, key: jax.Array, n: int
) -> jax.Array:
    keys, m, one = iter(jax.random.split(key, 6)), space.n_types, jnp.ones(1)
    extra, on = on[N_TERMS:], on[:N_TERMS]
    parts = {
        "gates": jnp.zeros((n, N_TERMS)),
        "pre": _by_type(next(keys), n, on[np.array(PRE_TERMS)], m),
        "post": _by_type(next(keys), n, on[np.array(POST_TERMS)], m),
        "pair": _by_pair(next(keys), n, on[np.array(PAIR_TERMS)], m),
        "reward_alone": jax.random.normal(next(keys), (n, 1)) * on[REWARD_TERM],
        "tau_E_ms": tau_scale[0] * _by_type(next(keys), n, one, m),
        "tau_R_ms": tau_scale[1] * _by_type(jax.random.fold_in(key, 1), n, one, m),
        "phi": jnp.zeros((n, 1)),
        "extra_gates": jnp.zeros((n, len(extra))),
        "extra": _by_pair(jax.random.fold_in(key, 2), n, extra, m),
    }
    return jnp.concatenate([parts[name] for name in space.slices], axis=1)


def _by_type(key: jax.Array, n: int, on: jax.Array, m: int) -> jax.Array:
    common, own = jax.random.split(key)
    drawn = jax.random.normal(common, (n, len(on), 1))
    drawn = (drawn + jax.random.normal(own, (n, len(on), m))) / np.sqrt(2.0)
    return (drawn * on[:, None]).reshape(n, -1)


def _by_pair(key: jax.Array, n: int, on: jax.Array, m: int) -> jax.Array:
    shapes = ((1, 1), (m, 1), (1, m), (m, m))
    drawn = sum(
        jax.random.normal(part, (n, len(on), *shape))
        for part, shape in zip(jax.random.split(key, 4), shapes, strict=True)
    )
    return (drawn / 2.0 * on[:, None, None]).reshape(n, -1)
