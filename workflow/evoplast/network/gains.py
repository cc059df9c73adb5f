"""The factors by which a simulation multiplies weights, taken into the network.

In: ``Network``, ``Gains``. Out: a ``Network`` that other programs simulate as we do,
whose own settings for gains must then be 1.
"""

from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from evoplast.artefacts.errors import UserError
from evoplast.network.types import Background, Edges, LgnPathway, Network


@dataclass(frozen=True)
class Gains:
    """Factors on the weights of each pathway; 1 keeps those of the network's file."""

    recurrent: float = 1.0
    lgn: float = 1.0
    background: float = 1.0

    def __post_init__(self) -> None:
        for name, gain in vars(self).items():
            if not (np.isfinite(gain) and gain >= 0):
                raise UserError(
                    f"The {name} gain is {gain}, but a gain is a number from 0; "
                    "correct it."
                )


Pathway = TypeVar("Pathway", Edges, LgnPathway, Background)


def _times(pathway: Pathway, gain: float) -> Pathway:
    weight_pA = (pathway.weight_pA * np.float32(gain)).astype(np.float32)
    return replace(pathway, weight_pA=weight_pA)


def with_gains(network: Network, gains: Gains) -> Network:
    """Return ``network`` with its weights in pA multiplied, in single precision."""
    return replace(
        network,
        edges=_times(network.edges, gains.recurrent),
        lgn=_times(network.lgn, gains.lgn),
        background=_times(network.background, gains.background),
    )
