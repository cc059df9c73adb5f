"""The Pareto stage: from the last populations of a search to rules worth reporting.

In: populations with their mean objectives, worlds seen and unseen by the search.
Out: the non-dominated rules that respect the limits of biology, re-evaluated on
sequences and networks never used, with formula, objectives and errors; the champion
is chosen on one set of sequences and reported on another.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd

from evoplast import rules
from evoplast.analysis.reevaluation import (
    OBJECTIVES,
    Evaluate,
    ReevaluationSettings,
    Worlds,
    plan_cells,
    score_rules,
)
from evoplast.artefacts.errors import UserError
from evoplast.configuration.section import Settings
from evoplast.evaluation import evaluate
from evoplast.search import Population

ACCURACY, MAX_RATE, SYNCHRONY = (
    OBJECTIVES.index(name) for name in ("cross_accuracy", "max_rate_hz", "synchrony")
)


@dataclass(frozen=True)
class ParetoSettings(Settings):
    """Limits of biology, the number of rules kept, and the shrinkage (evaluations).

    ``shrinkage`` k pulls a mean of n evaluations to the population's by n / (n + k)
    before rules are ranked by accuracy: one lucky evaluation must not win.
    """

    SECTIONS: ClassVar[tuple[str, ...]] = ("pareto", "search")

    max_rules: int
    max_rate_hz: float
    max_synchrony: float
    shrinkage: float


def non_dominated(objectives: np.ndarray) -> np.ndarray:
    """Return which rows of minimised ``objectives`` (P, K) no other row dominates.

    A row dominates another if it is nowhere larger and somewhere smaller; equal rows
    do not dominate each other. Rows with a non-finite value are never on the front.
    """
    objectives = np.asarray(objectives, dtype=float)
    finite = np.isfinite(objectives).all(axis=1)
    front = finite.copy()
    for i in np.flatnonzero(finite):
        others = objectives[finite]
        no_worse = (others <= objectives[i]).all(axis=1)
        better = (others < objectives[i]).any(axis=1)
        front[i] = not (no_worse & better).any()
    return front


def filter_population(
    space: rules.RuleSpace,
    populations: Sequence[Population],
    settings: ParetoSettings,
) -> pd.DataFrame:
    """Choose the rules to re-evaluate; one row per rule, most accurate first.

    Columns: population, row (where the genome is), search_seed, search_accuracy (the
    shrunken mean it was ranked by), search_evaluations. Intact rules with at least
    one active term compete, equal genomes once; the front is taken over all
    searches together, then the limits apply, then the ``max_rules`` most accurate
    stay. (A rule within the limits is never dominated by one beyond them alone, so
    the order of front and limits does not matter.)

    Raises:
        UserError: no rule is left, with the key that decides.
    """
    pooled = _pooled(space, populations, settings)
    intact = pooled[(pooled["flag"] == 0) & (pooled["n_terms"] > 0)]
    intact = intact[~intact["duplicate"]]
    if intact.empty:
        raise UserError(
            f"None of the {len(pooled)} rules of the last population is intact with an "
            "active term; search longer (search.segments) or lower plasticity.eta."
        )
    front = intact[non_dominated(np.stack(intact["means"]))]
    means = np.stack(front["means"])
    allowed = within_limits(means[:, MAX_RATE], means[:, SYNCHRONY], settings)
    if not allowed.any():
        raise UserError(_beyond_limits(means, settings))
    ordered = front[allowed].sort_values(
        ["search_accuracy", "n_terms", "population", "row"],
        ascending=[False, True, True, True],
    )
    return ordered.head(settings.max_rules).reset_index(drop=True)


def within_limits(
    max_rate_hz: np.ndarray, synchrony: np.ndarray, settings: ParetoSettings
) -> np.ndarray:
    """Return which rules respect the limits on the highest rate and on synchrony."""
    return (np.asarray(max_rate_hz) <= settings.max_rate_hz) & (
        np.asarray(synchrony) <= settings.max_synchrony
    )


def _beyond_limits(means: np.ndarray, settings: ParetoSettings) -> str:
    rate, synchrony = means[:, MAX_RATE].min(), means[:, SYNCHRONY].min()
    return (
        f"None of the {len(means)} non-dominated rules has a highest rate of at most "
        f"pareto.max_rate_hz ({settings.max_rate_hz:g} Hz) and a synchrony of at most "
        f"pareto.max_synchrony ({settings.max_synchrony:g}), the lowest found being "
        f"{rate:.4g} Hz and {synchrony:.4g}; raise these limits or search longer."
    )


def _pooled(
    space: rules.RuleSpace,
    populations: Sequence[Population],
    settings: ParetoSettings,
) -> pd.DataFrame:
    if not populations or settings.max_rules < 1:
        raise UserError(
            f"The Pareto filter got {len(populations)} populations and "
            f"pareto.max_rules = {settings.max_rules}; both must be at least 1."
        )
    tables = [
        _population_table(space, i, p, settings) for i, p in enumerate(populations)
    ]
    pooled = pd.concat(tables, ignore_index=True)
    genomes = np.concatenate([np.asarray(p.genomes) for p in populations])
    _, first = np.unique(genomes, axis=0, return_index=True)
    pooled["duplicate"] = ~np.isin(np.arange(len(pooled)), first)
    return pooled


def _population_table(
    space: rules.RuleSpace, index: int, population: Population, settings
) -> pd.DataFrame:
    gates = np.asarray(rules.decode(space, np.asarray(population.genomes)).gates)
    intact = np.asarray(population.flags) == 0
    accuracy = -np.asarray(population.means, float)[:, ACCURACY]
    return pd.DataFrame(
        {
            "population": index,
            "row": np.arange(len(gates)),
            "search_seed": population.search_seed,
            "search_accuracy": shrunken(
                accuracy, population.counts, intact, settings.shrinkage
            ),
            "search_evaluations": np.asarray(population.counts).astype(int),
            "flag": np.asarray(population.flags).astype(int),
            "n_terms": gates.sum(axis=1).astype(int),
            "means": list(np.asarray(population.means, float)),
        }
    )


def shrunken(
    accuracy: np.ndarray, counts: np.ndarray, intact: np.ndarray, shrinkage: float
) -> np.ndarray:
    """Pull accuracies (P,) of ``counts`` evaluations towards the intact ones' mean."""
    counts = np.asarray(counts, dtype=float)
    centre = accuracy[intact].mean() if intact.any() else accuracy.mean()
    weight = counts / np.maximum(counts + shrinkage, np.finfo(float).tiny)
    return centre + weight * (accuracy - centre)


