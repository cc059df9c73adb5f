"""Readouts of known signals; the best threshold against trying them all."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from evoplast import rules
from evoplast.artefacts.errors import UserError
from evoplast.working_point import ceiling

N_CELLS = 30
KIND = np.repeat([0, 1, 3], 10)
SETTINGS = ceiling.CeilingSettings(sequences=3, trials=400)


def world():
    return SimpleNamespace(
        rule_space=rules.RuleSpace(n_types=4, phi_min=0.0, phi_max=1.0),
        task_names=("gratings", "natural"),
        readout=np.arange(20, 30),
        network=SimpleNamespace(cells=SimpleNamespace(cell_type=KIND)),
    )


def recording(weights, seed):
    """Return an evaluate whose cells (N,) answer a change by ``weights`` s.d."""

    def evaluate(world, genomes, sequence, n_training, n_scored, split, record):
        assert len(genomes) == 1 and n_training == 0 and split == "training"
        rng = np.random.default_rng([seed, sequence % 2**32])
        change = rng.permuted(np.tile(np.arange(n_scored) % 2 == 0, (2, 1)), axis=1)
        noise = rng.normal(size=(2, n_scored, N_CELLS))
        counts = noise + change[..., None] * weights
        found = {
            ceiling.COUNTS: counts[None],
            ceiling.POOL_RATE: counts[None, :, :, 20:].mean(axis=3),
        }
        return SimpleNamespace(change=change, recordings=found)

    return evaluate


def measured(monkeypatch, weights, seed=0):
    monkeypatch.setattr(ceiling, "evaluate", recording(np.asarray(weights), seed))
    table = ceiling.measure_ceiling(world(), SETTINGS, 5)
    assert len(table) == 2 * len(ceiling.READOUTS)
    return table.groupby("readout")[["auc", "accuracy"]].mean()


def test_each_readout_finds_what_the_theory_of_detection_says(monkeypatch):
    weights = np.zeros(N_CELLS)
    weights[20:25], weights[25:], weights[0] = 0.6, -0.1, 1.0
    found = measured(monkeypatch, weights)
    # d' of the best linear readout of independent cells, and of plain means.
    d_prime = {
        ceiling.CELLS: np.linalg.norm(weights),
        ceiling.POOL_CELLS: np.linalg.norm(weights[20:]),
        ceiling.POOL: weights[20:].mean() * np.sqrt(10),
        ceiling.TYPES: np.hypot(0.1, weights[20:].mean()) * np.sqrt(10),
    }
    for name, d in d_prime.items():
        assert found.loc[name, "auc"] == pytest.approx(norm.cdf(d / 2**0.5), abs=0.035)
        assert found.loc[name, "accuracy"] == pytest.approx(norm.cdf(d / 2), abs=0.03)


def test_noise_is_read_at_chance_however_many_cells_there_are(monkeypatch):
    found = measured(monkeypatch, np.zeros(N_CELLS))
    assert np.abs(found - 0.5).to_numpy().max() < 0.05


def test_types_without_a_cell_are_no_feature():
    features = ceiling.features_of(world(), np.ones((5, N_CELLS)), np.ones(5))
    shapes = {name: values.shape for name, values in features.items()}
    assert shapes == {
        ceiling.POOL: (5, 1),
        ceiling.POOL_CELLS: (5, 10),
        ceiling.TYPES: (5, 3),
        ceiling.CELLS: (5, N_CELLS),
    }


scores = st.lists(st.tuples(st.integers(-3, 3), st.booleans()), min_size=1, max_size=12)


@settings(deadline=None)
@given(scores)
def test_no_threshold_is_better_than_the_best(pairs):
    score = np.array([value for value, _ in pairs], float)
    change = np.array([kind for _, kind in pairs])

    def correct(threshold):
        return ((score > threshold) == change).sum()

    tried = max(correct(threshold) for threshold in np.arange(-4.5, 4.5, 0.5))
    assert correct(ceiling.best_threshold(score, change)) == tried


def test_one_sequence_cannot_judge_itself():
    with pytest.raises(UserError, match="ceiling.sequences is 1"):
        ceiling.CeilingSettings(sequences=1, trials=10)
