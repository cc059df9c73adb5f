"""The figures of the search studies, from small made-up tables."""

import figure_tables as tables
import numpy as np
import pandas as pd
import pytest

from evoplast.figures import search_proof, style

GROUPS = ("evolved", "random", "known", "no plasticity")
PAIRS = (
    ("evolved", "random"),
    ("evolved", "no plasticity"),
    ("random", "no plasticity"),
    ("evolved", "known"),
)
QUANTITIES = ("cross_accuracy", "accuracy_gratings", "accuracy_natural")


def proof_cells():
    rng = np.random.default_rng(0)
    rows = [
        (search, group, split, champion, 0.55 + 0.02 * rng.normal())
        for search in range(3)
        for group in GROUPS
        for split in ("seen", "unseen")
        for champion in (True, False)
    ]
    names = ["search_seed", "group", "split", "champion", "cross_accuracy"]
    table = pd.DataFrame(rows, columns=names)
    return table[table["champion"] | table["group"].isin(["evolved", "random"])]


def proof_comparison():
    rows = [
        (*pair, split, selection, quantity, 0.01, -0.02, 0.04)
        for pair in PAIRS
        for split in ("seen", "unseen")
        for selection in ("set", "champion")
        for quantity in QUANTITIES
    ]
    names = ["left", "right", "split", "selection", "quantity"]
    return pd.DataFrame(rows, columns=[*names, "difference_mean", "low", "high"])


@pytest.fixture
def proof_figure():
    histories = [tables.history(k) for k in range(3)]
    with style.styled():
        return search_proof.plot(proof_comparison(), proof_cells(), histories)


def test_the_proof_shows_every_comparison_and_every_search(proof_figure):
    groups, differences, tasks, front = proof_figure.axes[:4]
    assert [tick.get_text() for tick in groups.get_xticklabels()] == list(GROUPS)
    assert len(differences.get_yticks()) == len(PAIRS)
    assert len(tasks.get_yticks()) == 3 * 2 * 2
    assert len(front.get_lines()) == 3


def test_the_proof_draws_intervals_where_the_table_has_them(proof_figure):
    lines = proof_figure.axes[1].get_lines()
    spans = [tuple(line.get_xdata()) for line in lines if len(line.get_xdata()) == 2]
    assert spans.count((-0.02, 0.04)) == len(PAIRS) * 2 * 2
