"""Evaluation: (network, drive, rules, seed) to objectives and recordings."""

from evoplast.evaluation.drives import make_drives, task_sequence
from evoplast.evaluation.evaluate import (
    Evaluation,
    evaluate,
    evaluate_stages,
)
from evoplast.evaluation.lanes import RECORDINGS
from evoplast.evaluation.memory import most_lanes
from evoplast.evaluation.racing import (
    Racing,
    highest_accuracy,
)
from evoplast.evaluation.ready import build_world
from evoplast.evaluation.recording import Raster, Trained, record
from evoplast.evaluation.world import (
    EvaluationSettings,
    World,
    coarse_edge_count,
    prepare_world,
)
from evoplast.objectives import (
    OBJECTIVE_NAMES,
    WORST_OBJECTIVES,
)

__all__ = [
    "OBJECTIVE_NAMES",
    "RECORDINGS",
    "WORST_OBJECTIVES",
    "Evaluation",
    "EvaluationSettings",
    "Racing",
    "Raster",
    "Trained",
    "World",
    "build_world",
    "coarse_edge_count",
    "evaluate",
    "evaluate_stages",
    "highest_accuracy",
    "make_drives",
    "most_lanes",
    "prepare_world",
    "record",
    "task_sequence",
]
