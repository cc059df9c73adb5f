"""Keeping XLA from computing the same thing many times.

XLA fuses whatever it can into the loops that use it, and so computes a small table
anew for every synapse, or the membranes once for each of their five results. It does
not fuse through a branch.
"""

from collections.abc import Callable
from typing import TypeVar

import jax
import jax.numpy as jnp

Result = TypeVar("Result")


def computed_once(
    function: Callable[..., Result], always: jax.Array, *arguments: object
) -> Result:
    """Return ``function(*arguments)``, computed once and stored.

    ``always`` is a scalar True whose value the compiler cannot know, such as a
    comparison with the number of the step.
    """
    shapes = jax.eval_shape(function, *arguments)
    zeros = jax.tree.map(lambda leaf: jnp.zeros(leaf.shape, leaf.dtype), shapes)
    return jax.lax.cond(always, function, lambda *_: zeros, *arguments)
