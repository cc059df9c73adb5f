"""Everything about the input that does not depend on the sequence of trials.

In: a network, a stimulus set, settings. Out: ``PreparedInput``.

Each image stands still while it is shown and grey lies between, so the linear
response of an LGN subunit to any sequence is a sum over the last few trials of
(spatial response to that trial's image) x (temporal response to a box). Both factors
are computed here, once.
"""

from dataclasses import replace

import numpy as np
from scipy import sparse

from evoplast.configuration.sections.stimuli import InputSettings
from evoplast.network import (
    Network,
    Propagators,
    glif3_propagators,
)
from evoplast.stimuli.equalise import (
    MAX_CONTRAST,
    WINDOW_MS,
    DrivenSubunits,
    common_contrast,
    mean_drive_hz,
    output_share,
    stimulus_contrast,
)
from evoplast.stimuli.lgn import project, subunit_bank
from evoplast.stimuli.temporal import box_response
from evoplast.stimuli.types import (
    AlphaPort,
    LgnProjection,
    PreparedInput,
    StimulusSet,
    SubunitBank,
)

DT_MS = 1.0


def _driven_subunits(
    bank: SubunitBank | PreparedInput,
    amplitude: np.ndarray,
    box: np.ndarray,
    share: np.ndarray,
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


def external_ports(network: Network) -> list[int]:
    """Return the receptor ports that get LGN or background input."""
    background = network.background
    used = background.receptor[background.weight_pA != 0]
    return [int(p) for p in np.union1d(used, network.lgn.receptor)]


def _current_per_state(propagators: Propagators, port: int) -> list[np.ndarray]:
    """Return the effective current (N,) in pA per unit of y1, and of y2.

    It is the constant current over a step with the same effect on the voltage.
    """
    return [
        propagators.P31[:, port] / propagators.P30,
        propagators.P32[:, port] / propagators.P30,
    ]


def _lgn_projection(
    network: Network, propagators: Propagators, port: int, gain: float
) -> LgnProjection:
    lgn = network.lgn
    edges = np.flatnonzero(lgn.receptor == port)
    neuron, row = np.unique(lgn.target[edges], return_inverse=True)
    weight = (gain * lgn.weight_pA[edges]).astype(np.float32)
    shape = (len(neuron), len(lgn.lgn_id))
    matrix = sparse.coo_array((weight, (row, lgn.source[edges])), shape=shape)
    per_state = np.stack(_current_per_state(propagators, port), axis=1)
    return LgnProjection(
        neuron=neuron.astype(np.int32),
        weight_pA=matrix.tocsr(),
        current_per_state=per_state[neuron].astype(np.float32),
    )


def _background_to_current(
    network: Network, propagators: Propagators, ports: list[int], gain: float
) -> np.ndarray:
    """Return (N, 2 P): effective current of the background by port and state."""
    background = network.background
    columns = []
    for port in ports:
        weight = np.where(background.receptor == port, background.weight_pA, 0.0)
        weight = gain * weight
        columns += [weight * part for part in _current_per_state(propagators, port)]
    return np.stack(columns, axis=1).astype(np.float32)


def _alpha_port(propagators: Propagators, port: int) -> AlphaPort:
    return AlphaPort(
        p11=float(propagators.P11[port]),
        p21=float(propagators.P21[port]),
        p22=float(propagators.P22[port]),
        psc_initial=float(propagators.psc_initial[port]),
    )


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
    bank = subunit_bank(network.lgn, settings.lgn_kernel_ms)
    movies = np.float32(stimulus_set.intensity) * stimulus_set.images
    amplitude = project(bank, movies)
    box = box_response(bank.kernels, settings.image_ms)
    subunits = _driven_subunits(bank, amplitude, box, output_share(network))
    contrast = np.ones(stimulus_set.n_stimuli, np.float32)
    if settings.equalise:
        contrast = stimulus_contrast(subunits, settings.drive_target_hz)
    drive_hz = [mean_drive_hz(subunits, s, float(c)) for s, c in enumerate(contrast)]
    propagators = glif3_propagators(network.cells, network.tau_syn_ms, DT_MS)
    ports = external_ports(network)
    gain, noise_gain = settings.lgn_gain, settings.background_gain
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
        ports=tuple(_alpha_port(propagators, port) for port in ports),
        lgn=tuple(_lgn_projection(network, propagators, p, gain) for p in ports),
        background_to_current=_background_to_current(
            network, propagators, ports, noise_gain
        ),
        background_rate_hz=float(network.background.rate_hz),
        lgn_delay_steps=_delay_steps(network),
    )


def with_common_contrast(
    network: Network, prepared: PreparedInput, target_hz: float
) -> PreparedInput:
    """Return the input with one contrast for all stimuli instead of the prepared ones.

    The stimuli then drive with ``target_hz`` on average, each as strongly as it does:
    the control for equalised stimuli.

    Raises:
        UserError: the target is not above the spontaneous drive.
    """
    amplitude = prepared.amplitude / prepared.contrast
    share = output_share(network)
    subunits = _driven_subunits(prepared, amplitude, prepared.box_response, share)
    contrast = common_contrast(subunits, target_hz)
    drive_hz = [mean_drive_hz(subunits, s, contrast) for s in range(amplitude.shape[1])]
    return replace(
        prepared,
        contrast=np.full_like(prepared.contrast, contrast),
        at_bound=np.full_like(prepared.at_bound, contrast >= MAX_CONTRAST),
        drive_hz=np.array(drive_hz, np.float32),
        amplitude=amplitude * np.float32(contrast),
    )
