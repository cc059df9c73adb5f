"""Segments of the search for rules: worlds and settings in, files out.

In: the worlds of the training networks, a rule space, settings, seeds. Out: one
NetCDF file per segment that holds the complete state and the whole history, and
readers for its population and its history.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

import jax
import numpy as np
import pandas as pd

from evoplast.artefacts.atomic import atomic_path
from evoplast.artefacts.errors import UserError
from evoplast.artefacts.identity import identity_of, own_identity_of
from evoplast.artefacts.netcdf import read_dataset, write_dataset
from evoplast.artefacts.progress import Progress
from evoplast.artefacts.reading import reading
from evoplast.artefacts.seeds import jax_key, named_seed
from evoplast.evaluation import (
    Evaluation,
    Racing,
    World,
    evaluate,
    with_extras,
)
from evoplast.objectives import FLAG_NAMES, OK, minimised_extras, objective_names
from evoplast.rules import (
    ALL_TERMS,
    TERMS,
    RuleSpace,
    decode,
    formula,
    no_plasticity,
    random_genomes,
)
from evoplast.search.directions import hierarchical_steps
from evoplast.search.generations import discard_autosaves, run_generations
from evoplast.search.history import BESIDES, COLUMNS, FEATURES, SECONDS, history_rows
from evoplast.search.problem import Measure
from evoplast.search.settings import COUNTED, FLAGS, SearchSettings
from evoplast.search.stage_files import StageFiles
from evoplast.search.task import SearchTask

__all__ = ["SearchSettings", "collect_history", "read_population", "run_segment"]

# Box of the hypervolume, in the units and the order of the objectives (accuracy is
# negative). Worst corner: guessing, all 25 terms, a fastest neuron of 200 Hz, half of
# the bins synchronous, rates 10 Hz off the mouse's. Best corner: an accuracy of 0.75,
# somewhat above the best that Ye et al. report, and perfection in the rest. A box up
# to an accuracy of 1 would be empty in the part that nobody reaches. It is of the six
# objectives alone: the shares of searches with and without extra ones compare.
IDEAL = np.array([-0.75, 0.0, 0.0, 0.0, 0.0, 0.0])
REFERENCE = np.array([-0.5, 1.0, 200.0, 0.5, 10.0, 10.0])

# Columns of the history that hold the share of survivors in which a term is active.
SHARE_OF = "share of "


@dataclass(frozen=True)
class Population:
    """The survivors of a search after its last generation.

    genomes (P, D); means (P, m) of the minimised objectives in their units (not
    relative to the controls); counts (P,) evaluations behind each mean; flags (P,)
    of the latest evaluation, 0 = intact. ``origins`` of families: their number, the
    operator that made them, the numbers of their parents; empty for a swarm.
    """

    search_seed: int
    genomes: np.ndarray
    means: np.ndarray
    counts: np.ndarray
    flags: np.ndarray
    origins: tuple[tuple[int, str, tuple[int, ...]], ...] = ()


@dataclass(frozen=True)
class SwarmSearch:
    """One search of the swarm: its rule space, settings and seeds."""

    space: RuleSpace
    settings: SearchSettings
    seed: int
    search_seed: int


def run_segment(
    search: SwarmSearch,
    worlds: Mapping[int, World],
    segment: int,
    files: StageFiles,
    provenance: dict,
) -> None:
    """Run segment number ``segment`` of a search and write ``files.state``.

    A state is continued only under the settings, source and inputs of ``provenance``.

    Raises:
        UserError: the segment before was made with other settings or inputs, or there
            are too few networks.
    """
    settings, search_seed = search.settings, search.search_seed
    task = rule_search(worlds, search.space, settings, search.seed, search_seed)
    task = replace(task, identity={**task.identity, **identity_of(provenance)})
    before = read_dataset(files.previous[0]) if files.previous else None
    state = files.state
    folder = Path(state).parent / ".state"
    n, title = (
        settings.generations_per_segment,
        f"search {search_seed}, segment {segment}",
    )
    with Progress(n, title, files.log_path) as progress:

        def show(row: dict) -> None:
            progress.step(**_shown(row))

        own = json.dumps(own_identity_of(provenance), sort_keys=True)
        result = run_generations(task, before, n, folder, show, own)
    write_dataset(state, result.state, provenance)
    with atomic_path(_seconds_path(state)) as temporary:
        temporary.write_text(_with_digest(json.dumps(result.seconds)))
    discard_autosaves(folder)


def _shown(row: dict) -> dict:
    names = ("generation", "hypervolume", "best_accuracy", "best_accuracy_se")
    numbers = {name: row[name] for name in (*names, "evaluations")}
    return numbers | {"seconds": row["seconds"], "best": row["best_formula"]}


def _with_digest(text: str) -> str:
    return f"{text}\n{hashlib.sha256(text.encode()).hexdigest()}\n"


def _without_digest(stored: str) -> str:
    text = stored.partition("\n")[0]
    if stored != _with_digest(text):
        raise ValueError("the timings do not have their digest")
    return text


def _seconds_path(state: str | Path) -> Path:
    # Beside the state and not in it: the same search has the same bytes of state
    # on a slow day.
    return Path(state).parent / ".state" / f"{Path(state).stem}.seconds.json"


def rule_search(
    worlds: Mapping[int, World],
    space: RuleSpace,
    settings: SearchSettings,
    seed: int,
    search_seed: int,
) -> SearchTask:
    """Return the search for plasticity rules on ``worlds`` (instance -> world).

    Raises:
        UserError: fewer networks than a generation needs.
    """
    key = jax_key(seed, "search", search_seed, "initial")
    names = objective_names(settings.extra_objectives)
    all_terms = ALL_TERMS if space.extra_terms else TERMS
    return SearchTask(
        settings=settings,
        lower=space.lower,
        upper=space.upper,
        binary=space.is_gate,
        initial=_drawn(space, settings, settings.population, key),
        controls=control_group(space, settings, seed),
        measure=world_measure(worlds, settings, seed, search_seed),
        corrected=np.array([name != "complexity" for name in names]),
        objective_names=names,
        ideal=IDEAL,
        reference=REFERENCE,
        root_seed=seed,
        search_seed=search_seed,
        identity=_identity(worlds, space, settings),
        describe=lambda genome: formula(decode(space, genome[None]).gates[0]),
        features=lambda genomes: np.asarray(decode(space, genomes).gates),
        feature_names=tuple(term.name for term in all_terms),
        flag_names=FLAG_NAMES,
        steps=partial(hierarchical_steps, space),
    )


def _identity(
    worlds: Mapping[int, World], space: RuleSpace, settings: SearchSettings
) -> dict:
    # Segments may have any length: it changes nothing in the state.
    values = {f"search.{name}": value for name, value in asdict(settings).items()}
    del values["search.generations_per_segment"]
    about = asdict(space)
    if not space.extra_terms:  # searches from before there were any go on
        del about["extra_terms"]
    values |= {f"rule space {name}": value for name, value in about.items()}
    return values | {"network instances": sorted(worlds)}


def control_group(space: RuleSpace, settings: SearchSettings, seed: int) -> np.ndarray:
    """Return the fixed control rules (C, D): no plasticity, then random rules.

    They depend on the root seed alone, so all searches of a run share them.
    """
    key = jax_key(seed, "search", "control")
    controls = _drawn(space, settings, settings.control_rules, key)
    controls[0] = no_plasticity(space)
    return controls


def _drawn(
    space: RuleSpace, settings: SearchSettings, n: int, key: jax.Array
) -> np.ndarray:
    probability, prior = settings.initial_gate_probability, settings.coefficient_prior
    return random_genomes(space, n, key, probability, prior)


def world_measure(
    worlds: Mapping[int, World], settings: SearchSettings, seed: int, search_seed: int
) -> Measure:
    """Return the function that evaluates genomes in a generation.

    Generation g uses the next ``instances_per_generation`` networks in turn, each
    with a fresh trial sequence; objectives are means over them, the flag the worst.

    Raises:
        UserError: fewer networks than a generation needs.
    """
    instances, n_used = sorted(worlds), settings.instances_per_generation
    if n_used > len(instances):
        raise UserError(
            f"search.instances_per_generation is {n_used}, but there are only "
            f"{len(instances)} training networks; raise network.training_instances."
        )

    def measure(genomes: np.ndarray, generation: int) -> tuple[np.ndarray, np.ndarray]:
        results = []
        for turn in range(n_used):
            instance = instances[(generation * n_used + turn) % len(instances)]
            path = ("search", search_seed, "generation", generation, "turn", turn)
            results.append(
                with_extras(settings, evaluate)(
                    worlds[instance],
                    genomes,
                    named_seed(seed, *path),
                    settings.training_trials,
                    settings.validation_trials,
                    "training",
                    **({"racing": Racing()} if settings.racing == FLAGS else {}),
                )
            )
        parts = [_selected_on(result, settings) for result in results]
        objectives = np.mean(parts, axis=0)
        return objectives, np.max([result.flag for result in results], axis=0)

    return measure


def _selected_on(result: Evaluation, settings: SearchSettings) -> np.ndarray:
    """Return objectives (P, m) that select: accuracy as estimated, and extra ones."""
    objectives, intact = np.array(result.objectives), np.asarray(result.flag) == OK
    if settings.accuracy_estimate != COUNTED:
        objectives[intact, 0] = -result.smoothed_accuracy.mean(axis=1)[intact]
    if not settings.extra_objectives:
        return objectives
    extra = settings.extra_objectives
    besides = minimised_extras(result.recordings, result.flag, extra)
    return np.concatenate([objectives, besides], axis=1)


def read_population(path: str | Path) -> Population:
    """Return the survivors stored in the segment file ``path``.

    Raises:
        UserError: the file is missing or truncated.
    """
    dataset = read_dataset(path)
    return Population(
        search_seed=int(dataset.attrs["search_seed"]),
        genomes=dataset["population"].values,
        means=dataset["mean"].values + dataset["problem_control_mean"].values,
        counts=dataset["count"].values,
        flags=dataset["flag"].values,
    )


def collect_history(segments: Sequence[str | Path]) -> pd.DataFrame:
    """Return one row per generation of a search from its segment files, in order.

    The columns of :data:`COLUMNS`; ``share of`` every term among the survivors and
    their ``mean_complexity``; ``mean_`` of the extra objectives; ``seconds``, missing
    where the timing was not kept.
    """
    last = read_dataset(segments[-1])
    rows = history_rows(last)
    table = pd.DataFrame(rows, columns=[*COLUMNS])
    shares = np.array([row[FEATURES] for row in rows])
    for name, share in zip(last["feature"].values, shares.T, strict=True):
        table[f"{SHARE_OF}{name}"] = share
    table["mean_complexity"] = shares.mean(axis=1)
    besides = np.array([row[BESIDES] for row in rows])
    names = last["objective"].values[last.sizes["objective"] - besides.shape[1] :]
    for name, values in zip(names, besides.T, strict=True):
        table[f"mean_{name}"] = values
    seconds: dict[int, float] = {}
    for path in map(_seconds_path, segments):
        if path.exists():
            advice = "delete it: it holds timings alone"
            with reading(path, "JSON file", advice):
                stored = json.loads(_without_digest(path.read_text()))
                seconds |= {int(name): float(x) for name, x in stored.items()}
    table[SECONDS] = table["generation"].map(seconds).astype(float)
    return table
