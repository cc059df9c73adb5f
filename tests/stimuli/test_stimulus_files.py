"""Stimulus files give back the very same images."""

import numpy as np
import pytest

from evoplast.artefacts.errors import UserError
from evoplast.artefacts.netcdf import read_dataset
from evoplast.stimuli import (
    InputSettings,
    draw_sequence,
    prepare_input,
    read_stimuli,
    write_stimuli,
)


def test_stimuli_survive_a_file_bit_by_bit(tmp_path, tiny_network, natural):
    path = tmp_path / "natural.nc"
    prepared = prepare_input(tiny_network, natural, InputSettings.default())
    sequences = {"training": draw_sequence(natural, 9, 0.5, 1, "training")}
    write_stimuli(path, natural, prepared, sequences, {"seed": 3})
    found = read_stimuli(path)
    assert found.name == "natural" and found.intensity == natural.intensity
    assert np.array_equal(found.images, natural.images)
    assert found.images.dtype == np.float32
    assert np.array_equal(found.is_training, natural.is_training)
    assert found.labels.to_dict() == natural.labels.to_dict()


def test_file_describes_the_responses(tmp_path, prepared, gratings):
    path = tmp_path / "gratings.nc"
    sequences = {"test": draw_sequence(gratings, 9, 0.5, 1, "test")}
    write_stimuli(path, gratings, prepared, sequences, {"seed": 3})
    dataset = read_dataset(path)
    assert dataset["lgn_mean_rate"].shape == (7, prepared.n_cells)
    assert dataset["lgn_time_course"].shape == (7, 300)
    assert np.array_equal(dataset["contrast"], prepared.contrast)
    assert np.array_equal(dataset["test_sequence"], sequences["test"].stimulus)
    course = dataset["lgn_time_course"].to_numpy()
    assert np.all(course[:, 50:150].max(axis=1) > course[:, :50].max(axis=1) + 1.0)


def test_other_files_are_refused(tmp_path, tiny_network):
    with pytest.raises(UserError, match="does not exist"):
        read_stimuli(tmp_path / "absent.nc")
