"""Everything about the input that does not depend on the sequence of trials.

In: a network, a stimulus set, settings. Out: ``PreparedInput``.

Each image stands still while it is shown and grey lies between, so the linear
response of an LGN subunit to any sequence is a sum over the last few trials of
(spatial response to that trial's image) x (temporal response to a box). Both factors
are computed here, once.
"""

import numpy as np
from scipy import sparse

from evoplast.artefacts.errors import UserError
from evoplast.network.propagators import Propagators, glif3_propagators
from evoplast.network.types import Network
from evoplast.stimuli.equalise import (
    MAX_CONTRAST,
    WINDOW_MS,
    DrivenSubunits,
    mean_drive_hz,
    output_share,
    stimulus_contrast,
)
from evoplast.stimuli.lgn import project, subunit_bank
from evoplast.stimuli.temporal import box_response
from evoplast.stimuli.types import (
    InputSettings,
    PortInput,
    PreparedInput,
    StimulusSet,
    SubunitBank,
)

DT_MS = 1.0


def check_settings(settings: InputSettings) -> None:
    """Raise UserError for values that no computation could use."""
    choices = {
        "lgn_mode": ("current", "bernoulli"),
        "background": ("shared", "independent"),
    }
    for name, allowed in choices.items():
        if getattr(settings, name) not in allowed:
            raise UserError(
                f"input.{name} is {getattr(settings, name)!r}; it must be one of "
                f"{', '.join(allowed)}."
            )
    if settings.image_ms < 1 or settings.grey_before_ms < 0:
        raise UserError(
            f"task.image_ms is {settings.image_ms} and task.grey_before_ms "
            f"{settings.grey_before_ms}; an image needs at least 1 ms and the grey "
            "time cannot be negative."
        )


def _driven_subunits(
    bank: SubunitBank, amplitude: np.ndarray, box: np.ndarray, share: np.ndarray
) -> DrivenSubunits:
    used = np.flatnonzero(share[bank.cell] > 0)
    window = np.zeros((len(used), WINDOW_MS[1] - WINDOW_MS[0]), np.float32)
    known = box[used, WINDOW_MS[0] : WINDOW_MS[1]]
    window[:, : known.shape[1]] = known
    return DrivenSubunits(
        amplitude=amplitude[used],
        response=window,
        spontaneous_hz=bank.spontaneous_hz[used],
        share=share[bank.cell[used]],
    )


def _port_input(
    network: Network, propagators: Propagators, port: int, lgn_gain: float
) -> PortInput | None:
    """Return the external input through one port; None if no cell has any."""
    lgn, background = network.lgn, network.background
    edges = np.flatnonzero(lgn.receptor == port)
    from_background = (background.receptor == port) & (background.weight_pA != 0)
    neurons = np.union1d(lgn.target[edges], np.flatnonzero(from_background))
    if len(neurons) == 0:
        return None
    row = np.searchsorted(neurons, lgn.target[edges])
    weight = (lgn_gain * lgn.weight_pA[edges]).astype(np.float32)
    shape = (len(neurons), len(lgn.lgn_id))
    weights = sparse.coo_array((weight, (row, lgn.source[edges])), shape=shape)
    background_pA = np.where(from_background, background.weight_pA, 0.0)[neurons]
    to_current = 1.0 / propagators.P30[neurons]
    return PortInput(
        neurons=neurons.astype(np.int32),
        lgn_weights=weights.tocsr(),
        background_pA=background_pA.astype(np.float32),
        p11=float(propagators.P11[port]),
        p21=float(propagators.P21[port]),
        p22=float(propagators.P22[port]),
        psc_initial=float(propagators.psc_initial[port]),
        gain_y1=(propagators.P31[neurons, port] * to_current).astype(np.float32),
        gain_y2=(propagators.P32[neurons, port] * to_current).astype(np.float32),
    )


def _all_ports(network: Network, lgn_gain: float) -> tuple[PortInput, ...]:
    propagators = glif3_propagators(network.cells, network.tau_syn_ms, DT_MS)
    ports = (
        _port_input(network, propagators, port, lgn_gain)
        for port in range(len(network.tau_syn_ms))
    )
    return tuple(port for port in ports if port is not None)


def _delay_steps(network: Network) -> int:
    """Return the delay of the LGN pathway in whole steps, at least one.

    Published circuits have one delay (1.7 ms) for all edges; others are represented
    by their median.
    """
    if len(network.lgn.delay_ms) == 0:
        return 1
    return max(1, int(np.rint(np.median(network.lgn.delay_ms) / DT_MS)))


def prepare_input(
    network: Network, stimulus_set: StimulusSet, settings: InputSettings
) -> PreparedInput:
    """Compute LGN responses, contrasts and weights of one network and task.

    Raises:
        UserError: an unusable setting, or a drive target below the spontaneous
            drive.
    """
    check_settings(settings)
    bank = subunit_bank(network.lgn, settings.lgn_kernel_ms)
    movies = np.float32(stimulus_set.intensity) * stimulus_set.images
    amplitude = project(bank, movies)
    box = box_response(bank.kernels, settings.image_ms)
    subunits = _driven_subunits(bank, amplitude, box, output_share(network))
    contrast = np.ones(stimulus_set.n_stimuli, np.float32)
    if settings.equalise:
        contrast = stimulus_contrast(subunits, settings.drive_target_hz)
    drive_hz = [mean_drive_hz(subunits, s, c) for s, c in enumerate(contrast)]
    return PreparedInput(
        name=stimulus_set.name,
        settings=settings,
        n_neurons=network.n_neurons,
        contrast=contrast,
        at_bound=contrast >= MAX_CONTRAST,
        drive_hz=np.array(drive_hz, np.float32),
        cell=bank.cell,
        amplitude=amplitude * contrast,
        box_response=box,
        spontaneous_hz=bank.spontaneous_hz,
        ports=_all_ports(network, settings.lgn_gain),
        background_rate_hz=float(network.background.rate_hz),
        lgn_delay_steps=_delay_steps(network),
    )
