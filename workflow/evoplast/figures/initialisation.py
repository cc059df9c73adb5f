"""Figure: what becomes of different starts of the search.

In: ``table`` (one row per variant) and ``detail`` (the histories). Out: hypervolume,
distance of gates and number of formulas over generations, and accuracy on networks
seen and unseen.
"""

from types import SimpleNamespace

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evoplast.artefacts.parquet import read_table
from evoplast.figures import style

COURSES = {
    "hypervolume": "hypervolume (share of box)",
    "gate_distance": "gates in which two rules differ",
    "distinct_formulas": "different formulas",
}


def draw(inputs: SimpleNamespace, outputs: SimpleNamespace, dpi: int = style.DPI):
    """Draw the figure from the tables of the study."""
    table, histories = read_table(inputs.table), read_table(inputs.detail)
    with style.styled():
        figure = plot(table, histories)
    style.save(figure, outputs, dpi)


def plot(table: pd.DataFrame, histories: pd.DataFrame) -> Figure:
    """Return the figure with its four panels."""
    figure = style.new_figure(5.0)
    panels = figure.subplots(2, 2).ravel()
    for panel, (column, label) in zip(panels, COURSES.items(), strict=False):
        plot_course(panel, histories, column)
        panel.set_ylabel(label)
        panel.set_xlabel("generation")
        style.whole_numbers(panel.xaxis)
    style.legend_below(panels[2], 2)
    plot_gain(panels[3], table)
    style.letter(panels)
    return figure


def named(variant: str) -> str:
    """Return what readers call a start."""
    kind, _, value = variant.partition("_")
    texts = {
        "gates": f"gates {value}",
        "prior": f"{value} coefficients",
        "share": f"accuracy's share {value}",
        "alpha": f"alpha {value}",
        "steps": f"hierarchical steps {value}",
    }
    return texts.get(kind, "default")


def look(i: int) -> dict:
    """Return how the i-th start is drawn: colours first, then dashes."""
    turn, colour = divmod(i, len(style.SERIES))
    return {"color": style.SERIES[colour], "ls": ("-", "--", ":")[turn % 3]}


def plot_course(panel: Axes, histories: pd.DataFrame, column: str) -> None:
    """Draw the mean over searches of one column against generations."""
    for i, (variant, part) in enumerate(histories.groupby("variant", sort=False)):
        means = part.groupby("generation")[column].mean()
        panel.plot(
            means.index, means, marker="o", ms=2.5, label=named(variant), **look(i)
        )


def plot_gain(panel: Axes, table: pd.DataFrame) -> None:
    """Draw the gain over no plasticity on seen (open) and unseen (filled) networks."""
    heights = np.arange(len(table))
    for split, shift in (("seen", -0.12), ("unseen", 0.12)):
        for i, row in enumerate(table.to_dict("records")):
            colour = look(i)["color"]
            panel.errorbar(
                row[f"{split}_gain_mean"],
                i + shift,
                xerr=style.errors([row[f"{split}_gain_se"]]),
                fmt="o",
                color=colour,
                mfc=colour if split == "unseen" else "white",
            )
    panel.axvline(0, color=style.GREY, lw=0.8, ls=":", zorder=0)
    panel.set_yticks(heights, [named(v) for v in table["variant"]])
    panel.invert_yaxis()
    panel.set_xlabel("gain over no plasticity (filled: unseen networks)")
