"""All rules of a run in one list: what they are and what was measured of them.

In: for each kind of rules its table, its cells (single evaluations) and its genomes.
Out: one ``Entry`` for each rule that was measured again, with means and standard errors
over networks by split: ``selection`` are networks that rules are chosen on, ``unseen``
networks that chose nothing.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from evoplast.analysis import OBJECTIVES, clustered
from evoplast.artefacts.errors import UserError
from evoplast.artefacts.netcdf import read_dataset
from evoplast.artefacts.parquet import read_table
from evoplast.rules import (
    RuleSpace,
    dataset_to_genomes,
    decode,
    known_rule_notes,
)

SPLITS = {
    "unseen": "networks that chose nothing",
    "seen": "networks of the choice, new sequences",
    "selection": "networks that rules are chosen on",
}
FLAGS = {0: "", 1: "silent", 2: "not finite", 3: "runs away"}
"""What the evaluation says of a network that broke; ``evaluation.Evaluation.flag``."""

BESIDES = ("mean_rate_hz", "fraction_at_bound", "relative_weight_change")
_COLUMNS = ("rule", "name", "group", "formula", "champion", "flag", "reported_split")
_CELL_COLUMNS = ("rule", "split", "instance", "flag", *OBJECTIVES)


@dataclass(frozen=True)
class RuleFiles:
    """Where the rules of one kind are: table, cells and genomes."""

    rules: Path
    cells: Path
    parameters: Path


@dataclass(frozen=True)
class Measured:
    """What was measured on one split: quantity -> (mean, standard error).

    ``by_network``: quantity -> its mean in each of ``networks``, for paired
    differences; ``n_broken`` counts evaluations that fell silent, ran away or were not
    finite.
    """

    values: Mapping[str, tuple[float, float]]
    n_networks: int
    n_trials: int
    n_broken: int
    networks: tuple[int, ...]
    by_network: Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Entry:
    """One rule of a run.

    Attributes:
        key: its name in links, unique, of letters, digits and hyphens.
        group: evolved, random, known, no plasticity, or the user's own.
        genome: (D,), gates: (25,) 0 or 1; phi: readout threshold.
        champion: whether it was the best of its group on the selection networks.
        origin: where it comes from, in a few words; note: more of that, or "".
        flag: what broke in some network, or "".
        reported: the split that reports of it.
        splits: what was measured, by split.
    """

    key: str
    name: str
    group: str
    formula: str
    genome: np.ndarray
    gates: np.ndarray
    phi: float
    champion: bool
    origin: str
    note: str
    flag: str
    reported: str
    splits: Mapping[str, Measured]

    @property
    def n_terms(self) -> int:
        """Number of active terms."""
        return int(self.gates.sum())

    @property
    def best(self) -> bool:
        """Whether it was the best of many; known and own rules stand by themselves."""
        return self.champion and self.group in ("evolved", "random")

    def value(self, quantity: str) -> tuple[float, float]:
        """Return mean and standard error on the reported split; NaN if there is none.

        ``quantity``: an objective, ``accuracy_{task}``, or one of ``BESIDES``.
        """
        found = self.splits.get(self.reported)
        return found.values.get(quantity, _NOTHING) if found else _NOTHING


_NOTHING = (float("nan"), float("nan"))


@dataclass(frozen=True)
class Catalogue:
    """All rules, best first in each group; the rule space and its cell types."""

    entries: tuple[Entry, ...]
    space: RuleSpace
    type_names: tuple[str, ...]
    tasks: tuple[str, ...]

    def best(self, group: str) -> Entry | None:
        """Return the champion of a group; the best one, where it has several.

        As ``analysis.compare`` chooses: every known rule is the champion of its own
        thresholds, and of them the best one on the selection networks is compared.
        """
        of_group = (entry for entry in self.entries if entry.group == group)
        ordered = sorted(of_group, key=lambda entry: entry.name)
        return max(ordered, key=_rank, default=None)


def _rank(entry: Entry) -> tuple[bool, bool, float]:
    chosen = entry.splits.get("selection") or entry.splits.get(entry.reported)
    if chosen is None:
        return entry.champion, False, -np.inf
    return entry.champion, not chosen.n_broken, chosen.values["cross_accuracy"][0]


def read_catalogue(kinds: Sequence[RuleFiles]) -> Catalogue:
    """Return all rules of a run that were measured again.

    Raises:
        UserError: a file is missing, broken or lacks what the atlas shows, or the kinds
            have other cell types.
    """
    entries: list[Entry] = []
    facts: list[tuple[RuleSpace, tuple[str, ...]]] = []
    tasks: tuple[str, ...] = ()
    for files in kinds:
        table, cells = read_table(files.rules), read_table(files.cells)
        _check_columns(files.rules, table, _COLUMNS)
        _check_columns(files.cells, cells, _CELL_COLUMNS)
        dataset = read_dataset(files.parameters)
        space, genomes = dataset_to_genomes(dataset)
        facts.append((space, tuple(map(str, dataset["cell_type"].values))))
        if facts[-1] != facts[0]:
            raise UserError(
                f"{files.parameters} has other cell types or another range of phi than "
                f"{kinds[0].parameters}; make both again with the same config."
            )
        tasks = tasks or _tasks(cells)
        entries += _entries(_shown(table), cells, space, genomes)
    return Catalogue(_keyed(entries), *facts[0], tasks)


def _check_columns(path: Path, table: pd.DataFrame, names: Iterable[str]) -> None:
    missing = [name for name in names if name not in table]
    if missing:
        raise UserError(
            f"{path} lacks the column {missing[0]!r}, which the atlas shows; make it "
            "again with this version."
        )


def _tasks(cells: pd.DataFrame) -> tuple[str, ...]:
    start = "accuracy_"
    return tuple(n.removeprefix(start) for n in cells if n.startswith(start))


def _shown(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rules that were measured again, best of the choice first."""
    if "reevaluated" in table:
        table = table[table["reevaluated"]]
    elif not (table["group"] == "evolved").all():
        table = table[table["champion"]]
    order = "selection_rank" if "selection_rank" in table else "rule"
    return table.sort_values([order, "rule"], kind="stable")


