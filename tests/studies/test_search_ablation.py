import numpy as np
import pytest

from evoplast.search import SwarmSettings
from evoplast.studies.search_ablation import (
    DIMENSION,
    VARIANTS,
    AblationSettings,
    ablate,
    true_accuracy,
)


@pytest.fixture(scope="module")
def table():
    settings = AblationSettings.default(
        population=8, generations=3, control_rules=2, seeds=2
    )
    return ablate(settings, SwarmSettings.default(), root_seed=1)


def test_random_rules_spread_as_the_module_says():
    genomes = np.random.default_rng(0).random((2000, DIMENSION))
    truth = np.concatenate([true_accuracy(genomes, seed) for seed in range(5)])
    assert 0.4 <= truth.min() and truth.max() < 0.8
    assert 0.5 < truth.mean() < 0.6
    assert 0.02 < truth.std() < 0.06


def test_every_variant_searches_from_every_seed(table):
    assert list(table["variant"]) == list(VARIANTS) * 2
    np.testing.assert_allclose(table["bias"], table["reported"] - table["true"])
    assert table["true"].between(0.4, 0.8).all()


def test_variants_of_a_seed_share_start_and_truth(table):
    start = (table["population"] - table["gain"]).to_numpy().reshape(2, -1)
    np.testing.assert_allclose(start, start[:, :1].repeat(len(VARIANTS), axis=1))
    assert start[0, 0] != start[1, 0]
