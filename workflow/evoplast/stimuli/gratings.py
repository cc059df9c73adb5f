"""A bank of static gratings.

In: settings and a seed. Out: a ``StimulusSet`` of distinct (orientation, phase) draws,
training first. Ye et al. 2026 and Chen et al. 2022 use 0.05 cycles/degree and 120 to
150 degrees in steps of 0.1; a phase belongs to a stimulus, so it is redrawn only when
the stimulus changes.
"""

import numpy as np
import pandas as pd

from evoplast.artefacts.errors import UserError
from evoplast.artefacts.seeds import numpy_rng
from evoplast.configuration.sections.stimuli import StimulusSettings
from evoplast.stimuli.quantise import quantise
from evoplast.stimuli.types import (
    FRAME_COLUMNS,
    FRAME_ROWS,
    GRATINGS,
    StimulusSet,
)


def orientation_grid_deg(settings: StimulusSettings) -> np.ndarray:
    """Return the allowed orientations, both ends included.

    Raises:
        UserError: the step is not positive or the range is empty.
    """
    span = settings.orientation_max_deg - settings.orientation_min_deg
    step = settings.orientation_step_deg
    if step <= 0 or span < 0:
        raise UserError(
            f"stimuli.orientation_step_deg is {step} over "
            f"{settings.orientation_min_deg} to {settings.orientation_max_deg} deg; "
            "give a positive step and a minimum not above the maximum."
        )
    steps = np.arange(int(np.floor(span / step + 1e-9)) + 1)
    return np.round(settings.orientation_min_deg + step * steps, 6)


def grating_image(
    orientation_deg: np.ndarray, phase_rad: np.ndarray, frequency_cpd: float
) -> np.ndarray:
    """Return gratings (S, 120, 240) in [-1, 1].

    The luminance varies along the direction ``orientation_deg`` in the plane of
    azimuth (columns) and elevation (rows).
    """
    angle = np.deg2rad(orientation_deg)[:, None, None]
    rows = np.arange(FRAME_ROWS)[:, None]
    columns = np.arange(FRAME_COLUMNS)[None, :]
    along_deg = np.cos(angle) * columns + np.sin(angle) * rows
    phase = np.asarray(phase_rad)[:, None, None]
    return np.sin(2 * np.pi * frequency_cpd * along_deg + phase)


def make_gratings(settings: StimulusSettings, seed: int) -> StimulusSet:
    """Draw the bank of gratings; orientations repeat only after all were used.

    Raises:
        UserError: the orientation range or a count is impossible.
    """
    n_training, n_test = settings.n_training_gratings, settings.n_test_gratings
    if n_training < 2 or n_test < 2:
        raise UserError(
            f"stimuli.n_training_gratings is {n_training} and n_test_gratings is "
            f"{n_test}; both must be at least 2, or no change is possible."
        )
    rng = numpy_rng(seed, "stimuli", GRATINGS)
    grid = rng.permutation(orientation_grid_deg(settings))
    orientation = np.resize(grid, n_training + n_test)
    phase = rng.uniform(0.0, 2 * np.pi, n_training + n_test)
    images = grating_image(orientation, phase, settings.spatial_frequency_cpd)
    labels = pd.DataFrame({"orientation_deg": orientation, "phase_rad": phase})
    return StimulusSet(
        name=GRATINGS,
        images=quantise(images),
        is_training=np.arange(n_training + n_test) < n_training,
        labels=labels,
        intensity=settings.intensity,
    )
