"""Figure: what the representative rules do on networks never used.

In: ``table`` of the representative rules, with the paper's rules and the mouse. Out:
accuracy, d', hits and false alarms by task, the six objectives, and the difference to
no plasticity, one line for each rule.
"""

from types import SimpleNamespace

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evoplast.artefacts.parquet import read_table
from evoplast.figures import rule_names, style

PUBLISHED = ("paper", "mouse")
SIGNALS = {
    "accuracy": "accuracy by task",
    "d_prime": "d'",
    "hit_rate": "hits (large), false\nalarms (small)",
}
OBJECTIVES = {
    "complexity": "complexity\n(terms / 25)",
    "max_rate_hz": "highest rate of\na cell (Hz)",
    "synchrony": "synchrony (share\nof 2 ms bins)",
    "rate_difference_hz": "|mean rate −\nmouse| (Hz)",
    "wasserstein_hz": "distance of rates\nto mouse (Hz)",
}
SHIFTS = (-0.14, 0.14)


def draw(inputs: SimpleNamespace, outputs: SimpleNamespace, dpi: int = style.DPI):
    """Draw the figure from the table of the representative rules."""
    table = read_table(inputs.table)
    with style.styled():
        figure = plot(table)
    style.save(figure, outputs, dpi)


def plot(table: pd.DataFrame) -> Figure:
    """Return the figure with its ten panels."""
    rows = _rows(table)
    below = [row for row in rows if _has_objectives(table, row[1])]
    ratios = (len(rows), len(below))
    figure = style.new_figure(1.7 + 0.26 * sum(ratios))
    grid = figure.subplots(2, 5, sharey="row", height_ratios=ratios)
    tasks = _tasks(table)
    _plot_plain(grid[0, 0], table, rows, "cross_accuracy")
    grid[0, 0].set_xlabel("accuracy,\nboth tasks")
    for panel, (quantity, label) in zip(grid[0, 1:4], SIGNALS.items(), strict=True):
        _plot_tasks(panel, table, rows, tasks, quantity)
        panel.set_xlabel(label)
    _plot_tasks(grid[0, 3], table, rows, tasks, "false_alarm_rate", size=2.5)
    _plot_difference(grid[0, 4], table, rows)
    for panel, (quantity, label) in zip(grid[1], OBJECTIVES.items(), strict=True):
        _plot_plain(panel, table, below, quantity)
        panel.set_xlabel(label)
        panel.set_xlim(left=-0.06 * panel.get_xlim()[1])
    for panel in (grid[0, 0], grid[0, 1]):
        style.chance_line(panel, vertical=True)
    for line, shown in zip(grid, (rows, below), strict=True):
        names = [name for name, *_ in shown]
        line[0].set_yticks(range(len(shown)), names, fontsize=5.2)
        line[0].set_ylim(len(shown) - 0.5, -0.5)
        for panel in line:
            panel.tick_params(axis="y", length=0)
    _add_legend(figure, table, tasks)
    style.letter(grid.ravel())
    return figure


def _rows(table: pd.DataFrame) -> list[tuple[str, str, str]]:
    """List (name, label, group) of the lines: our rules, the paper's, the mouse."""
    ours = table[~table["group"].isin(PUBLISHED)]
    order = ours.drop_duplicates("rule").sort_values("rule", ascending=False)
    rows = [
        (rule_names.rule_name(row.labels, row.formula, 40), row.label, row.group)
        for row in order.itertuples()
    ]
    others = table[table["group"].isin(PUBLISHED)].assign(
        base=lambda t: t["label"].str.removesuffix(" best")
    )
    for row in others.drop_duplicates("base").itertuples():
        rows.append((_published_name(row), row.base, row.group))
    return rows


def _has_objectives(table: pd.DataFrame, label: str) -> bool:
    return any(len(_of(table, label, quantity)) for quantity in OBJECTIVES)


def _published_name(row) -> str:
    if row.group == "mouse":
        return "mouse (second hand)"
    formula = row.formula.removeprefix("Δw = ") or row.base
    lines = rule_names.wrapped(formula.split(" + "), " + ", 36)
    return "\n".join([f"paper: {lines[0]}", *lines[1:]])


def _tasks(table: pd.DataFrame) -> list[str]:
    names = [q for q in table["quantity"].unique() if q.startswith("accuracy_")]
    return [name.removeprefix("accuracy_") for name in names]


def _of(table: pd.DataFrame, label: str, quantity: str) -> pd.DataFrame:
    same = table["label"].str.removesuffix(" best") == label
    return table[same & (table["quantity"] == quantity)]


def _plot_plain(panel: Axes, table: pd.DataFrame, rows: list, quantity: str) -> None:
    for y, (_, label, group) in enumerate(rows):
        for row in _of(table, label, quantity).itertuples():
            _dot(panel, row, y, label, group)


def _plot_tasks(
    panel: Axes, table: pd.DataFrame, rows: list, tasks: list, quantity: str, size=4.0
) -> None:
    for task, shift in zip(tasks, SHIFTS, strict=False):
        for y, (_, label, group) in enumerate(rows):
            for row in _of(table, label, f"{quantity}_{task}").itertuples():
                _dot(panel, row, y + shift, label, group, task != tasks[0], size)


def _dot(panel: Axes, row, y, label, group, is_open=False, size=4.0) -> None:
    """Draw a number; what the paper calls its best is open."""
    colour = style.GROUP_COLOURS.get(group, style.GREY)
    best = group == "paper" and row.labels == "best"
    panel.errorbar(
        row.mean,
        y,
        xerr=0.0 if np.isnan(row.se) else row.se,
        color=colour,
        marker=rule_names.LABEL_MARKERS.get(label, "o"),
        mfc="white" if is_open or best else colour,
        ms=size,
        ls="none",
        elinewidth=0.8,
    )


def _plot_difference(panel: Axes, table: pd.DataFrame, rows: list) -> None:
    """Draw accuracy minus that of no plasticity, 95 % interval and corrected p."""
    for y, (_, label, group) in enumerate(rows):
        for row in _of(table, label, "cross_accuracy").dropna().itertuples():
            colour = style.GROUP_COLOURS.get(group, style.GREY)
            panel.plot([row.low, row.high], [y, y], color=colour, lw=1)
            marker = rule_names.LABEL_MARKERS.get(label, "o")
            panel.plot(row.difference, y, marker, color=colour)
            panel.text(
                row.high, y - 0.12, f" p {row.p_holm:.2g}", fontsize=5, va="bottom"
            )
    panel.axvline(0, color=style.GREY, lw=0.8, ls=":", zorder=0)
    panel.margins(x=0.25)
    panel.set_xlabel("accuracy minus\nno plasticity")


def _add_legend(figure: Figure, table: pd.DataFrame, tasks: list[str]) -> None:
    n = int(table["n_networks"].max())
    names = [style.task_name(task) for task in tasks]
    figure.supxlabel(
        f"Bars: s.e. over n = {n} networks (e: 95 % interval, p corrected for the "
        f"rules). Filled: {names[0]}, open: {names[-1]} (b to d). Grey: published "
        "numbers;\nopen grey: the best of that formula. Dotted: chance, or no "
        "difference.",
        fontsize=6.5,
    )
