"""What each choice of the scan is worth: paired differences of signal and rates.

In: the signal table of the scan. Out: one row per comparison, size and task. The two
sides of a comparison saw the same trials of the same networks, so differences are far
better known than the values themselves; networks are the units.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from evoplast.analysis import mean, standard_error

BOTH = "both"


@dataclass(frozen=True)
class Side:
    """One choice of input and gains, read out of one pool in one window."""

    lgn_mode: str
    contrast: str
    drive_target_hz: float
    lgn_gain: float = 1.0
    recurrent_factor: float = 1.0
    pool: str = "L5"
    window: tuple[int, int] = (50, 150)

    def rows(self, signal: pd.DataFrame) -> pd.DataFrame:
        """Return the rows of this choice, by size, network and task."""
        kept = (signal["pool"] == self.pool) & np.isclose(
            signal["drive_target_hz"], self.drive_target_hz, equal_nan=True
        )
        for name in ("lgn_mode", "contrast", "lgn_gain", "recurrent_factor"):
            kept &= signal[name] == getattr(self, name)
        kept &= signal["window_start_ms"] == self.window[0]
        kept &= signal["window_end_ms"] == self.window[1]
        return signal[kept].set_index(["n_neurons", "instance", "task"])


def comparisons(
    signal: pd.DataFrame, window: tuple[int, int]
) -> dict[str, tuple[Side, Side]]:
    """Return the named pairs of sides that the scan holds; left minus right."""
    found = signal.loc[signal["contrast"] == "common", "drive_target_hz"]
    target = float(found.iloc[0])
    here = Side("current", "equalised", target, window=window)
    raw = replace(here, contrast="raw", drive_target_hz=np.nan)
    common = replace(here, contrast="common")
    pairs = {
        "equalised − one contrast": (here, common),
        "one contrast − raw": (common, raw),
        "equalised − raw": (here, raw),
    }
    for name, side in (("equalised", here), ("one contrast", common), ("raw", raw)):
        spikes = replace(side, lgn_mode="bernoulli")
        pairs[f"current − spikes, {name}"] = (side, spikes)
    spikes = replace(here, lgn_mode="bernoulli")
    other = replace(common, lgn_mode="bernoulli")
    pairs["equalised − one contrast, spikes"] = (spikes, other)
    return pairs | _other_values(signal, here)


def _other_values(signal: pd.DataFrame, here: Side) -> dict[str, tuple[Side, Side]]:
    pairs = {}
    for field, label in (
        ("drive_target_hz", "drive target {:g} Hz"),
        ("lgn_gain", "LGN gain {:g}"),
        ("recurrent_factor", "recurrent gain × {:g}"),
        ("pool", "pool {}"),
    ):
        configured = getattr(here, field)
        for value in signal[field].dropna().unique():
            if value != configured:
                name = f"{label} − {configured}".format(value)
                pairs[name] = (replace(here, **{field: value}), here)
    ends = signal[["window_start_ms", "window_end_ms"]].drop_duplicates()
    for window in ends.itertuples(index=False, name=None):
        if window != here.window:
            name = "window {}–{} ms − {}–{}".format(*window, *here.window)
            pairs[name] = (replace(here, window=window), here)
    return pairs


def differences(signal: pd.DataFrame, window: tuple[int, int]) -> pd.DataFrame:
    """Return mean and s.e. over networks of every comparison.

    ``window`` is the configured response window in ms. Columns: comparison,
    n_neurons, task (each, and both averaged), n_networks, and for auc and
    mean_rate_hz the left and right means, the difference and its s.e. (NaN for one
    network).
    """
    rows = []
    for name, sides in comparisons(signal, window).items():
        left, right = (side.rows(signal) for side in sides)
        shared = left.index.intersection(right.index)
        values = {
            f"{column}_{side}": table.loc[shared, column]
            for column in ("auc", "mean_rate_hz")
            for side, table in (("left", left), ("right", right))
        }
        rows += _by_size(name, pd.DataFrame(values).reset_index())
    return pd.DataFrame(rows)


def _by_size(name: str, table: pd.DataFrame) -> list[dict]:
    numbers = [column for column in table if column.endswith(("_left", "_right"))]
    both = table.groupby(["n_neurons", "instance"], as_index=False)[numbers].mean()
    every = pd.concat([table, both.assign(task=BOTH)])
    rows = []
    for (size, task), group in every.groupby(["n_neurons", "task"]):
        row = {"comparison": name, "n_neurons": size, "task": task}
        row["n_networks"] = len(group)
        for column in ("auc", "mean_rate_hz"):
            left, right = group[f"{column}_left"], group[f"{column}_right"]
            row[f"{column}_left"], row[f"{column}_right"] = mean(left), mean(right)
            row[f"{column}_difference"] = mean(left - right)
            row[f"{column}_difference_se"] = standard_error(left - right)
        rows.append(row)
    return rows
