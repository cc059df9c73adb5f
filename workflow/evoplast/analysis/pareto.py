"""The Pareto stage: from what searches ended with to rules worth reporting.

In: populations with their mean objectives (of a family search the means of all its
families), worlds of the selection networks and of those never used. Out: the front,
measured again, with formula, objectives and errors.

No search uses either kind of network. The best rule of every formula is measured on the
selection networks; by these numbers, with their standard errors, the front over the six
objectives, and extra ones where they were measured, is chosen within the limits of
biology. What is reported of it is measured once more, on networks that chose nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from evoplast import rules
from evoplast.analysis.candidates import ORIGIN, find_candidates
from evoplast.analysis.named_rules import NamedRules
from evoplast.analysis.reevaluation import (
    LARGER_IS_BETTER,
    OBJECTIVES,
    Measurement,
    cells_of_run,
    objectives_in,
    score_rules,
)
from evoplast.analysis.selection import selection_estimates
from evoplast.configuration.section import Settings
from evoplast.search import Population, dominance_matrix

ACCURACY, COMPLEXITY, MAX_RATE, SYNCHRONY, WASSERSTEIN = (
    OBJECTIVES.index(name)
    for name in (
        "cross_accuracy",
        "complexity",
        "max_rate_hz",
        "synchrony",
        "wasserstein_hz",
    )
)


@dataclass(frozen=True)
class ParetoSettings(Settings):
    """Limits of biology, how many rules are measured and kept, and the shrinkage.

    ``shrinkage`` k (evaluations) pulls a search's mean of n evaluations to the
    population's by n / (n + k): one lucky evaluation must not stand for a formula.
    """

    SECTIONS: ClassVar[tuple[str, ...]] = ("pareto", "search")

    candidates: int
    max_rules: int
    front_alpha: float
    max_rate_hz: float
    max_synchrony: float
    max_wasserstein_hz: float | None
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


def front_with_errors(mean: np.ndarray, se: np.ndarray, alpha: float) -> np.ndarray:
    """Return which rows of minimised ``mean`` (P, K) no other row surely dominates.

    A row dominates another if in every objective it is better with a probability of at
    least ``alpha``, given the standard errors ``se`` (P, K); missing ones count as 0.
    """
    errors = np.nan_to_num(np.asarray(se, np.float32))
    dominates = dominance_matrix(np.asarray(mean, np.float32), errors, alpha)
    finite = np.isfinite(mean).all(axis=1)
    return finite & ~np.asarray(dominates).any(axis=0)


def within_limits(mean: np.ndarray, settings: ParetoSettings) -> np.ndarray:
    """Return which rows of ``mean`` (P, m) respect all limits of biology."""
    allowed = mean[:, MAX_RATE] <= settings.max_rate_hz
    allowed &= mean[:, SYNCHRONY] <= settings.max_synchrony
    if settings.max_wasserstein_hz is not None:
        allowed &= mean[:, WASSERSTEIN] <= settings.max_wasserstein_hz
    return allowed


def pooled_estimates(selected: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return minimised objectives (P, m) over networks, and their standard errors.

    What all rules have in common on a network cancels between them. The variance of
    the rest, pooled over intact rules, divided by the number of networks is the squared
    s.e.; with one network nothing is known of it and it is 0.
    """
    names = objectives_in(selected)
    by_network = selected.groupby(["rule", "instance"])[names].mean()
    n_rules, n_networks = selected["rule"].nunique(), selected["instance"].nunique()
    shape = (n_rules, n_networks, len(names))
    values = np.array(by_network, float).reshape(shape) * _signs(names)
    mean = values.mean(axis=1)
    intact = (selected.groupby("rule")["flag"].max() == 0).to_numpy()
    rest = (values - mean[:, None])[intact]
    rest = rest - (rest.mean(axis=0) if len(rest) else 0.0)
    freedom = max((len(rest) - 1) * (n_networks - 1), 1)
    se = np.sqrt((rest**2).sum(axis=(0, 1)) / freedom / n_networks)
    # Exact: of a rule's formula, not measured.
    se[COMPLEXITY] = 0.0
    return mean, np.tile(se, (n_rules, 1))


def _signs(names: Sequence[str]) -> np.ndarray:
    return np.where(np.isin(names, LARGER_IS_BETTER), -1.0, 1.0)


