"""What the network sees: images, LGN rates, synaptic currents of trial sequences."""

from evoplast.configuration.sections.stimuli import InputSettings, StimulusSettings
from evoplast.stimuli.drive import make_drive, trial_rates
from evoplast.stimuli.files import read_stimuli, write_stimuli
from evoplast.stimuli.gratings import make_gratings
from evoplast.stimuli.lgn import lgn_rates
from evoplast.stimuli.photographs import make_natural
from evoplast.stimuli.prepare import prepare_input
from evoplast.stimuli.sequences import draw_sequence, join_sequences
from evoplast.stimuli.types import (
    Drive,
    PreparedInput,
    Sequence,
    StimulusSet,
)

__all__ = [
    "Drive",
    "InputSettings",
    "PreparedInput",
    "Sequence",
    "StimulusSet",
    "StimulusSettings",
    "draw_sequence",
    "join_sequences",
    "lgn_rates",
    "make_drive",
    "make_gratings",
    "make_natural",
    "prepare_input",
    "read_stimuli",
    "trial_rates",
    "write_stimuli",
]
