"""Decision, threshold, reward and the loop over trials."""

import jax.numpy as jnp
import numpy as np
import pytest

from evoplast.artefacts.errors import UserError
from evoplast.task import (
    TaskSettings,
    decide,
    decision_margin,
    mean_of_last,
    readout_pool,
    reward_of,
)

RATES = jnp.array([2.0, 5.0, 8.0])


def test_an_absolute_threshold_is_in_hertz():
    task = TaskSettings.default(threshold="absolute")
    phi = jnp.array([1.9, 5.0, 9.0])
    assert decide(task, phi, RATES, RATES).tolist() == [True, False, False]


def test_a_relative_threshold_scales_the_pools_own_mean():
    task = TaskSettings.default(threshold="relative")
    phi, mean = jnp.array([0.5, 0.25, 1.0]), jnp.array([2.0, 6.0, 6.0])
    # Thresholds 2.0, 4.5 and 9.0 Hz.
    assert decide(task, phi, RATES, mean).tolist() == [False, True, False]


@pytest.mark.parametrize(
    "reward, expected", [("hit", [1, 0, 0, 0]), ("correct", [1, 0, 0, 1])]
)
def test_rewards(reward, expected):
    decision = jnp.array([True, True, False, False])
    change = jnp.array([True, False, True, False])
    found = reward_of(TaskSettings.default(reward=reward), decision, change)
    assert found.tolist() == expected


@pytest.mark.parametrize("n_stored, mean", [(2, 3.0), (4, 1.5), (9, 1.5)])
def test_the_running_mean_is_over_what_there_is(n_stored, mean):
    ring = jnp.array([[2.0], [4.0], [0.0], [0.0]])
    assert mean_of_last(ring, jnp.array(n_stored)).tolist() == [mean]


def test_the_running_mean_of_nothing_is_zero():
    assert mean_of_last(jnp.zeros((4, 1)), jnp.array(0)).tolist() == [0.0]


def test_the_pool_is_every_excitatory_cell_of_layer_5(tiny_network):
    pool = readout_pool(tiny_network, TaskSettings.default())
    names = np.array(tiny_network.cell_types.names)[tiny_network.cells.cell_type]
    assert set(names[pool]) == {"e5"}
    assert len(pool) == (names == "e5").sum() > 0


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ({"readout_layer": "4"}, {"e4"}),
        ({"readout_layer": "L2/3", "readout_cells": "inhibitory"}, {"i23"}),
        ({"readout_layer": "all", "readout_types": ("e4", "e5")}, {"e4", "e5"}),
        ({"readout_cells": "all", "readout_types": ("i5Pvalb",)}, {"i5Pvalb"}),
    ],
)
def test_the_config_says_which_cells_are_read(tiny_network, choice, expected):
    pool = readout_pool(tiny_network, TaskSettings.default(**choice))
    names = np.array(tiny_network.cell_types.names)[tiny_network.cells.cell_type]
    assert {name[: len(min(expected))] for name in names[pool]} == expected
    assert len(pool) == sum(name.startswith(tuple(expected)) for name in names)


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        ({"readout_layer": "1"}, "task.readout_layer '1'.* has none; its types are"),
        ({"readout_types": ("e5x",)}, "'e5x'.*did you mean 'e5'"),
        ({"readout_types": ("e4",)}, r"task.readout_types \['e4'\].* has none"),
        ({"readout_layer": "V1"}, "task.readout_layer is 'V1'"),
        ({"readout_cells": "pyramids"}, "task.readout_cells is 'pyramids'"),
    ],
)
def test_a_readout_that_is_not_there_is_one_sentence(tiny_network, choice, said):
    with pytest.raises(UserError, match=said):
        readout_pool(tiny_network, TaskSettings.default(**choice))


def test_settings_out_of_range_are_refused():
    with pytest.raises(UserError, match="window_end_ms is 400.* trial's 300 ms"):
        TaskSettings.default(window_end_ms=400)
    with pytest.raises(UserError, match="task.threshold is 'high'"):
        TaskSettings.default(threshold="high")
    with pytest.raises(UserError, match="task.reward is 'miss'"):
        TaskSettings.default(reward="miss")
    with pytest.raises(UserError, match="history_trials is 0"):
        TaskSettings.default(history_trials=0)


def test_the_margin_has_the_sign_of_the_decision_once_the_history_is_full():
    rng = np.random.default_rng(0)
    task, phi = TaskSettings.default(history_trials=5), np.array([0.3, 0.6])
    rates = rng.uniform(1, 9, (40, 2))
    margin = decision_margin(task, phi, rates)
    for t in range(4, 40):
        mean = rates[t - 4 : t + 1].mean(axis=0)
        expected = decide(task, jnp.asarray(phi), jnp.asarray(rates[t]), mean)
        np.testing.assert_array_equal(margin[t] > 0, expected)
    ratio = rates[:5] / rates[:5].mean(axis=0)
    np.testing.assert_allclose(margin[:5], ratio - 0.5 - phi)


def test_the_margin_of_an_absolute_threshold_is_in_hertz():
    task = TaskSettings.default(threshold="absolute")
    margin = decision_margin(task, np.array([3.0]), np.array([[5.0], [1.0]]))
    assert margin.tolist() == [[2.0], [-2.0]]