def choose_front(selected: pd.DataFrame, settings: ParetoSettings) -> np.ndarray:
    """Return the rules of the front, most accurate first, from cells of ``selection``.

    Intact rules within the limits of biology stand before others, which are taken only
    where there is none. The best rule of every number of terms has a place before the
    most accurate of all take the rest, so that simple rules are among them.
    """
    mean, se = pooled_estimates(selected)
    intact = (selected.groupby("rule")["flag"].max() == 0).to_numpy()
    usable = intact & within_limits(mean, settings)
    usable = next((mask for mask in (usable, intact) if mask.any()), ~usable)
    members = np.flatnonzero(usable)
    on_front = front_with_errors(mean[members], se[members], settings.front_alpha)
    members = members[on_front] if on_front.any() else members
    return _simple_and_accurate(mean, members, settings.max_rules)


def _simple_and_accurate(mean: np.ndarray, members: np.ndarray, n: int) -> np.ndarray:
    ordered = members[np.argsort(mean[members, ACCURACY], kind="stable")]
    # np.unique names the first of each complexity, which is the most accurate one.
    _, simple = np.unique(mean[ordered, COMPLEXITY], return_index=True)
    chosen = list(dict.fromkeys([*ordered[simple], *ordered]))[:n]
    return np.array([i for i in ordered if i in set(chosen)], dtype=int)


def filter_and_reevaluate(
    populations: Sequence[Population],
    measurement: Measurement,
    space: rules.RuleSpace,
    settings: ParetoSettings,
) -> tuple[pd.DataFrame, np.ndarray, pd.DataFrame]:
    """Measure the candidates of searches again, choose the front, and report it.

    Returns the front's table, its genomes (rules, D) and its cells. ``on_front`` and
    ``within_limits`` say whether a rule still belongs there by its reported means;
    rules are not removed on these, since they were measured to be reported.
    """
    offered = find_candidates(
        space, populations, settings.candidates, settings.shrinkage
    )
    places = zip(offered["population"], offered["row"], strict=True)
    genomes = np.stack([populations[p].genomes[r] for p, r in places])
    rules.validate_genomes(space, genomes)
    cells = cells_of_run(measurement)
    first = [cell for cell in cells if cell.split == "selection"]
    measured = measurement.measured(first, genomes)
    kept = choose_front(measured, settings)
    names = [f"evolved {i}" for i in range(len(kept))]
    front = NamedRules(space, genomes[kept], names, ["evolved"] * len(kept))
    table, reported = score_rules(
        cells, front, measurement, selected=_rows_of(measured, kept)
    )
    # What is to be expected after the choice among all that were measured.
    one_family = pd.Series(np.zeros(len(genomes)))
    table["selection_estimate"] = selection_estimates(measured, one_family)[kept]
    table[list(ORIGIN)] = offered.loc[kept, list(ORIGIN)].to_numpy()
    whole = ("search_seed", "search_evaluations", "family")
    table = table.astype({name: int for name in whole} | {"search_accuracy": float})
    return _judged(table, settings), genomes[kept], reported


def _rows_of(measured: pd.DataFrame, kept: np.ndarray) -> pd.DataFrame:
    number = {rule: i for i, rule in enumerate(kept)}
    part = measured[measured["rule"].isin(kept)]
    return part.assign(rule=part["rule"].map(number)).reset_index(drop=True)


def _judged(table: pd.DataFrame, settings: ParetoSettings) -> pd.DataFrame:
    names = objectives_in(table, "_mean")
    mean, se = (
        table[[f"{name}_{end}" for name in names]].to_numpy(float)
        for end in ("mean", "se")
    )
    mean = mean * _signs(names)
    front = front_with_errors(mean, se, settings.front_alpha)
    table["on_front"] = front & (table["flag"] == 0)
    table["within_limits"] = within_limits(mean, settings)
    return table


def leading_rules(table: pd.DataFrame, n: int) -> np.ndarray:
    """Return rows of up to ``n`` rules for the later analyses.

    First the champion, then the best rule of the fewest terms (where it is another
    one), then the next best on ``selection``.
    """
    ordered = table.sort_values("selection_rank")
    simple = ordered.sort_values("n_terms", kind="stable")["rule"].iloc[:1]
    order = ordered["rule"].to_numpy()
    chosen = dict.fromkeys([*order[:1], *simple, *order])
    return np.array(list(chosen), dtype=int)[:n]
