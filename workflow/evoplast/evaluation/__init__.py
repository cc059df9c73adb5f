"""Evaluation: (network, drive, rules, seed) to objectives and recordings."""

from evoplast.evaluation.drives import make_drives, task_sequence
from evoplast.evaluation.evaluate import (
    evaluate,
    evaluate_stages,
)
from evoplast.evaluation.extras import NO_EXTRAS, with_extras
from evoplast.evaluation.lanes import RECORDINGS
from evoplast.evaluation.memory import most_lanes
from evoplast.evaluation.racing import (
    Racing,
    highest_accuracy,
)
from evoplast.evaluation.ready import build_world
from evoplast.evaluation.recording import Raster, Trained, record
from evoplast.evaluation.result import Evaluation
from evoplast.evaluation.world import (
    EvaluationSettings,
    World,
    coarse_edge_count,
    prepare_world,
)
from evoplast.objectives import (
    EXTRA_OBJECTIVES,
    OBJECTIVE_NAMES,
    WORST_OBJECTIVES,
    natural_extras,
    objective_names,
)

__all__ = [
    "EXTRA_OBJECTIVES",
    "NO_EXTRAS",
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
    "natural_extras",
    "objective_names",
    "prepare_world",
    "record",
    "task_sequence",
    "with_extras",
]
