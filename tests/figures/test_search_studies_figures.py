"""The figures of the search studies, from small made-up tables."""

import figure_tables as tables
import numpy as np
import pandas as pd
import pytest

from evoplast.figures import (
    generalisation,
    information,
    initialisation,
    reward_search,
    rule_spread,
    search_proof,
    selection_bias,
    sequence_noise,
    style,
)
from evoplast.studies.proof_comparison import PLANNED

ARMS = ("families", "free", "swarm", "random", "known", "no plasticity")
CHOICES = ("any", "within biology")


def proof_choices(n_searches=3):
    rows = [
        (search, arm, choice, rule)
        for search in range(n_searches)
        for rule, arm in enumerate(ARMS)
        for choice in CHOICES
    ]
    return pd.DataFrame(rows, columns=["search_seed", "arm", "choice", "rule"])


def proof_cells(n_searches=3):
    rng = np.random.default_rng(0)
    rows = [
        (search, rule, split, instance, 0.6 - 0.01 * rule + 0.02 * rng.normal())
        for search in range(n_searches)
        for rule in range(len(ARMS))
        for split, instance in (("selection", 0), ("unseen", 100), ("unseen", 101))
    ]
    names = ["search_seed", "rule", "split", "instance", "cross_accuracy"]
    return pd.DataFrame(rows, columns=names)


def proof_outcomes(pairs, limits=(np.nan,)):
    rows = [
        (arm, choice, limit, 0.55 + 0.01 * i, 0.52 + 0.01 * i, 0.58 + 0.01 * i, 4.0 + i)
        for arm, choice in pairs
        for i, limit in enumerate(limits)
    ]
    names = ["arm", "choice", "limit", "accuracy_mean", "accuracy_low"]
    names += ["accuracy_high", "wasserstein_hz_mean"]
    return pd.DataFrame(rows, columns=names).assign(ceiling_accuracy=0.7)


def proof_comparison():
    pairs = [*PLANNED, (("random", "any"), ("no plasticity", "any"))]
    rows = [(*left, *right, 0.01, -0.02, 0.04, 0.2) for left, right in pairs]
    names = ["left", "left_choice", "right", "right_choice", "difference_mean"]
    table = pd.DataFrame(rows, columns=[*names, "low", "high", "p_holm"])
    return table.assign(planned=[True] * len(PLANNED) + [False])


@pytest.fixture
def proof_figure():
    with style.styled():
        return search_proof.plot(
            proof_choices(),
            proof_cells(),
            proof_comparison(),
            proof_outcomes([(arm, choice) for arm in ARMS for choice in CHOICES]),
            proof_outcomes([("families", "terms"), ("free", "terms")], (1, 3, 6, 9)),
            proof_outcomes([("families, free", "distance")], (2.0, 5.0, np.inf)),
        )


def test_the_proof_shows_every_side_and_every_search(proof_figure):
    sides = proof_figure.axes[0]
    shown = [tick.get_text().replace("\n", " ") for tick in sides.get_xticklabels()]
    assert shown == ["families", "families, no limits", *ARMS[2:]]
    courses = [line for line in sides.get_lines() if len(line.get_xdata()) == len(ARMS)]
    assert len(courses) == 3 * len(CHOICES)
    unseen = proof_cells().query("split == 'unseen'")
    mean = unseen[unseen["rule"] == 0].groupby("search_seed")["cross_accuracy"].mean()
    drawn = [line.get_ydata()[0] for line in courses[:3]]
    np.testing.assert_allclose(drawn, mean)


def test_the_proof_draws_the_planned_differences_with_their_intervals(proof_figure):
    panel = proof_figure.axes[1]
    assert len(panel.get_yticks()) == len(PLANNED)
    spans = [tuple(line.get_xdata()) for line in panel.get_lines()]
    assert spans.count((-0.02, 0.04)) == len(PLANNED)


def test_the_proof_draws_fronts_beside_the_references(proof_figure):
    complexity, distance = proof_figure.axes[2:4]
    assert len(complexity.containers) == 2 and len(distance.containers) == 1
    points = np.asarray(complexity.containers[0].lines[0].get_ydata(), float)
    np.testing.assert_allclose(points, [0.55, 0.56, 0.57, 0.58])
    levels = [set(line.get_ydata()) for line in complexity.get_lines()]
    assert {0.55} in levels and {0.7} in levels
    assert [text.get_text() for text in distance.texts][-1] == "no limit"


def reward_table():
    questions = [("within biology", np.nan), ("any", np.nan)]
    questions += [("terms", float(n)) for n in (1, 3)]
    rows = [
        (*question, name, question[0] == "within biology", 0.02, 0.03, 0.01)
        for question in questions
        for name in ("cross_accuracy", "accuracy_gratings", "accuracy_natural")
    ]
    names = ["choice", "limit", "quantity", "planned", "with_gain", "without_gain"]
    table = pd.DataFrame(rows, columns=[*names, "with_gain_se"])
    table = table.assign(without_gain_se=0.02, difference_mean=-0.01, n_searches=3)
    table["p_holm"] = np.where(table["planned"], 0.5, np.nan)
    return table.assign(low=-0.03, high=0.01)


def test_gains_with_and_without_reward_stand_side_by_side():
    with style.styled():
        gains, differences = reward_search.plot(reward_table()).axes[:2]
    shown = [tick.get_text() for tick in gains.get_xticklabels()]
    assert shown == ["within biology", "of all", "≤ 1 term", "≤ 3 terms"]
    heights = [np.asarray(b.lines[0].get_ydata(), float) for b in gains.containers]
    np.testing.assert_allclose(heights, [[0.02] * 4, [0.03] * 4])
    rows = [tick.get_text() for tick in differences.get_yticklabels()]
    assert rows[1:3] == ["within biology, gratings", "within biology, photographs"]
    assert len(rows) == 6


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
