"""What the representative rules do, beside the paper's rules and the mouse.

In: rules, networks never used, published numbers. Out: cells, and a table with one row
per rule and quantity, paired with no plasticity.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from evoplast.artefacts.tables import TEXT, Range, TableRules, read_checked_csv
from evoplast.behaviour.cells import CellPlan, compared, measure_cells, quantities_of
from evoplast.behaviour.representatives import NONE, Representatives

_PUBLISHED = TableRules(
    {
        **dict.fromkeys(("subject", "name", "quantity", "statistic"), TEXT),
        "value": Range(0.0, 1e6),
        "source": TEXT,
        "confidence": TEXT,
    },
    key=("subject", "name", "quantity", "statistic"),
)


def representative_rules(
    chosen: Representatives, plan: CellPlan
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Measure the chosen rules; return the table and the cells.

    The table has the columns of ``compared``, rules being compared with no plasticity,
    and label, labels, group, formula.
    """
    cells = measure_cells(plan, chosen.genomes)
    still = chosen.index(NONE)
    reference = dict.fromkeys(range(len(chosen.genomes)), still)
    table = compared(cells, reference, plan.seed, quantities_of(cells))
    return _told(chosen, table), _told(chosen, cells)


def _told(chosen: Representatives, table: pd.DataFrame) -> pd.DataFrame:
    about = chosen.table[["rule", "label", "labels", "group", "formula"]]
    return about.merge(table, on="rule", how="right")


def read_published(path: str | Path) -> pd.DataFrame:
    """Return what the paper reports, resources/paper/results.csv.

    Columns: subject (paper or mouse), name, formula, quantity, statistic (mean or
    best), value, unit, source, confidence.

    Raises:
        UserError: the table is missing, lacks a column or has a value out of range.
    """
    return read_checked_csv(path, _PUBLISHED)


def with_published(table: pd.DataFrame, published: pd.DataFrame) -> pd.DataFrame:
    """Add the published numbers as rows: group "paper" or "mouse", no rule (-1)."""
    known = published[published["quantity"].isin(table["quantity"].unique())]
    end = np.where(known["statistic"] == "best", " best", "")
    rows = pd.DataFrame(
        {
            "rule": -1,
            "label": known["name"] + end,
            "labels": known["statistic"],
            "group": known["subject"],
            "formula": known["formula"].fillna(""),
            "quantity": known["quantity"],
            "mean": known["value"],
        }
    )
    return pd.concat([table, rows], ignore_index=True)
