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
from evoplast.search.families import coefficients_of
from evoplast.search.generations import (
    SegmentResult,
    run_generations,
)
from evoplast.search.history import history_rows
from evoplast.search.hypervolume import (
    dominated_share,
    hypervolume,
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
    "history_rows",
    "hypervolume",
    "non_dominated_ranks",
    "rule_search",
    "run_generations",
    "select_survivors",
]
