"""Random rules: the start of a search and the baseline it has to beat.

In: a rule space, a number, a JAX key. Out: genomes (n, D), float32. Candidate i
depends on the key and on i alone, not on how many others are drawn.
"""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from evoplast.artefacts.errors import UserError
from evoplast.rules.space import RuleSpace


def random_genomes(
    space: RuleSpace, n: int, key: jax.Array, gate_probability: float = 0.5
) -> np.ndarray:
    """Draw ``n`` genomes (n, D): every part uniform over its range.

    A gate is on with ``gate_probability``; its latent is uniform over the half of
    [0, 1] that says so.

    Raises:
        UserError: the probability is outside [0, 1].
    """
    if not 0.0 <= gate_probability <= 1.0:
        raise UserError(
            f"The gate probability is {gate_probability}; it must lie in [0, 1]."
        )
    draw = partial(_draw, space.lower, space.upper, space.is_gate)
    keys = jax.vmap(partial(jax.random.fold_in, key))(jnp.arange(n))
    return np.array(jax.vmap(partial(draw, gate_probability))(keys))


def _draw(lower, upper, is_gate, gate_probability: float, key: jax.Array) -> jax.Array:
    value_key, gate_key = jax.random.split(key)
    uniform = jax.random.uniform(value_key, lower.shape)
    on = jax.random.bernoulli(gate_key, gate_probability, lower.shape)
    # 1 - u lies in (0, 1]: a latent that should be on is never exactly 0.5.
    latent = jnp.where(on, 0.5 + 0.5 * (1.0 - uniform), 0.5 * uniform)
    value = jnp.clip(lower + uniform * (upper - lower), lower, upper)
    return jnp.where(is_gate, latent, value)
