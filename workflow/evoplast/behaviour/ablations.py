"""What matters in a rule: the same rules without parts of theirs.

In: rules, networks never used. Out: cells, and a table with one row per rule and
ablation: accuracy beside the intact rule's on the same networks and sequences. Draws of
chance are averaged within a network before anything is tested.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from evoplast import rules
from evoplast.analysis import Worlds
from evoplast.artefacts.seeds import numpy_rng
from evoplast.behaviour.cells import CROSS, CellPlan, compared, measure_cells
from evoplast.behaviour.representatives import NONE, Representatives
from evoplast.behaviour.variants import (
    INTACT,
    KINDS,
    PLASTIC_TEST,
    REWARD_SHUFFLED,
    Variant,
    variants_of,
)
from evoplast.configuration.sections.behaviour import AblationsSettings
from evoplast.evaluation import World


def list_variants(
    chosen: Representatives, settings: AblationsSettings, seed: int
) -> tuple[pd.DataFrame, np.ndarray]:
    """Return all ablations of the chosen rules, and their genomes (V, D).

    Columns of the table: variant (row of the genomes), rule, label, labels, group,
    intact (formula of the rule), kind, term, draw, formula, n_terms.
    """
    rows, genomes = [], []
    for row in chosen.table[chosen.table["label"] != NONE].itertuples():
        rng = numpy_rng(seed, "ablations", row.label)
        own = chosen.genomes[row.rule]
        found = variants_of(
            chosen.space, own, settings.draws, settings.fixed_tau_ms, rng
        )
        rows += [_described(row, variant, chosen.space) for variant in found]
        genomes += [variant.genome for variant in found]
    table = pd.DataFrame(rows)
    table.insert(0, "variant", np.arange(len(table)))
    return table, np.stack(genomes).astype(np.float32)


def _described(row, variant: Variant, space: rules.RuleSpace) -> dict:
    gates = np.asarray(rules.decode(space, variant.genome[None]).gates)[0]
    return {
        "rule": row.rule,
        "label": row.label,
        "labels": row.labels,
        "group": row.group,
        "intact": row.formula,
        "kind": variant.kind,
        "term": variant.term,
        "draw": variant.draw,
        "formula": rules.formula(gates),
        "n_terms": int(gates.sum()),
    }


def ablation_cells(
    variants: pd.DataFrame,
    genomes: np.ndarray,
    plan: CellPlan,
    settings: AblationsSettings,
) -> pd.DataFrame:
    """Measure all ablations; columns of ``measure_cells`` with ``variant`` for rule."""
    late = delayed(plan.worlds, settings.reward_delay_trials)
    parts = {
        PLASTIC_TEST: (plan, {"plastic_test": True}),
        REWARD_SHUFFLED: (replace(plan, worlds=late), {}),
    }
    kinds = variants["kind"].where(variants["kind"].isin(parts), "")
    tables = []
    for kind, own in variants.groupby(kinds, sort=True):
        place, options = parts.get(kind, (plan, {}))
        members = own["variant"].to_numpy()
        cells = measure_cells(place, genomes[members], **options)
        tables.append(cells.assign(variant=members[cells["rule"]]))
    return pd.concat(tables, ignore_index=True).drop(columns="rule")


def delayed(worlds: Worlds, delay_trials: int) -> dict[int, World]:
    """Return worlds in which the reward is that of ``delay_trials`` trials ago."""
    return {key: _delayed(world, delay_trials) for key, world in worlds.items()}


def _delayed(world: World, delay_trials: int) -> World:
    task = replace(world.settings.task, reward_delay_trials=delay_trials)
    return replace(world, settings=replace(world.settings, task=task))


def ablations(variants: pd.DataFrame, cells: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Compare every ablation with the intact rule, one row per ablation and quantity.

    Columns: label, labels, group, intact, kind, term, formula (of the first draw),
    n_draws and those of ``compared``; ``p_holm`` is corrected for all ablations of all
    rules in the accuracy of both tasks, in other quantities for all of these.
    """
    names = ["label", "kind", "term"]
    about = variants.groupby(names, sort=False).agg(
        labels=("labels", "first"),
        group=("group", "first"),
        intact=("intact", "first"),
        formula=("formula", "first"),
        n_draws=("variant", "size"),
    )
    about = about.reset_index()
    about["order"] = about["kind"].map(KINDS.index)
    labels = list(variants["label"].unique())
    about["place"] = about["label"].map(labels.index)
    about = about.sort_values(["place", "order"], kind="stable")
    about = about.drop(columns=["place", "order"]).reset_index(drop=True)
    numbers = about[names].assign(rule=about.index)
    place = variants[["variant", *names]].merge(numbers, on=names)
    reference = _intact(about)
    quantities = [CROSS, *(n for n in cells if n.startswith("accuracy_"))]
    quantities += ["mean_rate_hz", "max_rate_hz", "wasserstein_hz"]
    merged = cells.merge(place[["variant", "rule"]], on="variant")
    table = compared(merged, reference, seed, quantities)
    return about.assign(rule=about.index).merge(table, on="rule").drop(columns="rule")


def _intact(about: pd.DataFrame) -> Mapping[int, int]:
    own = about[about["kind"] == INTACT].reset_index().set_index("label")["index"]
    return {i: int(own[label]) for i, label in about["label"].items()}
