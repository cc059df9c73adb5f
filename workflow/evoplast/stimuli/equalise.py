"""Contrast of each stimulus so that all drive the network equally.

In: responses of LGN subunits to each stimulus, how strongly each LGN cell projects to
the excitatory input layers. Out: a contrast per stimulus.

The drive of a stimulus is the mean rate of the LGN cells, weighted by their output
strength onto excitatory cells of layers 4 and 5, from 20 to 150 ms after onset. It
is a convex function of contrast that starts at the spontaneous drive, so above that
it takes each value once and bisection finds it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from evoplast.artefacts.errors import UserError
from evoplast.network import Network

WINDOW_MS = (20, 150)
MAX_CONTRAST = 16.0
BISECTIONS = 24
INPUT_LAYERS = ("L4", "L5")


@dataclass(frozen=True)
class DrivenSubunits:
    """The K' subunits whose cells project to the input layers.

    ``amplitude`` (K', S) at contrast 1, ``response`` (K', window) to a unit image in
    the window, ``spontaneous_hz`` (K',), ``share`` (K',) of the output strength.
    """

    amplitude: np.ndarray
    response: np.ndarray
    spontaneous_hz: np.ndarray
    share: np.ndarray


def input_layer_cells(network: Network) -> np.ndarray:
    """Return bool (N,): excitatory cells of layers 4 and 5.

    Circuits without such cells fall back to all excitatory cells.
    """
    types = network.cell_types
    layers = [f"L{name.removeprefix('L')}" for name in types.layer]
    chosen = types.excitatory & np.isin(layers, INPUT_LAYERS)
    if not np.any(chosen[network.cells.cell_type]):
        chosen = types.excitatory
    return np.asarray(chosen)[network.cells.cell_type]


def output_share(network: Network) -> np.ndarray:
    """Return (L,) the share of each LGN cell in the drive of the input layers.

    Where these get no LGN input, the share in the drive of all cells.
    """
    lgn = network.lgn
    strength = np.abs(lgn.weight_pA).astype(np.float64)
    onto_input = strength * input_layer_cells(network)[lgn.target]
    chosen = onto_input if onto_input.sum() > 0 else strength
    total = np.bincount(lgn.source, chosen, minlength=len(lgn.lgn_id))
    return total / total.sum()


def mean_drive_hz(subunits: DrivenSubunits, stimulus: int, contrast: float) -> float:
    """Return the drive of one stimulus at a contrast, in Hz."""
    scale = np.float32(contrast) * subunits.amplitude[:, stimulus, None]
    rates = scale * subunits.response + subunits.spontaneous_hz[:, None]
    np.maximum(rates, 0.0, out=rates)
    return float(subunits.share @ rates.mean(axis=1))


def _bisect(drive_hz: Callable[[float], float], target_hz: float) -> float:
    low, high = 0.0, MAX_CONTRAST
    if drive_hz(high) < target_hz:
        return high
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        if drive_hz(middle) < target_hz:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _check_target(subunits: DrivenSubunits, target_hz: float) -> None:
    spontaneous_hz = float(subunits.share @ subunits.spontaneous_hz)
    if not target_hz > spontaneous_hz:
        raise UserError(
            f"input.drive_target_hz is {target_hz}, but the LGN drives with "
            f"{spontaneous_hz:.2f} Hz without any stimulus; choose a higher target."
        )


def stimulus_contrast(subunits: DrivenSubunits, target_hz: float) -> np.ndarray:
    """Return the contrast (S,) at which each stimulus drives with ``target_hz``.

    Stimuli too weak for the target get ``MAX_CONTRAST``.

    Raises:
        UserError: the target is not above the spontaneous drive.
    """
    _check_target(subunits, target_hz)
    contrast = [
        _bisect(partial(mean_drive_hz, subunits, stimulus), target_hz)
        for stimulus in range(subunits.amplitude.shape[1])
    ]
    return np.array(contrast, np.float32)


def common_contrast(subunits: DrivenSubunits, target_hz: float) -> float:
    """Return the one contrast at which the stimuli drive with ``target_hz`` on average.

    Raises:
        UserError: the target is not above the spontaneous drive.
    """
    _check_target(subunits, target_hz)
    stimuli = range(subunits.amplitude.shape[1])
    return _bisect(
        lambda c: float(np.mean([mean_drive_hz(subunits, s, c) for s in stimuli])),
        target_hz,
    )
