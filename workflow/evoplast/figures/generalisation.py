"""Figure: accuracy on seen and unseen networks against networks, size, evaluations.

In: ``table`` of the study (one row per variant, look and split). Out: gain over no
plasticity against the number of training networks, the size of the network and the
evaluations of the search.
"""

from types import SimpleNamespace

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evoplast.artefacts.parquet import read_table
from evoplast.figures import style

SPLITS = {
    "seen": ("networks of the search", style.BLUE, "o"),
    "unseen": ("networks never used", style.VERMILION, "s"),
}


def draw(inputs: SimpleNamespace, outputs: SimpleNamespace, dpi: int = style.DPI):
    """Draw the figure from the table of the study."""
    table = read_table(inputs.table)
    with style.styled():
        figure = plot(table)
    style.save(figure, outputs, dpi)


def plot(table: pd.DataFrame) -> Figure:
    """Return the figure: accuracy above, gain over no plasticity below."""
    figure = style.new_figure(5.0)
    panels = figure.subplots(2, 3, sharey="row")
    last = table[table["generations"] == table["generations"].max()]
    kinds = last["variant"].str.partition("_")[0]
    parts = (
        (last[kinds.isin(["reference", "networks"])], "n_networks_used"),
        (last[kinds.isin(["reference", "neurons"])], "n_neurons"),
        (table[table["variant"] == "reference"], "evaluations"),
    )
    labels = ("training networks", "neurons", "evaluations of the search")
    for row, quantity in zip(panels, ("accuracy", "gain"), strict=True):
        for panel, (part, against) in zip(row, parts, strict=True):
            plot_quantity(panel, part, against, quantity)
    for panel, label in zip(panels[1], labels, strict=True):
        panel.axhline(0, color="black", lw=0.9, ls=":", zorder=0, label="no plasticity")
        panel.set_xlabel(label)
    for column, (part, against) in zip(panels.T, parts, strict=True):
        for panel in column:
            panel.set_xticks(sorted(part[against].unique()))
    panels[0, 0].set_ylabel("accuracy, both tasks")
    panels[1, 0].set_ylabel("gain over no plasticity")
    n = int(table["n_searches"].min())
    style.legend_below(panels[1, 1], 1, f"bars: s.e. over {table['unit'].iloc[0]}")
    panels[0, 2].set_title(style.count_text(n, "search") + " each", fontsize=6.5)
    style.letter(panels.ravel())
    return figure


def plot_quantity(panel: Axes, part: pd.DataFrame, against: str, quantity: str) -> None:
    """Draw one quantity of both splits against a column."""
    for split, (label, colour, marker) in SPLITS.items():
        rows = part[part["split"] == split].sort_values(against)
        panel.errorbar(
            rows[against],
            rows[f"{quantity}_mean"],
            yerr=style.errors(rows[f"{quantity}_se"]),
            fmt=marker + "-",
            color=colour,
            label=label,
        )
    if quantity == "accuracy":
        still = part[part["split"] == "unseen"].sort_values(against)
        panel.plot(still[against], still["still_mean"], "k:")
