"""The objectives of the search, and the scores behind them."""

from evoplast.objectives.mouse import MouseReference, read_mouse_reference
from evoplast.objectives.scores import (
    FLAG_NAMES,
    NON_FINITE,
    OBJECTIVE_NAMES,
    OK,
    RUNAWAY,
    SILENT,
    WORST_OBJECTIVES,
    accuracy,
    auc,
    balanced_accuracy,
    d_prime,
    hit_and_false_alarm_rates,
    kernel_accuracy,
    objectives,
    smoothed_accuracy,
    wasserstein_hz,
)

__all__ = [
    "FLAG_NAMES",
    "NON_FINITE",
    "OBJECTIVE_NAMES",
    "OK",
    "RUNAWAY",
    "SILENT",
    "WORST_OBJECTIVES",
    "MouseReference",
    "accuracy",
    "auc",
    "balanced_accuracy",
    "d_prime",
    "hit_and_false_alarm_rates",
    "kernel_accuracy",
    "objectives",
    "read_mouse_reference",
    "smoothed_accuracy",
    "wasserstein_hz",
]
