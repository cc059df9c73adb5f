"""The swarm beside published algorithms on noisy test problems, at equal evaluations.

In: a problem, a dimension, settings. Out: a table of the inverted generational
distance (IGD) of the true objectives of each final population. The algorithms see
noisy objectives only. NSGA-II, NSGA-III, RVEA and LMOCSO are those of EvoX 0.9.
"""

from collections.abc import Callable
from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd

from evoplast.artefacts.seeds import jax_key
from evoplast.configuration.sections.studies import BenchmarkSettings
from evoplast.evox_compat import (
    IGD,
    Algorithm,
    StdWorkflow,
    algorithms,
)
from evoplast.search import (
    NoisySwarm,
    SwarmSettings,
)
from evoplast.studies.benchmark_problems import (
    N_OBJECTIVES,
    Benchmark,
    NoisyProblem,
    make_benchmark,
)

RANDOM = "random points"
NO_NOISE_HANDLING = "swarm, no noise handling"
# What is compared here is not taken from the config of the search.
REFERENCE = {
    "random_factors": "scalar",
    "tie_break": "indicator",
    "refresh": 1.0,
    "preferred_share": 0.0,
}
# Name -> settings that differ from these.
SWARMS: dict[str, dict] = {
    f"swarm, {factors}, {tie}": {"random_factors": factors, "tie_break": tie}
    for factors in ("scalar", "dimension")
    for tie in ("indicator", "crowding")
}
SWARMS |= {"swarm, a quarter refreshed": {"refresh": 0.25}}
# Nobody is evaluated again, all budget goes into offspring; without repeats the pooled
# variance is zero, so every value is believed and nothing is shrunk.
SWARMS |= {NO_NOISE_HANDLING: {"refresh": 0.0}}
# What the search for rules does: accuracy is its first objective.
SWARMS |= {"swarm, first objective preferred": {"preferred_share": 0.75}}
# Name -> class in EvoX, and whether it must know the number of generations.
OTHERS = {"NSGA-II": ("NSGA2", False), "NSGA-III": ("NSGA3", False)}
OTHERS |= {"RVEA": ("RVEA", True), "LMOCSO": ("LMOCSO", True)}
ALGORITHMS = (RANDOM, *SWARMS, *OTHERS)


def contestant(
    name: str,
    benchmark: Benchmark,
    settings: BenchmarkSettings,
    swarm: SwarmSettings,
) -> tuple[Algorithm, int]:
    """Return the algorithm ``name`` and its generations after the start."""
    box = jnp.asarray(benchmark.lower), jnp.asarray(benchmark.upper)
    n = settings.batches - 1
    if name in OTHERS:
        size = {"n_objs": N_OBJECTIVES, "pop_size": settings.population}
        kind, needs_end = OTHERS[name]
        end = {"max_gen": n} if needs_end else {}
        return getattr(algorithms, kind)(lb=box[0], ub=box[1], **size, **end), n
    differs = REFERENCE | SWARMS[name] | {"population": settings.population}
    own = replace(swarm, **differs)
    generations = n * own.population // (own.population + own.n_refreshed)
    lower, upper = map(np.asarray, box)
    return NoisySwarm(lower, upper, N_OBJECTIVES, own), generations


def compare_searches(
    problem: str,
    dimension: int,
    settings: BenchmarkSettings,
    swarm: SwarmSettings,
    root_seed: int,
    step: Callable[[], None] = lambda: None,
) -> pd.DataFrame:
    """Return one row per algorithm and seed.

    Columns: problem, dimension, algorithm, seed, evaluations, igd (of the true
    objectives of the final population), relative_igd (to that of as many random
    points). ``swarm`` gives the swarm's keys that REFERENCE does not; ``step`` is
    called after every run.

    Raises:
        UserError: unknown problem, or too few variables.
    """
    benchmark = make_benchmark(problem, dimension)
    igd = IGD(jnp.asarray(benchmark.front))
    rows = []

    def note(name: str, seed: int, batches: int, points: jax.Array) -> None:
        points = points[~np.isnan(points).any(axis=1)]
        distance = float(igd(benchmark.true_objectives(points)))
        spent = batches * settings.population
        rows.append((problem, dimension, name, seed, spent, distance))
        step()

    def key(seed: int) -> jax.Array:
        return jax_key(root_seed, "search benchmark", problem, dimension, seed)

    for seed in range(settings.seeds):
        shape = (settings.population, dimension)
        points = jax.random.uniform(key(seed), shape) * benchmark.upper
        note(RANDOM, seed, 1, points)
    for name in ALGORITHMS[1:]:
        algorithm, generations = contestant(name, benchmark, settings, swarm)
        workflow = StdWorkflow(algorithm, NoisyProblem(benchmark, settings.noise))
        for seed in range(settings.seeds):
            points = _final_population(workflow, key(seed), generations)
            note(name, seed, settings.batches, points)
    return _with_ratio(rows)


def _final_population(
    workflow: StdWorkflow, key: jax.Array, generations: int
) -> jax.Array:
    state = workflow.step(workflow.init(key))
    for _ in range(generations):
        state = workflow.step(state)
    return state.get_child_state("algorithm").population


def _with_ratio(rows: list[tuple]) -> pd.DataFrame:
    names = ["problem", "dimension", "algorithm", "seed", "evaluations", "igd"]
    table = pd.DataFrame(rows, columns=names)
    start = table[table["algorithm"] == RANDOM].set_index("seed")["igd"]
    return table.assign(relative_igd=table["igd"] / table["seed"].map(start))


def summarise(table: pd.DataFrame) -> pd.DataFrame:
    """Return mean, standard deviation and n over seeds, best first in each problem."""
    groups = table.groupby(["problem", "dimension", "algorithm"], as_index=False)
    summary = groups.agg(
        igd=("igd", "mean"),
        igd_sd=("igd", "std"),
        relative_igd=("relative_igd", "mean"),
        relative_igd_sd=("relative_igd", "std"),
        n=("igd", "size"),
        evaluations=("evaluations", "max"),
    )
    order = ["problem", "dimension", "relative_igd"]
    return summary.sort_values(order, ignore_index=True)
