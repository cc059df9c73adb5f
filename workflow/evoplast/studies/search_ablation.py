"""What the control group and the shrinkage are for, on a problem whose truth is known.

In: settings. Out: a table of searches with and without each, with what they report
and what is true.

A rule is a point x of 40 coordinates, the last ten of which are gates. Its true
accuracy is 0.5 + 2 (0.15 - mean square distance to a hidden point) + 0.05 times the
share of gates that are on, between 0.4 and 0.8; random rules have a standard
deviation of about 0.04. A measurement counts 100 decisions per task in two tasks and
is shifted, as all others of its generation, by the difficulty of that generation's
trial sequence. The second objective is the share of active gates, without noise.
"""

from dataclasses import replace

import jax.numpy as jnp
import numpy as np
import pandas as pd
import xarray as xr

from evoplast.artefacts.seeds import numpy_rng
from evoplast.configuration.sections.studies import AblationSettings
from evoplast.search import (
    SearchTask,
    Statistics,
    SwarmSettings,
    estimates,
    run_generations,
)

DIMENSION, N_GATES = 40, 10
N_DECISIONS = 200

# Name -> is the control group used, is the shrinkage of the config used.
VARIANTS = {
    "both": (True, True),
    "no control group": (False, True),
    "no shrinkage": (True, False),
    "neither": (False, False),
}


def true_accuracy(genomes: np.ndarray, seed: int) -> np.ndarray:
    """Return the true accuracy (n,) of ``genomes`` (n, 40); ``seed`` hides the best."""
    best = numpy_rng(seed, "ablation", "best").uniform(0.1, 0.9, DIMENSION)
    distance = ((genomes - best) ** 2).mean(axis=1)
    value = 0.5 + 2 * (0.15 - distance) + 0.05 * _complexity(genomes)
    return np.clip(value, 0.4, 0.8)


def _complexity(genomes: np.ndarray) -> np.ndarray:
    return (genomes[:, -N_GATES:] > 0.5).mean(axis=1)


def ablate(
    settings: AblationSettings, swarm: SwarmSettings, root_seed: int
) -> pd.DataFrame:
    """Return one row per variant and seed.

    Columns: variant, seed; ``reported`` and ``true`` accuracy of the rule that a
    search calls its best; ``bias``, their difference; ``population``, the mean true
    accuracy of the survivors, and ``gain``, how much that rose from the first
    population. All variants of a seed have the same start, truth and noise.
    """
    rows = [
        (name, seed, *_outcome(settings, swarm, root_seed, seed, *switches))
        for seed in range(settings.seeds)
        for name, switches in VARIANTS.items()
    ]
    names = ["variant", "seed", "reported", "true", "bias", "population", "gain"]
    return pd.DataFrame(rows, columns=names)


def _outcome(
    settings: AblationSettings,
    swarm: SwarmSettings,
    root_seed: int,
    seed: int,
    controlled: bool,
    shrunk: bool,
) -> tuple[float, ...]:
    chosen = replace(
        swarm,
        population=settings.population,
        shrinkage=swarm.shrinkage if shrunk else 0.0,
    )
    task = _task(settings, chosen, root_seed, seed, controlled)
    state = run_generations(task, None, settings.generations).state
    genomes = state["population"].values
    truth = true_accuracy(genomes, seed)
    reported = reported_accuracy(state, chosen.shrinkage)
    best = int(np.argmax(reported))
    start = true_accuracy(task.initial, seed).mean()
    bias = reported[best] - truth[best]
    return reported[best], truth[best], bias, truth.mean(), truth.mean() - start


def reported_accuracy(state: xr.Dataset, shrinkage: float) -> np.ndarray:
    """Return the accuracies (P,) that a search's last state reports."""
    count, mean, m2 = (jnp.asarray(state[x].values) for x in ("count", "mean", "m2"))
    score, _ = estimates(Statistics(count, mean, m2), shrinkage)
    return -(np.asarray(score)[:, 0] + state["problem_control_mean"].values[0])


def _task(
    settings: AblationSettings,
    swarm: SwarmSettings,
    root_seed: int,
    seed: int,
    controlled: bool,
) -> SearchTask:
    def measure(genomes: np.ndarray, generation: int) -> tuple[np.ndarray, np.ndarray]:
        rng = numpy_rng(root_seed, "ablation", seed, generation)
        shift = rng.normal(0, settings.shift)
        chance = np.clip(true_accuracy(genomes, seed) + shift, 0, 1)
        accuracy = rng.binomial(N_DECISIONS, chance) / N_DECISIONS
        values = np.stack([-accuracy, _complexity(genomes)], axis=1)
        return values, np.zeros(len(genomes), np.int64)

    def drawn(name: str, n: int) -> np.ndarray:
        return numpy_rng(root_seed, "ablation", seed, name).random(
            (n, DIMENSION), dtype=np.float32
        )

    return SearchTask(
        settings=swarm,
        lower=np.zeros(DIMENSION, np.float32),
        upper=np.ones(DIMENSION, np.float32),
        binary=np.arange(DIMENSION) >= DIMENSION - N_GATES,
        initial=drawn("start", swarm.population),
        controls=drawn("controls", settings.control_rules),
        measure=measure,
        corrected=np.array([controlled, False]),
        objective_names=("accuracy", "complexity"),
        ideal=np.array([-0.8, 0.0]),
        reference=np.array([-0.4, 1.0]),
        root_seed=root_seed,
        search_seed=seed,
        identity={},
    )
