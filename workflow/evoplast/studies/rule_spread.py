"""How far random rules really differ, by learning rate and by how many terms they have.

In: worlds at several learning rates, settings of the search. Out: one row per learning
rate and gate probability: what rules have in common over networks is what a search can
find; what they have on a single network is luck or belongs to that network.

All rules are read out at the same threshold, so that what differs is what they learnt.
"Gain" is the smoothed accuracy, mean over tasks, minus that of no plasticity on the
same network and trials.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from evoplast.analysis import (
    Evaluate,
    Worlds,
    standard_error,
)
from evoplast.artefacts.errors import UserError
from evoplast.artefacts.progress import Progress
from evoplast.artefacts.seeds import jax_key, named_seed
from evoplast.configuration.sections.studies import SpreadSettings
from evoplast.evaluation import World, evaluate
from evoplast.objectives import OK
from evoplast.rules import no_plasticity, random_genomes
from evoplast.search import SearchSettings


def measure_spread(
    worlds_at: Callable[[float], Worlds],
    search: SearchSettings,
    settings: SpreadSettings,
    seed: int,
    evaluate: Evaluate = evaluate,
    log_path: str | Path | None = None,
) -> pd.DataFrame:
    """Return one row per learning rate and gate probability; see ``spread_row``.

    ``worlds_at`` gives the worlds at a learning rate; the first networks are used.

    Raises:
        UserError: fewer networks than asked for.
    """
    rows = []
    n = len(settings.etas) * len(settings.gate_probabilities)
    with Progress(n, "spread of random rules", log_path) as progress:
        for eta in settings.etas:
            worlds = _first(worlds_at(eta), settings.networks)
            for probability in settings.gate_probabilities:
                found = _gains(worlds, probability, search, settings, seed, evaluate)
                row = {"eta": eta, "gate_probability": probability}
                rows.append(row | spread_row(*found, settings.keep))
                gain = rows[-1]["chosen_gain"]
                progress.step(eta=eta, gate_probability=probability, chosen_gain=gain)
    return pd.DataFrame(rows)


def _first(worlds: Worlds, n: int) -> dict[int, World]:
    if len(worlds) < n:
        raise UserError(
            f"rule_spread.networks is {n}, but there are only {len(worlds)} training "
            "networks; lower it or raise network.training_instances."
        )
    return {k: worlds[k] for k in sorted(worlds)[:n]}


def _gains(
    worlds: Worlds,
    probability: float,
    search: SearchSettings,
    settings: SpreadSettings,
    seed: int,
    evaluate: Evaluate,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return gain, whether intact, weight change of n rules on k networks, (k, n)."""
    space = next(iter(worlds.values())).rule_space
    key = jax_key(seed, "rule spread")
    drawn = random_genomes(
        space, settings.rules, key, probability, search.coefficient_prior
    )
    genomes = np.concatenate([np.asarray(drawn), no_plasticity(space)[None]])
    genomes[:, space.slices["phi"]] = settings.threshold
    gain, intact, change = [], [], []
    for instance, world in worlds.items():
        result = evaluate(
            world,
            genomes,
            named_seed(seed, "rule spread", instance),
            search.training_trials,
            search.validation_trials,
            "training",
        )
        accuracy = result.smoothed_accuracy.mean(axis=1)
        gain.append(accuracy[:-1] - accuracy[-1])
        intact.append(np.asarray(result.flag)[:-1] == OK)
        change.append(result.relative_weight_change[:-1])
    return np.array(gain), np.array(intact), np.array(change)


def spread_row(
    gain: np.ndarray, intact: np.ndarray, change: np.ndarray, keep: int
) -> dict:
    """Return what the gains (k, n) of n rules on k networks say.

    Rules that failed on any network are left out. shared_sd: s.d. of what rules have
    in common over networks (root of the mean covariance of two networks, 0 if that is
    negative); single_sd: s.d. of the gains on one network; mean_gain; chosen_gain:
    mean on each network of the ``keep`` rules that are best on the others, with
    standard error over networks; failed: share of rules; weight_change: sum of
    absolute changes over the initial sum. NaN where too few rules are intact.
    """
    usable = intact.all(axis=0)
    row = {"rules": gain.shape[1], "networks": len(gain), "failed": 1 - usable.mean()}
    row["weight_change"] = float(change[:, usable].mean()) if usable.any() else np.nan
    names = ("mean_gain", "shared_sd", "single_sd", "chosen_gain", "chosen_gain_se")
    if usable.sum() <= keep:
        return row | dict.fromkeys(names, np.nan)
    kept = gain[:, usable]
    covariance = np.cov(kept)
    common = covariance[~np.eye(len(kept), dtype=bool)].mean()
    chosen = chosen_gains(kept, keep)
    values = (
        kept.mean(),
        np.sqrt(max(common, 0.0)),
        np.sqrt(np.diag(covariance).mean()),
        chosen.mean(),
        standard_error(chosen),
    )
    return row | dict(zip(names, map(float, values), strict=True))


def chosen_gains(gain: np.ndarray, keep: int) -> np.ndarray:
    """Return, for each network (k,), the mean gain of rules chosen on the others."""
    totals = gain.sum(axis=0)
    return np.array([own[np.argsort(own - totals)[:keep]].mean() for own in gain])
