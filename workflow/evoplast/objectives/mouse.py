"""The mouse's firing rates, weighted by the composition of a network.

In: the tables of firing rates by cell type. Out: :class:`MouseReference`, the mean
rate and the rate distribution that a network of that composition should have.
Source: Allen Visual Coding Neuropixels (Siegle et al. 2021).
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from evoplast.artefacts.errors import UserError
from evoplast.artefacts.tables import TEXT, Range, TableRules, read_checked_csv
from evoplast.network import Network

DEFAULT_MEASURE = "evoked_dg_mean"
_RATE = Range(0.0, 1000.0)
_KEY = ("scope", "name", "measure")
_RATES = TableRules({**dict.fromkeys(_KEY, TEXT), "mean_hz": _RATE}, _KEY)
_QUANTILES = TableRules(
    {**dict.fromkeys(_KEY, TEXT), "quantile": Range(0.0, 1.0), "rate_hz": _RATE},
    (*_KEY, "quantile"),
)
# Points per type at which the quantile function is read for the mixture.
_MIXTURE_POINTS = 100


@dataclass(frozen=True)
class MouseReference:
    """Firing rates of a mouse with a network's composition, in Hz.

    Attributes:
        measure: the measure of the tables, e.g. "evoked_dg_mean".
        mean_hz: mean rate of the mixture.
        mean_by_type_hz: (M,) mean rate of each type.
        mixture_hz, mixture_weights: (M * 100,) a weighted sample of the mixture;
            the weights sum to 1.
    """

    measure: str
    mean_hz: float
    mean_by_type_hz: np.ndarray
    mixture_hz: np.ndarray
    mixture_weights: np.ndarray


def read_mouse_reference(
    folder: str | Path, network: Network, measure: str = DEFAULT_MEASURE
) -> MouseReference:
    """Read the mouse tables in ``folder`` for the composition of ``network``.

    Raises:
        UserError: a table is missing, has a value out of range, or lacks the measure
            for a cell type.
    """
    folder = Path(folder)
    rates = _of_types(folder / "firing_rates.csv", _RATES, measure)
    quantiles = _of_types(folder / "firing_rate_quantiles.csv", _QUANTILES, measure)
    _check_ascending(quantiles)
    names = network.cell_types.names_in_mouse
    _check_types(names, rates, measure)
    _check_types(names, quantiles, measure)
    counts = np.bincount(network.cells.cell_type, minlength=len(names))
    share = counts / counts.sum()
    means = rates.set_index("name").loc[list(names), "mean_hz"]
    samples = [_sample(quantiles[quantiles["name"] == name]) for name in names]
    return MouseReference(
        measure=measure,
        mean_hz=float(share @ means.to_numpy()),
        mean_by_type_hz=means.to_numpy(),
        mixture_hz=np.concatenate(samples),
        mixture_weights=np.repeat(share / _MIXTURE_POINTS, _MIXTURE_POINTS),
    )


def _check_ascending(quantiles: pd.DataFrame) -> None:
    for name, rows in quantiles.sort_values("quantile").groupby("name"):
        falling = np.flatnonzero(np.diff(rows["rate_hz"]) < 0)
        if len(falling):
            row = rows.iloc[falling[0] + 1]
            raise UserError(
                f"The table firing_rate_quantiles.csv has rate_hz = {row['rate_hz']} "
                f"at the quantile {row['quantile']} of {name}, below that of a smaller "
                "quantile; restore it."
            )


def _of_types(path: Path, rules: TableRules, measure: str) -> pd.DataFrame:
    table = read_checked_csv(path, rules)
    return table[(table["scope"] == "cell_type") & (table["measure"] == measure)]


def _check_types(names: tuple[str, ...], table: pd.DataFrame, measure: str) -> None:
    missing = sorted(set(names) - set(table["name"]))
    if missing:
        known = ", ".join(sorted(set(table["name"])))
        raise UserError(
            f"The mouse tables have no {measure!r} rates for the cell types "
            f"{', '.join(missing)}; say in network.sonata.types which of the mouse's "
            f"stands for each (mouse: e23), or add rows. They have {known}."
        )


def _sample(quantiles: pd.DataFrame) -> np.ndarray:
    levels = (np.arange(_MIXTURE_POINTS) + 0.5) / _MIXTURE_POINTS
    ordered = quantiles.sort_values("quantile")
    return np.interp(levels, ordered["quantile"], ordered["rate_hz"])
