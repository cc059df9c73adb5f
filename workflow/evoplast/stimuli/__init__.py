"""What the network sees: images, LGN rates, synaptic currents of trial sequences."""

from evoplast.configuration.sections.stimuli import (
    InputSettings,
    StimulusSettings,
)
from evoplast.stimuli.drifting import (
    DriftingGrating,
    drifting_blocks,
)
from evoplast.stimuli.drive import (
    make_drive,
    split_currents,
    trial_currents,
    trial_rates,
)
from evoplast.stimuli.files import (
    read_stimuli,
    write_stimuli,
)
from evoplast.stimuli.gratings import make_gratings
from evoplast.stimuli.lgn import lgn_rates
from evoplast.stimuli.makers import MAKERS
from evoplast.stimuli.photographs import make_natural
from evoplast.stimuli.prepare import (
    prepare_input,
    with_common_contrast,
)
from evoplast.stimuli.sequences import (
    draw_sequence,
    join_sequences,
)
from evoplast.stimuli.types import (
    Drive,
    PreparedInput,
    Sequence,
    StimulusSet,
)

__all__ = [
    "MAKERS",
    "DriftingGrating",
    "Drive",
    "InputSettings",
    "PreparedInput",
    "Sequence",
    "StimulusSet",
    "StimulusSettings",
    "draw_sequence",
    "drifting_blocks",
    "join_sequences",
    "lgn_rates",
    "make_drive",
    "make_gratings",
    "make_natural",
    "prepare_input",
    "read_stimuli",
    "split_currents",
    "trial_currents",
    "trial_rates",
    "with_common_contrast",
    "write_stimuli",
]
