"""Columns of SONATA files: tables of types (CSV) and groups of attributes (HDF5).

In: paths and open HDF5 groups. Out: data frames indexed by type id, arrays. Every
damaged or incomplete file is one ``UserError``.
"""

import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py
import numpy as np
import pandas as pd

from evoplast.artefacts.errors import UserError
from evoplast.artefacts.reading import reading


def read_types(path: Path, key: str) -> pd.DataFrame:
    """Return a table of node or edge types, indexed by its column ``key``.

    Raises:
        UserError: the table is unreadable, lacks ``key`` or repeats an id.
    """
    try:
        table = pd.read_csv(path, sep=" ", na_values=["NULL"], low_memory=False)
    except (OSError, ValueError) as error:
        raise UserError(
            f"{path} is not a readable table of types ({error}); it must be a "
            "CSV separated by single spaces."
        ) from error
    if key not in table.columns:
        raise UserError(
            f"{path} lacks the column {key!r}; it has {', '.join(table.columns)}."
        )
    twice = table[key][table[key].duplicated()]
    if len(twice):
        raise UserError(f"{path} lists {key} {twice.iloc[0]} twice; remove one row.")
    return table.set_index(key)


# Groups whose columns do not fit together show as wrong indices.
_DAMAGE = (OSError, RuntimeError, IndexError, KeyError, ValueError, MemoryError)


@contextmanager
def open_hdf5(path: Path) -> Iterator[h5py.File]:
    """Open ``path`` for reading; damage found inside the block is a UserError.

    Raises:
        UserError: the file is missing, truncated or damaged.
    """
    with reading(path, "HDF5 file", "copy or download it again", _DAMAGE):
        with h5py.File(path, "r") as file:
            yield file


# Walks over all that says where a file's values lie, and touches both ends of each.
_WALK = """
import sys, h5py
def touch(name, found):
    if isinstance(found, h5py.Dataset) and found.size and found.ndim:
        found[0], found[-1]
for path in sys.argv[1:]:
    with h5py.File(path, "r") as file:
        print(path, flush=True)
        file.visititems(touch)
"""
WALK_SECONDS = 300


def check_ends(paths: Iterable[Path]) -> None:
    """Check in a process of its own that HDF5 comes to an end with each file.

    Damage can send the library in circles for ever, where nothing but a kill helps.
    All other damage is left to those who read the values.

    Raises:
        UserError: it does not within ``WALK_SECONDS``.
    """
    command = [sys.executable, "-c", _WALK, *map(str, paths)]
    try:
        subprocess.run(command, capture_output=True, timeout=WALK_SECONDS)
    except subprocess.TimeoutExpired as error:
        last = (error.stdout or b"").decode(errors="replace").splitlines()[-1:]
        raise UserError(
            f"{last[0] if last else 'A file of the circuit'} is no readable HDF5 file: "
            f"the library came to no end with it in {WALK_SECONDS} s, as happens with "
            "damaged ones; copy or download it again."
        ) from None


def column(group: h5py.Group, name: str, path: Path) -> h5py.Dataset:
    """Return the dataset ``name`` of ``group``.

    Raises:
        UserError: there is none.
    """
    found = group.get(name)
    if not isinstance(found, h5py.Dataset):
        raise UserError(
            f"{path} lacks the column {group.name}/{name}; write it, or name the "
            "circuit's own in network.sonata.attribute_names."
        )
    return found


def attribute_groups(population: h5py.Group) -> dict[int, h5py.Group]:
    """Return the numbered groups of attributes of a population."""
    groups = {name: group for name, group in population.items() if name.isdigit()}
    return {int(name): group for name, group in groups.items()}


def group_values(group: h5py.Group, name: str, rows: slice) -> np.ndarray:
    """Return values of an attribute: floats, or strings (also from @library)."""
    dataset = group[name]
    if h5py.check_string_dtype(dataset.dtype):
        return dataset.asstr()[rows].astype(object)
    library = group.get(f"@library/{name}")
    if library is not None:
        return library.asstr()[:].astype(object)[dataset[rows]]
    return dataset[rows].astype(float)


def by_type(types: pd.DataFrame, type_id: np.ndarray, name: str) -> np.ndarray:
    """Return the column ``name`` of ``types`` for each of ``type_id``."""
    return types[name].to_numpy()[types.index.get_indexer(type_id)]


def check_types(types: pd.DataFrame, type_id: np.ndarray, path: Path, kind: str):
    """Raise UserError if one of ``type_id`` has no row in ``types``."""
    used = np.unique(type_id)
    unknown = used[~np.isin(used, types.index.to_numpy())]
    if len(unknown):
        raise UserError(
            f"{path} uses the {kind} type {unknown[0]}, which its table of types "
            "does not list; add the row."
        )