def _entries(
    table: pd.DataFrame, cells: pd.DataFrame, space: RuleSpace, genomes: np.ndarray
) -> list[Entry]:
    by_rule = dict(list(cells.groupby("rule")))
    gates = np.asarray(decode(space, genomes).gates)
    phi = np.asarray(decode(space, genomes).phi)
    return [
        Entry(
            key="",
            name=str(row["name"]),
            group=str(row["group"]),
            formula=str(row["formula"]),
            genome=genomes[row["rule"]],
            gates=gates[row["rule"]],
            phi=float(phi[row["rule"]]),
            champion=bool(row["champion"]),
            origin=_origin(row),
            note=_note(row),
            flag=FLAGS.get(int(row["flag"]), f"flag {row['flag']}"),
            reported=str(row["reported_split"]),
            splits=_splits(by_rule.get(row["rule"], cells[:0]), row),
        )
        for _, row in table.iterrows()
    ]


def _splits(cells: pd.DataFrame, row: pd.Series) -> dict[str, Measured]:
    return {
        split: _measured(part, int(row.get(f"n_trials_{split}", 0)))
        for split in SPLITS
        if len(part := cells[cells["split"] == split])
    }


def _measured(cells: pd.DataFrame, n_trials: int) -> Measured:
    names = [
        name
        for name in cells
        if name in (*OBJECTIVES, *BESIDES) or name.startswith("accuracy_")
    ]
    instance = cells["instance"].to_numpy()
    values = {name: clustered(cells[name].to_numpy(), instance) for name in names}
    by_network = cells.groupby("instance", sort=True)[names].mean()
    return Measured(
        values=values,
        n_networks=len(by_network),
        n_trials=n_trials,
        n_broken=int((cells["flag"] != 0).sum()),
        networks=tuple(map(int, by_network.index)),
        by_network={name: by_network[name].to_numpy() for name in names},
    )


def _origin(row: pd.Series) -> str:
    match row["group"]:
        case "evolved":
            return f"search {int(row.get('search_seed', 0))}"
        case "random":
            return "drawn at random"
        case "known":
            return "literature"
        case "no plasticity":
            return "reference"
    return "your own"


def _note(row: pd.Series) -> str:
    if row["group"] in ("known", "no plasticity"):
        return known_rule_notes().get(row["name"], "")
    if row["group"] == "random" and "screening_instance" in row:
        return (
            f"One of the random rules that did best on network "
            f"{int(row['screening_instance'])} in one evaluation each."
        )
    if row["group"] != "evolved" or "family" not in row or row["family"] < 0:
        return ""
    parents = str(row.get("parents", "")).strip()
    came = str(row.get("operator", "")) + (f" of {parents}" if parents else "")
    return (
        f"Family {int(row['family'])} of search {int(row['search_seed'])} ({came}), "
        f"after {int(row['search_evaluations'])} evaluations of its mean."
    )


def _keyed(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Return the entries, each with a key of its own made from its name."""
    used: set[str] = set()
    keyed = []
    for entry in entries:
        stem = re.sub(r"[^a-z0-9]+", "-", entry.name.lower()).strip("-") or "rule"
        key, number = f"r-{stem}", 2
        while key in used:
            key, number = f"r-{stem}-{number}", number + 1
        used.add(key)
        keyed.append(Entry(**{**vars(entry), "key": key}))
    return tuple(keyed)
