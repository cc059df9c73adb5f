"""Does the search find better rules than chance does, at the same cost?

In: the last populations of several independent searches, as many fresh random rules
for each as the search evaluated, networks of the search ("seen") and networks that
belong to one search's proof alone ("unseen"). Out: rules and cells of every search,
comparisons with intervals, the formulas in the fronts, how the fronts moved.

Every step is the same for both sides: the ``rules`` best by the estimate that the
search (or the screening) itself made, measured again on sequences that only choose
the champion, then reported on other sequences and images. The search is the unit of
every test: its difference is a mean over networks, and its unseen networks are its
own, so that networks are nested in searches.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd
from scipy import stats

from evoplast import rules
from evoplast.analysis import (
    UNPLASTIC,
    BaselineSettings,
    Evaluate,
    ReevaluationSettings,
    Worlds,
    best_screened,
    draw_rules,
    known_genomes,
    nested_bootstrap_interval,
    non_dominated,
    plan_cells,
    score_rules,
    shrunken,
    sign_flip_test,
    standard_error,
)
from evoplast.artefacts.errors import UserError
from evoplast.artefacts.seeds import named_seed
from evoplast.configuration.section import Settings
from evoplast.evaluation import evaluate
from evoplast.search import Population

PAIRS = (
    ("evolved", "random"),
    ("evolved", UNPLASTIC),
    ("random", UNPLASTIC),
    ("evolved", "known"),
)
SETS = ("evolved", "random")
"""Groups of which a set of rules takes part, not the champion alone."""

PAPER_RULES = ("S_pre", "S_pre·X_post", "five-term best")
"""Names of ``rules.KNOWN_RULES``: the three formulas that Ye et al. 2026 name."""

CONFIDENCE, POWER = 0.95, 0.8
PROGRESS = (
    "hypervolume",
    "fresh_accuracy",
    "offspring_accuracy",
    "mean_complexity",
    "front_size",
)
"""Columns of the history whose change is tested."""


@dataclass(frozen=True)
class ProofSettings(Settings):
    """How many ``rules`` of each side are measured again; ``shrinkage`` of the search.

    ``thresholds`` are the values of phi tried for known rules and no plasticity.
    """

    SECTIONS: ClassVar[tuple[str, ...]] = ("search_proof", "search", "baselines")

    rules: int
    shrinkage: float
    thresholds: tuple[float, ...]


def proof_seed(seed: int, search_seed: int) -> int:
    """Return the root of all draws of one search's proof."""
    return named_seed(seed, "search proof", search_seed)


def best_of_population(
    space: rules.RuleSpace, population: Population, settings: ProofSettings
) -> np.ndarray:
    """Return the rows of the best rules by the search's own shrunken accuracy.

    Intact rules with a term, equal genomes once; no other filter, as there is none
    for random rules.

    Raises:
        UserError: fewer than ``rules`` are left.
    """
    gates = np.asarray(rules.decode(space, population.genomes).gates)
    intact = np.asarray(population.flags) == 0
    accuracy = -np.asarray(population.means, float)[:, 0]
    _, first = np.unique(population.genomes, axis=0, return_index=True)
    fit = intact & (gates.sum(axis=1) > 0) & np.isin(np.arange(len(gates)), first)
    if fit.sum() < settings.rules:
        raise UserError(
            f"search_proof.rules is {settings.rules}, but search "
            f"{population.search_seed} ended with {fit.sum()} different intact rules; "
            "lower it or raise search.population."
        )
    value = shrunken(accuracy, population.counts, intact, settings.shrinkage)
    return np.argsort(np.where(fit, -value, np.inf), kind="stable")[: settings.rules]


