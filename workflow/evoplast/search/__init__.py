"""The search: a noise-aware multi-objective swarm on EvoX, run in segments.

:mod:`swarm` is the algorithm, :mod:`problem` the evaluation against a control group,
:mod:`generations` the safe driver of both; :mod:`segments` ties them to the worlds
and rules of this project.
"""

from evoplast.search.dominance import (
    dominance_matrix,
    non_dominated_ranks,
    select_survivors,
)
from evoplast.search.families import (
    Family,
    FamilySettings,
    coefficients_of,
    neutral_replays,
    read_families,
)
from evoplast.search.generations import (
    SegmentResult,
    run_generations,
)
from evoplast.search.history import history_rows
from evoplast.search.hypervolume import (
    dominated_share,
    hypervolume,
)
from evoplast.search.populations import (
    family_population,
    files_by_search,
    read_populations,
)
from evoplast.search.problem import Measure
from evoplast.search.segments import (
    Population,
    rule_search,
)
from evoplast.search.settings import (
    COUNTED,
    TIE_BREAKS,
    SearchSettings,
    SwarmSettings,
)
from evoplast.search.statistics import (
    Statistics,
    estimates,
)
from evoplast.search.swarm import NoisySwarm
from evoplast.search.task import SearchTask

__all__ = [
    "COUNTED",
    "TIE_BREAKS",
    "Family",
    "FamilySettings",
    "Measure",
    "NoisySwarm",
    "Population",
    "SearchSettings",
    "SearchTask",
    "SegmentResult",
    "Statistics",
    "SwarmSettings",
    "coefficients_of",
    "dominance_matrix",
    "dominated_share",
    "estimates",
    "family_population",
    "files_by_search",
    "history_rows",
    "hypervolume",
    "neutral_replays",
    "non_dominated_ranks",
    "read_families",
    "read_populations",
    "rule_search",
    "run_generations",
    "select_survivors",
]
