"""Settings of a search: those of the swarm, and those of its evaluations.

The keys of the config section ``search`` are declared in
``configuration/sections/search.py`` and explained in ``docs/decisions.md``.
"""

from dataclasses import dataclass
from typing import ClassVar

from evoplast.configuration.sections.search import SearchKeys, SwarmSettings

__all__ = ["SearchSettings", "SwarmSettings"]

TIE_BREAKS = ("indicator", "crowding", "reference")
COUNTED, SMOOTHED = "counted", "smoothed"
NONE, FLAGS = "none", "flags"


@dataclass(frozen=True)
class SearchSettings(SearchKeys):
    """Settings of the search for rules.

    ``training_trials`` with and ``validation_trials`` without plasticity per task.
    """

    SECTIONS: ClassVar[tuple[str, ...]] = ("task",)

    training_trials: int
    validation_trials: int
