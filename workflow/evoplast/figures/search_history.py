"""Figure: the progress of the search, generation by generation.

In: ``histories`` (one table per search seed, ``search/seed*/history.parquet``). Out:
hypervolume, accuracies, front size and failures against generations.
"""

from types import SimpleNamespace

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evoplast.artefacts.parquet import read_table
from evoplast.figures import style

ACCURACIES = {
    "best_accuracy": ("best rule (estimate)", style.VERMILION, "-"),
    "fresh_accuracy": ("survivors, measured anew", style.BLUE, "-"),
    "offspring_accuracy": ("offspring", style.SKY, "--"),
    "control_accuracy": ("control group", style.BLACK, ":"),
}


def draw(inputs: SimpleNamespace, outputs: SimpleNamespace, dpi: int = style.DPI):
    """Draw the figure from the histories' files."""
    histories = [read_table(path) for path in inputs.histories]
    with style.styled():
        figure = plot(histories)
    style.save(figure, outputs, dpi)


def plot(histories: list[pd.DataFrame]) -> Figure:
    """Return the figure; one line per search seed in each panel."""
    figure = style.new_figure(4.8)
    panels = figure.subplots(2, 2).ravel()
    plot_hypervolume(panels[0], histories)
    plot_accuracy(panels[1], histories)
    _plot_counts(panels[2], histories, "front_size", "rules on the front")
    _plot_counts(panels[3], histories, "flagged", "silent or runaway candidates")
    for panel in panels:
        panel.set_xlabel("generation")
        style.whole_numbers(panel.xaxis)
    style.letter(panels)
    return figure


def plot_hypervolume(panel: Axes, histories: list[pd.DataFrame]) -> None:
    """Draw the hypervolume with its standard error, a line per search seed."""
    for i, table in enumerate(histories):
        colour = style.SERIES[i % len(style.SERIES)]
        _band(panel, table, "hypervolume", "hypervolume_se", colour)
        _line(panel, table, "hypervolume", colour, label=f"search {i}")
    panel.set_ylabel("hypervolume (share of box)")
    if len(histories) > 1:
        panel.legend()


def plot_accuracy(panel: Axes, histories: list[pd.DataFrame]) -> None:
    """Draw the accuracies; lines of the same kind belong to different seeds."""
    for i, table in enumerate(histories):
        _band(panel, table, "best_accuracy", "best_accuracy_se", style.VERMILION)
        for name, (label, colour, dashes) in ACCURACIES.items():
            shown = label if i == 0 else None
            _line(panel, table, name, colour, ls=dashes, label=shown)
    style.chance_line(panel)
    panel.set_ylabel("accuracy in the search")
    panel.set_xlabel("generation")
    style.whole_numbers(panel.xaxis)
    seeds = style.count_text(len(histories), "search seed")
    style.legend_below(panel, 2, f"{seeds}; band: s.e.")


def _plot_counts(
    panel: Axes, histories: list[pd.DataFrame], column: str, label: str
) -> None:
    for i, table in enumerate(histories):
        _line(panel, table, column, style.SERIES[i % len(style.SERIES)])
    panel.set_ylabel(label)
    panel.set_ylim(bottom=0)
    style.whole_numbers(panel.yaxis)


def _line(panel: Axes, table: pd.DataFrame, column: str, colour: str, **more) -> None:
    panel.plot(
        table["generation"], table[column], color=colour, marker="o", ms=2.5, **more
    )


def _band(
    panel: Axes, table: pd.DataFrame, column: str, error: str, colour: str
) -> None:
    se = style.errors(table[error])
    panel.fill_between(
        table["generation"],
        table[column] - se,
        table[column] + se,
        color=colour,
        alpha=0.2,
        lw=0,
    )
