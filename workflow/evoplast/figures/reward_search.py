"""Figure: what searches with and without terms of the reward find at equal cost.

In: ``table`` of ``studies.reward_search``. Out: gains over no plasticity of both sides
by question, and what the reward adds.
"""

from types import SimpleNamespace

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evoplast.artefacts.parquet import read_table
from evoplast.figures import style

CROSS = "cross_accuracy"
SIDES = {"with": "all 25 terms", "without": "no term of the reward"}
COLOURS = {"with": style.VERMILION, "without": style.SKY}
MARKS = {"with": "o", "without": "s"}


def draw(inputs: SimpleNamespace, outputs: SimpleNamespace, dpi: int = style.DPI):
    """Draw the figure from the table."""
    table = read_table(inputs.table)
    with style.styled():
        figure = plot(table)
    style.save(figure, outputs, dpi)


def plot(table: pd.DataFrame) -> Figure:
    """Return the figure with its two panels."""
    figure = style.new_figure(3.4)
    panels = figure.subplots(1, 2)
    plot_gains(panels[0], table[table["quantity"] == CROSS])
    plot_differences(panels[1], table)
    style.letter(panels)
    return figure


def plot_gains(panel: Axes, table: pd.DataFrame) -> None:
    """Draw the gain over no plasticity of both sides, bars of one standard error."""
    places = np.arange(len(table))
    for shift, side in zip((-0.12, 0.12), SIDES, strict=True):
        panel.errorbar(
            places + shift,
            table[f"{side}_gain"],
            style.errors(table[f"{side}_gain_se"]),
            fmt=MARKS[side],
            color=COLOURS[side],
            label=SIDES[side],
        )
    panel.axhline(0, color=style.BLACK, lw=0.7, ls=":", zorder=0)
    panel.set_xticks(places, map(_question, table.itertuples()), rotation=35)
    panel.set_xlabel("best rule")
    panel.set_ylabel("gain over no plasticity")
    n = style.count_text(int(table["n_searches"].iloc[0]), "search")
    style.legend_below(panel, 2, f"{n}; bars: s.e.")


def plot_differences(panel: Axes, table: pd.DataFrame) -> None:
    """Draw with - without reward and 95 % intervals; single tasks where planned."""
    rows = table[(table["quantity"] == CROSS) | table["planned"]].reset_index(drop=True)
    for i, row in rows.iterrows():
        colour = style.BLACK if row["planned"] else style.GREY
        panel.plot([row["low"], row["high"]], [i, i], color=colour, lw=1)
        panel.plot(row["difference_mean"], i, "o", color=colour)
    panel.axvline(0, color=style.GREY, lw=0.8, ls=":", zorder=0)
    panel.set_yticks(range(len(rows)), [_quantity(row) for row in rows.itertuples()])
    panel.invert_yaxis()
    panel.set_xlabel("what the reward adds to accuracy, 95 % interval")
    right = panel.secondary_yaxis("right")
    corrected = ["" if np.isnan(p) else f"{p:.2g}" for p in rows["p_holm"]]
    right.set_yticks(range(len(rows)), corrected)
    right.tick_params(length=0)
    panel.set_title("corrected p", loc="right", fontsize=6)


def _question(row) -> str:
    if np.isnan(row.limit):
        return {"any": "of all"}.get(row.choice, row.choice)
    return f"≤ {row.limit:g} {'term' if row.limit == 1 else 'terms'}"


def _quantity(row) -> str:
    if row.quantity == CROSS:
        return _question(row)
    task = row.quantity.removeprefix("accuracy_")
    return f"{_question(row)}, {style.task_name(task)}"
