"""Families in files: the complete state of a part of a round, and what it all came to.

In: families with their records; paths. Out: one NetCDF file for each part of a round,
from which the search goes on bit for bit; the families of a whole search; its history
as a table. Dimensions: ``family``, ``parameter``, ``term``, ``generation``,
``objective``, ``threshold``.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from evoplast.artefacts.errors import UserError
from evoplast.artefacts.netcdf import read_dataset
from evoplast.evaluation import OBJECTIVE_NAMES
from evoplast.objectives import EXTRA_OBJECTIVES
from evoplast.rules import TERM_NAMES
from evoplast.search.families.family import Family, Record
from evoplast.search.families.measure import ACCURACY, MAX_RATE, WASSERSTEIN

ALGORITHM = "families"
_ARRAYS = {
    "gates": ("family", "term"),
    "mean": ("family", "parameter"),
    "velocity": ("family", "parameter"),
    "multiplier": ("family",),
    "key": ("family", "word"),
    "age": ("family",),
    "evaluations": ("family",),
    "by_threshold": ("family", "threshold"),
}
_RECORDS = {
    "of_mean": ("family", "generation", "objective"),
    "of_samples": ("family", "generation", "objective"),
    "spread": ("family", "generation"),
    "violation": ("family", "generation"),
    "flag": ("family", "generation"),
    "n_broken": ("family", "generation"),
}


@dataclass(frozen=True)
class Part:
    """Families of a round in one file.

    ``positions`` say where they stand among all families of the round; ``formulas``
    and ``next_number`` are of the whole search up to this round; ``objectives`` are the
    names of what is minimised.
    """

    families: list[Family]
    positions: list[int]
    round_number: int
    search_seed: int
    formulas: tuple[str, ...]
    next_number: int
    objectives: tuple[str, ...] = OBJECTIVE_NAMES


def part_to_dataset(part: Part, identity: str) -> xr.Dataset:
    """Return the complete state of a part of a round."""
    families = part.families
    variables: dict[str, tuple] = {
        name: (dims, np.stack([getattr(f, name) for f in families]))
        for name, dims in _ARRAYS.items()
    }
    records = [f.measured for f in families]
    variables |= {
        name: (dims, np.stack([getattr(r, name) for r in records]))
        for name, dims in _RECORDS.items()
    }
    variables["of_control"] = (("generation", "objective"), records[0].of_control)
    variables["number"] = ("family", np.array([f.number for f in families]))
    variables["position"] = ("family", np.array(part.positions))
    return xr.Dataset(
        variables,
        coords={
            "generation": records[0].generation,
            "objective": list(part.objectives),
            "term": list(TERM_NAMES),
        },
        attrs={
            "algorithm": ALGORITHM,
            "identity": identity,
            "search_seed": part.search_seed,
            "round": part.round_number,
            "formulas": json.dumps(part.formulas),
            "next_number": part.next_number,
            "parents": json.dumps([f.parents for f in families]),
            "operators": json.dumps([f.operator for f in families]),
        },
    )


def dataset_to_part(dataset: xr.Dataset) -> Part:
    """Return the part of a round that a dataset holds."""
    parents = json.loads(dataset.attrs["parents"])
    operators = json.loads(dataset.attrs["operators"])
    families = [
        _family(dataset.isel(family=i), tuple(parents[i]), operators[i])
        for i in range(dataset.sizes["family"])
    ]
    return Part(
        families=families,
        positions=[int(p) for p in dataset["position"].values],
        round_number=int(dataset.attrs["round"]),
        search_seed=int(dataset.attrs["search_seed"]),
        formulas=tuple(json.loads(dataset.attrs["formulas"])),
        next_number=int(dataset.attrs["next_number"]),
        objectives=tuple(map(str, dataset["objective"].values)),
    )


def _family(row: xr.Dataset, parents: tuple[int, ...], operator: str) -> Family:
    record = Record(
        generation=row["generation"].values,
        of_control=row["of_control"].values,
        **{name: row[name].values for name in _RECORDS},
    )
    values: dict[str, Any] = {name: row[name].values for name in _ARRAYS}
    for name, kind in (("multiplier", float), ("age", int), ("evaluations", int)):
        values[name] = kind(values[name])
    return Family(
        number=int(row["number"]),
        parents=parents,
        operator=operator,
        record=record,
        **values,
    )


def read_part(path: str | Path) -> Part:
    """Return the part of a round in a file.

    Raises:
        UserError: the file is missing, broken or of another search algorithm.
    """
    dataset = read_dataset(path)
    if dataset.attrs.get("algorithm") != ALGORITHM:
        raise UserError(
            f"{path} holds no families; it was made with another search.algorithm: "
            "delete the folder of the search, or restore search.algorithm."
        )
    return dataset_to_part(dataset)


def read_families(paths: Sequence[str | Path]) -> Part:
    """Return all families of a round from the files of its parts, in their order.

    Raises:
        UserError: a file is missing or broken, or a part of the round is missing.
    """
    parts = [read_part(path) for path in paths]
    found = sorted(
        (pair for p in parts for pair in zip(p.positions, p.families, strict=True)),
        key=lambda pair: pair[0],
    )
    positions = [position for position, _ in found]
    if positions != list(range(len(positions))):
        raise UserError(
            f"{paths[0]} and its {len(paths) - 1} companions hold the families "
            f"{positions} of a round; all of them are needed: run the round again."
        )
    first = parts[0]
    families = [family for _, family in found]
    return Part(
        families,
        positions,
        first.round_number,
        first.search_seed,
        first.formulas,
        first.next_number,
        first.objectives,
    )


def by_round(paths: Sequence[str | Path], n_parts: int) -> list[Sequence[str | Path]]:
    """Return the files of each round; ``paths`` lists the rounds' parts in order."""
    return [paths[i : i + n_parts] for i in range(0, len(paths), n_parts)]


