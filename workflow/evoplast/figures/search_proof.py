"""Figure: what the searches found beside chance, the literature and no plasticity.

In: ``choices``, ``cells``, ``comparison``, ``outcomes`` and the fronts ``complexity``
and ``wasserstein`` of the proof. Out: accuracies on networks never used by side,
differences with intervals, and the fronts of accuracy over complexity and over the
distance to the mouse.
"""

from types import SimpleNamespace

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evoplast.artefacts.parquet import read_table
from evoplast.figures import style

COLOURS = {
    "families": style.VERMILION,
    "free": style.ORANGE,
    "swarm": style.PURPLE,
    "random": style.BLUE,
    "known": style.GREEN,
    "no plasticity": style.BLACK,
    "families, free": style.VERMILION,
}
NAMES = {"free": "families,\nno limits", "no plasticity": "no\nplasticity"}
MARKS = {"any": "o", "within biology": "s"}
CHOICES = {"any": "best", "within biology": "within biology"}
TABLES = ("choices", "cells", "comparison", "outcomes", "complexity", "wasserstein")


def draw(inputs: SimpleNamespace, outputs: SimpleNamespace, dpi: int = style.DPI):
    """Draw the figure from the tables of the proof."""
    tables = {name: read_table(getattr(inputs, name)) for name in TABLES}
    with style.styled():
        figure = plot(**tables)
    style.save(figure, outputs, dpi)


def plot(
    choices: pd.DataFrame,
    cells: pd.DataFrame,
    comparison: pd.DataFrame,
    outcomes: pd.DataFrame,
    complexity: pd.DataFrame,
    wasserstein: pd.DataFrame,
) -> Figure:
    """Return the figure with its four panels."""
    figure = style.new_figure(7.0)
    panels = figure.subplots(2, 2).ravel()
    plot_sides(panels[0], choices, cells, outcomes)
    plot_differences(panels[1], comparison)
    plot_complexity(panels[2], complexity, outcomes)
    plot_distance(panels[3], wasserstein, outcomes)
    style.letter(panels)
    return figure


def plot_sides(
    panel: Axes, choices: pd.DataFrame, cells: pd.DataFrame, outcomes: pd.DataFrame
) -> None:
    """Draw each search's accuracy on unseen networks, a line from side to side."""
    arms = [arm for arm in COLOURS if (outcomes["arm"] == arm).any()]
    unseen = cells[cells["split"] == "unseen"]
    both = choices.merge(unseen, on=["search_seed", "rule"])
    keys = ["search_seed", "choice", "arm"]
    values = both.groupby(keys)["cross_accuracy"].mean().unstack()
    for choice, mark in MARKS.items():
        places = np.arange(len(arms)) + (-0.13 if choice == "any" else 0.13)
        own = values.xs(choice, level="choice")[arms].to_numpy()
        panel.plot(places, own.T, "-", color=style.GREY, lw=0.4, alpha=0.5)
        for place, column, arm in zip(places, own.T, arms, strict=True):
            panel.plot(
                np.full(len(column), place),
                column,
                mark,
                ms=3,
                alpha=0.7,
                color=COLOURS[arm],
            )
            panel.plot(place, column.mean(), "_", color=style.BLACK, ms=10)
        panel.plot([], [], mark, color=style.GREY, label=CHOICES[choice])
    _references(panel, outcomes)
    names = [NAMES.get(arm, arm) for arm in arms]
    panel.set_xticks(range(len(arms)), names, rotation=35, ha="right")
    panel.tick_params(axis="x", labelsize=6)
    panel.set_ylabel("accuracy, networks never used")
    n = style.count_text(choices["search_seed"].nunique(), "search")
    style.legend_below(panel, 2, f"{n}; bar: mean")


def _references(panel: Axes, outcomes: pd.DataFrame) -> None:
    """Draw the lines of no plasticity and, if it was measured, of the ceiling."""
    still = outcomes[outcomes["arm"] == "no plasticity"]["accuracy_mean"].iloc[0]
    ceiling = outcomes["ceiling_accuracy"].iloc[0]
    label = "no plasticity"
    panel.axhline(still, color=style.BLACK, lw=0.7, ls=":", zorder=0, label=label)
    if np.isfinite(ceiling):
        label = "readout of type means"
        panel.axhline(ceiling, color=style.GREY, lw=0.7, ls="--", zorder=0, label=label)


