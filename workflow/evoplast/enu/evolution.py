"""Evolution in restartable segments.

In: an experiment, settings, a seed and, to continue, the state a segment left. Out:
the next state and the history of its generations, as NetCDF. Noise and
environments of a generation depend on seed and generation only, so a run that is
cut into segments gives the same bits as one that is not.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import ClassVar, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr

from evoplast.artefacts.errors import UserError
from evoplast.artefacts.identity import identity_of, refuse_other
from evoplast.artefacts.netcdf import read_dataset, read_provenance, write_dataset
from evoplast.artefacts.progress import Progress
from evoplast.artefacts.seeds import jax_key
from evoplast.configuration.sections.enu import EvolutionSection
from evoplast.enu.experiments import Experiment, Outcome
from evoplast.enu.strategy import RankWeightedES

UNITS = {"fitness": "1", "centre": "1"}


@dataclass(frozen=True)
class EvolutionSettings(EvolutionSection):
    """The evolution strategy and the sizes of a study.

    Every ``heldout_every`` generations the centre meets ``heldout_environments``
    fresh environments.
    """

    SECTIONS: ClassVar[tuple[str, ...]] = ("enu.showcase",)

    population: int
    environments: int
    heldout_environments: int


class EvolutionState(NamedTuple):
    """What a segment hands on: centre and velocity (G,), and three counters."""

    centre: jax.Array
    velocity: jax.Array
    generation: jax.Array
    silent_generations: jax.Array
    restarts: jax.Array


def initial_evolution(
    experiment: Experiment, seed: int, genome: np.ndarray | None = None
) -> EvolutionState:
    """Return the state before generation 0, from ``genome`` (G,) if given.

    Raises:
        UserError: the genome has another size than the experiment needs.
    """
    if genome is None:
        key = jax_key(seed, "enu", "initial")
        genome = np.asarray(experiment.initial_genome(jax.random.fold_in(key, 0)))
    check_genome(experiment, np.asarray(genome))
    centre = jnp.asarray(genome, jnp.float32)
    zero = jnp.int32(0)
    return EvolutionState(centre, jnp.zeros_like(centre), zero, zero, zero)


def check_genome(experiment: Experiment, genome: np.ndarray) -> None:
    """Refuse a genome of another size.

    Raises:
        UserError: ``genome`` is not (G,) with the experiment's G.
    """
    if genome.shape != (experiment.n_parameters,):
        raise UserError(
            f"A genome of {genome.size} numbers was given, but {experiment.name} with "
            f"{experiment.cell_kind} units needs {experiment.n_parameters}; use a "
            "genome of the same cell and experiment."
        )


def _fresh_start(
    experiment: Experiment, key: jax.Array, state: EvolutionState
) -> EvolutionState:
    restarts = state.restarts + 1
    centre = experiment.initial_genome(jax.random.fold_in(key, restarts))
    velocity = jnp.zeros_like(centre)
    return EvolutionState(centre, velocity, state.generation, jnp.int32(0), restarts)


def _summary(outcome: Outcome, restarts: jax.Array) -> dict[str, jax.Array]:
    fitness = jnp.mean(outcome.fitness, axis=1)
    numbers = {
        f"population_{name}": jnp.mean(values)
        for name, values in outcome.numbers.items()
    }
    return {
        "fitness_mean": jnp.mean(fitness),
        "fitness_std": jnp.std(fitness),
        "fitness_max": jnp.max(fitness),
        "fitness_base": fitness[0],
        "restarts": restarts,
        **numbers,
    }


def make_generation(
    experiment: Experiment, settings: EvolutionSettings, seed: int
) -> Callable[[EvolutionState], tuple[EvolutionState, dict[str, jax.Array]]]:
    """Return the compiled function that runs one generation.

    It takes and returns the state, and adds the numbers of the population.
    """
    algorithm = RankWeightedES(
        jnp.zeros(experiment.n_parameters),
        settings.population,
        settings.sigma,
        settings.momentum,
        settings.rank_power,
    )
    blank = algorithm.init(jax_key(seed, "enu", "noise"))
    initial_key = jax_key(seed, "enu", "initial")
    environment_key = jax_key(seed, "enu", "environments")
    patience = settings.restart_silent_after

    @jax.jit
    def generation(
        state: EvolutionState,
    ) -> tuple[EvolutionState, dict[str, jax.Array]]:
        asked = blank.replace(
            centre=state.centre, velocity=state.velocity, generation=state.generation
        )
        offspring, asked = algorithm.ask(asked)
        key = jax.random.fold_in(environment_key, state.generation)
        outcome = experiment.evaluate(offspring, key, settings.environments)
        told = algorithm.tell(asked, -jnp.mean(outcome.fitness, axis=1))
        active = jnp.any(outcome.numbers["activity"] > 0)
        silent = jnp.where(active, 0, state.silent_generations + 1)
        after = EvolutionState(
            told.centre, told.velocity, told.generation, silent, state.restarts
        )
        summary = _summary(outcome, state.restarts)
        if patience:
            restart = partial(_fresh_start, experiment, initial_key)
            after = jax.lax.cond(silent >= patience, restart, lambda s: s, after)
        return after, summary

    return generation


def make_heldout(
    experiment: Experiment, settings: EvolutionSettings, seed: int
) -> Callable[[EvolutionState], dict[str, jax.Array]]:
    """Return the compiled function that scores the centre on fresh environments.

    The environments are the same for all generations of a seed and differ from
    those of the training.
    """
    key = jax_key(seed, "enu", "heldout")

    @jax.jit
    def heldout(state: EvolutionState) -> dict[str, jax.Array]:
        outcome = experiment.evaluate(
            state.centre[None], key, settings.heldout_environments
        )
        numbers = {
            f"heldout_{name}": jnp.mean(values)
            for name, values in outcome.numbers.items()
        }
        return {"heldout_fitness": jnp.mean(outcome.fitness), **numbers}

    return heldout


def evolve(
    experiment: Experiment,
    settings: EvolutionSettings,
    seed: int,
    state: EvolutionState,
    n_generations: int,
    progress: Progress | None = None,
) -> tuple[EvolutionState, xr.Dataset]:
    """Run ``n_generations`` more generations.

    Returns:
        The state, and the history with one value per generation. Held-out numbers
        are those of the centre before the generation, NaN where not measured; the
        last entry (the state after the segment) is always measured.
    """
    generation = make_generation(experiment, settings, seed)
    heldout = make_heldout(experiment, settings, seed)
    first = int(state.generation)
    rows, measured = [], []
    for index in range(first, first + n_generations):
        if index % settings.heldout_every == 0:
            measured.append((index, heldout(state)))
        state, summary = generation(state)
        rows.append(summary)
        if progress is not None and index % settings.heldout_every == 0:
            progress.step(
                min(settings.heldout_every, first + n_generations - index),
                fitness=float(summary["fitness_mean"]),
                heldout=float(measured[-1][1]["heldout_fitness"]),
            )
    measured.append((first + n_generations, heldout(state)))
    return state, _history(first, rows, measured)


def _column(rows: list[dict], name: str) -> np.ndarray:
    return np.array([np.asarray(row[name]) for row in rows])


def _history(first: int, rows: list[dict], measured: list) -> xr.Dataset:
    population = {
        name: ("generation", _column(rows, name)) for name in (rows[0] if rows else {})
    }
    values = [row for _, row in measured]
    heldout = {
        name: ("heldout_generation", _column(values, name)) for name in values[0]
    }
    return xr.Dataset(
        {**population, **heldout},
        coords={
            "generation": np.arange(first, first + len(rows)),
            "heldout_generation": [index for index, _ in measured],
        },
    )


# --- files ----------------------------------------------------------------------


def write_segment(
    path: str | Path, state: EvolutionState, history: xr.Dataset, provenance: dict
) -> None:
    """Write state and history of a segment to NetCDF."""
    dataset = history.assign(
        centre=("parameter", np.asarray(state.centre)),
        velocity=("parameter", np.asarray(state.velocity)),
        generations_done=int(state.generation),
        silent_generations=int(state.silent_generations),
        restarts_done=int(state.restarts),
    )
    for variable in dataset.variables.values():
        variable.attrs["units"] = "1"
    write_dataset(path, dataset, provenance)


def read_state(path: str | Path, experiment: Experiment) -> EvolutionState:
    """Read the state a segment left.

    Raises:
        UserError: the file is missing, broken or holds a genome of another size.
    """
    dataset = read_dataset(path)
    if "centre" not in dataset:
        raise UserError(
            f"{path} holds no genome (variable 'centre'); give a segment file of the "
            "evolution."
        )
    centre = dataset["centre"].values
    check_genome(experiment, centre)
    return EvolutionState(
        jnp.asarray(centre),
        jnp.asarray(dataset["velocity"].values),
        jnp.int32(dataset["generations_done"].item()),
        jnp.int32(dataset["silent_generations"].item()),
        jnp.int32(dataset["restarts_done"].item()),
    )


def read_history(paths: list[str | Path]) -> xr.Dataset:
    """Join the histories of consecutive segments.

    A held-out value at the boundary of two segments is kept once.
    """
    parts = [read_dataset(path) for path in paths]
    along = {}
    for dimension in ("generation", "heldout_generation"):
        names = [name for name in parts[0] if dimension in parts[0][name].dims]
        joined = xr.concat([part[names] for part in parts], dimension)
        along[dimension] = joined.drop_duplicates(dimension)
    return xr.merge(along.values())


@dataclass(frozen=True)
class SegmentFiles:
    """Files of a segment.

    Attributes:
        output: file of this segment.
        previous: the segment to continue; none for the first.
        origin: a file whose genome the first segment starts from, instead of a random
            one.
        log_path: gets a line every ``heldout_every`` generations.
    """

    output: str | Path
    previous: str | Path | None = None
    origin: str | Path | None = None
    log_path: str | Path | None = None


def run_segment(
    experiment: Experiment,
    settings: EvolutionSettings,
    seed: int,
    n_generations: int,
    files: SegmentFiles,
    provenance: dict,
) -> None:
    """Run a segment and write ``files.output``.

    Args:
        experiment: what is evolved.
        settings: how.
        seed: decides initial genome, noise and environments.
        n_generations: length of the segment.
        files: where it comes from and goes to.
        provenance: stored in the file.

    Raises:
        UserError: a file is broken, belongs to another experiment or cell, or
            ``files.previous`` was made with other settings.
    """
    previous, origin = files.previous, files.origin
    if previous:
        before = identity_of(read_provenance(previous))
        refuse_other(before, identity_of(provenance), f"The segment {previous}")
        state = read_state(previous, experiment)
    elif origin:
        genome = np.asarray(read_state(origin, experiment).centre)
        state = initial_evolution(experiment, seed, genome)
    else:
        state = initial_evolution(experiment, seed)
    description = f"{experiment.name} {experiment.cell_kind}"
    with Progress(n_generations, description, files.log_path) as progress:
        state, history = evolve(
            experiment, settings, seed, state, n_generations, progress
        )
    write_segment(files.output, state, history, provenance)
