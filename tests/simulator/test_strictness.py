"""These rooms are tested while JAX may add no axis and change no type in silence."""

import jax.numpy as jnp
import pytest
from jax.dtypes import TypePromotionError


def test_ranks_are_not_promoted():
    with pytest.raises(ValueError, match="rank_promotion"):
        jnp.ones(3) + jnp.ones((2, 3))


def test_types_are_not_promoted():
    with pytest.raises(TypePromotionError):
        jnp.ones(3, jnp.float32) + jnp.ones(3, jnp.int32)
