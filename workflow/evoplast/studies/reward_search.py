"""Are rules without reward enough? Searches with and without its terms, at equal cost.

In: choices, cells and rules of family searches of the same seeds, scored alike on
networks of their own, once with all terms and once without those of the reward. Out:
one row per question (the most accurate rule of all, within biology, with at most so
many terms): both accuracies, both gains over no plasticity, their difference with
intervals and tests over searches and over networks, and how many searches that might
use the reward chose a rule that does.
"""

import numpy as np
import pandas as pd

from evoplast.analysis import UNPLASTIC, holm
from evoplast.artefacts.errors import UserError
from evoplast.rules import TERM_HAS_REWARD, gates_of
from evoplast.studies.proof_arms import FAMILIES, REWARD_FREE
from evoplast.studies.proof_choices import ANY, TERMS, WITHIN
from evoplast.studies.proof_comparison import (
    CROSS,
    by_network,
    over_searches,
    search_means,
)

PLANNED = WITHIN
"""Planned are the tests of the best rule within biology: both tasks, each task."""


def compare_reward(
    choices: pd.DataFrame, cells: pd.DataFrame, rules: pd.DataFrame, seed: int
) -> pd.DataFrame:
    """Return one row per choice, limit and quantity (accuracy, that of each task).

    Columns: choice, limit (terms, or missing), quantity, planned; ``with_`` and
    ``without_`` mean, gain and gain_se (over no plasticity); those of
    ``over_searches`` for with - without; p_holm and p_networks_holm over the planned
    tests (else missing); n_with_reward (searches whose choice uses the reward).

    Raises:
        UserError: fewer than two searches.
    """
    n = choices["search_seed"].nunique()
    if n < 2:
        raise UserError(
            f"search_proof.seeds is {n}; a test over searches needs at least 2."
        )
    quantities = [CROSS, *sorted(name for name in cells if name[:9] == "accuracy_")]
    table = pd.DataFrame(
        [
            _row(choices, cells, question, quantity, seed)
            | {"n_with_reward": _with_reward(choices, rules, question)}
            for question in _questions(choices)
            for quantity in quantities
        ]
    )
    planned = table["planned"]
    for corrected, single in (
        ("p_holm", "p_value"),
        ("p_networks_holm", "p_value_networks"),
    ):
        table[corrected] = np.nan
        table.loc[planned, corrected] = holm(table.loc[planned, single].to_numpy())
    return table


def _questions(choices: pd.DataFrame) -> list[tuple[str, float | None]]:
    """Return choice and limit of what both sides chose."""
    limits = choices.loc[choices["choice"] == TERMS, "limit"].unique()
    return [(WITHIN, None), (ANY, None), *((TERMS, float(n)) for n in sorted(limits))]


def _row(choices, cells, question, quantity: str, seed: int) -> dict:
    choice, limit = question

    def reached(arm: str) -> pd.Series:
        return by_network(choices, cells, arm, choice, quantity, limit)

    sides = {"with": reached(FAMILIES), "without": reached(REWARD_FREE)}
    still = by_network(choices, cells, UNPLASTIC, ANY, quantity)
    row = {
        "choice": choice,
        "limit": np.nan if limit is None else limit,
        "quantity": quantity,
        "planned": choice == PLANNED,
    }
    for name, values in sides.items():
        gain = search_means(values - still.reindex(values.index))
        row[f"{name}_mean"] = search_means(values).mean()
        row[f"{name}_gain"] = gain.mean()
        row[f"{name}_gain_se"] = gain.std(ddof=1) / np.sqrt(len(gain))
    return row | over_searches(sides["with"] - sides["without"], seed)


def _with_reward(choices: pd.DataFrame, rules: pd.DataFrame, question) -> int:
    choice, limit = question
    own = choices[(choices["arm"] == FAMILIES) & (choices["choice"] == choice)]
    if limit is not None:
        own = own[own["limit"] == limit]
    named = own.merge(rules, on=["search_seed", "rule"])
    gates = [gates_of(text) for text in named["formula"]]
    return sum(bool(row[TERM_HAS_REWARD].any()) for row in gates)
