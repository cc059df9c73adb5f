"""Moving gratings against the movie, and the parts of the current against the whole."""

from dataclasses import replace

import numpy as np
import pytest

from evoplast.stimuli import (
    InputSettings,
    draw_sequence,
    lgn_rates,
    make_drive,
    prepare_input,
)
from evoplast.stimuli.drifting import DriftingGrating, drifting_blocks, drifting_rates
from evoplast.stimuli.drive import lgn_signal, trial_currents
from evoplast.stimuli.gratings import grating_image
from evoplast.stimuli.prepare import with_common_contrast

SHORT = InputSettings.default(lgn_kernel_ms=100)
MOVING = DriftingGrating(60.0, 0.05, 8.0, 0.7)


def test_a_drifting_grating_is_its_movie(tiny_network):
    phase = -2 * np.pi * 8.0 * np.arange(40) / 1000
    movie = 0.7 * grating_image(np.full(40, 60.0), phase, 0.05).astype(np.float32)
    expected = lgn_rates(movie, tiny_network.lgn, SHORT.lgn_kernel_ms)
    found = drifting_rates(tiny_network, SHORT, MOVING, 40)
    np.testing.assert_allclose(found.T, expected, atol=2e-3)


def test_blocks_join_to_the_whole_and_grey_is_spontaneous(tiny_network):
    parts = list(drifting_blocks(tiny_network, SHORT, MOVING, 50, 20, 1))
    assert [part.shape[1] for part in parts] == [20, 20, 10]
    whole = lgn_signal(drifting_rates(tiny_network, SHORT, MOVING, 50), None)
    np.testing.assert_array_equal(np.concatenate(parts, axis=1), whole)
    grey = drifting_rates(tiny_network, SHORT, replace(MOVING, amplitude=0.0), 5)
    np.testing.assert_allclose(
        grey, np.repeat(tiny_network.lgn.spont_rate_hz[:, None], 5, axis=1), rtol=1e-5
    )


@pytest.mark.parametrize("mode", ["current", "bernoulli"])
def test_lgn_and_background_add_up_to_the_drive(tiny_network, gratings, mode):
    settings = replace(SHORT, lgn_mode=mode)
    prepared = prepare_input(tiny_network, gratings, settings)
    sequence = draw_sequence(gratings, 3, 0.5, 1, "training")
    drive = make_drive(prepared, sequence, 7).current_pA
    parts = [sum(both).T for both in trial_currents(prepared, sequence, 7)]
    np.testing.assert_allclose(np.stack(parts), drive, atol=1e-3)


def test_one_contrast_for_all_drives_with_the_target_on_average(tiny_network, gratings):
    raw = prepare_input(tiny_network, gratings, InputSettings.default(equalise=False))
    common = with_common_contrast(tiny_network, raw, 11.0)
    assert common.drive_hz.mean() == pytest.approx(11.0, rel=1e-3)
    assert np.ptp(common.contrast) == 0 and np.ptp(common.drive_hz) > 0.1
    equal = prepare_input(
        tiny_network, gratings, InputSettings.default(drive_target_hz=11.0)
    )
    again = with_common_contrast(tiny_network, equal, 11.0)
    np.testing.assert_allclose(again.amplitude, common.amplitude, rtol=1e-3, atol=1e-4)
