"""Does the search find better rules than chance does, at the same cost?

In: what the searches of one seed ended with (families with and without limits of
biology, the swarm), as many fresh random rules as a family search evaluates, networks
to choose on and networks that belong to this seed's proof alone. Out: the rules
measured again, the choices made among them, and every single measurement.

Every step is the same for all sides: the rules best by the side's own estimate are
measured on training images and on sequences that only choose (``selection``); what was
chosen there is reported on other networks, sequences and images (``unseen``), where
nothing is chosen. The search is the unit of every test, with networks of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from evoplast import rules
from evoplast.analysis import (
    UNPLASTIC,
    Cell,
    Evaluate,
    ReevaluationSettings,
    Worlds,
    describe_rules,
    known_genomes,
    plan_cells,
    reevaluate,
)
from evoplast.evaluation import evaluate
from evoplast.search import Population
from evoplast.studies.proof_arms import (
    FRONT_ARMS,
    KNOWN,
    MAX_RATE,
    WASSERSTEIN,
    ProofSettings,
    candidates,
    own_accuracy,
    proof_seed,
)
from evoplast.studies.proof_choices import choose, judge, unplastic_wasserstein


@dataclass(frozen=True)
class Scored:
    """The proof of one search seed.

    Attributes:
        rules: one row per rule measured, see ``judge``; ``genomes`` (rules, D).
        choices: one row per choice, see ``choose``.
        cells: one row per rule and cell of ``selection`` and ``unseen``.
    """

    rules: pd.DataFrame
    genomes: np.ndarray
    choices: pd.DataFrame
    cells: pd.DataFrame


def plan_proof(
    worlds_selection: Worlds,
    worlds_unseen: Worlds,
    measuring: ReevaluationSettings,
    seed: int,
    search_seed: int,
) -> list[Cell]:
    """Return the cells of the proof of one search, selection first, then unseen.

    Raises:
        UserError: no network or no sequence to choose on.
    """
    own = proof_seed(seed, search_seed)
    cells = plan_cells(worlds_selection, worlds_unseen, measuring, own)
    # The networks that choose are no networks of the search: nothing to report there.
    return [cell for cell in cells if cell.split != "seen"]


def score_search(
    arms: Mapping[str, Population],
    cells: Sequence[Cell],
    space: rules.RuleSpace,
    settings: ProofSettings,
    measuring: ReevaluationSettings,
    evaluate: Evaluate = evaluate,
    log_path: str | Path | None = None,
) -> Scored:
    """Measure the rules of all arms, of the literature and no plasticity alike."""

    def measured(split: str, genomes: np.ndarray) -> pd.DataFrame:
        part = [cell for cell in cells if cell.split == split]
        return reevaluate(part, genomes, measuring, evaluate, log_path)

    known, names = known_genomes(space, settings.thresholds)
    groups = [UNPLASTIC if name == UNPLASTIC else KNOWN for name in names]
    table = describe_rules(space, known, names, groups)
    selected = measured("selection", known)
    limit = unplastic_wasserstein(table, selected)
    genomes, found = _found(arms, space, settings, limit)
    again = measured("selection", genomes)
    again["rule"] += len(known)
    selected = pd.concat([selected, again], ignore_index=True)
    table = pd.concat([table, found], ignore_index=True)
    table["rule"] = np.arange(len(table))
    genomes = np.concatenate([known, genomes])
    table = judge(table, selected, settings)
    choices = choose(table, settings)
    shown = np.unique(choices["rule"])
    reported = measured("unseen", genomes[shown])
    reported["rule"] = shown[reported["rule"]]
    long = pd.concat([selected, reported], ignore_index=True)
    long = table[["rule", "name", "group"]].merge(long, on="rule")
    seeds = {"search_seed": next(iter(arms.values())).search_seed}
    return Scored(
        table.assign(**seeds), genomes, choices.assign(**seeds), long.assign(**seeds)
    )


def _found(
    arms: Mapping[str, Population],
    space: rules.RuleSpace,
    settings: ProofSettings,
    max_wasserstein_hz: float,
) -> tuple[np.ndarray, pd.DataFrame]:
    """Return genomes (P, D) of the rules of all arms, and what is known of them."""
    genomes, tables = [], []
    for arm, population in arms.items():
        rows = candidates(
            space, population, settings, max_wasserstein_hz, arm in FRONT_ARMS
        )
        genomes.append(population.genomes[rows])
        names = [f"{arm} {row}" for row in rows]
        table = describe_rules(space, genomes[-1], names, [arm] * len(rows))
        means = np.asarray(population.means, float)[rows]
        table["own_accuracy"] = own_accuracy(population, settings.shrinkage)[rows]
        table["own_max_rate_hz"] = means[:, MAX_RATE]
        table["own_wasserstein_hz"] = means[:, WASSERSTEIN]
        table["own_evaluations"] = np.asarray(population.counts)[rows].astype(int)
        tables.append(table)
    return np.concatenate(genomes), pd.concat(tables, ignore_index=True)
