"""Fixtures that many rooms share."""

from pathlib import Path

import jax
import pytest

from evoplast.network import build_network, read_allen_tables

# Rooms in whose tests JAX refuses to guess what shapes and types mean.
STRICT_ROOMS = {"simulator", "rules", "task", "evaluation"}
STRICT_ROOMS |= {"objectives", "network", "structure", "behaviour"}
RESOURCES = Path(__file__).parents[1] / "resources"


@pytest.fixture(scope="module", autouse=True)
def strict_promotion(request):
    """Ranks must agree, and so must types: no axis is added in silence."""
    if request.path.parent.name not in STRICT_ROOMS:
        yield
        return
    with jax.numpy_rank_promotion("raise"), jax.numpy_dtype_promotion("strict"):
        yield


@pytest.fixture(scope="session")
def allen_tables():
    return read_allen_tables(RESOURCES / "allen_v1")


@pytest.fixture(scope="session")
def tiny_network(allen_tables):
    return build_network(allen_tables, n_neurons=60, seed=1, instance=0)