def filter_and_reevaluate(
    populations: Sequence[Population],
    worlds_seen: Worlds,
    worlds_unseen: Worlds,
    space: rules.RuleSpace,
    settings: ParetoSettings,
    reevaluation: ReevaluationSettings,
    seed: int,
    evaluate: Evaluate = evaluate,
    log_path: str | Path | None = None,
) -> tuple[pd.DataFrame, np.ndarray, pd.DataFrame]:
    """Filter the last populations and re-evaluate what is left.

    Returns the rules' table, their genomes (rules, D) and the cells. ``on_front``
    and ``within_limits`` say whether a rule still belongs there by its re-evaluated
    means; rules are not removed on these, since they were measured to be reported.
    """
    kept = filter_population(space, populations, settings)
    genomes = np.stack(
        [
            populations[p].genomes[r]
            for p, r in zip(kept["population"], kept["row"], strict=True)
        ]
    )
    table, cells = score_rules(
        plan_cells(worlds_seen, worlds_unseen, reevaluation, seed),
        genomes,
        [f"evolved {i}" for i in range(len(genomes))],
        ["evolved"] * len(genomes),
        space,
        reevaluation,
        evaluate=evaluate,
        log_path=log_path,
    )
    searched = ["search_seed", "search_accuracy", "search_evaluations"]
    table[searched] = kept[searched].to_numpy()
    table = table.astype({"search_seed": int, "search_evaluations": int})
    return _judged(table, settings), genomes, cells


def _judged(table: pd.DataFrame, settings: ParetoSettings) -> pd.DataFrame:
    means = table[[f"{name}_mean" for name in OBJECTIVES]].to_numpy(float)
    means[:, ACCURACY] *= -1
    table["on_front"] = non_dominated(means) & (table["flag"] == 0)
    table["within_limits"] = within_limits(
        means[:, MAX_RATE], means[:, SYNCHRONY], settings
    )
    return table


def leading_rules(table: pd.DataFrame, n: int) -> np.ndarray:
    """Return rows of up to ``n`` rules for the later analyses.

    First the champion, then the best rule of the most frequent formula (where it is
    another one), then the next best on ``selection``.
    """
    order = table.sort_values("selection_rank")["rule"].to_numpy()
    frequent = table.loc[table["formula"] == _most_frequent(table)]
    second = frequent.sort_values("selection_rank")["rule"].iloc[:1].to_numpy()
    chosen = dict.fromkeys([*order[:1], *second, *order])
    return np.array(list(chosen), dtype=int)[:n]


def _most_frequent(table: pd.DataFrame) -> str:
    counts = table["formula"].value_counts(sort=False)
    best_rank = table.groupby("formula")["selection_rank"].min()
    return min(counts.index, key=lambda f: (-counts[f], best_rank[f]))
