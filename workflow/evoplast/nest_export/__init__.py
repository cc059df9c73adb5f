"""Networks and trials of a run for NEST, with a script that simulates them there."""

from evoplast.nest_export.experiment import Experiment, record_experiment
from evoplast.nest_export.write import write_nest

__all__ = ["Experiment", "record_experiment", "write_nest"]
