"""The few rules that all analyses show, chosen before anything is reported of them.

In: the front, the baselines and what searches ended with. Out: a table with one row for
each rule and its genomes, which ``read_representatives`` gives back::

    chosen = read_representatives(table_path, parameters_path)
    for row in chosen.table.itertuples():
        print(row.label, row.labels, row.group, row.formula)
    chosen.genomes[chosen.index("best")]    # (D,)
    chosen.genomes[chosen.index("none")]    # the plasticity-free reference of all pairs
    chosen.named                            # NamedRules for evaluate and describe_rules

Only what was measured on the networks that rules are chosen on ("selection") counts, so
what is measured on networks that were held out is free of the winner's curse.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from evoplast import rules
from evoplast.analysis import UNPLASTIC, NamedRules
from evoplast.artefacts.errors import UserError
from evoplast.artefacts.netcdf import read_dataset
from evoplast.artefacts.parquet import read_table
from evoplast.behaviour.recurrence import front_gates, jaccard
from evoplast.configuration.sections.behaviour import RepresentativesSettings
from evoplast.search import Population

NONE = "none"
REASONS = {
    "best": "most accurate of the front",
    "best_within": "most accurate of the front with no neuron above "
    "representatives.max_rate_hz and rates no farther from the mouse's than none",
    "simplest": "fewest terms of the front, then most accurate",
    "frequent": "formula on most searches' own fronts, then most alike to all others",
    "rewarded": "most accurate of the front whose terms hold the reward",
    "known": "rule of the literature (representatives.known_rule)",
    "random": "most accurate of the random rules that were measured again",
    NONE: "no plasticity, at its better threshold",
}
LABELS = tuple(REASONS)
"""Labels in the order of the table; a rule of two labels has the first."""

BEST = "best"
QUANTITIES = ("cross_accuracy", "max_rate_hz", "wasserstein_hz")


@dataclass(frozen=True)
class Pool:
    """Rules of one stage: its table, genomes (P, D) in that order, and its cells."""

    name: str
    table: pd.DataFrame
    genomes: np.ndarray
    cells: pd.DataFrame


@dataclass(frozen=True)
class Representatives:
    """Chosen rules: ``table`` as of ``choose_representatives``, ``genomes`` (P, D)."""

    space: rules.RuleSpace
    genomes: np.ndarray
    table: pd.DataFrame

    @property
    def named(self) -> NamedRules:
        """Genomes with the first label of each as its name, and its group."""
        names, groups = (self.table[name].tolist() for name in ("label", "group"))
        return NamedRules(self.space, self.genomes, names, groups)

    def index(self, label: str) -> int:
        """Return the row of the rule that has ``label``, also as a second one.

        Raises:
            UserError: no rule has it.
        """
        for row, labels in enumerate(self.table["labels"]):
            if label in labels.split(", "):
                return row
        raise UserError(
            f"No rule is labelled {label!r}; there are "
            f"{', '.join(self.table['labels'])}."
        )


def read_representatives(table: str | Path, parameters: str | Path) -> Representatives:
    """Read analysis/representatives.parquet and representatives_parameters.nc.

    Raises:
        UserError: a file is missing, damaged or not of the other.
    """
    space, genomes = rules.dataset_to_genomes(read_dataset(parameters))
    rows = read_table(table)
    if rules.formulas(space, genomes) != rows["formula"].tolist():
        raise UserError(
            f"{parameters} does not hold the rules of {table}; make both again with "
            "the rule choose_representatives."
        )
    return Representatives(space, genomes, rows)


def choose_representatives(
    space: rules.RuleSpace,
    pools: Mapping[str, Pool],
    populations: Sequence[Population],
    settings: RepresentativesSettings,
) -> Representatives:
    """Choose the rules of ``LABELS`` by what was measured on the selection networks.

    ``pools``: "evolved" (the front), "known" (with no plasticity) and "random".
    ``populations``: what every search ended with, for the most frequent formula.

    Columns of the table: rule (row of the genomes), label (the first), labels (all, by
    ", "), reason, name, group, formula, latex, n_terms, complexity, phi, pool and
    pool_rule (where it comes from), selection_accuracy, selection_max_rate_hz,
    selection_wasserstein_hz, n_selection_networks. A rule that two labels choose
    stands once. Where no rule is within biology, or has the
    reward, nobody is "best_within" or "rewarded".

    Raises:
        UserError: a pool is empty, or ``known_rule`` is none of the known rules.
    """
    ranked = {name: _ranked(pool) for name, pool in pools.items()}
    choices = _choices(space, ranked, populations, settings)
    table = _merged(choices)
    genomes = np.stack(
        [pools[row.pool].genomes[row.pool_rule] for row in table.itertuples()]
    )
    about = _described(space, genomes, table)
    return Representatives(space, genomes, about)


def _ranked(pool: Pool) -> pd.DataFrame:
    """Return rows of the pool that were measured again, the best on selection first."""
    table = pool.table
    if "reevaluated" in table:
        table = table[table["reevaluated"]]
    if "champion" in table and pool.name == "known":
        table = table[table["champion"]]
    if table.empty:
        raise UserError(
            f"There is no rule in the stage {pool.name} to choose from; make it again "
            "with at least one rule (pareto.max_rules, baselines.best_rules)."
        )
    selection = pool.cells[pool.cells["split"] == "selection"]
    by_network = selection.groupby(["rule", "instance"])[list(QUANTITIES)].mean()
    means = by_network.groupby("rule").mean().add_prefix("selection_")
    means["n_selection_networks"] = by_network.groupby("rule").size()
    means["selection_flag"] = selection.groupby("rule")["flag"].max()
    kept = ["rule", "name", "group", "formula", "n_terms"]
    found = table[kept].merge(means, on="rule")
    found["pool"] = pool.name
    found["broken"] = found["selection_flag"] != 0
    return found.sort_values(
        ["broken", "selection_cross_accuracy", "n_terms", "rule"],
        ascending=[True, False, True, True],
    ).reset_index(drop=True)


def _choices(space, ranked, populations, settings) -> dict[str, pd.Series]:
    evolved, others = ranked["evolved"], ranked["known"]
    none = others[others["group"] == UNPLASTIC].iloc[0]
    within = evolved[
        (evolved["selection_max_rate_hz"] <= settings.max_rate_hz)
        & (evolved["selection_wasserstein_hz"] <= none["selection_wasserstein_hz"])
        & ~evolved["broken"]
    ]
    rewarded = evolved[[_has_reward(text) for text in evolved["formula"]]]
    choices = {
        "best": evolved.iloc[0],
        **({"best_within": within.iloc[0]} if len(within) else {}),
        "simplest": evolved.sort_values("n_terms", kind="stable").iloc[0],
        "frequent": evolved.iloc[_most_frequent(evolved, space, populations)],
        **({"rewarded": rewarded.iloc[0]} if len(rewarded) else {}),
        "known": _known(others[others["group"] != UNPLASTIC], settings.known_rule),
        "random": ranked["random"].iloc[0],
        NONE: none,
    }
    return choices


def _has_reward(formula: str) -> bool:
    return bool((rules.gates_of(formula)[rules.TERM_HAS_REWARD] > 0).any())


def _known(table: pd.DataFrame, name: str) -> pd.Series:
    found = table if name == BEST else table[table["name"] == name]
    if found.empty:
        raise UserError(
            f"representatives.known_rule is {name!r}, but the table of known rules has "
            f"only {', '.join(sorted(table['name']))}; name one of them, or {BEST!r}."
        )
    return found.iloc[0]


def _most_frequent(
    evolved: pd.DataFrame, space: rules.RuleSpace, populations: Sequence[Population]
) -> int:
    """Return the row of the front whose formula most searches' own fronts hold.

    Among equals the one whose terms are most alike (Jaccard) to those of all fronts.
    """
    fronts = [front_gates(space, population) for population in populations]
    own = np.stack([rules.gates_of(text) for text in evolved["formula"]]) > 0
    shares, alike = (
        np.mean([measure(own, front) for front in fronts], axis=0)
        for measure in (_share, _likeness)
    )
    # The table is in the order of accuracy, which settles what is left.
    return int(np.lexsort((np.arange(len(own)), -alike, -shares))[0])


def _share(own: np.ndarray, front: np.ndarray) -> np.ndarray:
    same = (own[:, None] == front[None]).all(axis=2)
    return same.any(axis=1).astype(float)


def _likeness(own: np.ndarray, front: np.ndarray) -> np.ndarray:
    return jaccard(own, front).mean(axis=1)


def _merged(choices: Mapping[str, pd.Series]) -> pd.DataFrame:
    rows: dict[tuple[str, int], dict] = {}
    for label, chosen in choices.items():
        key = (chosen["pool"], int(chosen["rule"]))
        row = rows.setdefault(key, {"label": label, "labels": [], "chosen": chosen})
        row["labels"].append(label)
    return pd.DataFrame(
        {
            "label": [row["label"] for row in rows.values()],
            "labels": [", ".join(row["labels"]) for row in rows.values()],
            "reason": [
                "; ".join(REASONS[label] for label in row["labels"])
                for row in rows.values()
            ],
            "pool": [pool for pool, _ in rows],
            "pool_rule": [number for _, number in rows],
            **_columns([row["chosen"] for row in rows.values()]),
        }
    )


def _columns(chosen: Sequence[pd.Series]) -> dict[str, list]:
    names = {
        "name": "name",
        "group": "group",
        "selection_accuracy": "selection_cross_accuracy",
        "selection_max_rate_hz": "selection_max_rate_hz",
        "selection_wasserstein_hz": "selection_wasserstein_hz",
        "n_selection_networks": "n_selection_networks",
    }
    return {new: [row[old] for row in chosen] for new, old in names.items()}


def _described(
    space: rules.RuleSpace, genomes: np.ndarray, table: pd.DataFrame
) -> pd.DataFrame:
    gates = np.asarray(rules.decode(space, genomes).gates)
    n_terms = gates.sum(axis=1).astype(int)
    about = table.assign(
        formula=[rules.formula(row) for row in gates],
        latex=[rules.latex(row) for row in gates],
        n_terms=n_terms,
        complexity=n_terms / rules.N_TERMS,
        phi=genomes[:, space.slices["phi"]].ravel().astype(float),
    )
    about.insert(0, "rule", np.arange(len(about)))
    return about
