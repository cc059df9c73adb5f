"""Counts in windows and epochs, spike by spike."""

import numpy as np
import pytest
from recording_toys import BEFORE_MS, CELLS, TRIAL_MS, TRIALS, raster, recorded

from evoplast.artefacts.errors import UserError
from evoplast.recordings.windows import counts_in_windows, epochs_of


def test_every_spike_is_counted_in_its_window():
    found = recorded().rasters["whole"][0][0]
    counts = counts_in_windows(found, 20, TRIAL_MS, TRIALS, CELLS)
    assert counts.shape == (TRIALS, 15, CELLS) and counts.sum() == len(found.ms)
    here = (found.trial == 7) & (found.ms // 20 == 3) & (found.neuron == 5)
    assert counts[7, 3, 5] == here.sum()


def test_an_epoch_runs_from_the_onset_of_its_image_into_the_next_trial():
    toy = recorded()
    spikes = np.zeros((TRIALS, TRIAL_MS, CELLS), bool)
    spikes[3, BEFORE_MS, 0] = spikes[3, BEFORE_MS - 1, 1] = spikes[4, 10, 2] = True
    epochs = epochs_of(toy, raster(spikes), 0, 10)
    assert epochs.counts.shape == (TRIALS - 2, TRIAL_MS // 10, CELLS)
    assert epochs.start_ms[[0, -1]].tolist() == [0, 290]
    # Epoch 2 is that of trial 3; what comes before its onset belongs to trial 2.
    assert epochs.counts[2, 0, 0] == 1
    assert epochs.counts[1, -1, 1] == 1
    assert epochs.counts[2, (TRIAL_MS - BEFORE_MS + 10) // 10, 2] == 1
    assert epochs.counts.sum() == 3
    assert epochs.image[2] == toy.stimulus[0, 3]
    assert epochs.previous[2] == toy.stimulus[0, 2]
    np.testing.assert_array_equal(epochs.change, epochs.image != epochs.previous)


def test_windows_that_do_not_fit_are_refused():
    toy = recorded()
    found = toy.rasters["whole"][0][0]
    with pytest.raises(UserError, match="window of 70 ms .* does not divide a trial"):
        counts_in_windows(found, 70, TRIAL_MS, TRIALS, CELLS)
    with pytest.raises(UserError, match="window_ms is 100; .* task.grey_before_ms, 50"):
        epochs_of(toy, found, 0, 100)
