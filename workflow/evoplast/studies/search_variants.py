"""One small search under changed conditions, and what its rules are worth afterwards.

In: worlds, settings of the search, a switch for the control group, generations after
which to look. Out: the rules that the search calls its best at each look, with its own
estimate, their cells on fresh sequences, and the history. The studies of networks and
sizes, of selection bias and of initialisation are comparisons of such searches.

At each look the best by the search's own estimate are measured again, as are the
control group and no plasticity, in the splits of :mod:`reevaluation`: ``selection`` has
the search's networks and images and new sequences, ``seen`` other images, ``unseen``
other networks. What differs between ``search_estimate`` and ``selection`` is therefore
luck, of rules and of sequences.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pandas as pd

from evoplast import rules
from evoplast.analysis import (
    UNPLASTIC,
    Measurement,
    Worlds,
    describe_rules,
    plan_cells,
)
from evoplast.artefacts.errors import UserError
from evoplast.artefacts.progress import Progress
from evoplast.artefacts.seeds import named_seed
from evoplast.configuration.section import Settings
from evoplast.search import (
    Measure,
    SearchSettings,
    SearchTask,
    Statistics,
    estimates,
    history_rows,
    rule_search,
    run_generations,
)

CONTROL, EVOLVED = "control", "evolved"


@dataclass(frozen=True)
class VariantSettings(Settings):
    """Length of a search and how it is judged.

    generations; looks: numbers of generations after which rules are measured again,
    the last being ``generations``; rules: how many; thresholds: phi at which no
    plasticity is read out. controlled: whether objectives are relative to the control
    group, which is measured in any case.
    """

    SECTIONS: ClassVar[tuple[str, ...]] = ("search_studies", "baselines")

    generations: int
    looks: tuple[int, ...]
    rules: int
    thresholds: tuple[float, ...]
    controlled: bool = True


def run_variant(
    measurement: Measurement,
    space: rules.RuleSpace,
    search: SearchSettings,
    variant: VariantSettings,
    search_seed: int,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Search on ``measurement.seen``, look, measure again.

    Returns rules, cells and history.

    rules: one row per look and rule with ``generations``, ``evaluations`` of the
    search so far (controls included), ``search_estimate`` (its shrunken estimate),
    ``search_advantage`` (the same minus the control group's mean over generations).

    Raises:
        UserError: looks that do not ascend to the last generation.
    """
    _check_looks(variant)
    seen, seed = measurement.seen, measurement.seed
    task, controls = _task(seen, space, search, variant, seed, search_seed)
    own = named_seed(seed, "search study", search_seed)
    cells = plan_cells(seen, measurement.unseen, measurement.settings, own)
    state, tables, long = None, [], []
    with Progress(variant.generations, "search", measurement.log_path) as progress:
        for done, look in zip((0, *variant.looks), variant.looks, strict=False):
            state = run_generations(
                task, state, look - done, on_generation=lambda row: progress.step()
            ).state
            table, genomes = _look(state, task, space, search, variant, controls)
            measured = measurement.measured(cells, genomes)
            tables.append(table.assign(generations=look))
            about = table[["rule", "name", "group"]]
            long.append(about.merge(measured, on="rule").assign(generations=look))
    assert state is not None, "settings have at least one look"
    history = pd.DataFrame(history_rows(state)).drop(columns="features")
    joined = [pd.concat(part, ignore_index=True) for part in (tables, long)]
    return joined[0], joined[1], history


def _check_looks(variant: VariantSettings) -> None:
    looks = variant.looks
    ascending = all(a < b for a, b in zip((0, *looks), looks, strict=False))
    if not looks or not ascending or looks[-1] != variant.generations:
        raise UserError(
            f"The looks of a search of {variant.generations} generations are {looks}; "
            "they must ascend from 1 and end with its last generation."
        )


def _task(
    worlds: Worlds, space, search: SearchSettings, variant, seed: int, search_seed: int
) -> tuple[SearchTask, list[float]]:
    """Return the search, and a list that fills with the control group's accuracies."""
    task, controls = rule_search(worlds, space, search, seed, search_seed), []
    n = len(task.controls)
    measure: Measure = task.measure

    def noting(genomes: np.ndarray, generation: int) -> tuple[np.ndarray, np.ndarray]:
        values, flags = measure(genomes, generation)
        intact = flags[-n:] == 0
        if intact.any():
            controls.append(-values[-n:][intact, 0].mean())
        return values, flags

    corrected = task.corrected & variant.controlled
    return replace(task, measure=noting, corrected=corrected), controls


def _look(state, task, space, search, variant, controls: Sequence[float]):
    """Return the table and the genomes of what is measured again."""
    genomes = state["population"].values
    parts = (state[name].values for name in ("count", "mean", "m2"))
    score, _ = estimates(Statistics(*parts), search.shrinkage, search.variance_prior)
    offset = state["problem_control_mean"].values[0]
    value = -(np.asarray(score)[:, 0] + offset)
    gates = np.asarray(rules.decode(space, genomes).gates)
    fit = (state["flag"].values == 0) & (gates.sum(axis=1) > 0)
    best = np.argsort(np.where(fit, -value, np.inf), kind="stable")[: variant.rules]
    still = [
        rules.uniform_rule(space, {}, phi=threshold) for threshold in variant.thresholds
    ]
    groups = [EVOLVED] * len(best) + [UNPLASTIC] * len(still)
    groups += [CONTROL] * len(task.controls)
    measured = np.concatenate([genomes[best], np.stack(still), task.controls])
    names = [f"{group} {i}" for i, group in enumerate(groups)]
    table = describe_rules(space, measured, names, groups)
    table["search_estimate"] = pd.Series(value[best]).reindex(table.index)
    table["search_advantage"] = table["search_estimate"] - np.mean(controls)
    table["search_count"] = pd.Series(state["count"].values[best]).reindex(table.index)
    n = int(state["history_evaluations"].values[-1])
    n += int(state["history_control_evaluations"].values[-1])
    return table.assign(evaluations=n * search.instances_per_generation), measured
