"""Figure: the search algorithm beside others on noisy test problems.

In: ``runs`` (one table per problem and dimension, ``search_benchmark/*.parquet``).
Out: a panel per table, with the distance to the front of every run, relative to that
of random points.
"""

from types import SimpleNamespace

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evoplast.artefacts.parquet import read_table
from evoplast.figures import style

PROBLEMS = {"dtlz2": "shifted DTLZ2", "lsmop1": "LSMOP1-type", "dtlz7": "DTLZ7"}
RANDOM = "random points"
OWN = "swarm"


def draw(inputs: SimpleNamespace, outputs: SimpleNamespace, dpi: int = style.DPI):
    """Draw the figure from the files of the benchmark."""
    tables = [read_table(path) for path in inputs.runs]
    with style.styled():
        figure = plot(tables)
    style.save(figure, outputs, dpi)


def plot(tables: list[pd.DataFrame]) -> Figure:
    """Return the figure; algorithms in the same order in every panel."""
    n_rows = -(-len(tables) // 2)
    figure = style.new_figure(2.6 * n_rows + 0.2)
    panels = figure.subplots(n_rows, min(len(tables), 2), sharey=True, squeeze=False)
    names = [name for name in tables[0]["algorithm"].unique() if name != RANDOM]
    for panel, table in zip(panels.flat, tables, strict=False):
        _plot_runs(panel, table, names)
    for panel in panels.flat[len(tables) :]:
        panel.set_visible(False)
    # The panels share this axis.
    panels[0, 0].set_yticks(range(len(names)), names)
    panels[0, 0].invert_yaxis()
    style.letter(panels.flat)
    return figure


def _plot_runs(panel: Axes, table: pd.DataFrame, names: list[str]) -> None:
    for row, name in enumerate(names):
        values = table.loc[table["algorithm"] == name, "relative_igd"].to_numpy()
        colour = style.VERMILION if name.startswith(OWN) else style.BLUE
        heights = row + np.linspace(-0.2, 0.2, len(values))
        panel.plot(values, heights, "o", color=colour, ms=3, alpha=0.7)
        panel.plot([values.mean()] * 2, [row - 0.35, row + 0.35], color=colour)
    panel.axvline(1, color=style.GREY, lw=0.8, ls=":", zorder=0)
    problem, dimension = table[["problem", "dimension"]].iloc[0]
    panel.set_title(f"{PROBLEMS.get(problem, problem)}, D = {dimension}")
    runs = style.count_text(table["seed"].nunique(), "run")
    panel.set_xlabel(f"IGD / IGD of random points ({runs}, log scale)")
    panel.set_xscale("log")
    ticks = [0.1, 0.2, 0.5, 1.0, 2.0, 5.0]
    low, high = panel.get_xlim()
    ticks = [tick for tick in ticks if low <= tick <= high]
    panel.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    panel.set_xticks([], minor=True)
