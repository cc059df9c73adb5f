"""The projection of weight changes on the 25 terms finds rules that are known."""

import numpy as np
import pytest

from evoplast.analysis.enu_projection import project, summed_terms, traces
from evoplast.rules.terms import TERM_NAMES

N_STEPS, N_SEQUENCES = 100, 400
DECAY = 1 - 1 / 10


@pytest.fixture(scope="module")
def pairs():
    """One spike pair per sequence, half of the sequences rewarded."""
    rng = np.random.default_rng(0)
    times = np.clip(np.floor(rng.normal(50, 7, (2, N_SEQUENCES))), 0, 95).astype(int)
    times[1] += times[0] == times[1]
    pre, post = (np.eye(N_STEPS)[t].T for t in times)
    reward = np.tile(rng.integers(0, 2, N_SEQUENCES), (N_STEPS, 1)).astype(float)
    return pre, post, reward, times[1] - times[0]


def test_traces_are_read_before_the_spike_and_decay():
    spikes = np.array([[0.0], [1.0], [0.0], [0.0]])
    np.testing.assert_allclose(traces(spikes, 10.0)[:, 0], [0, 0, 1, DECAY])


def test_summed_terms_of_one_pair_are_those_by_hand(pairs):
    pre, post, reward, interval = pairs
    sums = summed_terms(pre, post, reward, 10.0)
    causal = sums[:, TERM_NAMES.index("S_post·X_pre")]
    expected = np.where(interval > 0, DECAY ** (np.abs(interval) - 1.0), 0.0)
    np.testing.assert_allclose(causal, expected, atol=1e-12)
    np.testing.assert_allclose(sums[:, TERM_NAMES.index("S_pre")], 1.0)
    np.testing.assert_allclose(sums[:, TERM_NAMES.index("R")], reward.sum(axis=0))


def test_the_reward_gated_window_becomes_its_two_terms(pairs):
    pre, post, reward, interval = pairs
    window = np.sign(interval) * DECAY ** (np.abs(interval) - 1.0)
    found = project(pre, post, reward, 50 * window * reward[0])
    assert found.trace_time_steps == 10.0
    assert found.explained_crossvalidated == pytest.approx(1.0, abs=1e-6)
    names = {TERM_NAMES[k] for k in found.selected}
    assert names == {"S_post·X_pre·R", "S_pre·X_post·R"}
    np.testing.assert_allclose(np.abs(found.selected_coefficients), 50, rtol=1e-6)
    assert "+50 S_post·X_pre·R" in found.formula


def test_the_exponential_target_needs_only_the_two_classical_terms(pairs):
    pre, post, reward, interval = pairs
    window = 50 * np.sign(interval) * np.exp(-np.abs(interval) / 10) * reward[0]
    found = project(pre, post, reward, window)
    names = {TERM_NAMES[k] for k in found.selected}
    assert names == {"S_post·X_pre·R", "S_pre·X_post·R"}
    assert found.selected_crossvalidated[-1] > 0.99


def test_noise_is_not_explained(pairs):
    noise = np.random.default_rng(1).normal(size=N_SEQUENCES)
    found = project(*pairs[:3], noise)
    assert found.explained_crossvalidated < 0.02 and found.explained > 0.0
    assert found.selected == () and found.formula == "Δw = 0"


def test_sequences_without_a_change_are_left_out(pairs):
    pre, post, reward, interval = pairs
    change = np.where(interval > 0, 10.0, -10.0)
    change[:7] = np.nan
    assert np.isfinite(project(pre, post, reward, change).explained)
