"""Figure: dimension of activity, and how far images and changes lie apart.

In: ``dimensions``, ``over_time``, ``paths`` (dynamics). Out: participation ratios
before and after learning, separation over time, mean paths of images of one network.
"""

from types import SimpleNamespace

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, FigureBase

from evoplast.artefacts.parquet import read_table, read_table_provenance
from evoplast.behaviour_figures import learned
from evoplast.figures import style

DIMENSIONS = {"dimension_trials": "single trials", "dimension_images": "image means"}
SEPARATIONS = {
    "separation_images": "separation of images",
    "separation_change": "separation of change and repeat",
}
DRAWN = ("none", "best")
IMAGES = 6


def draw(inputs: SimpleNamespace, outputs: SimpleNamespace, dpi: int = style.DPI):
    """Draw the figure from the files of the stage."""
    names = ("dimensions", "over_time", "paths")
    tables = {name: read_table(getattr(inputs, name)) for name in names}
    image_ms = read_table_provenance(inputs.paths)["settings"]["task"]["image_ms"]
    with style.styled():
        figure = plot(**tables, image_ms=image_ms)
    style.save(figure, outputs, dpi)


def plot(
    dimensions: pd.DataFrame,
    over_time: pd.DataFrame,
    paths: pd.DataFrame,
    image_ms: float,
) -> Figure:
    """Return the figure with its panels."""
    figure = style.new_figure(5.2)
    top, bottom = style.rows(figure, (2.9, 2.4))
    panels = list(top.subplots(1, 3))
    _plot_dimensions(panels[0], dimensions)
    for panel, (name, label) in zip(panels[1:], SEPARATIONS.items(), strict=True):
        _plot_over_time(panel, over_time, name)
        learned.mark_times(panel, image_ms)
        panel.set_ylabel(f"{label}\n(distance² / spread)")
    _add_legend(top, panels[1], over_time)
    below = list(bottom.subplots(1, 2, sharex=True, sharey=True))
    for panel, rule in zip(below, DRAWN, strict=True):
        _plot_paths(panel, paths[paths["rule"] == rule], rule, image_ms)
    style.letter([*panels, *below])
    return figure


def _plot_dimensions(panel: Axes, table: pd.DataFrame) -> None:
    rules = learned.shown(table)
    for i, rule in enumerate(rules):
        own = table[table["rule"] == rule]
        found = [
            learned.over_networks(own, ["rule"], name).iloc[0] for name in DIMENSIONS
        ]
        panel.errorbar(
            np.arange(len(found)) + 0.7 * (i + 0.5) / len(rules) - 0.35,
            [row["mean"] for row in found],
            style.errors([row["sem"] for row in found]),
            fmt=learned.marker(rule),
            color=learned.colour(rule),
        )
    panel.set_xticks(range(len(DIMENSIONS)), DIMENSIONS.values())
    panel.set_xlim(-0.5, len(DIMENSIONS) - 0.5)
    panel.set_ylim(bottom=0)
    panel.set_ylabel("dimension (participation ratio)")


def _plot_over_time(panel: Axes, table: pd.DataFrame, name: str) -> None:
    for rule in learned.shown(table):
        own = table[table["rule"] == rule]
        found = learned.over_networks(own, ["time_ms"], name)
        panel.errorbar(
            found.index,
            found["mean"],
            style.errors(found["sem"]),
            color=learned.colour(rule),
            marker=learned.marker(rule),
            ms=2.5,
            elinewidth=0.6,
            label=learned.name(rule),
        )
    panel.axhline(0, color=style.GREY, lw=0.8, ls="--", zorder=1)


def _plot_paths(panel: Axes, paths: pd.DataFrame, rule: str, image_ms: float) -> None:
    if paths.empty:
        style.empty_note(panel, "no such rule")
        return
    for i, (_, path) in enumerate(paths.groupby("image")):
        if i >= IMAGES:
            break
        ordered = path.sort_values("time_ms")
        colour = style.SERIES[i % len(style.SERIES)]
        panel.plot(ordered["first"], ordered["second"], color=colour, lw=0.8)
        shown = ordered[ordered["time_ms"] < image_ms]
        panel.plot(shown["first"], shown["second"], ".", color=colour, ms=4)
    share = 100 * float(paths["share"].iloc[0])
    task = style.task_name(str(paths["task"].iloc[0]))
    panel.set_title(f"{learned.name(rule)}, {IMAGES} of the {task}", fontsize=6.5)
    panel.set_xlabel(f"first component (both: {share:.0f} % of variance)")
    panel.set_ylabel("second component")


def _add_legend(figure: FigureBase, panel: Axes, table: pd.DataFrame) -> None:
    n = style.count_text(table["instance"].nunique(), "network")
    handles, labels = panel.get_legend_handles_labels()
    style.legend_outside(
        figure,
        handles,
        labels,
        ncols=4,
        title=f"Bars: s.e. over {n}, tasks averaged; grey: image shown. Below: one "
        "network, the path from onset to onset; dots: image shown",
    )
