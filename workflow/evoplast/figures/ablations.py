"""Figure: the representative rules without parts of theirs.

In: ``table`` of the ablations. Out: for each rule how far the accuracy of every
ablation is from that of the intact rule.
"""

from types import SimpleNamespace

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evoplast.artefacts.parquet import read_table
from evoplast.figures import rule_names, style

NOTHING = "no plasticity"
COLUMNS = 2


def draw(inputs: SimpleNamespace, outputs: SimpleNamespace, dpi: int = style.DPI):
    """Draw the figure from the table of the ablations."""
    table = read_table(inputs.table)
    with style.styled():
        figure = plot(table)
    style.save(figure, outputs, dpi)


def plot(table: pd.DataFrame) -> Figure:
    """Return the figure, one panel for each rule."""
    accuracy = table[(table["quantity"] == "cross_accuracy")]
    rules = [rows for _, rows in accuracy.groupby("label", sort=False)]
    lines = [rules[i : i + COLUMNS] for i in range(0, len(rules), COLUMNS)]
    heights = [1.0 + 0.15 * max(map(len, line)) for line in lines]
    figure = style.new_figure(0.7 + sum(heights))
    grid = figure.subplots(
        len(lines), COLUMNS, squeeze=False, sharex=True, height_ratios=heights
    )
    panels = grid.ravel()
    for panel, rows in zip(panels, rules, strict=False):
        _plot_rule(panel, rows)
    for panel in panels[len(rules) :]:
        panel.set_axis_off()
    n = int(accuracy["n_networks"].max())
    figure.supxlabel(
        "accuracy minus that of the intact rule (dotted); bars: 95 % interval over "
        f"n = {n} networks;\nright: p corrected for all ablations; black: no "
        "plasticity at the rule's own threshold",
        fontsize=7,
    )
    style.letter(panels[: len(rules)])
    return figure


def _plot_rule(panel: Axes, rows: pd.DataFrame) -> None:
    shown = rows[rows["difference"].notna()].reset_index(drop=True)
    for y, row in shown.iterrows():
        colour = style.GROUP_COLOURS[row["group"]]
        colour = style.BLACK if row["kind"] == NOTHING else colour
        panel.plot([row["low"], row["high"]], [y, y], color=colour, lw=1)
        sure = row["p_holm"] < 0.05
        fill = colour if sure else "white"
        panel.plot(row["difference"], y, "o", color=colour, mfc=fill)
    panel.axvline(0, color=style.GREY, lw=0.8, ls=":", zorder=0)
    panel.set_yticks(range(len(shown)), [_name(row) for row in shown.itertuples()])
    panel.tick_params(axis="y", length=0, labelsize=5.5)
    panel.tick_params(axis="x", labelbottom=True, labelsize=6)
    panel.set_ylim(len(shown) - 0.5, -0.5)
    right = panel.secondary_yaxis("right")
    right.set_yticks(range(len(shown)), [_p(p) for p in shown["p_holm"]], fontsize=5.5)
    right.tick_params(length=0)
    right.spines["right"].set_visible(False)
    first = rows.iloc[0]
    intact = first["mean"] if first["kind"] == "intact" else np.nan
    name = rule_names.rule_name(first["labels"], first["intact"], 44)
    panel.set_title(f"{name}\nintact {intact:.3f}", fontsize=6, loc="center")


def _name(row) -> str:
    text = f"without {row.term}" if row.term else row.kind
    return f"{text} ({row.n_draws} draws)" if row.n_draws > 1 else text


def _p(p: float) -> str:
    return "" if np.isnan(p) else f"{p:.2g}"
