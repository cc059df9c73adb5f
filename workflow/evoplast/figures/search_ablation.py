"""Figure: what the control group and the shrinkage of the search are for.

In: ``ablation`` (one row per variant and seed). Out: by variant, how much the best
rule's accuracy is overstated, and how much better the population really became.
"""

from types import SimpleNamespace

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evoplast.artefacts.parquet import read_table
from evoplast.figures import style


def draw(inputs: SimpleNamespace, outputs: SimpleNamespace, dpi: int = style.DPI):
    """Draw the figure from the file of the ablation."""
    table = read_table(inputs.ablation)
    with style.styled():
        figure = plot(table)
    style.save(figure, outputs, dpi)


def plot(table: pd.DataFrame) -> Figure:
    """Return the figure with its two panels."""
    figure = style.new_figure(2.8)
    panels = figure.subplots(1, 2, sharey=True)
    _plot_variants(panels[0], table, "bias")
    _plot_variants(panels[1], table, "gain")
    panels[0].set_xlabel("accuracy of the best rule, reported minus true")
    panels[1].set_xlabel("true accuracy of the population, end minus start")
    names = table["variant"].unique()
    panels[0].set_yticks(range(len(names)), names)
    panels[0].invert_yaxis()
    style.letter(panels)
    return figure


def _plot_variants(panel: Axes, table: pd.DataFrame, column: str) -> None:
    for row, (_, runs) in enumerate(table.groupby("variant", sort=False)):
        values = runs[column].to_numpy()
        colour = style.SERIES[row % len(style.SERIES)]
        heights = row + np.linspace(-0.25, 0.25, len(values))
        panel.plot(values, heights, "o", color=colour, ms=2.5, alpha=0.5)
        se = style.errors(values.std(ddof=1) / np.sqrt(len(values)))
        panel.errorbar(values.mean(), row, xerr=se, fmt="D", color=style.BLACK, ms=4)
    panel.axvline(0, color=style.GREY, lw=0.8, ls=":", zorder=0)
    searches = style.count_text(table["seed"].nunique(), "search")
    searches = searches.replace("searchs", "searches")
    panel.set_title(f"{searches}; diamond: mean, s.e.", fontsize=6.5, loc="right")
