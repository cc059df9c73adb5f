"""A rule of a run that learns in a network of the run, as a script for Brian2."""

from evoplast.brian2_runs.learning import (
    Learning,
    first_training_trials,
    record_learning,
)
from evoplast.brian2_runs.write import write_brian2

__all__ = ["Learning", "first_training_trials", "record_learning", "write_brian2"]
