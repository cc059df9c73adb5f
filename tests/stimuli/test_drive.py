"""Equalised contrast, and the current of a sequence against a slow recursion."""

from dataclasses import replace

import numpy as np
import pytest

from evoplast.artefacts.errors import UserError
from evoplast.network import glif3_propagators
from evoplast.stimuli import (
    InputSettings,
    Sequence,
    draw_sequence,
    make_drive,
    prepare_input,
    trial_rates,
)
from evoplast.stimuli.drive import WARM_UP_MS, trial_currents
from evoplast.stimuli.equalise import input_layer_cells, output_share

SHORT = InputSettings.default(
    equalise=False,
    grey_before_ms=10,
    image_ms=20,
    grey_after_ms=15,
    lgn_kernel_ms=60,
)


def single(stimulus):
    return Sequence(np.array([stimulus], np.int32), np.zeros(1, bool))


def measured_drive_hz(network, prepared, stimulus):
    """Return the drive of a stimulus shown once, from its LGN rates."""
    rates = next(trial_rates(prepared, single(stimulus)))
    onset = prepared.settings.grey_before_ms
    excitatory = network.cell_types.excitatory[network.cells.cell_type]
    layers = np.array(network.cell_types.layer)[network.cells.cell_type]
    wanted = excitatory & np.isin(layers, ["L4", "L5"])
    edges = wanted[network.lgn.target]
    mean = rates[:, onset + 20 : onset + 150].mean(axis=1)
    weight = network.lgn.weight_pA[edges]
    return np.sum(weight * mean[network.lgn.source[edges]]) / np.sum(weight)


@pytest.mark.parametrize("target_hz", [10.0, 12.0])
def test_equalised_stimuli_drive_with_the_target(tiny_network, natural, target_hz):
    settings = InputSettings.default(drive_target_hz=target_hz)
    prepared = prepare_input(tiny_network, natural, settings)
    assert np.ptp(prepared.contrast) > 0.1
    for stimulus in np.flatnonzero(~prepared.at_bound):
        found = measured_drive_hz(tiny_network, prepared, stimulus)
        assert np.isclose(found, target_hz, atol=0.01)


def test_without_equalisation_contrast_is_one(tiny_network, gratings):
    prepared = prepare_input(
        tiny_network, gratings, InputSettings.default(equalise=False)
    )
    assert np.all(prepared.contrast == 1.0)
    for stimulus, drive in enumerate(prepared.drive_hz):
        found = measured_drive_hz(tiny_network, prepared, stimulus)
        assert np.isclose(found, drive, atol=0.01)


def test_stimuli_too_weak_for_the_target_stop_at_the_bound(tiny_network, gratings):
    faint = replace(gratings, images=gratings.images * np.float32(1e-3))
    prepared = prepare_input(tiny_network, faint, InputSettings.default())
    assert np.all(prepared.at_bound)
    assert np.all(prepared.drive_hz < 12.0)


def test_target_below_the_spontaneous_drive_is_refused(tiny_network, gratings):
    with pytest.raises(UserError, match="drive_target_hz is 1.0, but the LGN drives"):
        prepare_input(
            tiny_network, gratings, InputSettings.default(drive_target_hz=1.0)
        )


def test_circuits_without_layers_fall_back_to_all_excitatory_cells(tiny_network):
    types = replace(tiny_network.cell_types, layer=("?",) * tiny_network.n_types)
    flat = replace(tiny_network, cell_types=types)
    expected = types.excitatory[flat.cells.cell_type]
    assert np.array_equal(input_layer_cells(flat), expected)
    assert np.isclose(output_share(flat).sum(), 1.0)


def slow_current_pA(network, prepared, sequence, background):
    """Recompute the current step by step, in double precision.

    ``background`` (T_all,) are the shared counts, the warm-up first.
    """
    p = glif3_propagators(network.cells, network.tau_syn_ms, 1.0)
    rates = np.concatenate(list(trial_rates(prepared, sequence)), axis=1).T
    wait = WARM_UP_MS + prepared.lgn_delay_steps
    grey = np.repeat(network.lgn.spont_rate_hz[None], wait, axis=0)
    rates = np.concatenate([grey, rates])[: len(background)]
    graded = 1.3 * (1 - np.exp(-rates / 1000))
    y1, y2 = np.zeros((2, network.n_neurons, 4))
    rows = np.arange(network.n_neurons)
    gain = prepared.settings.lgn_gain
    current = np.zeros((len(background), network.n_neurons))
    for step, signal in enumerate(graded):
        current[step] = np.sum(p.P31 * y1 + p.P32 * y2, axis=1) / p.P30
        y2 = p.P21 * y1 + p.P22 * y2
        y1 = p.P11 * y1
        lgn = network.lgn
        arriving = (
            gain * lgn.weight_pA * signal[lgn.source] * p.psc_initial[lgn.receptor]
        )
        np.add.at(y1, (lgn.target, lgn.receptor), arriving)
        port = network.background.receptor
        weight = network.background.weight_pA * p.psc_initial[port]
        y1[rows, port] += weight * background[step]
    return current[WARM_UP_MS:]


