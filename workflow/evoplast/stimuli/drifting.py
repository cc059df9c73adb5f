"""Drifting gratings, by which orientation tuning is measured, and the grey screen.

In: a network, input settings, the grating. Out: LGN input per ms, in blocks.
A drifting sinusoid is at each moment a mixture of two still ones, so two spatial
responses per direction are all that is needed.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from evoplast.artefacts.seeds import numpy_rng
from evoplast.configuration.sections.stimuli import InputSettings
from evoplast.network import Network
from evoplast.stimuli.drive import MS_PER_SECOND, lgn_signal
from evoplast.stimuli.gratings import grating_image
from evoplast.stimuli.lgn import project, rates_of_signals, subunit_bank


@dataclass(frozen=True)
class DriftingGrating:
    """A full-field sinusoid that moves.

    Attributes:
        direction_deg: where it moves to in the plane of azimuth and elevation; its
            luminance varies along that direction.
        frequency_cpd: cycles per degree.
        temporal_frequency_hz: cycles per second.
        amplitude: of the movie, grey is 0; 0 is a grey screen.
    """

    direction_deg: float
    frequency_cpd: float
    temporal_frequency_hz: float
    amplitude: float


def drifting_rates(
    network: Network, settings: InputSettings, grating: DriftingGrating, n_steps: int
) -> np.ndarray:
    """Return the LGN rates (L, T) in Hz; the screen is grey before the first step."""
    bank = subunit_bank(network.lgn, settings.lgn_kernel_ms)
    sine_and_cosine = grating_image(
        np.full(2, grating.direction_deg),
        np.array([0.0, np.pi / 2]),
        grating.frequency_cpd,
    )
    response = project(bank, grating.amplitude * sine_and_cosine)
    cycles = np.arange(n_steps) * grating.temporal_frequency_hz / MS_PER_SECOND
    phase = 2 * np.pi * cycles
    # sin(kx - wt) = sin(kx) cos(wt) - cos(kx) sin(wt).
    mixture = np.stack([np.cos(phase), -np.sin(phase)])
    return rates_of_signals(bank, response @ mixture)


def drifting_blocks(
    network: Network,
    settings: InputSettings,
    grating: DriftingGrating,
    n_steps: int,
    block_steps: int,
    seed: int,
) -> Iterator[np.ndarray]:
    """Yield LGN input (L, block_steps) per ms; the last block may be shorter.

    The seed fixes the spikes where ``settings.lgn_mode`` is "bernoulli".
    """
    rates = drifting_rates(network, settings, grating, n_steps)
    spiking = settings.lgn_mode == "bernoulli"
    rng = numpy_rng(seed, "lgn", "drifting") if spiking else None
    for start in range(0, n_steps, block_steps):
        yield lgn_signal(rates[:, start : start + block_steps], rng)
