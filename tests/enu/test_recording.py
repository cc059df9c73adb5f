"""Recordings hold what they say, and the arithmetic behind the speed is right."""

import jax
import numpy as np
import pytest

from evoplast.enu.experiments import make_experiment
from evoplast.enu.mazes import T_MAZE
from evoplast.enu.recording import record_network, record_policy, record_unit
from evoplast.enu.speed import flop_per_agent_step, measure


def genomes(name, count):
    draw = make_experiment(name, "enu").initial_genome
    return np.stack([draw(jax.random.key(k)) for k in range(count)])


def test_a_synapse_is_recorded_at_every_stage():
    data = record_unit("stdp", "enu", genomes("stdp", 2), [5, 9], 0, n_sequences=8)
    assert data["output"].shape == (2, 100, 8)
    assert data["generation"].values.tolist() == [5, 9]
    interval = data["interval"].values
    pre = data["input"].values[..., 1].argmax(axis=0)
    post = data["input"].values[..., 2].argmax(axis=0)
    np.testing.assert_array_equal(post - pre, interval)
    wanted = data["target_change_percent"].values
    exact = 50 * np.sign(interval) * np.exp(-np.abs(interval) / 10)
    np.testing.assert_allclose(wanted, exact * data["modulator"], atol=6)


def test_an_integrator_is_recorded_with_its_rate_curve():
    data = record_unit("iaf", "enu", genomes("iaf", 1), [5], 0, n_sequences=4)
    current, rate = data["mean_current"].values, data["target_rate"].values
    assert data["rate"].shape == (1, current.size)
    assert np.corrcoef(current, rate)[0, 1] > 0.98


def test_the_policy_that_learns_is_where_its_food_was():
    data = record_policy("t_maze", "learner", seed=0)
    events = np.flatnonzero(data["reward"].values)
    ends = data["end"].values
    for step in events:
        before = data["position"].values[step - 1]
        kind = "food" if data["reward"].values[step] > 0 else "poison"
        place = ends[int(data[f"{kind}_place"].values[step])]
        assert np.abs(before - place).sum() == 1
    assert len(events) > 10 and data["wall"].values.shape == (7, 7)


def test_a_network_is_recorded_with_the_fitness_of_all_its_lives():
    data = record_network("t_maze", "enu", genomes("t_maze", 1)[0], 0, n_lifetimes=2)
    scores = data["reward"].values + 0.025 * data["alive"].values
    events = np.flatnonzero(data["reward"].values)
    if events.size:
        scores[events[0]] += 1 - data["reward"].values[events[0]]
    shown = data["fitness"].values[int(data["shown_lifetime"])]
    assert scores.mean() == pytest.approx(shown, abs=1e-6)
    assert data["neuron_output"].shape == (T_MAZE.steps, 6, 16)


def test_arithmetic_of_an_agent_step_is_two_per_weight_used():
    assert flop_per_agent_step("stdp") == 2 * 3681
    assert flop_per_agent_step("t_maze") == 2 * (48 * 8304 + 6 * 6768)


def test_a_timed_generation_gives_rates_that_fit_together():
    row = measure("iaf", population=4, environments=2, block=0, peak=1e9)
    steps = 4 * 2 * 100
    assert row["agent_steps_per_s"] == pytest.approx(
        steps / row["seconds_per_generation"]
    )
    flop = row["agent_steps_per_s"] * 2 * 3393
    assert row["share_of_peak"] == pytest.approx(flop / 1e9)
