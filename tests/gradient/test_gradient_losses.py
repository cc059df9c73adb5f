import jax.numpy as jnp
import numpy as np
import pytest
from gradient_toys import TASK

from evoplast.gradient.losses import (
    cross_entropy,
    log_odds,
    rate_loss,
    target_rates,
    voltage_loss,
)
from evoplast.gradient.readout import empty_history, extend, threshold_hz


def test_rates_that_match_the_reference_cost_nothing():
    target = jnp.array([0.001, 0.002, 0.004])
    assert rate_loss(target[::-1], target, 0.002) == 0.0


def test_the_rate_loss_is_quadratic_then_linear_and_weighted_by_quantile():
    target = jnp.zeros(2)
    small = rate_loss(jnp.array([0.0, 0.001]), target, 0.002)
    np.testing.assert_allclose(small, 0.001**2 / (2 * 0.002), rtol=1e-5)
    large = rate_loss(jnp.array([0.0, 0.01]), target, 0.002)
    np.testing.assert_allclose(large, 0.01 - 0.001, rtol=1e-5)
    both = rate_loss(jnp.array([0.01, 0.01]), target, 0.002)
    np.testing.assert_allclose(both, 1.5 * 0.009, rtol=1e-5)


def test_voltages_between_minus_one_and_one_cost_nothing():
    assert voltage_loss(jnp.array([[-1.0, 0.0], [1.0, 0.5]])) == 0.0
    assert voltage_loss(jnp.array([[-1.5, 0.0], [1.0, 2.0]])) == pytest.approx(0.625)


def test_unscored_trials_do_not_count():
    odds = jnp.array([[50.0, 0.0]])
    change, scored = jnp.array([[0.0, 1.0]]), jnp.array([[0.0, 1.0]])
    np.testing.assert_allclose(cross_entropy(odds, change, scored), np.log(2))


def test_a_rate_above_the_threshold_speaks_for_a_change():
    odds = log_odds(jnp.array([12.0, 10.0, 5.0]), jnp.array(10.0), jnp.array(2.0))
    np.testing.assert_allclose(odds, [0.4, 0.0, -1.0], rtol=1e-6)


def test_the_relative_threshold_looks_back_over_the_last_trials():
    rates = np.array([4.0, 8.0, 6.0, 1.0, 2.0])
    # History of 3 trials, the present one included, as in the task.
    expected = [4.0, 6.0, 6.0, 5.0, 3.0]
    history, found = empty_history(3, 1), []
    for piece in np.split(rates, [2, 3]):
        piece = jnp.asarray(piece)[:, None]
        found += threshold_hz(TASK, 0.5, history, piece)[:, 0].tolist()
        history = extend(history, piece)
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_target_rates_have_the_distribution_of_the_reference():
    sample, weights = np.array([30.0, 10.0]), np.array([0.25, 0.75])
    rates = target_rates(sample, weights, 1000)
    assert (np.diff(rates) >= 0).all()
    np.testing.assert_allclose(rates[[0, -1]], [0.010, 0.030])
    assert 0.010 < rates.mean() < 0.020
