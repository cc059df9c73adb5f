"""LGN filters: kernels, Gaussians, composite cells, and the sum over trials."""

from dataclasses import fields, replace

import numpy as np
import pytest

from evoplast.artefacts.errors import UserError
from evoplast.stimuli import (
    InputSettings,
    Sequence,
    lgn_rates,
    prepare_input,
    trial_rates,
)
from evoplast.stimuli.lgn import subunit_bank
from evoplast.stimuli.spatial import spatial_filters
from evoplast.stimuli.temporal import box_response, temporal_kernels, zero_crossing
from evoplast.stimuli.types import FRAME_COLUMNS, FRAME_ROWS

EDGE_FIELDS = ("source", "target", "weight_pA", "receptor", "delay_ms")


def first_cells(pathway, index):
    """Return the pathway with the cells ``index`` alone and without edges."""
    parts = {
        field.name: getattr(pathway, field.name)[
            slice(0) if field.name in EDGE_FIELDS else index
        ]
        for field in fields(pathway)
    }
    return type(pathway)(**parts)


@pytest.fixture(scope="module")
def few_cells(tiny_network):
    """Composite cells of the tiny network and some of the others."""
    composite = np.flatnonzero(tiny_network.lgn.polarity == 0)
    assert len(composite) > 0
    return first_cells(tiny_network.lgn, np.union1d(composite, np.arange(12)))


def test_kernel_without_delay_equals_the_written_formula():
    kernel = temporal_kernels(
        np.array([[2.0, -1.0]]), np.array([[20.0, 60.0]]), np.zeros((1, 2)), 600
    )[0]
    lag = np.arange(1, 601)
    half = np.log(200.3) - np.log(100.3)
    expected = np.zeros(600)
    for weight, peak in ((2.0, 20.0), (-1.0, 60.0)):
        angle = (np.log(lag + 0.3) - np.log(peak)) * np.pi / half / 2
        bump = np.where(np.abs(angle) < np.pi, (np.cos(angle) + 1) / 2, 0.0)
        expected += weight * bump / np.sqrt(np.sum(bump**2))
    assert np.allclose(kernel, expected)


def test_equal_delays_shift_the_kernel():
    weight, peak = np.array([[2.0, -1.0]]), np.array([[20.0, 60.0]])
    at_once = temporal_kernels(weight, peak, np.zeros((1, 2)), 700)
    later = temporal_kernels(weight, peak, np.full((1, 2), 7.9), 700)
    assert np.allclose(later[:, 7:], at_once[:, :-7])
    assert np.all(later[:, :7] == 0)


def test_zero_crossing_is_the_first_negative_lag_after_the_peak():
    assert zero_crossing(np.array([[0.0, 3, 1, 0, -1, -2, -1]])).tolist() == [4]


def test_box_response_is_the_sum_of_shifted_kernels():
    kernel = np.random.default_rng(0).normal(size=(2, 30))
    expected = np.stack([np.convolve(row, np.ones(7)) for row in kernel])
    assert np.allclose(box_response(kernel, 7), expected, atol=1e-6)


def test_gaussian_has_unit_sum_and_the_asked_place_and_width():
    x, y, sigma = np.array([120.3]), np.array([60.7]), np.array([2.0])
    filters = spatial_filters(x, y, sigma, np.ones(1))
    weight = filters.toarray().reshape(FRAME_ROWS, FRAME_COLUMNS)
    assert np.isclose(weight.sum(), 1.0, atol=1e-5)
    column = weight.sum(axis=0) @ np.arange(FRAME_COLUMNS)
    row = weight.sum(axis=1) @ np.arange(FRAME_ROWS)
    assert np.isclose(column, 120.3 * 239 / 240, atol=1e-3)
    assert np.isclose(row, 60.7 * 119 / 120, atol=1e-3)
    spread = weight.sum(axis=0) @ (np.arange(FRAME_COLUMNS) - column) ** 2
    assert np.isclose(spread, 4.0, rtol=0.08)


def test_field_outside_of_the_frame_is_grey():
    corner, sigma = np.zeros(1), np.array([2.0])
    weight = spatial_filters(corner, corner, sigma, np.ones(1))
    assert 0.25 < weight.sum() < 0.45


def test_grey_gives_spontaneous_rates(few_cells):
    rates = lgn_rates(np.zeros((30, FRAME_ROWS, FRAME_COLUMNS)), few_cells)
    assert np.allclose(rates, few_cells.spont_rate_hz, rtol=1e-5)


