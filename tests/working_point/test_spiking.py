"""Spike trains and tuning curves with known answers."""

import numpy as np
import pytest

from evoplast.working_point.spiking import (
    SpikeTimes,
    alignment,
    crossvalidated_selectivity,
    global_selectivity,
    interval_cv,
    peak_selectivity,
    preferred_deg,
)

ANGLES = np.arange(12) * 30.0


def trains(*rows, n_steps=200_000):
    """Spike times of neurons; a row is (neuron, lane, steps)."""
    parts = [
        (np.asarray(steps), np.full(len(steps), neuron), np.full(len(steps), lane))
        for neuron, lane, steps in rows
    ]
    step, neuron, lane = (np.concatenate(a) for a in zip(*parts, strict=True))
    return SpikeTimes(step, neuron, lane, n_steps, 3, 2)


def cosine(preferred_deg, depth, cycles=2):
    """Rates (1, D) of a cell tuned to one orientation."""
    phase = np.deg2rad(cycles * (ANGLES - preferred_deg))
    return 10.0 * (1.0 + depth * np.cos(phase))[None]


def test_a_poisson_train_has_cv_one_and_a_clock_zero():
    rng = np.random.default_rng(1)
    poisson = np.flatnonzero(rng.random(200_000) < 0.02)
    spikes = trains((0, 0, poisson), (1, 0, np.arange(0, 200_000, 50)))
    cv = interval_cv(spikes, np.array([0]), 10)
    # A Bernoulli process in steps has sqrt(1 - p).
    assert cv[0] == pytest.approx(np.sqrt(0.98), abs=0.03)
    assert cv[1] == pytest.approx(0.0, abs=1e-6)
    assert np.isnan(cv[2])


def test_intervals_never_span_two_lanes_or_too_few_spikes():
    clock = np.arange(0, 1000, 10)
    spikes = trains((0, 0, clock), (0, 1, clock + 5), (1, 0, [0, 10, 20]))
    assert interval_cv(spikes, np.array([0, 1]), 10)[0] == pytest.approx(0, abs=1e-6)
    assert np.isnan(interval_cv(spikes, np.array([0]), 3)[1])
    assert np.isfinite(interval_cv(spikes, np.array([0]), 2)[1])


def test_rates_count_only_the_period():
    spikes = trains((0, 0, [5, 150, 250]), (2, 1, [199, 100]), n_steps=300)
    rates = spikes.between(100, 200).rates_hz()
    np.testing.assert_allclose(rates, [[10, 0], [0, 0], [0, 20]])


def test_a_constructed_response_has_its_selectivity_and_preference():
    rates = np.concatenate([cosine(37.0, 0.8), cosine(120.0, 0.0)])
    np.testing.assert_allclose(global_selectivity(rates, ANGLES), [0.4, 0], atol=1e-9)
    assert preferred_deg(rates, ANGLES)[0] == pytest.approx(37.0)
    assert peak_selectivity(cosine(30.0, 0.5))[0] == pytest.approx(0.5)


def test_one_direction_only_is_fully_selective_and_silence_unknown():
    rates = np.zeros((2, 12))
    rates[0, 4] = 3.0
    assert global_selectivity(rates, ANGLES, 1)[0] == pytest.approx(1)
    assert preferred_deg(rates, ANGLES, 1)[0] == pytest.approx(120)
    assert np.isnan(global_selectivity(rates, ANGLES)[1])
    assert np.isnan(peak_selectivity(rates)[1])


def test_crossvalidation_removes_the_bias_of_few_spikes():
    rng = np.random.default_rng(2)
    first, second = rng.poisson(1.0, (2, 4000, 12)).astype(float)
    biased = np.nanmean(global_selectivity(first, ANGLES))
    fair = np.nanmean(crossvalidated_selectivity(first, second, ANGLES))
    assert biased > 0.2
    assert abs(fair) < 0.01
    tuned = cosine(50.0, 0.6)
    assert crossvalidated_selectivity(tuned, tuned, ANGLES)[0] == pytest.approx(0.3)


def test_alignment_finds_an_offset_and_its_absence():
    assigned = np.linspace(0, 350, 36)
    together = alignment((assigned + 20.0) % 180.0, assigned)
    assert together == pytest.approx((1.0, 20.0))
    unrelated, _ = alignment(np.zeros(36), assigned)
    assert unrelated == pytest.approx(0.0, abs=1e-9)
    assert np.isnan(alignment(np.full(3, np.nan), assigned[:3])).all()
