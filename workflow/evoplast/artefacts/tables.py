"""The project's own tables of facts (CSV), read and checked.

In: a path and what each column may hold. Out: a data frame whose numbers are numbers
inside their ranges and whose keys are unique, or one sentence that names the table,
the row and the value.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from evoplast.artefacts.errors import UserError


@dataclass(frozen=True)
class Range:
    """Numbers from ``low`` to ``high``, both allowed unless ``above`` excludes low.

    ``whole``: no fractions; ``blank``: may be missing (NaN).
    """

    low: float
    high: float
    above: bool = False
    whole: bool = False
    blank: bool = False

    def bad(self, values: np.ndarray) -> np.ndarray:
        """Return where ``values`` (any shape) are not allowed, as booleans."""
        values = np.asarray(values, dtype=float)
        with np.errstate(invalid="ignore"):
            inside = (values > self.low if self.above else values >= self.low) & (
                values <= self.high
            )
            if self.whole:
                inside &= values == np.floor(values)
        return ~(inside | np.isnan(values)) if self.blank else ~inside

    def __str__(self) -> str:
        kind = "a whole number" if self.whole else "a number"
        low = f"above {self.low:g}" if self.above else f"from {self.low:g}"
        return f"{kind} {low} to {self.high:g}{' or empty' if self.blank else ''}"


# Text that is not empty, and text out of a list.
TEXT = ()
Allowed = Range | tuple[str, ...]


@dataclass(frozen=True)
class TableRules:
    """What a table must hold.

    ``columns``: what each may hold; ``key``: the columns that tell rows apart;
    ``ascending``: pairs of columns of which the first may not exceed the second.
    """

    columns: Mapping[str, Allowed]
    key: tuple[str, ...]
    ascending: tuple[tuple[str, str], ...] = ()


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
    except (OSError, ValueError) as error:
        reason = str(error).splitlines()[0].replace(". ", ": ").rstrip(".")
        raise UserError(
            f"The table {path} is not a readable CSV ({reason}); restore it from the "
            "repository."
        ) from error
    missing = [name for name in required if name not in table.columns]
    if missing:
        raise UserError(
            f"The table {path} lacks the column {missing[0]!r}; it has "
            f"{', '.join(map(str, table.columns))}."
        )
    return table


def read_checked_csv(path: str | Path, rules: TableRules) -> pd.DataFrame:
    """Read a CSV table and check every column that ``rules`` name.

    Raises:
        UserError: the file is missing or unreadable, lacks a column or has no row, a
            value is not allowed, a key stands twice, or a pair does not ascend.
    """
    table = read_resource_csv(path, list(rules.columns))
    if not len(table):
        raise UserError(f"The table {path} has no rows; restore it.")
    checked = {
        name: _checked_column(table, name, allowed, rules.key, path)
        for name, allowed in rules.columns.items()
    }
    table = table.assign(**checked)
    _check_key(table, rules.key, path)
    for low, high in rules.ascending:
        wrong = np.flatnonzero(table[low] > table[high])
        if len(wrong):
            row = table.iloc[wrong[0]]
            raise UserError(
                f"The table {path} has {low} = {row[low]} above {high} = {row[high]} "
                f"in the row {_row_name(row, rules.key)}; the first may not exceed "
                "the second."
            )
    return table


def _row_name(row: pd.Series, key: tuple[str, ...]) -> str:
    return ", ".join(f"{name} {row[name]}" for name in key)


def _checked_column(
    table: pd.DataFrame, name: str, allowed: Allowed, key: tuple[str, ...], path: object
) -> pd.Series:
    if isinstance(allowed, Range):
        values = pd.to_numeric(table[name], errors="coerce")
        # Text becomes NaN, which only an empty place may be.
        bad = allowed.bad(values) | (values.isna() & table[name].notna())
        said = str(allowed)
        values = values.astype(int) if allowed.whole and not bad.any() else values
    else:
        values = table[name]
        bad = ~values.isin(allowed) if allowed else values.isna()
        said = f"one of {', '.join(allowed)}" if allowed else "not empty"
    wrong = np.flatnonzero(bad)
    if len(wrong):
        row = table.iloc[wrong[0]]
        raise UserError(
            f"The table {path} has {name} = {row[name]} in the row "
            f"{_row_name(row, key)}; it must be {said}."
        )
    return values


def _check_key(table: pd.DataFrame, key: tuple[str, ...], path: object) -> None:
    twice = np.flatnonzero(table.duplicated(list(key)))
    if len(twice):
        raise UserError(
            f"The table {path} has the row {_row_name(table.iloc[twice[0]], key)} "
            "twice; remove one."
        )
