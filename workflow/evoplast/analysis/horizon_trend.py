"""Does what rules reach last? Slopes over training beyond the search's trials.

In: the dataset of :func:`long_horizon`. Out: one row per rule and quantity: its slope
after the trials of the search, and its change since then and since before training.
A look before training is the network without plasticity at the rule's own threshold.
"""

import numpy as np
import pandas as pd
import xarray as xr
from scipy import stats

from evoplast.analysis.statistics import holm, standard_error

QUANTITIES = (
    *("cross_accuracy", "mean_rate_hz", "max_rate_hz"),
    *("fraction_at_bound", "relative_weight_change"),
)
PER_TRIALS = 1000
LEVEL = 0.05


def horizon_trend(data: xr.Dataset) -> pd.DataFrame:
    """Return slopes per 1000 training trials with their tests, networks as units.

    Columns: rule, name, group, formula, quantity, before (no training), at_search (the
    first look at or after the search's trials), last, each a mean over networks; slope,
    slope_se, p_value (t test of the networks' slopes), p_holm (corrected for the number
    of rules), gain and gain_se (last minus before), n_networks, verdict: rises, falls
    or steady. NaN where there are fewer than two networks or two looks.
    """
    trials = data["training_trials"].values.astype(float)
    later = np.flatnonzero(trials >= data.attrs["search_training_trials"])
    names = [str(name) for name in data["name"].values]
    rows = []
    for quantity in QUANTITIES:
        values = data[quantity].mean("seed").transpose("rule", "instance", "stage")
        found = [_row(cells, trials, later) for cells in values.values]
        table = pd.DataFrame(found).assign(quantity=quantity, rule=range(len(names)))
        known = table["p_value"].notna()
        table["p_holm"] = np.nan
        table.loc[known, "p_holm"] = holm(table.loc[known, "p_value"].to_numpy())
        rows.append(table)
    joined = pd.concat(rows, ignore_index=True)
    for name in ("name", "group", "formula"):
        joined[name] = data[name].values[joined["rule"]]
    joined["verdict"] = [_verdict(row) for row in joined.itertuples()]
    return joined


def _row(cells: np.ndarray, trials: np.ndarray, later: np.ndarray) -> dict:
    """Return the numbers of one rule from ``cells`` (networks, looks)."""
    first = later[0] if len(later) else len(trials) - 1
    gain = cells[:, -1] - cells[:, 0]
    row = {
        "before": cells[:, 0].mean(),
        "at_search": cells[:, first].mean(),
        "last": cells[:, -1].mean(),
        "gain": gain.mean(),
        "gain_se": standard_error(gain),
        "n_networks": len(cells),
    }
    if len(cells) < 2 or len(later) < 2:
        return row | dict.fromkeys(("slope", "slope_se", "p_value"), np.nan)
    slopes = np.polyfit(trials[later], cells[:, later].T, 1)[0] * PER_TRIALS
    # Slopes that are all the same, such as 0, have no spread to test against.
    alike = np.ptp(slopes) < 1e-12
    p_value = float(abs(slopes[0]) < 1e-12) if alike else _t_test(slopes)
    return row | {
        "slope": slopes.mean(),
        "slope_se": standard_error(slopes),
        "p_value": p_value,
    }


def _t_test(values: np.ndarray) -> float:
    return float(stats.ttest_1samp(values, 0.0).pvalue)


def _verdict(row) -> str:
    if not row.p_holm < LEVEL:
        return "steady"
    return "rises" if row.slope > 0 else "falls"
