"""Do the rules of the proof hold where changes and repeats come in random order?

In: the choices of the proof, its cells (balanced sequences, in which every stimulus
appears as often as a change as it does as a repeat, so that a change tells of a repeat)
and the same rules on the same networks under sequences drawn at random. Out: the gain
over no plasticity in both orders. A rule that had learned the balance would lose its
gain.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from evoplast.analysis import (
    UNPLASTIC,
    Cell,
    Evaluate,
    ReevaluationSettings,
    reevaluate,
)
from evoplast.evaluation import evaluate
from evoplast.studies.proof_arms import FAMILIES, FREE, KNOWN
from evoplast.studies.proof_choices import ANY, WITHIN
from evoplast.studies.proof_comparison import CROSS, by_network, over_searches

STILL = (UNPLASTIC, ANY)
COMPARED = ((FAMILIES, WITHIN), (FREE, ANY), (KNOWN, ANY))
BALANCED, RANDOM_ORDER, CHANGE = "balanced", "random", "random minus balanced"


def rules_compared(choices: pd.DataFrame) -> np.ndarray:
    """Return the rules of one proof that both orders show, each once."""
    sides = pd.MultiIndex.from_tuples([STILL, *COMPARED])
    own = pd.MultiIndex.from_frame(choices[["arm", "choice"]]).isin(sides)
    return np.unique(choices.loc[own, "rule"])


def score_again(
    chosen: np.ndarray,
    genomes: np.ndarray,
    cells: Sequence[Cell],
    measuring: ReevaluationSettings,
    evaluate: Evaluate = evaluate,
    log_path: str | Path | None = None,
) -> pd.DataFrame:
    """Measure rules ``chosen`` of ``genomes`` (rules, D) in the unseen ``cells``."""
    unseen = [cell for cell in cells if cell.split == "unseen"]
    table = reevaluate(unseen, genomes[chosen], measuring, evaluate, log_path)
    return table.assign(rule=chosen[table["rule"]])


def compare_orders(
    choices: pd.DataFrame, cells: pd.DataFrame, again: pd.DataFrame, seed: int
) -> pd.DataFrame:
    """Return the gain over no plasticity of each side in both orders, and its change.

    ``cells`` are balanced, ``again`` in random order, both with a column search_seed.
    Columns: arm, choice, order and those of ``over_searches``; the search is the unit.
    """
    rows = []
    for side in COMPARED:
        gains = {
            order: by_network(choices, table, *side, CROSS)
            - by_network(choices, table, *STILL, CROSS)
            for order, table in ((BALANCED, cells), (RANDOM_ORDER, again))
        }
        gains[CHANGE] = gains[RANDOM_ORDER] - gains[BALANCED]
        for order, gain in gains.items():
            names = {"arm": side[0], "choice": side[1], "order": order}
            rows.append(names | over_searches(gain, seed))
    return pd.DataFrame(rows)
