"""Tables of evolved units: final scores, comparisons with tests, acceptance.

In: segment files of runs. Out: pandas tables. A run is named by study, experiment,
cell and seed. Held-out fitness is that of the centre genome in fresh environments.
"""

from dataclasses import dataclass
from itertools import groupby
from math import comb
from pathlib import Path

import jax.numpy as jnp
import numpy as np
import pandas as pd
from scipy import stats

from evoplast.artefacts.seeds import jax_key
from evoplast.enu.cells import rollout
from evoplast.enu.evolution import read_history, read_state
from evoplast.enu.experiments import make_experiment, unit_cell
from evoplast.enu.mazes import MAZES
from evoplast.enu.policies import POLICIES, Lifetimes, run_policy
from evoplast.enu.readouts import (
    rate_match,
    reference_scores,
    whole_chunks,
    window_fit,
)
from evoplast.enu.tasks import UNIT_TASKS

REFERENCE_CELL = "enu"
SIGNIFICANCE = 0.05
SCORED_SEQUENCES = 2048
RUN = ("study", "experiment", "cell", "seed")


@dataclass(frozen=True)
class RunFiles:
    """A run and its segments in order."""

    study: str
    experiment: str
    cell: str
    seed: int
    segments: tuple[Path, ...]

    @property
    def name(self) -> dict:
        """The columns that name the run."""
        return {key: getattr(self, key) for key in RUN}


def runs_of(paths: list[str | Path]) -> list[RunFiles]:
    """Group segment files ``.../study/experiment/cell/seedN/segment_M.nc`` by run."""
    ordered = sorted(map(Path, paths))
    runs = []
    for folder, segments in groupby(ordered, lambda path: path.parent):
        study, experiment, cell, seed = folder.parts[-4:]
        number = int(seed.removeprefix("seed"))
        runs.append(RunFiles(study, experiment, cell, number, tuple(segments)))
    return runs


# --- scores ---------------------------------------------------------------------


def curves(runs: list[RunFiles]) -> pd.DataFrame:
    """Return the training curves: a row per run and generation with all numbers."""
    parts = []
    for run in runs:
        history = read_history(list(run.segments))
        names = [n for n in history if "heldout_generation" in history[n].dims]
        heldout = history[names].to_dataframe()
        heldout.index.name = "generation"
        training = history.drop_dims("heldout_generation").to_dataframe()
        table = training.join(heldout, how="outer").reset_index()
        parts.append(table.assign(**run.name))
    return pd.concat(parts, ignore_index=True)


def score_run(run: RunFiles, seed: int) -> dict:
    """Return the final numbers of a run; NaN where a number does not apply."""
    history = read_history(list(run.segments))
    experiment = make_experiment(run.experiment, run.cell)
    state = read_state(run.segments[-1], experiment)
    row = {
        **run.name,
        "generations": int(state.generation),
        "restarts": int(state.restarts),
        "heldout_fitness": float(history["heldout_fitness"][-1]),
        "population_fitness": float(history["fitness_mean"][-1]),
    }
    if run.experiment in UNIT_TASKS:
        return row | _unit_readouts(run, np.asarray(state.centre), seed)
    names = ("foods", "poisons", "survivors")
    return row | {name: float(history[f"heldout_{name}"][-1]) for name in names}


def score_runs(runs: list[RunFiles], seed: int) -> pd.DataFrame:
    """Return the final numbers of all runs, a row each."""
    return pd.DataFrame([score_run(run, seed) for run in runs])


def _unit_readouts(run: RunFiles, centre: np.ndarray, seed: int) -> dict:
    task = UNIT_TASKS[run.experiment]
    batch = task.draw(jax_key(seed, "enu", "scores"), SCORED_SEQUENCES)
    cell = unit_cell(task, run.cell)
    outputs = np.asarray(rollout(cell, jnp.asarray(centre)[None], batch.inputs))
    outputs = outputs[:, 0, :, 0]
    if task.spiking:
        ratio, correlation = rate_match(outputs, batch)
        return {"rate_ratio": ratio, "count_correlation": correlation}
    fits = {"window_r2": window_fit(outputs, batch, modulator=1)}
    if run.experiment == "complex_stdp":
        fits["window_r2_without"] = window_fit(outputs, batch, modulator=0)
    return fits


