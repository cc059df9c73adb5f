"""The factors by which a simulation multiplies weights, taken into the network.

In: ``Network``, ``Gains``. Out: a ``Network`` that other programs simulate as we do,
whose own settings for gains must then be 1.
"""

from dataclasses import dataclass, replace

import numpy as np

from evoplast.artefacts.errors import UserError
from evoplast.network.types import Network


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


def with_gains(network: Network, gains: Gains) -> Network:
    """Return ``network`` with its weights in pA multiplied, in single precision."""

    def part(name: str, gain: float) -> object:
        pathway = getattr(network, name)
        weight_pA = pathway.weight_pA * np.float32(gain)
        return replace(pathway, weight_pA=weight_pA.astype(np.float32))

    return replace(
        network,
        edges=part("edges", gains.recurrent),
        lgn=part("lgn", gains.lgn),
        background=part("background", gains.background),
    )
