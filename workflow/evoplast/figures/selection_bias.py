"""Figure: how much the search overstates what it selects, on the real problem.

In: ``detail`` of the study (one row per search and what is chosen). Out: by variant,
estimate minus what was measured anew, of the best rule and of a set, and the accuracy
on networks never used.
"""

from types import SimpleNamespace

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evoplast.artefacts.parquet import read_table
from evoplast.figures import style

NAMES = {
    "reference": "both",
    "no_control_group": "no control group",
    "no_shrinkage": "no shrinkage",
    "neither": "neither",
    "counted": "both, counted accuracy",
    "smoothed": "both, smoothed accuracy",
}
COLUMNS = {
    "bias": "estimate minus measured anew",
    "bias_corrected": "the same, relative to controls",
    "unseen": "accuracy, networks never used",
}
CHOSEN = {"best": (style.VERMILION, "s"), "set": (style.BLUE, "o")}


def draw(inputs: SimpleNamespace, outputs: SimpleNamespace, dpi: int = style.DPI):
    """Draw the figure from the table of the searches."""
    table = read_table(inputs.detail)
    with style.styled():
        figure = plot(table)
    style.save(figure, outputs, dpi)


def plot(table: pd.DataFrame) -> Figure:
    """Return the figure with its three panels."""
    figure = style.new_figure(2.8)
    panels = figure.subplots(1, 3, sharey=True)
    variants = list(table["variant"].unique())
    for panel, (column, label) in zip(panels, COLUMNS.items(), strict=True):
        plot_column(panel, table, variants, column)
        panel.set_xlabel(label)
    for panel in panels[:2]:
        panel.axvline(0, color=style.GREY, lw=0.8, ls=":", zorder=0)
    panels[0].set_yticks(range(len(variants)), [NAMES.get(v, v) for v in variants])
    panels[0].invert_yaxis()
    n = table["search_seed"].nunique()
    style.legend_below(panels[1], 2, f"n = {n} searches each; black: mean, s.e.")
    style.letter(panels)
    return figure


def plot_column(
    panel: Axes, table: pd.DataFrame, variants: list[str], column: str
) -> None:
    """Draw one column: a point for each search, mean and s.e. in black."""
    for i, (chosen, (colour, marker)) in enumerate(CHOSEN.items()):
        for j, variant in enumerate(variants):
            rows = table[(table["variant"] == variant) & (table["chosen"] == chosen)]
            values = rows[column].to_numpy()
            height = j + 0.24 * (i - 0.5)
            name = "best rule" if chosen == "best" else "set"
            label = name if j == 0 else None
            heights = np.full(len(values), height)
            panel.plot(values, heights, marker, color=colour, ms=3, label=label)
            if len(values) > 1:
                se = values.std(ddof=1) / np.sqrt(len(values))
                panel.errorbar(values.mean(), height, xerr=se, fmt="k|", ms=6)
