"""The files of a small run's front, its measurements made up by a known truth."""

import numpy as np
from fakes import SPACE, TYPES, FakeEvaluate, genomes_with, worlds

from evoplast import rules
from evoplast.analysis.pareto import ParetoSettings, filter_and_reevaluate
from evoplast.analysis.reevaluation import Measurement, ReevaluationSettings
from evoplast.artefacts.netcdf import write_dataset
from evoplast.artefacts.parquet import write_table
from evoplast.search.segments import Population

TERM_SETS = (["S_pre"], ["X_pre"], ["X_post"], ["R"])
# Of no config that comes with the package.
PLASTICITY = {
    "eta": 0.0217,
    "max_relative_change": 0.0031,
    "bound_factor": 3.5,
    "continuous_term_scale": 0.0119,
    "extra_terms": (),
    "slow_trace_ms": 1000.0,
    "runaway_rate_hz": 61.0,
}


def x_post_is_best(genome):
    gates = rules.decode(SPACE, np.asarray(genome, np.float32)[None]).gates[0]
    return 0.5 + 0.3 * bool(gates[rules.TERM_NAMES.index("X_post")])


def write_small_run(folder):
    """Write what the stage of the front writes, its rules in an order of no meaning."""
    n = len(TERM_SETS)
    means = np.tile([-0.6, 0.04, 100.0, 0.0, 1.0, 1.0], (n, 1))
    genomes = genomes_with(*TERM_SETS)
    found = Population(0, genomes, means, np.full(n, 4), np.zeros(n, int))
    short = ReevaluationSettings.default(training_trials=10, test_trials=20)
    evaluate = FakeEvaluate(x_post_is_best, noise=0.02)
    table, kept, _ = filter_and_reevaluate(
        [found],
        Measurement(worlds(0, 1), worlds(100, 101), short, 5, evaluate=evaluate),
        SPACE,
        ParetoSettings.default(),
    )
    table["rule"] = len(kept) - 1 - table["rule"]
    about = {"settings": {"plasticity": PLASTICITY, "seed": 1}}
    folder.mkdir(parents=True)
    write_table(folder / "rules.parquet", table, about)
    named = rules.genomes_to_dataset(SPACE, kept[::-1], TYPES)
    write_dataset(folder / "parameters.nc", named, about)
