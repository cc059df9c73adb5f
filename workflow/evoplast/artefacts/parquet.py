"""Parquet tables of the workflow, with provenance in the schema's metadata.

Pages carry checksums and the schema a digest, so that a damaged file is an error and
never another table.
"""

import hashlib
import json
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from evoplast.artefacts.atomic import atomic_path
from evoplast.artefacts.provenance import describe
from evoplast.artefacts.reading import reading

_KEY, _DIGEST = b"evoplast", b"evoplast digest"
_ADVICE = "delete it and run again"


def write_table(path: str | Path, table: pd.DataFrame, provenance: dict) -> None:
    """Write ``table`` to ``path`` atomically (zstd), with provenance.

    Raises:
        UserError: the file cannot be written (full disk, no permission).
    """
    arrow = pa.Table.from_pandas(table, preserve_index=False)
    metadata = {**(arrow.schema.metadata or {}), _KEY: describe(provenance).encode()}
    arrow = arrow.replace_schema_metadata(metadata)
    marked = {**metadata, _DIGEST: _schema_digest(arrow)}
    with atomic_path(path) as temporary:
        pq.write_table(
            arrow.replace_schema_metadata(marked),
            temporary,
            compression="zstd",
            write_page_checksum=True,
        )


def _schema_digest(arrow: pa.Table) -> bytes:
    """Return a digest of what page checksums do not cover: names, types, lengths."""
    metadata = {k: v for k, v in arrow.schema.metadata.items() if k != _DIGEST}
    fields = [(field.name, str(field.type)) for field in arrow.schema]
    text = repr((arrow.num_rows, fields, sorted(metadata.items())))
    return hashlib.sha256(text.encode()).hexdigest()[:16].encode()


def _open(path: str | Path) -> pa.Table:
    # Not by its name: pyarrow takes that of a folder, or of part of a data set.
    with open(path, "rb") as file:
        arrow = pq.read_table(file, page_checksum_verification=True)
    digest = arrow.schema.metadata.get(_DIGEST)
    if digest is not None and digest != _schema_digest(arrow):
        raise ValueError("the schema does not have its digest")
    return arrow


def read_table(path: str | Path) -> pd.DataFrame:
    """Read a whole Parquet table.

    Raises:
        UserError: the file is missing, truncated or not Parquet.
    """
    with reading(path, "Parquet file", _ADVICE):
        return _open(path).to_pandas()


def read_table_provenance(path: str | Path) -> dict:
    """Return the provenance dictionary stored in a Parquet file.

    Raises:
        UserError: the file is missing, broken, or nothing of this workflow.
    """
    with reading(path, "Parquet file of this workflow", _ADVICE):
        return json.loads(_open(path).schema.metadata[_KEY])
