"""What the few rules that all analyses show do to rates and weights, by cell type.

In: the tables of those analyses. Out: what the atlas draws of one rule. Units of errors
are networks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from evoplast.artefacts.parquet import read_table
from evoplast.atlas.catalogue import Entry

NONE = "none"
"""The label of the plasticity-free rule in these tables."""


@dataclass(frozen=True)
class Behaviour:
    """The tables: who was chosen, rates of cells, changes of weights by type pair."""

    chosen: pd.DataFrame
    firing: pd.DataFrame
    weights: pd.DataFrame


def read_behaviour(paths: Sequence[str]) -> Behaviour:
    """Return the tables of the analyses: the chosen rules, their firing, their weights.

    Raises:
        UserError: one is missing or broken.
    """
    chosen, firing, weights = (read_table(Path(path)) for path in paths)
    return Behaviour(chosen, firing, weights)


def behaviour_of(
    tables: Behaviour | None, entry: Entry, type_names: tuple[str, ...]
) -> dict | None:
    """Return rates by type and changes of weights by pair; None if not measured.

    ``rates``: mean, s.e. and mean without plasticity, (M,) Hz; ``weights``: mean of the
    logarithm of strength after over before, (M, M) from row to column type. None where
    a type or a pair does not occur.
    """
    if tables is None:
        return None
    same = (tables.chosen["name"] == entry.name) & (
        tables.chosen["group"] == entry.group
    )
    if not same.any():
        return None
    label = tables.chosen.loc[same, "label"].iloc[0]
    by_network = _rates(tables.firing, label, type_names)
    still = _rates(tables.firing, NONE, type_names)
    weights = tables.weights[tables.weights["rule"] == label]
    change = weights.pivot(index="pre", columns="post", values="log_change")
    names = list(type_names)
    return {
        "n_networks": len(by_network),
        "rates": {
            "mean": _listed(by_network.mean()),
            "se": _listed(by_network.sem()),
            "reference": _listed(still.mean()),
        },
        "weights": [
            _listed(row)
            for _, row in change.reindex(index=names, columns=names).iterrows()
        ],
    }


def _rates(firing: pd.DataFrame, label: str, names: tuple[str, ...]) -> pd.DataFrame:
    own = firing[firing["rule"] == label]
    by_type = own.pivot_table("rate_hz", "instance", "cell_type", "mean")
    return by_type.reindex(columns=list(names))


def _listed(values: pd.Series) -> list[float | None]:
    return [float(f"{v:.4g}") if np.isfinite(v) else None for v in values]
