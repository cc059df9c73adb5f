"""Re-evaluation of rules on sequences and networks that chose nothing before.

In: genomes, worlds of the networks that rules are chosen on ("seen") and of networks
never used ("unseen"); a search has networks of its own. Out: a long table of cells, one
row per rule, split, network instance and seed, and its summary, one row per rule.

Splits. ``selection``: seen networks, training images, fresh sequences; rules may
be chosen on it. ``seen`` and ``unseen``: test images and another set of sequences;
nothing may be chosen on them, so the best of many is reported without the
winner's curse. Seeds are named (root, "pareto", "selection" or "report", instance,
i): every network has its own sequences, so that the error over networks holds the
noise of sequences, too. The search draws under (root, "search", ...), so no sequence
is shared with it. Seeds do not depend on the rule: tables made from one root seed are
paired cell by cell.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd

from evoplast import rules
from evoplast.analysis.named_rules import NamedRules
from evoplast.analysis.selection import selection_estimates, selection_rank
from evoplast.artefacts.errors import UserError
from evoplast.artefacts.progress import Progress
from evoplast.artefacts.seeds import named_seed
from evoplast.configuration.section import Settings
from evoplast.evaluation import (
    EXTRA_OBJECTIVES,
    Evaluation,
    World,
    evaluate,
    natural_extras,
)

OBJECTIVES = (
    "cross_accuracy",
    "complexity",
    "max_rate_hz",
    "synchrony",
    "rate_difference_hz",
    "wasserstein_hz",
)
"""The six objectives in natural units (a larger accuracy is better)."""

EXTRAS = tuple(extra.column for extra in EXTRA_OBJECTIVES.values())
LARGER_IS_BETTER = (
    OBJECTIVES[0],
    *(extra.column for extra in EXTRA_OBJECTIVES.values() if extra.sign < 0),
)

SPLITS = ("selection", "seen", "unseen")
DIAGNOSTICS = ("mean_rate_hz", "fraction_at_bound", "relative_weight_change")
Worlds = Mapping[int, World]
Evaluate = Callable[..., Evaluation]


@dataclass(frozen=True)
class ReevaluationSettings(Settings):
    """How rules are re-evaluated: trials per cell and numbers of seeds.

    ``report_seeds`` sequences per network are reported on, ``selection_seeds`` others
    are selected on; at most ``seen_instances`` of the search's networks are used.
    """

    SECTIONS: ClassVar[tuple[str, ...]] = ("pareto", "task")

    training_trials: int
    test_trials: int
    selection_seeds: int
    report_seeds: int
    seen_instances: int


@dataclass(frozen=True)
class Measurement:
    """Where and how rules are measured: what all stages of a run have in common.

    Attributes:
        seen: networks that rules are chosen on; ``unseen``: those never used.
        settings: trials per cell and numbers of sequences.
        seed: of the run; the sequences follow from it.
        log_path: where progress goes; ``evaluate``: from rules to numbers.
    """

    seen: Worlds
    unseen: Worlds
    settings: ReevaluationSettings
    seed: int
    log_path: str | Path | None = None
    evaluate: Evaluate = evaluate

    def measured(self, cells: Sequence["Cell"], genomes: np.ndarray) -> pd.DataFrame:
        """Evaluate ``genomes`` (P, D) in every cell, as ``reevaluate``."""
        return reevaluate(cells, genomes, self.settings, self.evaluate, self.log_path)


@dataclass(frozen=True)
class Cell:
    """One evaluation of all rules: a split, a network and a sequence seed."""

    split: str
    instance: int
    world: World
    seed_index: int
    sequence_seed: int

    @property
    def images(self) -> str:
        """Which images the scored trials show."""
        return "training" if self.split == "selection" else "test"


def plan_cells(
    worlds_seen: Worlds,
    worlds_unseen: Worlds,
    settings: ReevaluationSettings,
    seed: int,
) -> list[Cell]:
    """List the cells of a re-evaluation, in the order selection, seen, unseen.

    Raises:
        UserError: no network, or no seed, to select or to report on.
    """
    if not worlds_seen or settings.seen_instances < 1:
        raise UserError(
            "There is no network to select rules on; set "
            "network.training_instances and pareto.seen_instances to at least 1."
        )
    for name in ("selection_seeds", "report_seeds"):
        if getattr(settings, name) < 1:
            raise UserError(
                f"pareto.{name} is {getattr(settings, name)}; it must be at least 1."
            )
    seen = dict(islice(sorted(worlds_seen.items()), settings.seen_instances))
    parts = (
        ("selection", seen, settings.selection_seeds),
        ("seen", seen, settings.report_seeds),
        ("unseen", dict(sorted(worlds_unseen.items())), settings.report_seeds),
    )
    return [
        Cell(split, instance, world, i, _sequence_seed(seed, split, instance, i))
        for split, worlds, n_seeds in parts
        for instance, world in worlds.items()
        for i in range(n_seeds)
    ]


def cells_of_run(measurement: Measurement) -> list[Cell]:
    """List the cells of ``plan_cells`` that a run needs.

    No search uses the selection networks: what rules reach there on other sequences
    ("seen") is reported only where no network was left out of the choice.

    Raises:
        UserError: as ``plan_cells``.
    """
    seen, unseen = measurement.seen, measurement.unseen
    cells = plan_cells(seen, unseen, measurement.settings, measurement.seed)
    return [cell for cell in cells if cell.split != "seen" or not unseen]


def _sequence_seed(seed: int, split: str, instance: int, index: int) -> int:
    use = "selection" if split == "selection" else "report"
    return named_seed(seed, "pareto", use, instance, index)


def reevaluate(
    cells: Sequence[Cell],
    genomes: np.ndarray,
    settings: ReevaluationSettings,
    evaluate: Evaluate = evaluate,
    log_path: str | Path | None = None,
) -> pd.DataFrame:
    """Evaluate ``genomes`` (P, D) in every cell; one row per rule and cell.

    Columns: rule, split, instance, seed_index and those of ``evaluation_table``.
    """
    tables = []
    with Progress(len(cells), "re-evaluation", log_path) as progress:
        for cell in cells:
            result = evaluate(
                cell.world,
                genomes,
                cell.sequence_seed,
                settings.training_trials,
                settings.test_trials,
                cell.images,
            )
            table = evaluation_table(result, cell.world.task_names)
            table.insert(1, "split", cell.split)
            table.insert(2, "instance", cell.instance)
            table.insert(3, "seed_index", cell.seed_index)
            tables.append(table)
            best = float(table["cross_accuracy"].max())
            progress.step(split=cell.split, best_accuracy=best)
    return pd.concat(tables, ignore_index=True)


def evaluation_table(result: Evaluation, task_names: Sequence[str]) -> pd.DataFrame:
    """Return one row per rule of an evaluation, in natural units.

    Columns: rule, flag, the six objectives and extra ones that were measured, accuracy,
    balanced_accuracy and auc of each task, ``DIAGNOSTICS``. The accuracy of a flagged
    rule is the measured one (the search counts it as 0): a distribution of accuracies
    would otherwise get a second peak that means something else. Its other objectives
    are the worst values.
    """
    objectives = natural_objectives(result.objectives)
    objectives[:, 0] = np.asarray(result.accuracy, float).mean(axis=1)
    columns = {"rule": np.arange(len(objectives)), "flag": np.asarray(result.flag)}
    columns |= dict(zip(OBJECTIVES, objectives.T, strict=True))
    columns |= natural_extras(result.recordings, result.flag)
    for quantity in ("accuracy", "balanced_accuracy", "auc"):
        values = np.asarray(getattr(result, quantity), float)
        columns |= {
            f"{quantity}_{t}": v for t, v in zip(task_names, values.T, strict=True)
        }
    columns |= {name: np.asarray(getattr(result, name), float) for name in DIAGNOSTICS}
    return pd.DataFrame(columns)


def objectives_in(columns: Collection[str], suffix: str = "") -> list[str]:
    """Return the objectives that a table's ``columns`` hold, the six first."""
    return [*OBJECTIVES, *(name for name in EXTRAS if f"{name}{suffix}" in columns)]


