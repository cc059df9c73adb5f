"""Single-unit tasks: the scores of units that need no evolution, and alignment."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from evoplast.artefacts.errors import UserError
from evoplast.enu.readouts import (
    rate_match,
    reference_outputs,
    reference_scores,
    relative_change,
    window_fit,
)
from evoplast.enu.tasks import (
    UNIT_TASKS,
    complex_change,
    draw_iaf,
    iaf_fitness,
    modulated_change,
    stdp_batch,
)

N_SEQUENCES = 120_000


@pytest.fixture(scope="module")
def scores():
    """Reference scores of all tasks on many sequences."""
    key = jax.random.key(0)
    return {
        name: reference_scores(task, key, N_SEQUENCES)
        for name, task in UNIT_TASKS.items()
    }


@pytest.mark.parametrize(
    ("task", "unit", "expected", "tolerance"),
    [
        ("stdp", "silent", -0.2578, 0.0004),
        ("stdp", "copying", -0.00483, 0.00005),
        ("stdp", "constant 0.5", -0.00567, 0.00005),
        ("iaf", "silent", -2966.0, 3.0),
        ("iaf", "always on", -44.9, 0.5),
        ("iaf", "target one step late", -8.66, 0.05),
        ("complex_stdp", "copying", -0.00767, 0.0001),
    ],
)
def test_reference_units_have_the_known_scores(scores, task, unit, expected, tolerance):
    assert scores[task][unit][0] == pytest.approx(expected, abs=tolerance)


@pytest.mark.parametrize("task", UNIT_TASKS)
def test_the_target_itself_has_no_loss(scores, task):
    assert scores[task]["target"] == (0.0, 0.0)


def test_the_target_neuron_spikes_as_often_as_known():
    spikes = np.asarray(draw_iaf(jax.random.key(3), 30000).target).sum(axis=0)
    assert spikes.mean() == pytest.approx(13.12, abs=0.05)


def test_integrate_and_fire_target_agrees_with_a_plain_loop():
    batch = draw_iaf(jax.random.key(1), 3)
    current = np.asarray(batch.inputs[..., 0])
    spikes, v = np.zeros_like(current), np.zeros(3, np.float32)
    for t in range(100):
        v = v + current[t]
        spikes[t] = v > 0.5
        v[v > 0.5] = 0.0
    np.testing.assert_array_equal(batch.target, spikes)
    np.testing.assert_array_equal(current[0], 0.0)


def test_iaf_fitness_agrees_with_plain_counters():
    batch = draw_iaf(jax.random.key(2), 2)
    outputs = np.random.default_rng(0).uniform(0, 0.08, (100, 1, 2))
    s, s_hat, losses = np.zeros(2), np.zeros(2), []
    for t in range(100):
        o = outputs[t, 0]
        s = np.where(batch.target[t] > 0.5, 0, s + 1)
        s_hat = np.where(o > 0.05, 0, s_hat + 1)
        losses.append((s - s_hat) ** 2 + (o > 0.05) * (o - 1) ** 2)
    measured = iaf_fitness(jnp.float32(outputs), batch)[0]
    np.testing.assert_allclose(measured, -np.mean(losses, axis=0), rtol=1e-5)


def stdp_pair(pre, post, modulator=1.0):
    potential = jnp.linspace(0.45, 0.55, 100)[:, None]
    steps = (jnp.array([float(pre)]), jnp.array([float(post)]))
    return stdp_batch(potential, *steps, jnp.array([modulator]), modulated_change)


def test_spikes_are_seen_one_step_late_and_the_weight_changes_after_the_later():
    batch = stdp_pair(40, 45)
    inputs, target = np.asarray(batch.inputs)[:, 0], np.asarray(batch.target)[:, 0]
    assert np.flatnonzero(inputs[:, 1]).tolist() == [41]
    assert np.flatnonzero(inputs[:, 2]).tolist() == [46]
    weight = target / inputs[:, 0]
    np.testing.assert_allclose(weight[:47], 1.0, atol=1e-6)
    np.testing.assert_allclose(weight[47:], 1 + 0.5 * np.exp(-0.5), atol=1e-6)
    assert inputs[0, 0] == inputs[1, 0] and inputs[0, 3] == 0 and inputs[1, 3] == 1


def test_post_before_pre_depresses_and_nothing_happens_without_modulator():
    assert float(stdp_pair(45, 40).change[0]) == pytest.approx(-0.5 * np.exp(-0.5))
    assert float(stdp_pair(45, 40, modulator=0.0).change[0]) == 0.0


def test_complex_windows_have_the_published_shape():
    interval = jnp.array([0.0, 5.0, -5.0, 10.0])
    with_modulator = np.asarray(complex_change(interval, jnp.ones(4)))
    without = np.asarray(complex_change(interval, jnp.zeros(4)))
    assert with_modulator[1] == with_modulator[2] > with_modulator[3]
    assert without[3] > 0.25 > 1e-6 > abs(without[1])


def test_relative_change_reads_the_target_exactly():
    batch = stdp_pair(45, 40)
    change = relative_change(np.asarray(batch.target), batch)
    target = np.asarray(batch.target)[:, 0]
    expected = 100 * (target[47:].mean() / target[3:46].mean() - 1)
    assert change[0] == pytest.approx(expected, rel=1e-4)


def test_window_fit_is_one_for_the_target_and_zero_or_less_for_copying():
    task = UNIT_TASKS["stdp"]
    batch = task.draw(jax.random.key(5), 512)
    outputs = reference_outputs(task, batch)
    assert window_fit(outputs["target"], batch) == 1.0
    assert window_fit(outputs["copying"], batch) < 0.05


def test_rate_match_of_the_target_is_perfect():
    task = UNIT_TASKS["iaf"]
    batch = task.draw(jax.random.key(5), 64)
    assert rate_match(batch.target, batch) == pytest.approx((1.0, 1.0))
    ratio, correlation = rate_match(np.zeros((100, 64)), batch)
    assert ratio == 0.0 and np.isnan(correlation)


@pytest.mark.parametrize("task", UNIT_TASKS)
def test_a_lifetime_shorter_than_the_task_is_refused(task):
    with pytest.raises(UserError, match="steps = 99 is shorter"):
        UNIT_TASKS[task].draw(jax.random.key(0), 2, 99)
