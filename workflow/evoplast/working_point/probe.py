"""A network as it is probed: without plasticity, with what it is shown."""

from collections.abc import Mapping
from dataclasses import dataclass

from evoplast.network import Network
from evoplast.simulator import SimulationSettings
from evoplast.stimuli import InputSettings, StimulusSet


@dataclass(frozen=True)
class Probe:
    """A network, stimuli by task, how they reach it and how it is simulated."""

    network: Network
    stimulus_sets: Mapping[str, StimulusSet]
    inputs: InputSettings
    simulation: SimulationSettings
