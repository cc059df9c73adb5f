"""The visual change-detection task."""

from evoplast.task.change_detection import (
    RELATIVE,
    TaskSettings,
    TaskState,
    TrialOptions,
    TrialRecord,
    Trials,
    decide,
    decision_margin,
    initial_task_state,
    mean_of_last,
    reward_of,
    run_trials,
)
from evoplast.task.readout import readout_pool

__all__ = [
    "RELATIVE",
    "TaskSettings",
    "TaskState",
    "TrialOptions",
    "TrialRecord",
    "decide",
    "decision_margin",
    "initial_task_state",
    "mean_of_last",
    "readout_pool",
    "reward_of",
    "Trials",
    "run_trials",
]
