"""What to expect of a rule after it was chosen as the best of many.

In: the cells of the split ``selection``, the family of each rule. Out: shrunken means.
"""

import numpy as np
import pandas as pd


def selection_estimates(selected: pd.DataFrame, family: pd.Series) -> np.ndarray:
    """Return the accuracy to expect of each rule after it was chosen, (rules,).

    Means over the cells of ``selection``, shrunk to the mean of the rule's ``family``
    by v / (v + e / n): v is the variance of the family's true values, e that of one
    of n cells beside its common shift (two-way analysis of variance). All rules meet
    the same cells, so shrinking changes no order; it takes off the luck of the best.
    With one rule or one cell nothing is known of it and the mean stays.
    """
    columns = ["instance", "seed_index"]
    values = selected.pivot(index="rule", columns=columns, values="cross_accuracy")
    parts = [_shrunken_rows(part) for _, part in values.groupby(family.to_numpy())]
    return pd.concat(parts).sort_index().to_numpy()


def _shrunken_rows(values: pd.DataFrame) -> pd.Series:
    n_rules, n_cells = values.shape
    means = values.mean(axis=1)
    if min(n_rules, n_cells) < 2:
        return means
    rest = values.sub(means, axis=0).sub(values.mean(axis=0) - means.mean(), axis=1)
    error = (rest**2).to_numpy().sum() / ((n_rules - 1) * (n_cells - 1)) / n_cells
    spread = means.var(ddof=1)
    weight = max(spread - error, 0.0) / spread if spread > 0 else 1.0
    return means.mean() + weight * (means - means.mean())


def selection_rank(
    about: pd.DataFrame, selected: pd.DataFrame, champion_of: str
) -> pd.Series:
    """Return the rank (1 = best) on ``selection`` of each rule of ``about``.

    Within groups that share a value of the column ``champion_of``. ``selected`` are
    the cells of ``selection``.
    """
    per_rule = selected.groupby(["rule", "instance"])["cross_accuracy"].mean()
    table = about.assign(
        cross_accuracy_selection_mean=per_rule.groupby("rule").mean(),
        selection_flag=selected.groupby("rule")["flag"].max(),
    )
    return _ranked(table, champion_of)


def _ranked(table: pd.DataFrame, by: str) -> pd.Series:
    """Return the rank (1 = best) of each rule on ``selection`` within ``by``.

    Rules that were flagged there come last. Ties go to the rule with fewer terms,
    then to the earlier one.
    """
    order = table.assign(broken=table["selection_flag"] != 0).sort_values(
        ["broken", "cross_accuracy_selection_mean", "n_terms", "rule"],
        ascending=[True, False, True, True],
    )
    return (order.groupby(by).cumcount() + 1).reindex(table.index)