def plot_differences(panel: Axes, comparison: pd.DataFrame) -> None:
    """Draw the planned differences with 95 % intervals and corrected p."""
    table = comparison[comparison["planned"]].reset_index(drop=True)
    for i, row in table.iterrows():
        colour = COLOURS[row["left"]]
        panel.plot([row["low"], row["high"]], [i, i], color=colour, lw=1)
        panel.plot(row["difference_mean"], i, "o", color=colour)
    panel.axvline(0, color=style.GREY, lw=0.8, ls=":", zorder=0)
    names = [_opponent(row) for row in table.itertuples()]
    panel.set_yticks(range(len(table)), names, fontsize=6)
    for arm in table["left"].unique():
        within = "within biology" if arm == "families" else "no limits"
        panel.plot([], [], "o-", color=COLOURS[arm], label=f"families, {within}")
    right = panel.secondary_yaxis("right")
    corrected = [f"{p:.2g}" for p in table["p_holm"]]
    right.set_yticks(range(len(table)), corrected, fontsize=5.5)
    right.tick_params(length=0)
    panel.invert_yaxis()
    panel.set_xlabel("difference of accuracy, 95 % interval")
    panel.set_title("corrected p", fontsize=6, loc="right")
    style.legend_below(panel, 1)


def _opponent(row) -> str:
    within = ", within biology" if row.right_choice == "within biology" else ""
    return f"− {row.right}{within}"


def plot_complexity(
    panel: Axes, complexity: pd.DataFrame, outcomes: pd.DataFrame
) -> None:
    """Draw accuracy over the most terms that a family may have."""
    for shift, (arm, part) in zip((-0.1, 0.1), complexity.groupby("arm"), strict=False):
        name = "within biology" if arm == "families" else "no limits"
        _with_intervals(panel, part["limit"] + shift, part, COLOURS[arm], name)
    _references(panel, outcomes)
    panel.set_xticks(sorted(complexity["limit"].unique()))
    panel.set_xlabel("most terms of a family")
    panel.set_ylabel("accuracy, networks never used")
    style.legend_below(panel, 2, "best chosen on other networks; bars: 95 %")


def plot_distance(
    panel: Axes, wasserstein: pd.DataFrame, outcomes: pd.DataFrame
) -> None:
    """Draw accuracy over the distance to the mouse's rates, and other sides beside."""
    part = wasserstein.sort_values("limit")
    place = part["wasserstein_hz_mean"]
    _with_intervals(panel, place, part, style.VERMILION, "families")
    # Limits that lead to the same rules share a point.
    points = part.assign(place=place).groupby(["place", "accuracy_mean"], sort=False)
    for point, same in points:
        text = ", ".join(_limit(value) for value in same["limit"])
        panel.annotate(text, point, (3, 4), fontsize=5.5, textcoords="offset points")
    others = outcomes[~outcomes["arm"].isin(["families", "free"])]
    for arm, own in others.groupby("arm", sort=False):
        for row in own.itertuples():
            panel.plot(
                row.wasserstein_hz_mean,
                row.accuracy_mean,
                MARKS[row.choice],
                color=COLOURS[arm],
                mfc="white",
                ms=4,
            )
        panel.plot([], [], "o", color=COLOURS[arm], mfc="white", label=arm)
    still = outcomes[outcomes["arm"] == "no plasticity"]["accuracy_mean"].iloc[0]
    panel.axhline(still, color=style.BLACK, lw=0.7, ls=":", zorder=0)
    panel.set_xlabel(style.OBJECTIVE_LABELS["wasserstein_hz"])
    panel.set_ylabel("accuracy, networks never used")
    style.legend_below(panel, 3, "square: within biology; bars: 95 %")


def _limit(limit: float) -> str:
    return "no limit" if np.isinf(limit) else f"≤ {limit:g} Hz"


def _with_intervals(panel: Axes, place, part: pd.DataFrame, colour: str, label: str):
    """Draw means and t intervals; no bar where a single search has the rule."""
    low = part["accuracy_mean"] - part["accuracy_low"]
    high = part["accuracy_high"] - part["accuracy_mean"]
    bars = [style.errors(low), style.errors(high)]
    panel.errorbar(
        place, part["accuracy_mean"], bars, fmt="o-", color=colour, label=label
    )
