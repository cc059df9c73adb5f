"""Baselines: random rules, no plasticity, and rules from the literature.

In: worlds, rule space, settings. Out: tables in the form of the Pareto stage's, the
genomes behind them and the cells. Random rules are screened by the search's own
protocol (one evaluation each on a training network, as many as the search spends);
the best of them are re-evaluated exactly as evolved rules are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd

from evoplast import rules
from evoplast.analysis.named_rules import NamedRules
from evoplast.analysis.own_rules import OWN, OwnRule
from evoplast.analysis.reevaluation import (
    Evaluate,
    Measurement,
    Worlds,
    cells_of_run,
    describe_rules,
    evaluation_table,
    score_rules,
)
from evoplast.artefacts.errors import UserError
from evoplast.artefacts.progress import Progress
from evoplast.artefacts.seeds import jax_key, named_seed
from evoplast.configuration.section import Settings
from evoplast.evaluation import Evaluation, World, evaluate
from evoplast.search import COUNTED

UNPLASTIC = "no plasticity"


@dataclass(frozen=True)
class BaselineSettings(Settings):
    """How many random rules, how they are drawn and screened, which thresholds.

    ``thresholds`` are the values of phi at which known rules and the unplastic
    network are read out (units of the config's threshold). ``accuracy_estimate``
    ("counted" or "smoothed") decides which random rules are best, as in the search.
    """

    SECTIONS: ClassVar[tuple[str, ...]] = ("baselines", "search", "task")

    random_rules: int
    initial_gate_probability: float
    coefficient_prior: str
    best_rules: int
    thresholds: tuple[float, ...]
    training_trials: int
    validation_trials: int
    accuracy_estimate: str


def draw_rules(
    space: rules.RuleSpace, settings: BaselineSettings, seed: int
) -> np.ndarray:
    """Draw the random rules (P, D); at least one term is on in each.

    A draw without a term is the unplastic network, a baseline of its own; one gate
    is then switched on, the first of those nearest to being on.
    """
    key = jax_key(seed, "baselines", "random rules")
    drawn = rules.random_genomes(
        space,
        settings.random_rules,
        key,
        settings.initial_gate_probability,
        settings.coefficient_prior,
    )
    gates = drawn[:, space.slices["gates"]]
    empty = ~(gates > 0.5).any(axis=1)
    gates[empty, gates[empty].argmax(axis=1)] = 1.0
    return drawn


def random_rules(
    measurement: Measurement, space: rules.RuleSpace, settings: BaselineSettings
) -> tuple[pd.DataFrame, np.ndarray, pd.DataFrame]:
    """Screen random rules, re-evaluate the best; return table, genomes, cells.

    The table has a row for every rule; columns of the re-evaluation are empty but
    for the ``best_rules`` with the highest screening accuracy relative to their
    network's mean.

    Raises:
        UserError: fewer random rules than training networks, or none to keep.
    """
    _check_numbers(settings, measurement.seen)
    cells = cells_of_run(measurement)
    genomes = draw_rules(space, settings, measurement.seed)
    names = [f"random {i}" for i in range(len(genomes))]
    screening = screen(
        measurement.seen,
        genomes,
        settings,
        measurement.seed,
        measurement.evaluate,
        measurement.log_path,
    )
    best = best_screened(screening, settings.best_rules)
    chosen = NamedRules(
        space, genomes[best], [names[i] for i in best], ["random"] * len(best)
    )
    scored, long = score_rules(cells, chosen, measurement)
    long["rule"] = best[long["rule"]]
    table = describe_rules(space, genomes, names, ["random"] * len(genomes))
    table = _with_reevaluation(table.merge(screening, on="rule"), scored, best)
    return table, genomes, long


def _check_numbers(settings: BaselineSettings, worlds: Worlds) -> None:
    if settings.random_rules < max(len(worlds), 1):
        raise UserError(
            f"baselines.random_rules is {settings.random_rules}; it must be at least "
            f"the number of training networks, {max(len(worlds), 1)}."
        )
    if not 1 <= settings.best_rules <= settings.random_rules:
        raise UserError(
            f"baselines.best_rules is {settings.best_rules}; it must lie between 1 "
            f"and baselines.random_rules ({settings.random_rules})."
        )


def _with_reevaluation(
    table: pd.DataFrame, scored: pd.DataFrame, best: np.ndarray
) -> pd.DataFrame:
    known = ["name", "group", "formula", "latex", "n_terms", "complexity", "phi"]
    scored = scored.drop(columns=known).assign(rule=best)
    table = table.merge(scored, on="rule", how="left")
    table["reevaluated"] = table["rule"].isin(best)
    counts = [c for c in table if c.startswith("n_") or c == "selection_rank"]
    table[counts] = table[counts].fillna(0).astype(int)
    table["flag"] = table["flag"].fillna(table["screening_flag"]).astype(int)
    table["champion"] = table["selection_rank"] == 1
    return table


def screen(
    worlds: Worlds,
    genomes: np.ndarray,
    settings: BaselineSettings,
    seed: int,
    evaluate: Evaluate = evaluate,
    log_path: str | Path | None = None,
) -> pd.DataFrame:
    """Evaluate each rule once, the networks taking turns; one row per rule.

    Networks and sequences differ in difficulty by as much as rules do, therefore
    ``screening_relative_accuracy`` is relative to the mean of the (intact) random
    rules on the same network and sequence.
    """
    blocks = np.array_split(np.arange(len(genomes)), len(worlds))
    tables = []
    with Progress(len(genomes), "random rules", log_path) as progress:
        for (instance, world), block in zip(
            sorted(worlds.items()), blocks, strict=True
        ):
            result = evaluate(
                world,
                genomes[block],
                named_seed(seed, "baselines", "screening", instance),
                settings.training_trials,
                settings.validation_trials,
                "training",
            )
            table = _screening_table(
                result, world, instance, block, settings.accuracy_estimate
            )
            tables.append(table)
            best = float(table["screening_cross_accuracy"].max())
            progress.step(len(block), instance=instance, best_accuracy=best)
    return pd.concat(tables, ignore_index=True)


def _screening_table(
    result: Evaluation, world: World, instance: int, block: np.ndarray, estimate: str
) -> pd.DataFrame:
    table = evaluation_table(result, world.task_names).drop(columns="rule")
    table = table.add_prefix("screening_")
    table.insert(0, "rule", block)
    table.insert(1, "screening_instance", instance)
    accuracy = table["screening_cross_accuracy"]
    if estimate != COUNTED:
        accuracy = pd.Series(np.mean(result.smoothed_accuracy, axis=1))
        table["screening_smoothed_accuracy"] = accuracy
    intact = accuracy[table["screening_flag"] == 0]
    reference = intact.mean() if len(intact) else accuracy.mean()
    table["screening_relative_accuracy"] = accuracy - reference
    return table


def best_screened(screening: pd.DataFrame, n: int) -> np.ndarray:
    """Return the rules with the highest relative accuracy, intact ones first."""
    ordered = screening.assign(broken=screening["screening_flag"] != 0).sort_values(
        ["broken", "screening_relative_accuracy", "rule"],
        ascending=[True, False, True],
    )
    return ordered["rule"].to_numpy()[:n]


def known_genomes(
    space: rules.RuleSpace, thresholds: tuple[float, ...]
) -> tuple[np.ndarray, list[str]]:
    """Return each known rule at each threshold, (P, D), and the rules' names.

    Raises:
        UserError: no threshold, or one outside the range of phi.
    """
    if not thresholds:
        raise UserError("baselines.thresholds is empty; give at least one phi.")
    genomes, names = [], []
    for name, genome in rules.known_rules(space).items():
        for phi in thresholds:
            copy = np.array(genome)
            copy[space.slices["phi"]] = phi
            genomes.append(copy)
            names.append(name)
    stacked = np.stack(genomes)
    rules.validate_genomes(space, stacked)
    return stacked, names


def known_rules(
    measurement: Measurement,
    space: rules.RuleSpace,
    settings: BaselineSettings,
    own: Sequence[OwnRule] = (),
) -> tuple[pd.DataFrame, np.ndarray, pd.DataFrame]:
    """Score no plasticity, the known rules and the user's own; return as others do.

    Each rule appears once per threshold; the champion of a name is the threshold
    that was best on ``selection``, so these rules are tuned as fairly as the others.
    A rule of the user (group "own") that says its threshold appears once. Only
    champions are run on the reported splits.
    """
    genomes, names = known_genomes(space, settings.thresholds)
    groups = [UNPLASTIC if name == UNPLASTIC else "known" for name in names]
    added = [g for rule in own for g in _at_thresholds(space, rule, settings)]
    genomes = np.stack([*genomes, *(genome for _, genome in added)])
    names += [name for name, _ in added]
    groups += [OWN] * len(added)
    table, long = score_rules(
        cells_of_run(measurement),
        NamedRules(space, genomes, names, groups),
        measurement,
        champion_of="name",
        only_champions=True,
    )
    return table, genomes, long


def _at_thresholds(
    space: rules.RuleSpace, rule: OwnRule, settings: BaselineSettings
) -> list[tuple[str, np.ndarray]]:
    if rule.has_threshold:
        return [(rule.name, rule.genome)]
    copies = np.tile(rule.genome, (len(settings.thresholds), 1))
    copies[:, space.slices["phi"]] = np.array(settings.thresholds)[:, None]
    return [(rule.name, genome) for genome in copies]


def listed(table: pd.DataFrame) -> str:
    """Return the champions of ``known_rules``'s table as Markdown, the best first."""
    shown = table[table["champion"]].sort_values(
        ["cross_accuracy_mean", "name"], ascending=[False, True]
    )
    header = ("rule", "group", "formula", "threshold", "accuracy", "highest rate, Hz")
    lines = [header, ["---"] * len(header)]
    lines += [
        (
            row.name_,
            row.group,
            row.formula,
            f"{row.phi:.2f}",
            _with_error(row.cross_accuracy_mean, row.cross_accuracy_se),
            f"{row.max_rate_hz_mean:.0f}",
        )
        for row in shown.rename(columns={"name": "name_"}).itertuples()
    ]
    text = "".join("| " + " | ".join(map(_cell, line)) + " |\n" for line in lines)
    return f"Accuracy on networks never used, ± s.e. over networks.\n\n{text}"


def _with_error(mean: float, se: float) -> str:
    # With one network nothing is known of the error.
    return f"{mean:.3f}" if np.isnan(se) else f"{mean:.3f} ± {se:.3f}"


def _cell(text: str) -> str:
    return str(text).replace("|", "\\|").replace("\n", " ")