def references(seed: int, n_sequences: int, n_lifetimes: int) -> pd.DataFrame:
    """Return the scores of units and policies that need no evolution.

    ``count`` is the number of sequences or lifetimes behind a row.
    """
    rows = []
    for name, task in UNIT_TASKS.items():
        key = jax_key(seed, "enu", "references", name)
        for unit, (score, error) in reference_scores(task, key, n_sequences).items():
            rows.append(
                {
                    "experiment": name,
                    "reference": unit,
                    "fitness": score,
                    "standard_error": error,
                    "count": whole_chunks(n_sequences),
                }
            )
    for name, maze in MAZES.items():
        for policy in POLICIES:
            key = jax_key(seed, "enu", "policies", name)
            rows.append(
                _policy_row(name, policy, run_policy(maze, policy, key, n_lifetimes))
            )
    return pd.DataFrame(rows)


def _policy_row(name: str, policy: str, lives: Lifetimes) -> dict:
    fitness = lives.fitness.astype(np.float64)
    return {
        "experiment": name,
        "reference": policy,
        "fitness": fitness.mean(),
        "standard_error": fitness.std() / np.sqrt(fitness.size),
        "count": fitness.size,
        "foods": lives.foods.mean(),
        "poisons": lives.poisons.mean(),
        "survivors": lives.alive.mean(),
    }


# --- comparison -----------------------------------------------------------------


def compare(scores: pd.DataFrame) -> pd.DataFrame:
    """Compare all cells with the ENU, per study and experiment.

    Mean and standard deviation of the held-out fitness over runs, and the two-sided
    Mann-Whitney test against the ENU with Holm's correction over the cells of an
    experiment. One run per cell allows no test; the verdict says so.
    """
    rows = []
    for (study, experiment), group in scores.groupby(["study", "experiment"]):
        rows += _compare_cells(study, experiment, group)
    return pd.DataFrame(rows)


def _compare_cells(study: str, experiment: str, group: pd.DataFrame) -> list[dict]:
    values = {cell: runs["heldout_fitness"] for cell, runs in group.groupby("cell")}
    ours = values.get(REFERENCE_CELL)
    others = [cell for cell in values if cell != REFERENCE_CELL and ours is not None]
    p_values = holm([_p_value(ours, values[cell]) for cell in others])
    tests = dict(zip(others, p_values, strict=True))
    n_tests = len(others)
    rows = []
    for cell, fitness in values.items():
        p_value = tests.get(cell, np.nan)
        rows.append(
            {
                "study": study,
                "experiment": experiment,
                "cell": cell,
                "runs": len(fitness),
                "mean": fitness.mean(),
                "standard_deviation": fitness.std(ddof=1)
                if len(fitness) > 1
                else np.nan,
                "p_value": p_value,
                "verdict": _verdict(cell, ours, fitness, p_value, n_tests),
            }
        )
    return rows


def _p_value(ours: pd.Series, theirs: pd.Series) -> float:
    if min(len(ours), len(theirs)) < 2:
        return float("nan")
    return float(stats.mannwhitneyu(ours, theirs, alternative="two-sided").pvalue)


def smallest_p_value(n_ours: int, n_theirs: int, n_tests: int) -> float:
    """Return the least corrected p-value that so many runs can give at all."""
    return min(1.0, 2.0 * n_tests / comb(n_ours + n_theirs, n_ours))


def holm(p_values: list[float]) -> list[float]:
    """Return p-values corrected by Holm's step-down method; NaNs stay."""
    corrected = np.full(len(p_values), np.nan)
    valid = [i for i in np.argsort(p_values) if np.isfinite(p_values[i])]
    largest = 0.0
    for rank, index in enumerate(valid):
        largest = max(largest, min(1.0, (len(valid) - rank) * p_values[index]))
        corrected[index] = largest
    return corrected.tolist()


def _verdict(
    cell: str,
    ours: pd.Series | None,
    theirs: pd.Series,
    p_value: float,
    n_tests: int,
) -> str:
    if cell == REFERENCE_CELL:
        return "reference"
    if ours is None:
        return "no ENU run to compare with"
    better = ours.mean() > theirs.mean()
    least = smallest_p_value(len(ours), len(theirs), n_tests)
    if not np.isfinite(p_value) or least >= SIGNIFICANCE:
        return f"ENU {'ahead' if better else 'NOT ahead'}, too few runs for a test"
    if p_value >= SIGNIFICANCE:
        return "ENU NOT distinguishable"
    return "ENU better" if better else "ENU NOT better: worse"
