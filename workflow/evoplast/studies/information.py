"""What one evaluation of a rule says, for the computing it costs.

In: worlds, two groups of rules (random, evolved), numbers of training and scored
trials. Out: one row per group, numbers of trials and estimate of accuracy: how large
the noise of a difference of two rules is, with and without common random numbers, how
far the rules really differ, and how well one evaluation foretells the counted accuracy
in others.

Every rule is trained and scored on every network with every sequence; shorter scored
phases are the first trials of the longest. A cell is one network with one sequence;
values are means over the tasks.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from evoplast import (
    objectives as scores,
)
from evoplast import (
    rules,
)
from evoplast.analysis import Evaluate, Worlds
from evoplast.artefacts.errors import UserError
from evoplast.artefacts.progress import Progress
from evoplast.artefacts.seeds import jax_key, named_seed
from evoplast.configuration.sections.studies import InformationSettings
from evoplast.cost import Speed, measure_speed
from evoplast.evaluation import World, evaluate
from evoplast.search import SearchSettings
from evoplast.task import TaskSettings, decision_margin

POOL_RATE, DECISIONS = "pool_rate_by_trial", "decisions"
REFERENCE = "counted"


@dataclass(frozen=True)
class Trials:
    """Scored trials of one cell: decisions, margins, rates (T, P, k), changes alike."""

    decision: np.ndarray
    margin: np.ndarray
    rate_hz: np.ndarray
    change: np.ndarray

    def taken(self, chosen: np.ndarray) -> "Trials":
        """Return the trials whose indices (n, k) are ``chosen`` for each task."""
        index = chosen[:, None, :]
        parts = (self.decision, self.margin, self.rate_hz, self.change)
        return Trials(*(np.take_along_axis(part, index, axis=0) for part in parts))


Estimate = Callable[[Trials], np.ndarray]
ESTIMATES: Mapping[str, Estimate] = {
    "counted": lambda t: scores.accuracy(t.decision, t.change),
    "smoothed (normal)": lambda t: scores.smoothed_accuracy(t.margin, t.change),
    "smoothed (kernel)": lambda t: scores.kernel_accuracy(t.margin, t.change),
    "AUC": lambda t: scores.auc(t.rate_hz, t.change),
}
_MOST_LANES = 64
UNBALANCED: Mapping[str, Estimate] = {
    "counted, unbalanced trials": ESTIMATES["counted"],
    "balanced accuracy, unbalanced trials": lambda t: scores.balanced_accuracy(
        t.decision, t.change
    ),
}
"""On trials as they come; where both kinds are equally many the two are the same."""


def measure_information(
    worlds: Worlds,
    groups: Mapping[str, np.ndarray],
    cost: Speed,
    settings: InformationSettings,
    seed: int,
    evaluate: Evaluate = evaluate,
    log_path: str | Path | None = None,
) -> pd.DataFrame:
    """Return the table; see the module's text and ``information_row``.

    ``groups``: genomes by name, see ``rule_groups``; ``cost``: of their trials.
    """
    genomes = np.concatenate(list(groups.values()))
    rows = []
    n = len(settings.training_trials) * len(worlds) * settings.sequences
    with Progress(n, "information", log_path) as progress:
        for n_training in settings.training_trials:
            cells = {}
            for instance, world in sorted(worlds.items()):
                for i in range(settings.sequences):
                    own = named_seed(seed, "information", instance, i)
                    cells[instance, i] = _trials(
                        world, genomes, own, n_training, settings, evaluate
                    )
                    progress.step()
            seconds = (n_training * cost.plastic_s, cost.frozen_s)
            rows += _rows(cells, groups, n_training, seconds, settings)
    return pd.DataFrame(rows)


def processor_cost(world: World, search: SearchSettings) -> Speed:
    """Return what trials cost in processor time."""
    lanes = world.settings.simulation.lanes
    most = lanes if isinstance(lanes, int) else _MOST_LANES
    return measure_speed(world, search, 4, most, time.process_time)


def rule_groups(
    worlds: Worlds,
    evolved: np.ndarray,
    search: SearchSettings,
    settings: InformationSettings,
    seed: int,
) -> dict[str, np.ndarray]:
    """Return genomes of random and of evolved rules, as many of each.

    ``evolved`` (P, D) is a last population, of which the first rules are taken.

    Raises:
        UserError: too few evolved rules, or fewer than three cells of networks and
            sequences.
    """
    if len(evolved) < settings.rules:
        raise UserError(
            f"information.rules is {settings.rules}, but the search ended with "
            f"{len(evolved)} rules; lower it or raise search.population."
        )
    if len(worlds) * settings.sequences < 3:
        raise UserError(
            f"information.sequences is {settings.sequences} on {len(worlds)} networks; "
            "noise needs at least three cells."
        )
    space = worlds[min(worlds)].rule_space
    drawn = rules.random_genomes(
        space,
        settings.rules,
        jax_key(seed, "information", "rules"),
        search.initial_gate_probability,
        search.coefficient_prior,
    )
    return {"random": drawn, "evolved": np.asarray(evolved)[: settings.rules]}


def _trials(world, genomes, seed, n_training, settings, evaluate) -> Trials:
    n_scored = max(settings.scored_trials)
    record = (POOL_RATE, DECISIONS)
    result = evaluate(world, genomes, seed, n_training, n_scored, "training", record)
    rate_hz = np.moveaxis(result.recordings[POOL_RATE], -1, 0)
    decision = np.moveaxis(result.recordings[DECISIONS], -1, 0).astype(bool)
    phi = np.asarray(rules.decode(world.rule_space, genomes).phi)
    task: TaskSettings = world.settings.task
    change = np.broadcast_to(result.change.T[:, None, :], decision.shape)
    margin = decision_margin(task, phi[:, None], rate_hz)
    return Trials(decision, margin, rate_hz, np.asarray(change))


def first_trials(change: np.ndarray, n: int, balanced: bool) -> np.ndarray:
    """Return the indices (n, k) of the first trials of ``change`` (T, k).

    ``balanced``: the first n/2 changes and the first n/2 repeats (n is made even).
    """
    if not balanced:
        return np.tile(np.arange(n)[:, None], (1, change.shape[1]))
    columns = []
    for kinds in change.T:
        half = min(n // 2, int(kinds.sum()), int((~kinds).sum()))
        parts = [np.flatnonzero(kind)[:half] for kind in (kinds, ~kinds)]
        columns.append(np.sort(np.concatenate(parts)))
    length = min(map(len, columns))
    return np.stack([column[:length] for column in columns], axis=1)


def _rows(cells, groups, n_training, seconds, settings) -> list[dict]:
    n_networks = len({instance for instance, _ in cells})
    longest = max(settings.scored_trials)

    def values(estimate: Estimate, n: int, balanced: bool) -> np.ndarray:
        columns = []
        for trials in cells.values():
            chosen = first_trials(trials.change[:, 0], n, balanced)
            columns.append(estimate(trials.taken(chosen)).mean(axis=1))
        table = np.stack(columns, axis=1)
        return table.reshape(len(table), n_networks, -1)

    reference = values(ESTIMATES[REFERENCE], longest, True)
    rows = []
    for n in settings.scored_trials:
        cost = seconds[0] + (n + 1) * seconds[1]
        for balanced, kinds in ((True, ESTIMATES), (False, UNBALANCED)):
            for name, estimate in kinds.items():
                found = values(estimate, n, balanced)
                start = 0
                for group, genomes in groups.items():
                    part = slice(start, start + len(genomes))
                    start += len(genomes)
                    row = {"group": group, "estimate": name}
                    row |= {"training_trials": n_training, "scored_trials": n}
                    rows.append(
                        row | information_row(found[part], reference[part], cost)
                    )
    return rows


def information_row(values: np.ndarray, reference: np.ndarray, seconds: float) -> dict:
    """Return what ``values`` (rules, networks, sequences) of an estimate say.

    noise_common, noise_network, noise_independent: s.d. of a difference of two rules
    over cells, if both meet the same network and sequence, the same network only,
    neither. se_one_second: noise_common of rules that get a second of computing each.
    spread: s.d. over rules of their true values (two-way analysis of variance);
    signal_per_second: (spread / noise of one rule)^2 / seconds. foretells: correlation
    over rules of one cell with the mean ``reference`` in the cells of other networks,
    mean over cells, and its s.e. over networks.
    """
    flat = values.reshape(len(values), -1)
    n_rules, n_cells = flat.shape
    centred = flat - flat.mean(axis=1, keepdims=True)
    rest = centred - centred.mean(axis=0)
    error = (rest**2).sum() / ((n_rules - 1) * (n_cells - 1))
    spread = np.sqrt(max(flat.mean(axis=1).var(ddof=1) - error / n_cells, 0.0))
    common = np.sqrt(2 * error)
    foretells = _foretold(values, reference)
    return {
        "seconds": seconds,
        "noise_common": common,
        "noise_network": _noise_of_pairs(values, same_network=True),
        "noise_independent": _noise_of_pairs(values, same_network=False),
        "se_one_second": common * np.sqrt(seconds),
        "spread": spread,
        "signal_per_second": (spread**2 / error) / seconds if error > 0 else np.nan,
        "foretells": foretells.mean(),
        "foretells_se": foretells.std(ddof=1) / np.sqrt(len(foretells)),
        "n_rules": n_rules,
        "n_cells": n_cells,
    }


def _noise_of_pairs(values: np.ndarray, same_network: bool) -> float:
    """Return the s.d. of differences of two rules that meet different sequences."""
    n_rules, n_networks, n_sequences = values.shape
    shifts = range(1) if same_network else range(1, n_networks)
    squares, pairs = [], ~np.eye(n_rules, dtype=bool)
    for network_shift in shifts:
        for shift in range(1, n_sequences):
            moved = np.roll(values, (network_shift, shift), axis=(1, 2))
            flat, other = values.reshape(n_rules, -1), moved.reshape(n_rules, -1)
            difference = flat[:, None] - other[None]
            squares.append(difference.var(axis=2, ddof=1)[pairs].mean())
    return float(np.sqrt(np.mean(squares))) if squares else float("nan")


def _foretold(values: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Return, by network, the mean correlation with other networks' reference."""
    found = []
    for network in range(values.shape[1]):
        others = np.arange(values.shape[1]) != network
        truth = reference[:, others if others.any() else ~others].mean(axis=(1, 2))
        cells = values[:, network].T
        found.append(np.mean([_correlation(cell, truth) for cell in cells]))
    return np.array(found)


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    a, b = a - a.mean(), b - b.mean()
    scale = np.sqrt((a**2).sum() * (b**2).sum())
    return float((a * b).sum() / scale) if scale > 0 else 0.0