def natural_objectives(objectives: np.ndarray) -> np.ndarray:
    """Turn minimised objectives (P, 6) into natural units: accuracy is not negated."""
    natural = np.array(objectives, dtype=float)
    natural[:, 0] *= -1
    return natural


def describe_rules(
    space: rules.RuleSpace,
    genomes: np.ndarray,
    names: Sequence[str],
    groups: Sequence[str],
) -> pd.DataFrame:
    """Return one row per genome: rule, name, group, formula, latex, size, phi."""
    parameters = rules.decode(space, np.asarray(genomes, np.float32))
    n_terms = parameters.gates.sum(axis=1).astype(int)
    return pd.DataFrame(
        {
            "rule": np.arange(len(genomes)),
            "name": list(names),
            "group": list(groups),
            "formula": [rules.formula(gates) for gates in parameters.gates],
            "latex": [rules.latex(gates) for gates in parameters.gates],
            "n_terms": n_terms,
            "complexity": n_terms / rules.N_TERMS,
            "phi": parameters.phi.astype(float),
        }
    )


def summarise(cells: pd.DataFrame, test_trials: int) -> pd.DataFrame:
    """Summarise cells to one row per rule (columns: docs of the rules tables).

    Means and standard errors over cells, networks being the unit; ``{objective}``
    and the diagnostics come from ``unseen``, without unseen networks from ``seen``.
    """
    reported = "unseen" if (cells["split"] == "unseen").any() else "seen"
    plain = [n for n in (*objectives_in(cells), *DIAGNOSTICS) if n != "complexity"]
    tables = [_errors_over_networks(cells[cells["split"] == reported], plain)]
    tables += [_split_summary(cells, split, test_trials) for split in SPLITS]
    table = pd.concat(tables, axis=1).assign(reported_split=reported)
    table["flag"] = cells.groupby("rule")["flag"].max().astype(int)
    return table.rename_axis("rule").reset_index()


