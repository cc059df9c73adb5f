"""Rates of the published model, as others simulated it, beside our own.

In: the table of its rates, a table of rates by condition and cell type. Out: the same
with a column ``published_rate_hz``. The published model is the same network at full
size, so it says which differences from the mouse are the model's and which are ours.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from evoplast.artefacts.tables import TEXT, Range, TableRules, read_checked_csv

ALL = "all"
_RULES = TableRules(
    {"cell_type": TEXT, "measure": TEXT, "mean_hz": Range(0.0, 1000.0)},
    key=("cell_type", "measure"),
)
MEASURES = {
    "spontaneous": "spontaneous",
    "drifting": "evoked_dg_mean",
    "drifting_preferred": "evoked_dg_preferred",
}


def read_published_rates(path: str | Path) -> pd.Series:
    """Return the mean rate in Hz by (measure, cell type).

    Raises:
        UserError: the table is missing, lacks a column or has a value out of range.
    """
    table = read_checked_csv(path, _RULES)
    return table.set_index(["measure", "cell_type"])["mean_hz"]


def with_published_rates(types: pd.DataFrame, published: pd.Series) -> pd.DataFrame:
    """Add ``published_rate_hz`` to the table by condition and cell type.

    NaN for conditions and types that were not measured. All cells together have the
    mean over their types in the numbers of our network.
    """
    measure = types["condition"].map(MEASURES)
    keys = pd.MultiIndex.from_arrays([measure, types["cell_type"]])
    rate = pd.Series(published.reindex(keys).to_numpy(), types.index)
    single = types["cell_type"] != ALL
    weighted = (rate * types["n_cells"])[single].groupby(types["condition"])
    cells = types.loc[single].groupby("condition")["n_cells"].sum()
    mean = weighted.agg(lambda values: values.sum(skipna=False)) / cells
    rate = np.where(single, rate, types["condition"].map(mean))
    return types.assign(published_rate_hz=rate)
