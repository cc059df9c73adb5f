"""Fixtures that many rooms share."""

from pathlib import Path

import pytest

from evoplast.network import build_network, read_allen_tables

RESOURCES = Path(__file__).parents[1] / "resources"


@pytest.fixture(scope="session")
def allen_tables():
    return read_allen_tables(RESOURCES / "allen_v1")


@pytest.fixture(scope="session")
def tiny_network(allen_tables):
    return build_network(allen_tables, n_neurons=60, seed=1, instance=0)
