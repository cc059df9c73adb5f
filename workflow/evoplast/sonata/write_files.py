"""The files of a SONATA circuit, written: JSON, tables of types, nodes, edges.

In: paths and arrays. Out: HDF5 with the marks of the format, tables with spaces.
Source: the SONATA developer guide (Dai et al. 2020).
"""

import io
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
import pandas as pd

# Fixed by the SONATA format.
_MAGIC = 0x0A7A
_VERSION = (0, 1)
# The specification's name of an index, which libsonata reads, and bmtk's.
_RANGES = ("node_id_to_ranges", "node_id_to_range")


@dataclass(frozen=True)
class EdgeColumns:
    """Edges (E,) between two populations: ids of the ends, types, weights in pA.

    ``sizes``: how many nodes the source and the target population have. ``gain``: the
    factor that ``weight_pA`` holds already, 1 for the weights of the network's file.
    """

    populations: tuple[str, str]
    ends: tuple[np.ndarray, np.ndarray]
    sizes: tuple[int, int]
    type_id: np.ndarray
    weight_pA: np.ndarray
    gain: float


def write_json(path: Path, content: dict) -> None:
    """Write ``content`` as JSON; its folder is made if need be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def write_types(path: Path, table: pd.DataFrame) -> None:
    """Write a table of node or edge types, separated by spaces."""
    table.to_csv(path, sep=" ", index=False, na_rep="NULL")


@contextmanager
def _create(path: Path) -> Iterator[h5py.File]:
    # In memory first: HDF5 crashes the process when it meets a full disk.
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        file.attrs["magic"] = np.uint32(_MAGIC)
        file.attrs["version"] = np.array(_VERSION, dtype=np.uint32)
        yield file
    path.write_bytes(content.getbuffer())


def write_nodes(
    path: Path, population: str, type_id: np.ndarray, attributes: Mapping
) -> None:
    """Write one population of nodes with ``attributes`` (n,) each."""
    n = len(type_id)
    with _create(path) as file:
        group = file.create_group(f"nodes/{population}")
        group["node_id"] = np.arange(n, dtype=np.uint64)
        group["node_type_id"] = type_id.astype(np.uint64)
        group["node_group_id"] = np.zeros(n, dtype=np.uint32)
        group["node_group_index"] = np.arange(n, dtype=np.uint64)
        for name, values in attributes.items():
            group[f"0/{name}"] = values


def edge_index(ids: np.ndarray, n_nodes: int) -> tuple[np.ndarray, np.ndarray]:
    """Return SONATA's index of edges by one of their ends.

    ``ids`` (E,) are that end's node ids. First array (n_nodes, 2): which ranges belong
    to a node; second (ranges, 2): first and one past the last edge of each range.
    """
    order = np.argsort(ids, kind="stable")
    node = ids[order]
    new = np.ones(len(ids), dtype=bool)
    new[1:] = (np.diff(node) != 0) | (np.diff(order) != 1)
    start = np.flatnonzero(new)
    stop = np.append(start[1:], len(ids))[: len(start)]
    edges = np.column_stack([order[start], order[start] + stop - start])
    bounds = np.searchsorted(node[start], np.arange(n_nodes + 1))
    ranges = np.column_stack([bounds[:-1], bounds[1:]])
    return ranges.astype(np.uint64), edges.astype(np.uint64)


def _write_index(group: h5py.Group, ids: np.ndarray, n_nodes: int) -> None:
    ranges, edges = edge_index(ids, n_nodes)
    group[_RANGES[0]] = ranges
    # A hard link: one array under two names.
    group[_RANGES[1]] = group[_RANGES[0]]
    group["range_to_edge_id"] = edges


def write_edges(path: Path, edges: EdgeColumns) -> None:
    """Write one population of edges with an index for each end."""
    n = len(edges.type_id)
    sides = ("source", "target")
    indices = ("source_to_target", "target_to_source")
    rows = zip(sides, indices, edges.populations, edges.ends, edges.sizes, strict=True)
    with _create(path) as file:
        file.attrs["gain"] = edges.gain
        group = file.create_group("edges/{}_to_{}".format(*edges.populations))
        for side, index, population, ids, size in rows:
            group[f"{side}_node_id"] = ids.astype(np.uint64)
            group[f"{side}_node_id"].attrs["node_population"] = population
            _write_index(group.create_group(f"indices/{index}"), ids, size)
        group["edge_type_id"] = edges.type_id.astype(np.uint32)
        group["edge_group_id"] = np.zeros(n, dtype=np.uint16)
        group["edge_group_index"] = np.arange(n, dtype=np.uint32)
        group["0/syn_weight"] = edges.weight_pA
        group["0/syn_weight"].attrs["units"] = "pA"
        group["0/nsyns"] = np.ones(n, dtype=np.uint32)
