"""The project's own tables of facts (CSV), read with checks."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from evoplast.artefacts.errors import UserError


def read_resource_csv(path: str | Path, required: Sequence[str]) -> pd.DataFrame:
    """Read a CSV table and check that the columns ``required`` are there.

    Raises:
        UserError: the file is missing, unreadable, or lacks a column.
    """
    path = Path(path)
    if not path.exists():
        raise UserError(f"The table {path} is missing; restore it from the repository.")
    try:
        table = pd.read_csv(path, comment="#")
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeError) as error:
        raise UserError(f"The table {path} is not a readable CSV: {error}.") from error
    missing = [name for name in required if name not in table.columns]
    if missing:
        raise UserError(
            f"The table {path} lacks the column {missing[0]!r}; it has "
            f"{', '.join(table.columns)}."
        )
    return table
