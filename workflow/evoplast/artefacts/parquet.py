"""Parquet tables of the workflow, with provenance in the schema's metadata."""

import json
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from evoplast.artefacts.atomic import atomic_path
from evoplast.artefacts.errors import UserError
from evoplast.artefacts.provenance import describe

_KEY = b"evoplast"


def write_table(path: str | Path, table: pd.DataFrame, provenance: dict) -> None:
    """Write ``table`` to ``path`` atomically (zstd), with provenance.

    Raises:
        UserError: the file cannot be written (full disk, no permission).
    """
    arrow = pa.Table.from_pandas(table, preserve_index=False)
    metadata = {**(arrow.schema.metadata or {}), _KEY: describe(provenance).encode()}
    with atomic_path(path) as temporary:
        pq.write_table(
            arrow.replace_schema_metadata(metadata), temporary, compression="zstd"
        )


def _open(path: str | Path) -> pa.Table:
    path = Path(path)
    if not path.exists():
        raise UserError(f"{path} does not exist; run the stage that makes it.")
    try:
        return pq.read_table(path)
    except (OSError, pa.ArrowInvalid) as error:
        raise UserError(
            f"{path} is not a readable Parquet file (truncated by an interrupted "
            "run?); delete it and run again."
        ) from error


def read_table(path: str | Path) -> pd.DataFrame:
    """Read a whole Parquet table.

    Raises:
        UserError: the file is missing, truncated or not Parquet.
    """
    return _open(path).to_pandas()


def read_table_provenance(path: str | Path) -> dict:
    """Return the provenance dictionary stored in a Parquet file."""
    return json.loads(_open(path).schema.metadata[_KEY])
