"""Stimulus files: the images bit by bit, and what they do to the reference network.

In and out: NetCDF. ``image_code`` / 127 is the image; labels, split, contrast and
drive by stimulus; LGN rates of each stimulus shown once after grey, as means by cell
and as a time course over cells; example sequences of trials.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from evoplast.artefacts.errors import UserError
from evoplast.artefacts.netcdf import read_dataset, write_dataset
from evoplast.stimuli.drive import trial_rates
from evoplast.stimuli.equalise import WINDOW_MS
from evoplast.stimuli.quantise import decode, encode
from evoplast.stimuli.types import PreparedInput, Sequence, StimulusSet

LABEL_PREFIX = "label_"


def _stimulus_variables(stimulus_set: StimulusSet) -> dict:
    codes = encode(stimulus_set.images)
    attributes = {"long_name": "image times 127, grey is 0"}
    labels = {
        f"{LABEL_PREFIX}{name}": ("stimulus", _storable(column.to_numpy()))
        for name, column in stimulus_set.labels.items()
    }
    return {
        "image_code": (("stimulus", "row", "column"), codes, attributes),
        "is_training": ("stimulus", stimulus_set.is_training),
        **labels,
    }


def _storable(column: np.ndarray) -> np.ndarray:
    """Return text as plain objects: NetCDF has no use for pandas' string type."""
    return column if column.dtype.kind in "fiub" else column.astype(object)


def single_responses(prepared: PreparedInput) -> tuple[np.ndarray, np.ndarray]:
    """Return LGN responses to each stimulus shown once after grey.

    Means (S, L) over 20 to 150 ms after onset, and time courses (S, trial_ms) over
    cells, both in Hz, float32.
    """
    start = prepared.settings.grey_before_ms
    window = slice(start + WINDOW_MS[0], start + WINDOW_MS[1])
    means, courses = [], []
    for stimulus in range(prepared.amplitude.shape[1]):
        once = Sequence(np.array([stimulus], np.int32), np.zeros(1, bool))
        rates = next(trial_rates(prepared, once))
        means.append(rates[:, window].mean(axis=1))
        courses.append(rates.mean(axis=0))
    return np.stack(means), np.stack(courses)


def _response_variables(prepared: PreparedInput) -> dict:
    means, courses = single_responses(prepared)
    hertz = {"units": "Hz"}
    return {
        "contrast": ("stimulus", prepared.contrast),
        "contrast_at_bound": ("stimulus", prepared.at_bound),
        "drive": ("stimulus", prepared.drive_hz, hertz),
        "lgn_mean_rate": (("stimulus", "lgn_cell"), means, hertz),
        "lgn_time_course": (("stimulus", "time"), courses, hertz),
        "time": ("time", np.arange(courses.shape[1]), {"units": "ms"}),
    }


def _sequence_variables(sequences: dict[str, Sequence]) -> dict:
    found = {}
    for name, sequence in sequences.items():
        dimension = f"{name}_trial"
        found[f"{name}_sequence"] = (dimension, sequence.stimulus)
        found[f"{name}_change"] = (dimension, sequence.change)
    return found


def write_stimuli(
    path: str | Path,
    stimulus_set: StimulusSet,
    prepared: PreparedInput,
    sequences: dict[str, Sequence],
    provenance: dict,
) -> None:
    """Write a stimulus set and what it does to the reference network.

    ``sequences`` are examples, by name (such as "training").

    Raises:
        UserError: the file cannot be written.
    """
    dataset = xr.Dataset(
        {
            **_stimulus_variables(stimulus_set),
            **_response_variables(prepared),
            **_sequence_variables(sequences),
        },
        attrs={
            "title": f"Stimuli of the task {stimulus_set.name}",
            "stimulus_set": stimulus_set.name,
            "intensity": stimulus_set.intensity,
        },
    )
    write_dataset(path, dataset, provenance)


def read_stimuli(path: str | Path) -> StimulusSet:
    """Read a stimulus set; its images are exactly those that were written.

    Raises:
        UserError: the file is missing, truncated or holds no stimuli.
    """
    dataset = read_dataset(path)
    if "image_code" not in dataset:
        raise UserError(f"{path} holds no stimuli; run the stage that makes it.")
    labels = {
        str(name).removeprefix(LABEL_PREFIX): variable.to_numpy()
        for name, variable in dataset.data_vars.items()
        if str(name).startswith(LABEL_PREFIX)
    }
    return StimulusSet(
        name=str(dataset.attrs["stimulus_set"]),
        images=decode(dataset["image_code"].to_numpy()),
        is_training=dataset["is_training"].to_numpy().astype(bool),
        labels=pd.DataFrame(labels),
        intensity=float(dataset.attrs["intensity"]),
    )
