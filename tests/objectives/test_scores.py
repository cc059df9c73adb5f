"""Scores against hand-counted cases and brute force."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import norm

from evoplast.artefacts.errors import UserError
from evoplast.network.files import from_dataset, to_dataset
from evoplast.objectives import (
    NON_FINITE,
    OBJECTIVE_NAMES,
    OK,
    WORST_OBJECTIVES,
    MouseReference,
    accuracy,
    auc,
    balanced_accuracy,
    d_prime,
    kernel_accuracy,
    objectives,
    read_mouse_reference,
    smoothed_accuracy,
    wasserstein_hz,
)

CHANGE = np.array([True, True, True, False])
DECISION = np.array([True, True, False, True])


def mouse(rates, weights=None):
    rates = np.asarray(rates, float)
    weights = np.full(len(rates), 1 / len(rates)) if weights is None else weights
    return MouseReference("m", float(rates @ weights), rates, rates, weights)


def test_accuracy_counts_trials_and_balanced_accuracy_kinds():
    assert accuracy(DECISION, CHANGE) == 0.5
    assert balanced_accuracy(DECISION, CHANGE) == pytest.approx((2 / 3 + 0) / 2)


def test_d_prime_uses_the_log_linear_correction():
    expected = norm.ppf(2.5 / 4) - norm.ppf(1.5 / 2)
    assert d_prime(DECISION, CHANGE) == pytest.approx(expected)


def test_auc_equals_the_fraction_of_pairs_with_ties_half():
    rng = np.random.default_rng(0)
    rates = rng.integers(0, 5, (30, 3)).astype(float)
    change = rng.random((30, 3)) < 0.4
    for lane in range(3):
        high, low = rates[change[:, lane], lane], rates[~change[:, lane], lane]
        pairs = [(a > b) + 0.5 * (a == b) for a in high for b in low]
        assert auc(rates, change)[lane] == pytest.approx(np.mean(pairs))


def test_scores_of_a_kind_of_trial_that_never_came_are_unknown():
    never = np.zeros(4, bool)
    assert np.isnan(balanced_accuracy(DECISION, never))
    assert np.isnan(auc(np.arange(4.0), never))
    assert np.isfinite(d_prime(DECISION, never))


def test_wasserstein_is_the_mean_shift_of_sorted_rates():
    reference = mouse([1.0, 2.0, 6.0])
    rates = np.array([[6.0, 1.0, 2.0], [2.0, 3.0, 10.0], [np.nan, 0.0, 0.0]])
    distance = wasserstein_hz(rates, reference)
    assert distance[:2] == pytest.approx([0.0, 2.0])
    assert np.isnan(distance[2])


def test_objectives_are_minimised_and_failures_get_the_worst():
    rates = np.array([[1.0, 3.0], [np.nan, np.nan]])
    values = objectives(
        np.array([0.7, np.nan]),
        np.array([0.2, 0.1]),
        rates,
        np.array([0.1, np.nan]),
        np.array([OK, NON_FINITE]),
        mouse([4.0, 4.0]),
    )
    assert values[0] == pytest.approx([-0.7, 0.2, 3.0, 0.1, 2.0, 2.0])
    assert np.array_equal(values[1], WORST_OBJECTIVES)
    assert len(OBJECTIVE_NAMES) == values.shape[1] == 6


def test_the_mouse_is_weighted_by_the_networks_composition(tiny_network):
    folder = Path(__file__).parents[2] / "resources" / "mouse"
    reference = read_mouse_reference(folder, tiny_network)
    kinds = tiny_network.cells.cell_type
    assert reference.mean_hz == pytest.approx(reference.mean_by_type_hz[kinds].mean())
    mixture_mean = reference.mixture_hz @ reference.mixture_weights
    assert mixture_mean == pytest.approx(reference.mean_hz, rel=0.1)
    with pytest.raises(UserError, match="no 'loudness' rates"):
        read_mouse_reference(folder, tiny_network, "loudness")


def test_types_with_other_names_say_which_of_the_mouse_they_are(tiny_network):
    folder = Path(__file__).parents[2] / "resources" / "mouse"
    types = tiny_network.cell_types
    other = tuple(f"my {name}" for name in types.names)
    renamed = replace(tiny_network, cell_types=replace(types, names=other))
    with pytest.raises(UserError, match="network.sonata.types which of the mouse's"):
        read_mouse_reference(folder, renamed)
    told = replace(types, names=other, mouse=types.names)
    again = from_dataset(to_dataset(replace(tiny_network, cell_types=told)))
    assert again.cell_types.mouse == types.names
    same = read_mouse_reference(folder, again)
    assert same.mean_hz == read_mouse_reference(folder, tiny_network).mean_hz


SMOOTHED = (smoothed_accuracy, kernel_accuracy)


def noisy_margins(n_trials, n_rules, seed=0):
    """Margins of which a change is +0.5 and a repeat -0.3 s.d. from the threshold."""
    rng = np.random.default_rng(seed)
    change = np.broadcast_to(
        (np.arange(n_trials) % 2 == 0)[:, None], (n_trials, n_rules)
    )
    return rng.normal(np.where(change, 0.5, -0.3), 1.0), change


@pytest.mark.parametrize("estimate", SMOOTHED)
def test_smoothed_accuracy_is_that_of_the_distributions(estimate):
    margin, change = noisy_margins(100_000, 1)
    truth = 0.5 * (norm.cdf(0.5) + norm.cdf(0.3))
    assert estimate(margin, change)[0] == pytest.approx(truth, abs=0.006)


@pytest.mark.parametrize("estimate", SMOOTHED)
def test_smoothed_accuracy_varies_less_than_the_count(estimate):
    margin, change = noisy_margins(100, 2000)
    counted = accuracy(margin > 0, change)
    assert estimate(margin, change).std() < 0.9 * counted.std()


@pytest.mark.parametrize("estimate", SMOOTHED)
def test_smoothed_accuracy_of_a_perfect_and_of_a_constant_rule(estimate):
    change = np.array([True, False] * 10)[:, None]
    assert estimate(np.where(change, 1.0, -1.0), change)[0] == pytest.approx(1.0)
    assert estimate(np.full((20, 1), -0.5), change)[0] == pytest.approx(0.5)


def test_smoothed_accuracy_needs_two_trials_of_each_kind():
    change = np.array([[True], [False], [False]])
    assert np.isnan(smoothed_accuracy(np.array([[1.0], [2.0], [3.0]]), change)[0])
