"""Reading the edges between selected nodes, in blocks.

In: the files of a circuit and the ends (which node ids exist, which are wanted).
Out: ``EdgeTable``, one per edge population, with wanted edges only, so that memory
follows the selection and not the file (70 million edges in Billeh et al. 2020).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
import pandas as pd

from evoplast.artefacts.errors import UserError
from evoplast.sonata.nodes import Nodes
from evoplast.sonata.tables import (
    attribute_groups,
    by_type,
    check_types,
    column,
    group_values,
    open_hdf5,
    read_types,
)

EDGES_PER_BLOCK = 2_000_000


@dataclass(frozen=True)
class Ends:
    """One side of edges: its population, and what each id stands for.

    ``index`` (largest id + 1,): the index of the wanted cell, -1 for a node that is
    not wanted, -2 for an id without a node.
    """

    population: str
    index: np.ndarray

    def lookup(self, ids: np.ndarray, where: str) -> np.ndarray:
        """Return the index of each id.

        Raises:
            UserError: an id has no node.
        """
        inside = (ids >= 0) & (ids < len(self.index))
        found = np.where(inside, self.index[np.where(inside, ids, 0)], -2)
        if (found == -2).any():
            raise UserError(
                f"{where} has an edge to or from node {ids[found == -2][0]}, which "
                f"population {self.population!r} does not have; mend the edges."
            )
        return found


@dataclass(frozen=True)
class EdgeTable:
    """Wanted edges (E,) of one population: ends, types, attributes of the groups."""

    name: str
    source: np.ndarray
    target: np.ndarray
    type_id: np.ndarray
    types: pd.DataFrame
    attributes: dict[str, np.ndarray]

    def has(self, name: str) -> bool:
        """Whether the edges or their types have the attribute ``name``."""
        return name in self.attributes or name in self.types.columns

    def values(self, name: str) -> np.ndarray:
        """Return the attribute (E,) of the edges, where absent that of their types.

        What is no number is NaN.

        Raises:
            UserError: neither has it.
        """
        if not self.has(name):
            raise UserError(
                f"{self.name} lacks the column {name!r}, and so does its table of "
                "edge types; add it, or name the circuit's own in "
                "network.sonata.attribute_names."
            )
        own = self.attributes.get(name, np.full(len(self.source), np.nan))
        if name not in self.types.columns:
            return own
        numbers = pd.to_numeric(self.types[name], errors="coerce").to_frame()
        return np.where(np.isnan(own), by_type(numbers, self.type_id, name), own)


def ends_of(nodes: Nodes, rows: np.ndarray) -> Ends:
    """Return the ends of edges for wanted ``rows`` of ``nodes``, in that order."""
    index = np.full(len(nodes.node_id) + 1, -1, dtype=np.int32)
    index[rows] = np.arange(len(rows), dtype=np.int32)
    index[-1] = -2
    # Row -1, an id without a node, takes the last entry.
    return Ends(nodes.population, index[nodes.rows()])


def _population_of(edges: h5py.Group, side: str, path: Path) -> str:
    ids = column(edges, f"{side}_node_id", path)
    name = ids.attrs.get("node_population")
    if name is not None:
        return name.decode() if isinstance(name, bytes) else str(name)
    source, _, target = edges.name.rpartition("/")[2].partition("_to_")
    return source if side == "source" else target


def _has(group: h5py.Group, name: str) -> bool:
    found = group.get(name)
    return isinstance(found, h5py.Dataset) and found.ndim == 1


def _rows_of_group(
    group: h5py.Group, name: str, wanted: np.ndarray, members: np.ndarray
) -> np.ndarray:
    """Return an attribute at ``wanted[members]`` by reading the span they cover."""
    rows = wanted[members].astype(int)
    if not len(rows):
        return np.empty(0)
    first = int(rows.min())
    return group_values(group, name, slice(first, int(rows.max()) + 1))[rows - first]


def _attributes(
    edges: h5py.Group, block: slice, kept: np.ndarray, names: tuple[str, ...]
) -> dict[str, np.ndarray]:
    groups = attribute_groups(edges)
    if "edge_group_id" in edges:
        group_id = edges["edge_group_id"][block][kept]
        row = edges["edge_group_index"][block][kept]
    else:
        group_id, row = np.zeros(len(kept), int), kept + block.start
    values = {}
    for name in (n for n in names if any(_has(g, n) for g in groups.values())):
        values[name] = np.full(len(kept), np.nan)
        for number in (k for k, group in groups.items() if _has(group, name)):
            members = group_id == number
            values[name][members] = _rows_of_group(groups[number], name, row, members)
    return values


def _blocks(
    edges: h5py.Group, where: str, path: Path, ends: tuple[Ends, Ends], names: tuple
) -> Iterator[dict[str, np.ndarray]]:
    sources = column(edges, "source_node_id", path)
    targets = column(edges, "target_node_id", path)
    types = column(edges, "edge_type_id", path)
    if not len(sources) == len(targets) == len(types):
        raise UserError(
            f"{where} has {len(sources)} sources, {len(targets)} targets and "
            f"{len(types)} types of edges; the file is damaged, copy it again."
        )
    for start in range(0, len(targets), EDGES_PER_BLOCK):
        block = slice(start, start + EDGES_PER_BLOCK)
        source = ends[0].lookup(sources[block], where)
        target = ends[1].lookup(targets[block], where)
        kept = np.flatnonzero((source >= 0) & (target >= 0))
        yield {
            "source": source[kept],
            "target": target[kept],
            "type_id": types[block][kept].astype(np.int64),
            **_attributes(edges, block, kept, names),
        }


def _joined(blocks: list[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    return {name: np.concatenate([b[name] for b in blocks]) for name in blocks[0]}


def _read(
    edges: h5py.Group, path: Path, types_path: Path, ends: tuple[Ends, Ends], names
) -> EdgeTable | None:
    where = f"{path} ({edges.name})"
    blocks = list(_blocks(edges, where, path, ends, names))
    if not blocks:
        return None
    values = _joined(blocks)
    types = read_types(types_path, "edge_type_id")
    check_types(types, values["type_id"], path, "edge")
    source, target, type_id = (
        values.pop(name) for name in ("source", "target", "type_id")
    )
    return EdgeTable(where, source, target, type_id, types, values)


def read_edges(
    files: tuple[tuple[Path, Path], ...],
    source: Ends,
    target: Ends,
    names: tuple[str, ...],
) -> list[EdgeTable]:
    """Return the wanted edges of every edge population between two populations.

    ``names`` are the attributes to read where the groups have them.

    Raises:
        UserError: there is no such edge population, a file is damaged or lacks a
            column, or an edge ends at a missing node.
    """
    wanted, tables, found = (source.population, target.population), [], False
    for path, types_path in files:
        with open_hdf5(path) as file:
            for edges in file.get("edges", {}).values():
                sides = (_population_of(edges, s, path) for s in ("source", "target"))
                if tuple(sides) == wanted:
                    found = True
                    tables.append(
                        _read(edges, path, types_path, (source, target), names)
                    )
    if not found:
        raise UserError(
            f"The circuit has no edges from {wanted[0]!r} to {wanted[1]!r}; check the "
            "populations in network.sonata (null leaves an input out)."
        )
    return [table for table in tables if table is not None]
