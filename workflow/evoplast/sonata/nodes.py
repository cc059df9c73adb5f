"""Reading the nodes of one population.

In: the files of a circuit and the name of a population. Out: ``Nodes``: ids, types,
and the attributes that the HDF5 groups or the table of types hold.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
import pandas as pd

from evoplast.artefacts.errors import UserError
from evoplast.sonata.tables import (
    attribute_groups,
    by_type,
    check_types,
    column,
    group_values,
    open_hdf5,
    read_types,
)

# Ids count from 0 in SONATA; a table of this many rows still fits into memory.
_LARGEST_ID = 100_000_000


@dataclass(frozen=True)
class Nodes:
    """A population of n nodes: ids (n,), types (n,), table of types, attributes."""

    population: str
    path: Path
    node_id: np.ndarray
    type_id: np.ndarray
    types: pd.DataFrame
    attributes: Mapping[str, np.ndarray]

    def has(self, name: str) -> bool:
        """Whether the nodes or their types have the attribute ``name``."""
        return name in self.attributes or name in self.types.columns

    def values(self, name: str) -> np.ndarray:
        """Return the attribute ``name`` (n,) of the nodes, else of their types.

        Raises:
            UserError: neither has it.
        """
        if name in self.attributes:
            return self.attributes[name]
        if name in self.types.columns:
            return by_type(self.types, self.type_id, name)
        raise UserError(
            f"{self.path} lacks the column {name!r} for the nodes of population "
            f"{self.population!r}, and so does their table of types; add it, or name "
            "the circuit's own in network.sonata.attribute_names."
        )

    def numbers(self, name: str, blank: bool = False) -> np.ndarray:
        """Return the attribute ``name`` as finite floats (n,).

        With ``blank`` it may be missing, as a whole or for some nodes: NaN there.

        Raises:
            UserError: it is missing or not a finite number somewhere.
        """
        if blank and not self.has(name):
            return np.full(len(self.node_id), np.nan)
        given = pd.Series(self.values(name))
        values = pd.to_numeric(given, errors="coerce").to_numpy(dtype=float)
        fine = np.isfinite(values) | (given.isna().to_numpy() & blank)
        bad = np.flatnonzero(~fine)
        if len(bad):
            raise UserError(
                f"{self.path} gives no finite {name} for node {self.node_id[bad[0]]} "
                f"of population {self.population!r}; mend that value."
            )
        return values

    def rows(self) -> np.ndarray:
        """Return the row of each id, -1 for ids that no node has."""
        table = np.full(int(self.node_id.max(initial=-1)) + 1, -1, dtype=np.int32)
        table[self.node_id] = np.arange(len(self.node_id), dtype=np.int32)
        return table


def _group_rows(population: h5py.Group, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return group and row in the group of each node; one group may omit them."""
    if "node_group_id" not in population or "node_group_index" not in population:
        return np.zeros(n, dtype=int), np.arange(n)
    return population["node_group_id"][:], population["node_group_index"][:]


def _is_plain(values: h5py.Dataset) -> bool:
    """Say whether an attribute is one number or text a node; others are of no use."""
    text = h5py.check_string_dtype(values.dtype) is not None
    return values.ndim == 1 and (text or values.dtype.kind in "biuf")


def _attribute(
    groups: dict[int, h5py.Group], name: str, group_id: np.ndarray, row: np.ndarray
) -> np.ndarray:
    parts = {
        number: group_values(group, name, slice(None))
        for number, group in groups.items()
        if name in group
    }
    text = any(part.dtype == object for part in parts.values())
    values = np.full(len(group_id), None if text else np.nan, object if text else float)
    for number, part in parts.items():
        members = group_id == number
        values[members] = part[row[members].astype(int)]
    return values


def _check_ids(node_id: np.ndarray, population: str, path: Path) -> None:
    ids, counts = np.unique(node_id, return_counts=True)
    if (counts > 1).any():
        raise UserError(
            f"{path} gives the id {ids[counts > 1][0]} to several nodes of population "
            f"{population!r}; ids must be unique."
        )
    outside = ids[(ids < 0) | (ids >= _LARGEST_ID)]
    if len(outside):
        raise UserError(
            f"{path} has the node id {outside[0]} in population {population!r}; "
            f"ids must count from 0 and stay below {_LARGEST_ID}."
        )


def _read(group: h5py.Group, name: str, path: Path, types: pd.DataFrame) -> Nodes:
    type_id = column(group, "node_type_id", path)[:].astype(np.int64)
    n = len(type_id)
    node_id = group["node_id"][:] if "node_id" in group else np.arange(n)
    _check_ids(node_id, name, path)
    check_types(types, type_id, path, "node")
    groups = attribute_groups(group)
    if any("dynamics_params" in part for part in groups.values()):
        raise UserError(
            f"{path} gives cell parameters per node (dynamics_params in its groups), "
            "which is not supported; give them per node type."
        )
    group_id, row = _group_rows(group, n)
    names = {
        key
        for part in groups.values()
        for key, value in part.items()
        if isinstance(value, h5py.Dataset) and _is_plain(value)
    }
    attributes = {key: _attribute(groups, key, group_id, row) for key in sorted(names)}
    return Nodes(name, path, node_id.astype(np.int64), type_id, types, attributes)


def read_nodes(files: tuple[tuple[Path, Path], ...], population: str) -> Nodes:
    """Return the nodes of ``population``.

    Raises:
        UserError: no file has it, or its file is damaged, incomplete or repeats ids.
    """
    seen = []
    for path, types in files:
        with open_hdf5(path) as file:
            present = file.get("nodes", {})
            if population in present:
                table = read_types(types, "node_type_id")
                return _read(present[population], population, path, table)
            seen += list(present)
    raise UserError(
        f"The circuit has no population {population!r}; it has "
        f"{', '.join(seen) or 'none'}: set network.sonata.population, lgn_population "
        "and background_population (null leaves an input out)."
    )