def score_search(
    population: Population,
    screening: pd.DataFrame,
    drawing: BaselineSettings,
    worlds_seen: Worlds,
    worlds_unseen: Worlds,
    space: rules.RuleSpace,
    settings: ProofSettings,
    measuring: ReevaluationSettings,
    seed: int,
    evaluate: Evaluate = evaluate,
    log_path: str | Path | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Measure evolved, random and known rules alike; return rules and cells.

    ``screening`` and ``drawing`` belong to the random rules of this search. Both
    tables are those of :mod:`reevaluation`, with a column ``search_seed``.
    """
    own = proof_seed(seed, population.search_seed)
    cells = plan_cells(worlds_seen, worlds_unseen, measuring, own)
    evolved = population.genomes[best_of_population(space, population, settings)]
    best = best_screened(screening, settings.rules)
    drawn = draw_rules(space, drawing, own)[best]
    known, known_names = known_genomes(space, settings.thresholds)
    groups = ["evolved"] * len(evolved) + ["random"] * len(drawn)
    names = [f"{group} {i}" for i, group in enumerate(groups)]
    groups += [UNPLASTIC if n == UNPLASTIC else "known" for n in known_names]
    tables = score_rules(
        cells,
        np.concatenate([evolved, drawn, known]),
        [*names, *known_names],
        groups,
        space,
        measuring,
        evaluate=evaluate,
        log_path=log_path,
    )
    return tuple(table.assign(search_seed=population.search_seed) for table in tables)


def compare_searches(cells: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Compare the groups over searches, one row per pair, split, selection, quantity.

    ``selection`` is "champion" (the rule best on ``selection``) or "set" (the mean
    of all evolved, of all random rules measured again); known rules and no plasticity
    are always represented by the one that is best on ``selection``.
    ``quantity`` is cross_accuracy or the accuracy of a task. Columns: left_mean,
    right_mean, difference_mean, difference_se and the 95 % t interval low, high over
    searches, p_value (t), p_value_signs (exact sign flip, never below 2 / 2^n),
    nested_low, nested_high (bootstrap of searches, then of their networks),
    search_sd and network_sd (components of the spread), detectable (the difference
    that this design finds with a power of 80 %), n_searches, n_networks, n_rules.

    Raises:
        UserError: fewer than two searches.
    """
    n = cells["search_seed"].nunique()
    if n < 2:
        raise UserError(
            f"search_proof.seeds is {n}; a test over searches needs at least 2."
        )
    quantities = ["cross_accuracy", *sorted(c for c in cells if c[:9] == "accuracy_")]
    rows = [
        _comparison(cells, pair, split, selection, quantity, seed)
        for pair in PAIRS
        for split in ("seen", "unseen")
        if (cells["split"] == split).any()
        for selection in ("set", "champion")
        for quantity in quantities
    ]
    return pd.DataFrame(rows)


def _comparison(cells, pair, split, selection, quantity, seed) -> dict:
    part = cells[cells["split"] == split]
    left, right = (_by_network(part, g, selection, quantity) for g in pair)
    row = {"left": pair[0], "right": pair[1], "split": split}
    row |= {"selection": selection, "quantity": quantity}
    row |= {"left_mean": _over_searches(left).mean()}
    row |= {"right_mean": _over_searches(right).mean()}
    row |= {"n_rules": _count(part, pair[0], selection)}
    return row | over_searches(left - right, seed)


def _by_network(part: pd.DataFrame, group: str, selection: str, quantity: str):
    chosen = part[part["group"] == group]
    if selection == "champion" or group not in SETS:
        chosen = chosen[chosen["champion"]]
    return chosen.groupby(["search_seed", "instance"], sort=True)[quantity].mean()


def _count(part: pd.DataFrame, group: str, selection: str) -> int:
    chosen = part[part["group"] == group]
    per_search = chosen.groupby("search_seed")["name"].nunique()
    return 1 if selection == "champion" else int(per_search.min())


def _over_searches(by_network: pd.Series) -> pd.Series:
    return by_network.groupby("search_seed").mean()


def over_searches(difference: pd.Series, seed: int) -> dict:
    """Return the statistics of differences by (search_seed, instance)."""
    means = _over_searches(difference).to_numpy()
    n, se = len(means), standard_error(means)
    network_var = difference.groupby("search_seed").var(ddof=1).mean()
    per_search = difference.groupby("search_seed").size().mean()
    between = means.var(ddof=1) - np.nan_to_num(network_var) / per_search
    searches = difference.index.get_level_values("search_seed").to_numpy()
    nested = nested_bootstrap_interval(difference.to_numpy(), searches, seed)
    test = sign_flip_test(means, np.zeros(n), named_seed(seed, "search proof"))
    return {
        **interval(means),
        "p_value_signs": test.p_value,
        "nested_low": nested[0],
        "nested_high": nested[1],
        "search_sd": float(np.sqrt(max(between, 0.0))),
        "network_sd": float(np.sqrt(network_var)),
        "detectable": float(_quantiles(n) * se),
        "n_searches": n,
        "n_networks": difference.index.get_level_values("instance").nunique(),
    }


def _quantiles(n: int) -> float:
    tail = 0.5 * (1 + CONFIDENCE)
    return stats.t.ppf(tail, n - 1) + stats.t.ppf(POWER, n - 1)


def interval(values: np.ndarray) -> dict:
    """Return mean, standard error, t interval and p of paired differences (n,)."""
    # Differences of fractions that are equal may differ in the last bit.
    values = np.round(np.asarray(values, float), 12)
    n, mean, se = len(values), float(values.mean()), standard_error(values)
    half = stats.t.ppf(0.5 * (1 + CONFIDENCE), n - 1) * se
    t = abs(mean) / se if se != 0 else np.inf
    p_value = 1.0 if mean == 0 else 2 * stats.t.sf(t, n - 1)
    return {
        "difference_mean": mean,
        "difference_se": se,
        "low": mean - half,
        "high": mean + half,
        "p_value": float(p_value),
    }


def formulas_of_fronts(
    populations: Sequence[Population], space: rules.RuleSpace
) -> pd.DataFrame:
    """Count every formula in the last populations and in their fronts.

    One row per search and formula; those that the paper names are always there
    (``paper`` says which, else ""), with a count of 0 if they did not appear.
    ``containing`` counts the rules in which all terms of the formula are active.
    """
    known = {rule.name: rule for rule in rules.KNOWN_RULES}
    named = {name: _gates_of(known[name].coefficients) for name in PAPER_RULES}
    tables = [_formula_table(p, space, named) for p in populations]
    return pd.concat(tables, ignore_index=True)


def _gates_of(coefficients: Mapping[str, float]) -> np.ndarray:
    return np.array([term.name in coefficients for term in rules.TERMS], float)


def _formula_table(population: Population, space, named) -> pd.DataFrame:
    gates = np.asarray(rules.decode(space, population.genomes).gates, float)
    front = non_dominated(population.means) & (np.asarray(population.flags) == 0)
    patterns = {rules.formula(row): row for row in gates}
    paper = {rules.formula(row): name for name, row in named.items()}
    patterns |= {rules.formula(row): row for row in named.values()}
    rows = []
    for text, pattern in patterns.items():
        same = (gates == pattern).all(axis=1)
        rows.append(
            {
                "search_seed": population.search_seed,
                "formula": text,
                "paper": paper.get(text, ""),
                "count": int(same.sum()),
                "in_front": int((same & front).sum()),
                "containing": int((gates >= pattern).all(axis=1).sum()),
                "population": len(gates),
                "front": int(front.sum()),
            }
        )
    table = pd.DataFrame(rows)
    return table.sort_values(["count", "formula"], ascending=[False, True])


def luck_of_estimates(
    population: Population,
    history: pd.DataFrame,
    rules_table: pd.DataFrame,
    settings: ProofSettings,
    measured_rows: np.ndarray,
) -> pd.DataFrame:
    """Return how far four estimates overstate the rule that each calls the best.

    The rules are the evolved ones measured again (``measured_rows`` says which rows of
    the population they are). A survivor is measured in every generation since its
    first (search.refresh 1), so that its mean without the control group follows from
    the group's accuracy in those generations. One row per ``estimate``: the chosen
    rule's ``estimated`` and ``measured`` accuracy (``selection``), their difference
    ``bias``, and ``evaluations`` behind it.
    """
    own = rules_table[rules_table["group"] == "evolved"].sort_values("rule")
    measured = own["cross_accuracy_selection_mean"].to_numpy()
    intact = np.asarray(population.flags) == 0
    counts = np.asarray(population.counts).astype(int)
    controlled = -np.asarray(population.means, float)[:, 0]
    group = history["control_accuracy"].to_numpy()
    shift = np.array([group[-n:].mean() for n in counts]) - group.mean()
    rows = []
    for name, values in (
        ("both", controlled),
        ("no control group", controlled + shift),
    ):
        shrunk = shrunken(values, counts, intact, settings.shrinkage)
        without = "no shrinkage" if name == "both" else "neither"
        for called, estimate in ((name, shrunk), (without, values)):
            chosen = int(np.argmax(estimate[measured_rows]))
            row = {"search_seed": population.search_seed, "estimate": called}
            row |= {"estimated": estimate[measured_rows][chosen]}
            row |= {"measured": measured[chosen]}
            row |= {"bias": row["estimated"] - row["measured"]}
            rows.append(row | {"evaluations": counts[measured_rows][chosen]})
    return pd.DataFrame(rows)


def progress_of_searches(
    histories: Mapping[int, pd.DataFrame], width: int = 3
) -> pd.DataFrame:
    """Return how the fronts moved: first against last ``width`` generations.

    Generation 0 is left out where there are three or more: its estimates are single
    evaluations, luck included. One row per column of ``PROGRESS``, means and t
    interval over searches.

    Raises:
        UserError: a history of a single generation.
    """
    shortest = min(map(len, histories.values()))
    if shortest < 2:
        raise UserError(
            "A search has a single generation; raise search.segments to see it move."
        )
    start = min(shortest - 2, 1)
    width = min(width, (shortest - start) // 2)
    rows = []
    for name in PROGRESS:
        courses = [table[name] for table in histories.values()]
        first = np.array(
            [course.iloc[start : start + width].mean() for course in courses]
        )
        last = np.array([course.iloc[-width:].mean() for course in courses])
        rows.append(
            {
                "quantity": name,
                "generations": width,
                "first_mean": first.mean(),
                "last_mean": last.mean(),
                **interval(last - first),
                "n_searches": len(first),
            }
        )
    return pd.DataFrame(rows)