def _split_summary(cells: pd.DataFrame, split: str, test_trials: int) -> pd.DataFrame:
    quantities = ("cross_accuracy", "accuracy_", "balanced_accuracy_", "auc_")
    names = [name for name in cells if name.startswith(quantities)]
    every_rule = pd.Index(cells["rule"].unique())
    part = cells[cells["split"] == split]
    renamed = part.rename(columns={name: f"{name}_{split}" for name in names})
    table = _errors_over_networks(renamed, [f"{name}_{split}" for name in names])
    table = table.reindex(every_rule)
    by_rule = part.groupby("rule")["instance"]
    counts = {"n_cells": by_rule.size(), "n_instances": by_rule.nunique()}
    counts["n_trials"] = counts["n_cells"] * test_trials
    for name, count in counts.items():
        table[f"{name}_{split}"] = count.reindex(every_rule, fill_value=0)
    return table


def _errors_over_networks(part: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Return ``_mean`` and ``_se`` of columns by rule, as ``statistics.clustered``."""
    units = part.set_index("rule")[names]
    if part["instance"].nunique() > 1:
        units = part.groupby(["rule", "instance"])[names].mean()
    by_rule = units.groupby("rule")
    table = by_rule.mean().add_suffix("_mean").join(by_rule.sem().add_suffix("_se"))
    return table[[f"{name}{end}" for name in names for end in ("_mean", "_se")]]


def score_rules(
    cells: Sequence[Cell],
    named: NamedRules,
    measurement: Measurement,
    *,
    champion_of: str = "group",
    only_champions: bool = False,
    selected: pd.DataFrame | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Re-evaluate named rules; return the rules' table and the cells.

    ``champion_of`` names the column within which the best on ``selection`` is the
    champion; with ``only_champions`` the others are not run on the reported splits
    and have no numbers there. ``selected`` are cells of ``selection`` that were
    measured of these rules already. Random, known and evolved rules all pass through
    this function, so that their numbers can be compared.

    Raises:
        UserError: a genome is illegal, or there is none.
    """
    genomes = np.asarray(named.genomes)
    if len(genomes) == 0:
        raise UserError(
            "There is no rule to evaluate; ask for at least one (pareto.max_rules, "
            "baselines.best_rules)."
        )
    rules.validate_genomes(named.space, genomes)
    about = describe_rules(named.space, genomes, named.names, named.groups)
    first = [cell for cell in cells if cell.split == "selection"]
    rest = [cell for cell in cells if cell.split != "selection"]
    if selected is None:
        selected = measurement.measured(first, genomes)
    about["selection_rank"] = selection_rank(about, selected, champion_of)
    about["champion"] = about["selection_rank"] == 1
    kept = np.flatnonzero(about["champion"] | (not only_champions))
    reported = measurement.measured(rest, genomes[kept])
    reported["rule"] = kept[reported["rule"]]
    scored = pd.concat([selected, reported], ignore_index=True)
    table = about.merge(summarise(scored, measurement.settings.test_trials), on="rule")
    table["complexity_mean"], table["complexity_se"] = table["complexity"], 0.0
    table["selection_estimate"] = selection_estimates(selected, about[champion_of])
    return table, about[["rule", "name", "group", "champion"]].merge(scored, on="rule")