def test_composite_cells_have_two_rectified_halves(few_cells):
    bank = subunit_bank(few_cells)
    composite = np.flatnonzero(few_cells.polarity == 0)
    n_cells = len(few_cells.lgn_id)
    assert np.array_equal(bank.cell[n_cells:], composite)
    sums = bank.spatial.sum(axis=1)
    assert np.all(sums[composite] < 0)
    assert np.allclose(sums[n_cells:], 1.0, atol=1e-5)
    halves = bank.spontaneous_hz[composite] + bank.spontaneous_hz[n_cells:]
    assert np.allclose(halves, few_cells.spont_rate_hz[composite])


def test_composite_kernels_cross_zero_at_the_published_latency(few_cells):
    bank = subunit_bank(few_cells)
    composite = np.flatnonzero(few_cells.polarity == 0)
    crossing = zero_crossing(bank.kernels[composite])
    target = few_cells.time_to_peak_off_ms[composite]
    assert np.all(np.abs(crossing - target) <= 1)


def test_on_cells_prefer_bright_and_off_cells_dark(few_cells):
    bright = np.full((120, FRAME_ROWS, FRAME_COLUMNS), 1.0, np.float32)
    gain = lgn_rates(bright, few_cells).max(axis=0) - few_cells.spont_rate_hz
    loss = lgn_rates(-bright, few_cells).max(axis=0) - few_cells.spont_rate_hz
    on, off = few_cells.polarity > 0, few_cells.polarity < 0
    assert np.all(gain[on] > loss[on])
    assert np.all(gain[off] < loss[off])


def test_sum_over_trials_equals_filtering_the_whole_movie(tiny_network, gratings):
    settings = InputSettings.default(
        equalise=False, grey_before_ms=20, image_ms=60, grey_after_ms=70
    )
    pathway = tiny_network.lgn
    prepared = prepare_input(tiny_network, gratings, settings)
    sequence = Sequence(np.array([0, 0, 3, 1, 1, 6, 2], np.int32), np.zeros(7, bool))
    movie = np.zeros((7, 150, FRAME_ROWS, FRAME_COLUMNS), np.float32)
    movie[:, 20:80] = 2.0 * gratings.images[sequence.stimulus][:, None]
    expected = lgn_rates(movie.reshape(-1, FRAME_ROWS, FRAME_COLUMNS), pathway)
    found = np.concatenate(list(trial_rates(prepared, sequence)), axis=1).T
    assert np.ptp(expected, axis=0).max() > 5.0
    assert np.allclose(found, expected, atol=2e-3)


def test_rates_do_not_depend_on_the_blocks_of_a_movie(few_cells, monkeypatch):
    movie = np.random.default_rng(2).normal(size=(90, FRAME_ROWS, FRAME_COLUMNS))
    whole = lgn_rates(movie, few_cells)
    monkeypatch.setattr("evoplast.stimuli.lgn.FRAMES_PER_BLOCK", 32)
    monkeypatch.setattr("evoplast.stimuli.lgn.ROWS_PER_TRANSFORM", 5)
    monkeypatch.setattr("evoplast.stimuli.spatial.FILTERS_PER_BLOCK", 4)
    assert np.allclose(lgn_rates(movie, few_cells), whole, atol=1e-4)


def test_short_kernels_forget_earlier_trials(tiny_network, gratings):
    settings = InputSettings.default(lgn_kernel_ms=100)
    prepared = prepare_input(tiny_network, gratings, settings)
    sequences = [np.array(s, np.int32) for s in ([0, 1], [2, 1])]
    last = [
        list(trial_rates(prepared, Sequence(s, np.zeros(2, bool))))[1]
        for s in sequences
    ]
    assert np.array_equal(last[0], last[1])


def test_wrong_movies_and_kernels_are_refused(few_cells):
    with pytest.raises(UserError, match=r"shape \(10, 5, 5\)"):
        lgn_rates(np.zeros((10, 5, 5)), few_cells)
    with pytest.raises(UserError, match="lgn_kernel_ms is 0"):
        subunit_bank(few_cells, 0)
    empty = first_cells(few_cells, slice(0))
    with pytest.raises(UserError, match="0 LGN cells"):
        subunit_bank(replace(empty))
