"""Settings of the family search: its keys, and the trials of an evaluation.

The keys of the config section ``families`` are declared in
``configuration/sections/families.py`` and explained in ``docs/decisions.md``.
"""

from dataclasses import dataclass
from typing import ClassVar

from evoplast.configuration.sections.families import EvolutionSettings, FamilyKeys

__all__ = ["EvolutionSettings", "FamilySettings"]


@dataclass(frozen=True)
class FamilySettings(FamilyKeys):
    """Settings of the search for rules.

    ``training_trials`` with and ``validation_trials`` without plasticity per task.
    """

    SECTIONS: ClassVar[tuple[str, ...]] = ("task",)

    training_trials: int
    validation_trials: int