def test_current_equals_a_step_by_step_recursion(tiny_network, gratings, monkeypatch):
    counts = np.random.default_rng(5).poisson(1.0, WARM_UP_MS + 3 * 45).astype(float)

    class Scripted:
        used = 0

        def poisson(self, mean, shape):
            start, Scripted.used = Scripted.used, Scripted.used + shape[1]
            return counts[None, start : Scripted.used]

    monkeypatch.setattr("evoplast.stimuli.drive.numpy_rng", lambda *_: Scripted())
    prepared = prepare_input(tiny_network, gratings, replace(SHORT, lgn_gain=1.5))
    sequence = draw_sequence(gratings, 3, 0.5, 1, "training")
    drive = make_drive(prepared, sequence, seed=1)
    assert drive.current_pA.dtype == np.float32
    assert drive.current_pA.shape == (3, 45, tiny_network.n_neurons)
    expected = slow_current_pA(tiny_network, prepared, sequence, counts)
    found = drive.current_pA.reshape(expected.shape)
    assert np.allclose(found, expected, rtol=1e-4, atol=1e-2)
    assert expected.max() > 10.0


def test_lgn_delay_is_rounded_to_steps(prepared):
    assert prepared.lgn_delay_steps == 2


def test_first_trial_starts_from_steady_grey(tiny_network, gratings):
    quiet = replace(
        tiny_network, background=replace(tiny_network.background, rate_hz=0.0)
    )
    prepared = prepare_input(quiet, gratings, InputSettings.default())
    current = make_drive(prepared, single(0), seed=1).current_pA[0]
    before_response = prepared.settings.grey_before_ms
    assert np.allclose(current[:before_response], current[0], rtol=1e-4, atol=1e-3)
    assert not np.allclose(current, current[0], rtol=0.05, atol=1e-3)


def test_seed_decides_the_background(prepared, gratings):
    sequence = draw_sequence(gratings, 2, 0.5, 1, "test")
    first, again, other = (
        make_drive(prepared, sequence, s).current_pA for s in (1, 1, 2)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_independent_background_differs_between_neurons(tiny_network, gratings):
    for background, distinct in (("shared", False), ("independent", True)):
        settings = replace(SHORT, background=background)
        prepared = prepare_input(tiny_network, gratings, settings)
        no_lgn = [replace(p, weight_pA=0 * p.weight_pA) for p in prepared.lgn]
        silent = replace(prepared, lgn=tuple(no_lgn))
        current = make_drive(silent, single(0), seed=1).current_pA[0]
        same_type = current[:, tiny_network.cells.cell_type == 1]
        per_weight = same_type / same_type.mean(axis=0)
        spread = np.ptp(per_weight, axis=1).max()
        assert (spread > 0.5) == distinct


def test_background_gain_scales_the_background_alone(tiny_network, gratings):
    currents = {}
    for gain in (1.0, 2.0):
        settings = replace(SHORT, background_gain=gain)
        prepared = prepare_input(tiny_network, gratings, settings)
        currents[gain] = next(trial_currents(prepared, single(0), seed=1))
    np.testing.assert_array_equal(currents[2.0][0], currents[1.0][0])
    np.testing.assert_allclose(currents[2.0][1], 2 * currents[1.0][1], rtol=1e-5)
    assert currents[1.0][1].any()


def test_bernoulli_spikes_have_the_mean_of_their_rates(tiny_network, gratings):
    settings = InputSettings.default(lgn_mode="bernoulli", equalise=False)
    quiet = replace(
        tiny_network, background=replace(tiny_network.background, rate_hz=0.0)
    )
    sequence = Sequence(np.zeros(40, np.int32), np.zeros(40, bool))
    spiking, graded = (
        make_drive(prepare_input(quiet, gratings, s), sequence, seed=4)
        for s in (settings, replace(settings, lgn_mode="current"))
    )
    ratio = graded.current_pA.sum() / spiking.current_pA.sum()
    assert np.isclose(ratio, 1.3, rtol=0.05)


@pytest.mark.parametrize(
    ("name", "value"),
    [("lgn_mode", "poisson"), ("background", "none"), ("image_ms", 0)],
)
def test_unknown_settings_are_refused(name, value):
    with pytest.raises(UserError, match=f"{name} is '?{value}"):
        InputSettings.default(**{name: value})
