"""The figures of the search studies, from small made-up tables."""

import figure_tables as tables
import numpy as np
import pandas as pd
import pytest

from evoplast.figures import (
    generalisation,
    information,
    initialisation,
    rule_spread,
    search_proof,
    selection_bias,
    sequence_noise,
    style,
)

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


def generalisation_table():
    variants = {"reference": (250, 4), "networks_1": (250, 1), "neurons_150": (150, 4)}
    rows = [
        (name, *size, look, split, 48 * look, 0.56, 0.54, 0.02, 0.01, 1, "networks")
        for name, size in variants.items()
        for look in (5, 10)
        for split in ("seen", "unseen")
    ]
    names = ["variant", "n_neurons", "n_networks_used", "generations", "split"]
    names += ["evaluations", "accuracy_mean", "still_mean", "gain_mean", "gain_se"]
    table = pd.DataFrame(rows, columns=[*names, "n_searches", "unit"])
    return table.assign(accuracy_se=0.01)


def test_generalisation_shows_networks_sizes_and_evaluations():
    with style.styled():
        figure = generalisation.plot(generalisation_table())
    labels = [panel.get_xlabel() for panel in figure.axes[3:]]
    assert labels == ["training networks", "neurons", "evaluations of the search"]
    points = [len(panel.containers[0].lines[0].get_xdata()) for panel in figure.axes]
    assert points == [2, 2, 2] * 2


def test_selection_bias_shows_every_search_of_every_variant():
    rng = np.random.default_rng(0)
    rows = [
        (variant, seed, chosen, *rng.normal(0.02, 0.01, 3))
        for variant in selection_bias.NAMES
        for seed in range(3)
        for chosen in ("best", "set")
    ]
    names = ["variant", "search_seed", "chosen", *selection_bias.COLUMNS]
    with style.styled():
        figure = selection_bias.plot(pd.DataFrame(rows, columns=names))
    panel = figure.axes[0]
    shown = [tick.get_text() for tick in panel.get_yticklabels()]
    assert shown == list(selection_bias.NAMES.values())
    points = sum(len(line.get_xdata()) == 3 for line in panel.get_lines())
    assert points == 6 * 2


def test_initialisation_names_every_start():
    variants = ("reference", "gates_0.5", "prior_shared")
    table = pd.DataFrame({"variant": variants})
    for split in ("seen", "unseen"):
        table[f"{split}_gain_mean"], table[f"{split}_gain_se"] = 0.01, 0.005
    parts = [
        tables.history(k, 6).assign(
            variant=name, search_seed=0, gate_distance=3.0, distinct_formulas=20
        )
        for k, name in enumerate(variants)
    ]
    with style.styled():
        figure = initialisation.plot(table, pd.concat(parts))
    shown = [tick.get_text() for tick in figure.axes[3].get_yticklabels()]
    assert shown == ["default", "gates 0.5", "shared coefficients"]
    assert all(len(panel.get_lines()) == 3 for panel in figure.axes[:3])


def test_information_has_a_row_of_panels_for_each_group():
    rows = [
        (group, estimate, training, scored, 0.06, 0.05, 0.04, 0.02, 0.4)
        for group in ("random", "evolved")
        for estimate in ("counted", "smoothed (normal)", "counted, unbalanced trials")
        for training in (30, 60, 120)
        for scored in (50, 150)
    ]
    names = ["group", "estimate", "training_trials", "scored_trials"]
    names += [*information.NOISES, "se_one_second", "foretells"]
    with style.styled():
        figure = information.plot(pd.DataFrame(rows, columns=names))
    assert len(figure.axes) == 6
    assert len(figure.axes[0].get_lines()) == 3
    assert len(figure.axes[1].get_lines()) == 2 * 3


def test_rule_spread_has_a_line_for_each_learning_rate():
    rows = [
        (eta, probability, 0.01, 0.02, 0.003, 0.1, 64, 8)
        for eta in (0.003, 0.01)
        for probability in (0.12, 0.3, 0.5)
    ]
    names = ["eta", "gate_probability", "shared_sd", "chosen_gain", "chosen_gain_se"]
    with style.styled():
        figure = rule_spread.plot(
            pd.DataFrame(rows, columns=[*names, "failed", "rules", "networks"])
        )
    assert [len(panel.containers) for panel in figure.axes] == [2, 2, 2]
    assert [text.get_text() for text in figure.axes[1].get_legend().get_texts()] == [
        "0.003",
        "0.01",
    ]


def test_sequence_noise_shows_every_network_in_every_order():
    rows = [
        (instance, *order, estimate)
        for instance in (0, 1)
        for order in ((0, 0), (20, 0), (20, 20))
        for estimate in ("counted", "smoothed")
    ]
    names = ["instance", *sequence_noise.ORDER, "estimate"]
    table = pd.DataFrame(rows, columns=names)
    numbers = (*sequence_noise.COMPONENTS, "signal_to_noise", "alternates")
    for i, name in enumerate(numbers):
        table[name] = 0.01 * (i + 1)
    with style.styled():
        figure = sequence_noise.plot(table)
    assert sequence_noise.order_names(table.iloc[::2][:3]) == ["random", "20", "20/20"]
    dots = [len(line.get_xdata()) for line in figure.axes[0].get_lines()]
    assert dots == [3, 6] * 3
    ticks = [text.get_text() for text in figure.axes[3].get_xticklabels()]
    assert ticks == ["random", "20", "20/20"]
