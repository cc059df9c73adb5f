"""The one door through which EvoX 0.9 comes in on current JAX.

Nothing goes in; the names of EvoX that the library uses come out: import EvoX from
here, never directly. EvoX 0.9.0 (its last release on JAX; 1.x is PyTorch) imports
``jax.sharding.PositionalSharding``, which JAX removed, and
``jax.experimental.shard_map``, which JAX deprecates. It uses neither in the code
paths here, so a placeholder is lent for the time of the import and taken back: JAX
itself stays as it is.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import jax.sharding


@contextmanager
def _removed_names() -> Iterator[None]:
    lent = not hasattr(jax.sharding, "PositionalSharding")
    if lent:
        # JAX has it no longer: that is why it is lent.
        jax.sharding.PositionalSharding = jax.sharding.NamedSharding  # type: ignore[attr-defined]
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", category=DeprecationWarning)
            yield
    finally:
        if lent:
            del jax.sharding.PositionalSharding  # type: ignore[attr-defined]


with _removed_names():
    from evox import (
        Algorithm,
        Monitor,
        Problem,
        State,
        algorithms,
        jit_class,
        problems,
    )
    from evox.metrics import IGD
    from evox.workflows import StdWorkflow

__all__ = [
    "IGD",
    "Algorithm",
    "Monitor",
    "Problem",
    "State",
    "StdWorkflow",
    "algorithms",
    "jit_class",
    "problems",
]
