"""The data of the stimuli room: images, settings, prepared input, trials, drive.

Everything lives on the host (NumPy and scipy.sparse). Times are in milliseconds, one
step is 1 ms; images lie on a frame of 240 x 120 degrees, one pixel per degree,
row 0 at elevation 0, column 0 at azimuth 0, grey = 0.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from evoplast.configuration.sections.stimuli import InputSettings

FRAME_ROWS = 120
FRAME_COLUMNS = 240
SPLITS = ("training", "test")
GRATINGS = "gratings"
NATURAL = "natural"


@dataclass(frozen=True)
class StimulusSet:
    """The images of one task.

    Attributes:
        name: "gratings" or "natural".
        images: (S, 120, 240) float32 in [-1, 1], multiples of 1/127, grey = 0.
        is_training: (S,) bool; the other stimuli are the test split.
        labels: S rows; what each stimulus is (orientation and phase, or the file
            and the corner of the crop).
        intensity: factor between an image and the movie that the LGN sees.
    """

    name: str
    images: np.ndarray
    is_training: np.ndarray
    labels: pd.DataFrame
    intensity: float

    @property
    def n_stimuli(self) -> int:
        """Number of stimuli of both splits."""
        return len(self.images)

    def members(self, split: str) -> np.ndarray:
        """Return the indices of the stimuli of ``split``."""
        return np.flatnonzero(self.is_training == (split == "training"))


@dataclass(frozen=True)
class SubunitBank:
    """Linear filters of L LGN cells: K = L + (number of composite cells) subunits.

    Subunit k < L is the (dominant) filter of cell k; the others are the
    non-dominant filters of composite cells.

    Attributes:
        cell: (K,) int32, the cell each subunit belongs to.
        spatial: (K, 28800) sparse float32, Gaussian times the subunit's amplitude.
        kernels: (K, n_lags) float32, causal temporal kernel, lag 0 first.
        spontaneous_hz: (K,) float32.
    """

    cell: np.ndarray
    spatial: sparse.csr_array
    kernels: np.ndarray
    spontaneous_hz: np.ndarray

    @property
    def n_cells(self) -> int:
        """Number of LGN cells L."""
        return int(self.cell.max()) + 1

    @property
    def n_subunits(self) -> int:
        """Number of linear filters K."""
        return len(self.cell)


@dataclass(frozen=True)
class AlphaPort:
    """Propagators of the alpha synapse of one receptor port, for a step of 1 ms."""

    p11: float
    p21: float
    p22: float
    psc_initial: float


@dataclass(frozen=True)
class LgnProjection:
    """What LGN cells send to one receptor port of the n neurons that they reach there.

    Attributes:
        neuron: (n,) int32, ascending.
        weight_pA: (n, L) sparse float32, LGN gain included.
        current_per_state: (n, 2) float32, effective current in pA of the neuron per
            unit of y1 and of y2.
    """

    neuron: np.ndarray
    weight_pA: sparse.csr_array
    current_per_state: np.ndarray


@dataclass(frozen=True)
class PreparedInput:
    """All that does not depend on the sequence of trials, for one network and task.

    Attributes:
        name: the stimulus set's.
        settings: the settings used.
        n_neurons: N.
        contrast: (S,) float32, factor on each image (intensity not included).
        at_bound: (S,) bool, contrast stopped at its bound below the target drive.
        drive_hz: (S,) float32, mean LGN drive of the excitatory input layers.
        cell: (K,) int32, LGN cell of each subunit.
        amplitude: (K, S) float32, spatial response to each image at its contrast.
        box_response: (K, n_lags) float32, response to a unit image shown for
            image_ms, from its onset.
        spontaneous_hz: (K,) float32.
        ports: the P receptor ports that get external input.
        lgn: what the LGN sends to each of the ports.
        background_to_current: (N, 2 P) float32, effective current in pA per unit of y1
            and y2 that a unit of the background causes; columns by port.
        background_rate_hz: rate of the Poisson source.
        lgn_delay_steps: delay of the LGN pathway in steps.
    """

    name: str
    settings: InputSettings
    n_neurons: int
    contrast: np.ndarray
    at_bound: np.ndarray
    drive_hz: np.ndarray
    cell: np.ndarray
    amplitude: np.ndarray
    box_response: np.ndarray
    spontaneous_hz: np.ndarray
    ports: tuple[AlphaPort, ...]
    lgn: tuple[LgnProjection, ...]
    background_to_current: np.ndarray
    background_rate_hz: float
    lgn_delay_steps: int

    @property
    def n_cells(self) -> int:
        """Number of LGN cells L."""
        return int(self.cell.max()) + 1


@dataclass(frozen=True)
class Sequence:
    """A sequence of T trials.

    Attributes:
        stimulus: (T,) int32 index into the stimulus set.
        change: (T,) bool, the stimulus differs from the previous trial's; False in
            trial 0, which is not scored.
    """

    stimulus: np.ndarray
    change: np.ndarray

    @property
    def n_trials(self) -> int:
        """Number of trials T."""
        return len(self.stimulus)


@dataclass(frozen=True)
class Drive:
    """External synaptic current of a trial sequence.

    Attributes:
        current_pA: (T, trial_ms, N) float32. LGN and background after their alpha
            synapses, as the constant current that changes the voltage in a step as
            much as the exact propagators do.
        change, stimulus: (T,) of the sequence.
    """

    current_pA: np.ndarray
    change: np.ndarray
    stimulus: np.ndarray
