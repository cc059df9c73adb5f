"""Random numbers by name: every use derives its seed from the root and a path.

In: the root seed of the config and a path of names, e.g.
``("search", 3, "generation", 7)``. Out: an integer seed, a NumPy generator or a
JAX key. No stage's numbers depend on the order in which others ran.
"""

import hashlib
import json

import jax
import numpy as np


def named_seed(root: int, *names: str | int) -> int:
    """Return a 63-bit seed that depends on ``root`` and the path ``names`` only."""
    text = json.dumps([root, *names])
    digest = hashlib.sha256(text.encode()).digest()
    return int.from_bytes(digest[:8], "little") >> 1


def numpy_rng(root: int, *names: str | int) -> np.random.Generator:
    """Return a NumPy generator for the path ``names``."""
    return np.random.default_rng(named_seed(root, *names))


def jax_key(root: int, *names: str | int) -> jax.Array:
    """Return a JAX key for the path ``names`` (32 of the 63 seed bits)."""
    return jax.random.key(named_seed(root, *names) % 2**32)
