"""The search: a noise-aware multi-objective swarm on EvoX, run in segments.

:mod:`swarm` is the algorithm, :mod:`problem` the evaluation against a control group,
:mod:`generations` the safe driver of both; :mod:`segments` ties them to the worlds
and rules of this project.
"""

from evoplast.search.dominance import non_dominated_ranks, select_survivors
from evoplast.search.generations import SegmentResult, run_generations
from evoplast.search.hypervolume import dominated_share, hypervolume
from evoplast.search.settings import SearchSettings, SwarmSettings
from evoplast.search.swarm import NoisySwarm
from evoplast.search.task import SearchTask

__all__ = [
    "NoisySwarm",
    "SearchSettings",
    "SearchTask",
    "SegmentResult",
    "SwarmSettings",
    "dominated_share",
    "hypervolume",
    "non_dominated_ranks",
    "run_generations",
    "select_survivors",
]
