"""The figures of what rules do, from small made-up tables."""

from types import SimpleNamespace

import figure_tables
import numpy as np
import pandas as pd
import pytest

from evoplast.artefacts.parquet import write_table
from evoplast.figures import (
    ablations,
    few_shot,
    recurrence,
    representative_rules,
    rule_names,
    sample_efficiency,
    style,
)

LONG = "Δw = S_pre + X_pre·X_post + S_post·X_pre·R + X_post²·R + X_pre²·R + R"
RULES = [
    (0, "best", "best, frequent", "evolved", "Δw = S_pre"),
    (1, "random", "random", "random", LONG),
    (2, "none", "none", "no plasticity", "Δw = 0"),
]
ABOUT = ("rule", "label", "labels", "group", "formula")
TASKS = ("gratings", "natural")
QUANTITIES = ["cross_accuracy", *representative_rules.OBJECTIVES]
QUANTITIES += [
    f"{name}_{task}"
    for name in ("accuracy", "d_prime", "hit_rate", "false_alarm_rate")
    for task in TASKS
]


def rows(**more):
    """Return one row of numbers for each rule; no plasticity has no difference."""
    table = pd.DataFrame(RULES, columns=ABOUT)
    still = table["label"] == "none"
    numbers = {"mean": 0.56, "se": 0.01, "n_networks": 4, "p_value": 0.1}
    numbers |= {"difference": 0.02, "difference_se": 0.01, "low": 0.0, "high": 0.04}
    table = table.assign(**numbers, p_holm=0.2, **more)
    table.loc[still, ["difference", "low", "high", "p_value", "p_holm"]] = np.nan
    return table


def representative_table():
    ours = [rows(quantity=quantity) for quantity in QUANTITIES]
    published = pd.DataFrame(
        {
            "rule": -1,
            "label": ["S_pre", "S_pre best", "mouse"],
            "labels": ["mean", "best", "mean"],
            "group": ["paper", "paper", "mouse"],
            "formula": ["Δw = S_pre", "Δw = S_pre", ""],
            "quantity": ["cross_accuracy", "cross_accuracy", "accuracy_natural"],
            "mean": [0.65, 0.70, 0.73],
        }
    )
    return pd.concat([*ours, published], ignore_index=True)


def curves():
    tables = [
        rows(task=task, training_trials=trials)
        for task in ("both", *TASKS)
        for trials in (0, 1, 10)
    ]
    return pd.concat(tables, ignore_index=True)


def half():
    table = pd.DataFrame(RULES[:2], columns=ABOUT)
    tables = [
        table.assign(task=task, trials=[3.0, np.nan], low=1.0, high=[np.inf, 5.0])
        for task in ("both", *TASKS)
    ]
    return pd.concat(tables, ignore_index=True)


def ablation_table():
    kinds = [("intact", ""), ("term removed", "S_pre"), ("no plasticity", "")]
    tables = []
    for kind, term in kinds:
        part = rows(quantity="cross_accuracy", kind=kind, term=term, n_draws=2)
        part = part[part["label"] != "none"].assign(intact=lambda t: t["formula"])
        if kind == "intact":
            part[["difference", "low", "high", "p_holm"]] = np.nan
        tables.append(part)
    return pd.concat(tables, ignore_index=True)


def recurrence_table():
    part = pd.DataFrame({"name": [LONG, "Δw = S_pre"], "share": [0.4, 0.2]})
    part = part.assign(se=[0.1, np.nan], n_searches_with=[3, 1], n_searches=4)
    parts = [part.assign(kind=k, n_formulas=2) for k in ("formula", "family", "term")]
    table = pd.concat(parts, ignore_index=True)
    return table.assign(expected=0.1, paper_share=[np.nan, 0.4857, *[np.nan] * 4])


def agreement():
    numbers = {"similarity": 0.5, "se": 0.1, "null_mean": 0.3, "null_sd": 0.1}
    return pd.DataFrame([numbers | {"p_value": 0.01, "n_searches": 4}])


def trained():
    rates = {"adam": (0.001, 0.01), "sgd": (1.0,)}
    return pd.concat([figure_tables.gradient(name, own) for name, own in rates.items()])


def efficiency():
    row = {"learning_rate": 0.01, "evolved": 0.6, "evolved_se": 0.01, "rule_trials": 60}
    row |= {"ratio": 5.0, "ratio_low": 2.0, "ratio_high": np.inf, "paper_ratio": 5000.0}
    row |= {"largest_samples": 640.0}
    pairs = [("adam", "gratings"), ("adam", "natural"), ("sgd", "gratings")]
    return pd.DataFrame([{"optimiser": o, "task": t, **row} for o, t in pairs])


def trained_biology():
    sides = [("adam", "gratings"), ("best", "both"), ("none", "both")]
    rows = [
        {"side": s, "task": t, "quantity": q, "mean": 3.0, "se": 0.2, "n_networks": 2}
        for s, t in sides
        for q in sample_efficiency.QUANTITIES
    ]
    return pd.DataFrame(rows)


DRAWN = {
    recurrence: {"table": recurrence_table, "agreement": agreement},
    sample_efficiency: {
        "curves": trained,
        "table": efficiency,
        "biology": trained_biology,
    },
    representative_rules: {"table": representative_table},
    few_shot: {"curves": curves, "half": half},
    ablations: {"table": ablation_table},
}


@pytest.mark.parametrize("module", DRAWN, ids=lambda module: module.__name__[17:])
def test_figure_is_drawn_twice_with_the_same_bytes(module, tmp_path):
    inputs, many = {}, module is sample_efficiency
    for name, make in DRAWN[module].items():
        inputs[name] = tmp_path / f"{name}.parquet"
        write_table(inputs[name], make(), {})
        inputs[name] = [inputs[name]] if name == "curves" and many else inputs[name]
    drawn = []
    for k in range(2):
        files = {kind: tmp_path / f"{k}.{kind}" for kind in ("pdf", "png")}
        module.draw(SimpleNamespace(**inputs), SimpleNamespace(**files), 50)
        drawn.append([path.read_bytes() for path in files.values()])
    assert drawn[0] == drawn[1]


def texts(figure):
    figure.draw_without_rendering()
    found = [
        text.get_text()
        for text in figure.findobj(match=lambda a: True)
        if hasattr(text, "get_text")
    ]
    return " ".join(" ".join(found).split())


@pytest.mark.parametrize(
    "plot",
    [
        lambda: representative_rules.plot(representative_table()),
        lambda: few_shot.plot(curves(), half()),
        lambda: ablations.plot(ablation_table()),
        lambda: recurrence.plot(recurrence_table(), agreement()),
    ],
)
def test_no_formula_is_cut_and_n_is_told(plot):
    with style.styled():
        said = texts(plot())
    assert LONG.removeprefix("Δw = ") in said
    assert "n = 4" in said and "…" not in said


def test_lines_of_a_formula_are_short_and_lose_nothing():
    lines = rule_names.wrapped(LONG.split(" + "), " + ", 20)
    assert " ".join(lines) == LONG
    assert len(lines) > 2 and max(map(len, lines)) <= 22


def test_labels_in_words():
    assert rule_names.labels_text("best, frequent") == "best, most frequent"
    assert rule_names.rule_name("none", "Δw = 0") == "no plasticity"


def test_rules_of_one_group_differ_by_marker_and_share_the_colour():
    looks = [rule_names.look(label, "evolved") for label in rule_names.LABEL_NAMES]
    assert len({look["color"] for look in looks}) == 1
    assert len({look["marker"] for look in looks}) == len(looks)
