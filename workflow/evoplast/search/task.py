"""What is searched: bounds, start, control group, measurement, identity.

In: arrays and functions of any noisy problem. Out: one frozen description that the
drivers of a search pass around; it knows nothing of plasticity.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from evoplast.artefacts.errors import UserError
from evoplast.search.problem import Measure
from evoplast.search.settings import SwarmSettings


@dataclass(frozen=True)
class SearchTask:
    """One search.

    lower, upper (D,) bounds; binary (D,) mask of latents that flip; initial (P, D);
    controls (C, D); measure: see :mod:`problem`; corrected (m,) objectives measured
    relative to the controls; ideal and reference (h,): the box of the hypervolume of
    the first h objectives, in their units; identity: plain values that a state must
    share to be continued; describe: genome (D,) -> text; features: genomes (n, D) ->
    (n, F), of which the history keeps the survivors' means, and their names;
    flag_names: what the flags 0, 1, ... of the measurement mean. The random numbers
    are named (root_seed, "search", search_seed, ...). steps: see :class:`NoisySwarm`.

    Raises:
        UserError: the initial population does not have the size in the settings.
    """

    settings: SwarmSettings
    lower: np.ndarray
    upper: np.ndarray
    binary: np.ndarray
    initial: np.ndarray
    controls: np.ndarray
    measure: Measure
    corrected: np.ndarray
    objective_names: tuple[str, ...]
    ideal: np.ndarray
    reference: np.ndarray
    root_seed: int
    search_seed: int
    identity: Mapping[str, object]
    describe: Callable[[np.ndarray], str] = str
    features: Callable[[np.ndarray], np.ndarray] | None = None
    feature_names: tuple[str, ...] = ()
    flag_names: tuple[str, ...] = ()
    steps: Callable | None = None

    def __post_init__(self) -> None:
        if len(self.initial) != self.settings.population:
            raise UserError(
                f"The initial population has {len(self.initial)} individuals and "
                f"search.population is {self.settings.population}; they must agree."
            )
