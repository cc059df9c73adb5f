"""Decoders against scikit-learn, and against labels without meaning."""

import numpy as np
import pytest
from sklearn.linear_model import RidgeClassifier
from sklearn.preprocessing import StandardScaler

from evoplast.recordings.decoding import (
    PENALTY,
    blocks,
    decode,
    ridge_scores,
    shifted_labels,
)


@pytest.fixture
def problem():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 4, 60)
    features = rng.poisson(1.0, (60, 30)) + 1.5 * (labels[:, None] == np.arange(30) % 9)
    return features.astype(float), labels


@pytest.mark.parametrize("n_features", [30, 200])
def test_scores_are_those_of_a_ridge_classifier(problem, n_features):
    features, labels = problem
    features = np.tile(features, 7)[:, :n_features]
    known, asked = features[:45], features[45:]
    scaler = StandardScaler().fit(known)
    scaled = scaler.transform(known)
    alpha = PENALTY * (scaled**2).sum() / len(scaled)
    model = RidgeClassifier(alpha=alpha).fit(scaled, labels[:45])
    target = (labels[:45, None] == np.arange(4)).astype(float)
    scores = ridge_scores(known, target, asked)
    expected = model.decision_function(scaler.transform(asked))
    # Indicators of -1 and 1 there, of 0 and 1 here.
    np.testing.assert_allclose(2 * scores - 1, expected, atol=1e-8)


def test_labels_that_features_tell_are_found_and_shifted_ones_are_not(problem):
    features, labels = problem
    right = decode(features, shifted_labels(labels, 10), 5)
    assert right[0] > 0.6
    assert right[1:].mean() == pytest.approx(0.25, abs=0.1)


def test_a_shift_keeps_labels_and_runs():
    labels = np.repeat([3, 1, 3, 2], 5)
    rows = shifted_labels(labels, 3)
    assert rows.shape == (4, 20) and (rows[0] == labels).all()
    for row in rows[1:]:
        assert (row != labels).any()
        assert sorted(row) == sorted(labels)
        assert (row != np.roll(row, 1)).sum() == (labels != np.roll(labels, 1)).sum()


def test_blocks_are_of_successive_trials_and_even():
    assert blocks(11, 3).tolist() == [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2]


def test_a_drift_within_the_recording_tells_no_label():
    rng = np.random.default_rng(1)
    labels = np.arange(80) % 2
    drift = np.arange(80)[:, None] + rng.normal(size=(80, 5))
    assert decode(drift, labels[None], 4)[0] < 0.65


def test_what_cannot_be_decoded_is_nan():
    features = np.ones((3, 2))
    assert np.isnan(decode(features, np.array([[0, 1, 0]]), 5)).all()
    assert np.isnan(decode(np.ones((8, 2)), np.zeros((2, 8), int), 2)).all()
    silent = decode(np.zeros((8, 2)), np.arange(8)[None] % 2, 2)
    assert silent == pytest.approx(0.5)