def collect_families(rounds: Sequence[Sequence[str | Path]]) -> list[Family]:
    """Return every family of a search in its last state, the best of late rounds first.

    ``rounds`` are the files of each round, in order. A family that stayed for several
    rounds appears once, with the record of its last.
    """
    last: dict[int, Family] = {}
    for paths in rounds:
        last |= {family.number: family for family in read_families(paths).families}
    return sorted(last.values(), key=lambda f: (-f.measured.generation[-1], f.number))


def family_history(rounds: Sequence[Sequence[str | Path]]) -> pd.DataFrame:
    """Return one row per family and generation of a search.

    Columns: round, generation, family, formula, n_terms, operator, evaluations (of the
    family, at the end of the round), accuracy and control_accuracy (of the mean and of
    no plasticity, smoothed), gain (their difference), sample_gain, max_rate_hz,
    wasserstein_hz, control_wasserstein_hz, violation, flag, broken_samples; dimension,
    lost_accuracy, and of the control, where the search had such objectives.
    """
    rows = []
    for paths in rounds:
        part = read_families(paths)
        for family in part.families:
            rows += _history_rows(family, part)
    return pd.DataFrame(rows)


def _history_rows(family: Family, part: Part) -> list[dict]:
    record = family.measured
    accuracy = -record.of_mean[:, ACCURACY]
    control = -record.of_control[:, ACCURACY]
    return [
        {
            "round": part.round_number,
            "generation": int(generation),
            "family": family.number,
            "formula": family.formula,
            "n_terms": family.n_terms,
            "operator": family.operator,
            "evaluations": family.evaluations,
            "accuracy": accuracy[i],
            "control_accuracy": control[i],
            "gain": accuracy[i] - control[i],
            "sample_gain": -record.of_samples[i, ACCURACY] - control[i],
            "max_rate_hz": record.of_mean[i, MAX_RATE],
            "wasserstein_hz": record.of_mean[i, WASSERSTEIN],
            "control_wasserstein_hz": record.of_control[i, WASSERSTEIN],
            "violation": record.violation[i],
            "flag": int(record.flag[i]),
            "broken_samples": int(record.n_broken[i]),
            **_extras(record, part.objectives, i),
        }
        for i, generation in enumerate(record.generation)
    ]


def _extras(record: Record, names: Sequence[str], i: int) -> dict[str, float]:
    """Return the extra objectives of a generation, and those of no plasticity."""
    rows = {"": record.of_mean[i], "control_": record.of_control[i]}
    return {
        f"{prefix}{extra.column}": extra.sign * row[names.index(extra.minimised)]
        for extra in EXTRA_OBJECTIVES.values()
        for prefix, row in rows.items()
        if extra.minimised in names
    }
