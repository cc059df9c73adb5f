"""Rules beside the plasticity-free network, paired by network.

In: one value per rule and network. Out: means, errors, differences and tests. The unit
is the network; trials, cells and tasks of one network are no replicates.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import false_discovery_control

from evoplast.analysis import holm, mean, sign_flip_test, standard_error
from evoplast.artefacts.errors import UserError

NONE = "none"


def against_none(
    units: pd.DataFrame, keys: Sequence[str], value: str, seed: int
) -> pd.DataFrame:
    """Return one row per combination of ``keys`` and rule.

    ``units`` has columns rule, instance, ``keys`` and ``value``, one row for each
    network. Columns of the result: keys, rule, {value} and {value}_se, p_above (of a
    mean of 0), gain and gain_se (difference to the rule "none", paired), p_gain,
    n_networks. Sign-flip tests over networks; "none" has no gain.

    Raises:
        UserError: the rule without plasticity is missing.
    """
    if NONE not in set(units["rule"]):
        raise UserError(
            f"The recordings hold the rules {', '.join(sorted(set(units['rule'])))}, "
            f"but not {NONE!r}, which stands for the network before learning; make "
            "analysis/representatives.parquet again."
        )
    rows = []
    for place, part in units.groupby(list(keys), sort=False):
        wide = part.pivot(index="instance", columns="rule", values=value).sort_index()
        names = dict(zip(keys, place, strict=True))
        rows += [
            names | _row(wide, rule, value, seed)
            for rule in dict.fromkeys(part["rule"])
        ]
    return pd.DataFrame(rows)


def _row(wide: pd.DataFrame, rule: str, value: str, seed: int) -> dict:
    own, still = wide[rule].to_numpy(), wide[NONE].to_numpy()
    row = {"rule": rule, value: mean(own), f"{value}_se": standard_error(own)}
    row["p_above"] = sign_flip_test(own, np.zeros_like(own), seed).p_value
    gain = sign_flip_test(own, still, seed)
    tested = rule != NONE
    row |= {"gain": gain.difference, "gain_se": gain.standard_error}
    row |= {"p_gain": gain.p_value if tested else np.nan}
    return row | {"n_networks": int(np.isfinite(own).sum())}


def with_holm(table: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """Add ``{column}_holm``: p-values corrected for all tested rows (Holm 1979)."""
    for name in columns:
        known = table[name].notna()
        corrected = np.full(len(table), np.nan)
        corrected[known] = holm(table.loc[known, name].to_numpy())
        table = table.assign(**{f"{name}_holm": corrected})
    return table


def with_fdr(table: pd.DataFrame, column: str) -> pd.DataFrame:
    """Add ``{column}_fdr``: p-values by false discovery rate over all tested rows.

    Benjamini & Hochberg (1995), J. R. Stat. Soc. B 57:289. For maps of hundreds of
    tests on a dozen networks, where Holm's could never be small.
    """
    known, corrected = table[column].notna(), np.full(len(table), np.nan)
    corrected[known] = false_discovery_control(table.loc[known, column].to_numpy())
    return table.assign(**{f"{column}_fdr": corrected})
