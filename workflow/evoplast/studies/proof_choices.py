"""What is chosen among the rules of the proof, on ``selection`` alone.

In: the rules measured again and their cells of ``selection``. Out: means per rule,
whether it is within biology, and one row for every choice: the champions of each side
and the points of the fronts.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from evoplast.analysis import UNPLASTIC
from evoplast.studies.proof_arms import (
    FAMILIES,
    FAMILY_ARMS,
    FREE,
    FRONT_ARMS,
    KNOWN,
    RANDOM,
    REWARD_FREE,
    SWARM,
    ProofSettings,
)

ANY, WITHIN, TERMS, NEAR = "any", "within biology", "terms", "distance"
"""Kinds of choices: the most accurate rule of all, or of those within biology, with at
most ``limit`` terms, or at most ``limit`` Hz from the mouse's rates."""

SEARCHED = (FAMILIES, FREE, REWARD_FREE, SWARM, RANDOM, KNOWN)
BOTH = "families, free"
_WITHIN_IN_FRONT = {FAMILIES: True, FREE: False, REWARD_FREE: True}
_MEASURED = ("cross_accuracy", "max_rate_hz", "wasserstein_hz")


def unplastic_wasserstein(table: pd.DataFrame, selected: pd.DataFrame) -> float:
    """Return the mean distance (Hz) of no plasticity to the mouse on ``selection``."""
    still = table.loc[table["group"] == UNPLASTIC, "rule"]
    return float(selected.loc[selected["rule"].isin(still), "wasserstein_hz"].mean())


def judge(
    table: pd.DataFrame, selected: pd.DataFrame, settings: ProofSettings
) -> pd.DataFrame:
    """Return ``table`` with what ``selection`` says of each rule.

    Columns: ``selection_`` and cross_accuracy, max_rate_hz, wasserstein_hz (means over
    cells) and flag (the worst); ``within_biology``: intact, no farther from the mouse's
    rates than no plasticity on the same cells, no neuron on average above the limit.
    """
    by_rule = selected.groupby("rule")
    means = by_rule[[*_MEASURED]].mean().assign(flag=by_rule["flag"].max())
    table = table.merge(means.add_prefix("selection_").reset_index(), on="rule")
    # Means of equal rates may differ in the last bits.
    limit = unplastic_wasserstein(table, selected) + 1e-9
    table["within_biology"] = (
        (table["selection_flag"] == 0)
        & (table["selection_wasserstein_hz"] <= limit)
        & (table["selection_max_rate_hz"] <= settings.max_rate_hz)
    )
    return table


def choose(table: pd.DataFrame, settings: ProofSettings) -> pd.DataFrame:
    """Return one row per choice: arm, choice, limit, rule, found.

    Of equally accurate rules the one with fewer terms. Where a side has no such rule
    the unplastic network at its best threshold stands for it: that is what it has to
    offer (``found`` is False). A point of the front over the distance is left out
    instead.
    """
    ordered = table[table["selection_flag"] == 0].sort_values(
        ["selection_cross_accuracy", "n_terms", "rule"], ascending=[False, True, True]
    )
    still = _first(
        table[table["group"] == UNPLASTIC].sort_values(
            ["selection_cross_accuracy", "rule"], ascending=[False, True]
        )
    )
    rows: list[dict[str, object]] = [
        {"arm": UNPLASTIC, "choice": choice, "limit": np.nan, "rule": still}
        for choice in (ANY, WITHIN)
    ]
    for arm, choice, limit, fit in _questions(ordered, settings):
        rule = _first(ordered[fit])
        if choice == NEAR and rule is None:
            continue
        row = {"arm": arm, "choice": choice, "limit": limit}
        rows.append(row | {"rule": still if rule is None else rule})
    chosen = pd.DataFrame(rows).astype({"rule": int})
    stands_in = (chosen["rule"] == still) & (chosen["arm"] != UNPLASTIC)
    return chosen.assign(found=~stands_in)


def _first(ordered: pd.DataFrame) -> int | None:
    return int(ordered["rule"].iloc[0]) if len(ordered) else None


def _questions(
    table: pd.DataFrame, settings: ProofSettings
) -> Iterator[tuple[str, str, float, pd.Series]]:
    """Yield arm, choice, limit and which rules may be chosen."""
    for arm in (arm for arm in SEARCHED if (table["group"] == arm).any()):
        own = table["group"] == arm
        yield arm, ANY, np.nan, own
        yield arm, WITHIN, np.nan, own & table["within_biology"]
    for arm in (arm for arm in FRONT_ARMS if (table["group"] == arm).any()):
        own = table["group"] == arm
        if _WITHIN_IN_FRONT[arm]:
            own &= table["within_biology"]
        for most in settings.complexities:
            yield arm, TERMS, float(most), own & (table["n_terms"] <= most)
    own = table["group"].isin(FAMILY_ARMS)
    for limit in (*settings.wasserstein_limits_hz, np.inf):
        near = table["selection_wasserstein_hz"] <= limit
        yield BOTH, NEAR, float(limit), own & near
