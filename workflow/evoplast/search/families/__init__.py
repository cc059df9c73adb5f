"""Families: a formula with a search distribution over its coefficients.

A family's mean is moved by all of its samples and is what the search keeps;
:mod:`evolution` is the EvoX algorithm of one family, :mod:`succession` lets families
compete and breed, :mod:`rounds` runs the families of a round, :mod:`files` keeps them;
:mod:`neutral` is the same without selection.
"""

from evoplast.search.families.evolution import FamilyEvolution
from evoplast.search.families.family import (
    Family,
    Record,
    coefficients_of,
    first_families,
)
from evoplast.search.families.files import (
    by_round,
    collect_families,
    family_history,
    read_families,
)
from evoplast.search.families.neutral import neutral_replays
from evoplast.search.families.rounds import FamilySearch, run_round
from evoplast.search.families.settings import FamilySettings
from evoplast.search.families.succession import estimates, next_families, ranking

__all__ = [
    "Family",
    "FamilyEvolution",
    "FamilySearch",
    "FamilySettings",
    "Record",
    "by_round",
    "coefficients_of",
    "collect_families",
    "estimates",
    "family_history",
    "first_families",
    "neutral_replays",
    "next_families",
    "ranking",
    "read_families",
    "run_round",
]
