"""What makes the stimuli of each task, by the name of its set."""

from evoplast.stimuli.gratings import make_gratings
from evoplast.stimuli.photographs import make_natural
from evoplast.stimuli.types import GRATINGS, NATURAL

MAKERS = {GRATINGS: make_gratings, NATURAL: make_natural}
