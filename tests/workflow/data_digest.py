"""Compare the data of two folders of results, byte by byte.

``python tests/workflow/data_digest.py RESULTS_A RESULTS_B`` prints a row for each file:
variables of NetCDF files and columns of tables, with their types and missing values;
of anything else the bytes of the file. What made a file (its provenance) is compared
apart: versions and names of rules may differ where the data must not. A file with
another name is given as ``--renamed OLD=NEW`` (below the folder, any number). Data that
differ or are missing end it with 1. Pictures are compared only with ``--pictures``;
columns of measured time never.
"""

import argparse
import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import xarray as xr

PICTURES = {".pdf", ".png", ".gif", ".html"}
# Attributes of a file that say what made it, and columns of measured time.
MAKING, TIMES = ("provenance", "identity"), {"seconds"}


def digests(path: Path) -> tuple[str, dict]:
    """Return a digest of the data of a file, and its provenance (empty if none)."""
    if path.suffix == ".nc":
        return _netcdf(path)
    if path.suffix == ".parquet":
        return _parquet(path)
    return hashlib.sha256(path.read_bytes()).hexdigest(), {}


def _netcdf(path: Path) -> tuple[str, dict]:
    digest = hashlib.sha256()
    with xr.open_dataset(path, engine="h5netcdf", decode_cf=False) as dataset:
        about = dict(dataset.attrs)
        told = {name: about.pop(name) for name in MAKING if name in about}
        made_by = {k: v for name in told for k, v in json.loads(told[name]).items()}
        digest.update(repr(sorted(about.items())).encode())
        for name in sorted(map(str, dataset.variables)):
            variable = dataset[name]
            values = variable.values
            head = (name, variable.dims, values.dtype.str, values.shape)
            digest.update(repr((head, sorted(variable.attrs.items()))).encode())
            text = values.dtype == object
            digest.update(
                repr(values.tolist()).encode() if text else np.ascontiguousarray(values)
            )
    return digest.hexdigest(), made_by


def _parquet(path: Path) -> tuple[str, dict]:
    table = pq.read_table(path)
    table = table.drop_columns([n for n in table.column_names if n in TIMES])
    made_by = json.loads((table.schema.metadata or {}).get(b"evoplast", b"{}"))
    # The Arrow stream of the columns: types, values and which of them are missing.
    sink = pa.BufferOutputStream()
    plain = table.replace_schema_metadata(None).combine_chunks()
    with pa.ipc.new_stream(sink, plain.schema) as stream:
        stream.write_table(plain)
    return hashlib.sha256(sink.getvalue()).hexdigest(), made_by


def changed_keys(one: dict, other: dict, prefix: str = "") -> list[str]:
    """Return the dotted names of all entries in which two records differ."""
    names = []
    for key in sorted(set(one) | set(other)):
        a, b = one.get(key), other.get(key)
        if isinstance(a, dict) and isinstance(b, dict):
            names += changed_keys(a, b, f"{prefix}{key}.")
        elif a != b:
            names.append(f"{prefix}{key}")
    return names


def compared(one: Path, other: Path, renamed: dict, pictures: bool) -> list[tuple]:
    """Return (file, verdict, changed provenance) of every file of either folder."""
    rows, mine, theirs = [], _files(one, pictures), _files(other, pictures)
    for name in sorted(mine):
        now = renamed.get(name, name)
        if now not in theirs:
            rows.append((name, "missing in B", ""))
            continue
        (a, made_a), (b, made_b) = digests(one / name), digests(other / now)
        verdict = "same data" if a == b else "DATA DIFFER"
        shown = name if now == name else f"{name} -> {now}"
        rows.append((shown, verdict, ", ".join(changed_keys(made_a, made_b))))
    new = theirs - {renamed.get(name, name) for name in mine}
    return rows + [(name, "missing in A", "") for name in sorted(new)]


def _files(folder: Path, pictures: bool) -> set[str]:
    found = (path for path in folder.rglob("*") if path.is_file())
    names = {path.relative_to(folder) for path in found}
    # Seconds that a search took lie beside its state and are never the same.
    visible = (n for n in names if not any(part[0] == "." for part in n.parts))
    return {n.as_posix() for n in visible if pictures or n.suffix not in PICTURES}


def main() -> None:
    """Print the table; end with 1 if any data differ."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("one", type=Path)
    parser.add_argument("other", type=Path)
    parser.add_argument("--renamed", nargs="*", default=[], metavar="OLD=NEW")
    parser.add_argument("--pictures", action="store_true")
    options = parser.parse_args()
    renamed = dict(pair.split("=") for pair in options.renamed)
    rows = compared(options.one, options.other, renamed, options.pictures)
    print("| file | data | provenance that differs |\n|---|---|---|")
    for row in rows:
        print(f"| {' | '.join(row)} |")
    same = sum(verdict == "same data" for _, verdict, _ in rows)
    print(f"\n{same} of {len(rows)} files hold the same data.")
    sys.exit(same != len(rows))


if __name__ == "__main__":
    main()
