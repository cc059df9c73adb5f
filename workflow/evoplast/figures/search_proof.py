"""Figure: evolved against random rules at equal cost, over several searches.

In: ``comparison`` and ``cells`` of the proof, ``histories`` of its searches. Out:
accuracies on unseen networks by group, differences with intervals, the same by task,
and how the fronts moved.
"""

from types import SimpleNamespace

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evoplast.artefacts.parquet import read_table
from evoplast.figures import style

GROUPS = ("evolved", "random", "known", "no plasticity")


def draw(inputs: SimpleNamespace, outputs: SimpleNamespace, dpi: int = style.DPI):
    """Draw the figure from the files of the proof."""
    histories = [read_table(path) for path in inputs.histories]
    comparison, cells = read_table(inputs.comparison), read_table(inputs.cells)
    with style.styled():
        figure = plot(comparison, cells, histories)
    style.save(figure, outputs, dpi)


def plot(
    comparison: pd.DataFrame, cells: pd.DataFrame, histories: list[pd.DataFrame]
) -> Figure:
    """Return the figure with its four panels."""
    figure = style.new_figure(6.4)
    panels = figure.subplots(2, 2).ravel()
    plot_groups(panels[0], cells)
    plot_differences(panels[1], comparison)
    plot_tasks(panels[2], comparison)
    plot_fronts(panels[3], histories)
    style.letter(panels)
    return figure


def plot_groups(panel: Axes, cells: pd.DataFrame) -> None:
    """Draw each search's accuracy on unseen networks, a line from group to group."""
    part = cells[cells["split"] == "unseen"]
    champions = part[part["champion"]]
    sets = part[part["champion"] | part["group"].isin(GROUPS[:2])]
    _plot_selection(panel, sets, -0.12, style.BLUE, "o", "mean of a set")
    _plot_selection(panel, champions, 0.12, style.VERMILION, "s", "champion")
    panel.set_xticks(range(len(GROUPS)), GROUPS)
    panel.set_ylabel("accuracy, networks never used")
    n_searches = part["search_seed"].nunique()
    style.legend_below(panel, 2, f"n = {n_searches} searches; bar: mean")


def _plot_selection(
    panel: Axes, cells: pd.DataFrame, shift: float, colour: str, mark: str, label: str
) -> None:
    by_rule = cells.groupby(["search_seed", "group"])["cross_accuracy"].mean()
    values = by_rule.unstack()[[*GROUPS]].to_numpy()
    places = np.arange(len(GROUPS)) + shift
    panel.plot(places, values.T, "-", color=colour, lw=0.5, alpha=0.4)
    panel.plot(places, values.T, mark, color=colour, ms=3, alpha=0.7)
    panel.plot([], [], mark, color=colour, label=label)
    panel.plot(places, values.mean(axis=0), "_", color=style.BLACK, ms=9)


def plot_differences(panel: Axes, comparison: pd.DataFrame) -> None:
    """Draw the differences of cross accuracy with their intervals."""
    table = comparison[comparison["quantity"] == "cross_accuracy"]
    pairs = table[["left", "right"]].drop_duplicates().to_numpy()
    for i, (left, right) in enumerate(pairs):
        rows = table[(table["left"] == left) & (table["right"] == right)]
        for j, row in enumerate(rows.itertuples()):
            unseen = row.split == "unseen"
            colour = style.VERMILION if row.selection == "champion" else style.BLUE
            _interval(panel, row, i + 0.18 * (j - (len(rows) - 1) / 2), colour, unseen)
    panel.axvline(0, color=style.GREY, lw=0.8, ls=":", zorder=0)
    panel.set_yticks(range(len(pairs)), [f"{a}\n− {b}" for a, b in pairs])
    panel.invert_yaxis()
    panel.set_xlabel("difference of accuracy, 95 % interval")
    panel.set_title("filled: unseen, open: seen networks", fontsize=6.5, loc="right")


def _interval(panel: Axes, row, height: float, colour: str, filled: bool) -> None:
    panel.plot([row.low, row.high], [height, height], color=colour, lw=1)
    face = colour if filled else "white"
    panel.plot(row.difference_mean, height, "o", color=colour, mfc=face)


def plot_tasks(panel: Axes, comparison: pd.DataFrame) -> None:
    """Draw evolved minus random by task, on unseen networks."""
    table = comparison[comparison["quantity"] != "cross_accuracy"]
    table = table[(table["left"] == "evolved") & (table["split"] == "unseen")]
    names = []
    for i, row in enumerate(table.sort_values(["right", "selection"]).itertuples()):
        task = row.quantity.removeprefix("accuracy_")
        _interval(panel, row, i, style.task_colour(task, i), True)
        name = "set" if row.selection == "set" else "champion"
        names.append(f"− {row.right}, {name}, {style.task_name(task)}")
    panel.axvline(0, color=style.GREY, lw=0.8, ls=":", zorder=0)
    panel.set_yticks(range(len(names)), names, fontsize=6)
    panel.invert_yaxis()
    panel.set_xlabel("evolved minus the other, 95 % interval")
    panel.locator_params(axis="x", nbins=5)


def plot_fronts(panel: Axes, histories: list[pd.DataFrame]) -> None:
    """Draw hypervolume and, on the right, accuracy measured anew, of each search."""
    right = panel.twinx()
    for table in histories:
        panel.plot(table["generation"], table["hypervolume"], color=style.BLUE, lw=0.8)
        fresh = table["fresh_accuracy"]
        right.plot(table["generation"], fresh, color=style.VERMILION, lw=0.8, ls="--")
    panel.set_xlabel("generation")
    panel.set_ylabel("hypervolume (share of box)", color=style.BLUE)
    right.set_ylabel("survivors, measured anew", color=style.VERMILION)
    right.spines["right"].set_visible(True)
    style.whole_numbers(panel.xaxis)
