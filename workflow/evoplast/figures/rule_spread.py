"""Figure: how far random rules differ, by learning rate and number of terms.

In: ``table`` of the study. Out: spread over networks, gain of chosen rules on networks
they were not chosen on, and share of rules that fail.
"""

from types import SimpleNamespace

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evoplast.artefacts.parquet import read_table
from evoplast.figures import style

LABELS = {
    "shared_sd": "s.d. of rules, common to all networks",
    "chosen_gain": "gain over no plasticity, other networks",
    "failed": "share of rules that fail",
}


def draw(inputs: SimpleNamespace, outputs: SimpleNamespace, dpi: int = style.DPI):
    """Draw the figure from the table of the study."""
    table = read_table(inputs.table)
    with style.styled():
        figure = plot(table)
    style.save(figure, outputs, dpi)


def plot(table: pd.DataFrame) -> Figure:
    """Return the figure with its three panels."""
    figure = style.new_figure(2.8)
    panels = figure.subplots(1, 3)
    for panel, (column, label) in zip(panels, LABELS.items(), strict=True):
        plot_column(panel, table, column)
        panel.set_xlabel("share of gates that are on")
        panel.set_ylabel(label)
    panels[1].axhline(0, color=style.GREY, lw=0.8, ls=":", zorder=0)
    for panel in (panels[0], panels[2]):
        panel.set_ylim(bottom=0)
    rules, networks = (table[name].iloc[0] for name in ("rules", "networks"))
    text = f"learning rate; n = {rules} rules, {networks} networks"
    style.legend_below(panels[1], 3, text)
    style.letter(panels)
    return figure


def plot_column(panel: Axes, table: pd.DataFrame, column: str) -> None:
    """Draw one column against the gate probability, a line for each learning rate."""
    for i, (eta, part) in enumerate(table.groupby("eta")):
        ordered = part.sort_values("gate_probability")
        error = f"{column}_se"
        panel.errorbar(
            ordered["gate_probability"],
            ordered[column],
            yerr=style.errors(ordered[error]) if error in ordered else None,
            fmt=style.MARKERS[i % len(style.MARKERS)] + "-",
            color=style.SERIES[i % len(style.SERIES)],
            label=f"{eta:g}",
        )
