"""Figure: the progress of the search, generation by generation.

In: ``histories``, one table per search seed: ``history.parquet`` of a swarm, or
``families.parquet``, which :mod:`family_history` draws. Out: hypervolume, accuracies,
complexity, front size and failures against generations, and how often each term occurs
among the survivors.
"""

from types import SimpleNamespace

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evoplast.artefacts.parquet import read_table
from evoplast.figures import family_history, style

ACCURACIES = {
    "best_accuracy": ("best rule (estimate)", style.VERMILION, "-"),
    "fresh_accuracy": ("survivors, measured anew", style.BLUE, "-"),
    "offspring_accuracy": ("offspring", style.SKY, "--"),
    "control_accuracy": ("control group", style.BLACK, ":"),
}
SHARE_OF = "share of "
COUNTS = ("on the front", "candidates silent or running away")


def draw(inputs: SimpleNamespace, outputs: SimpleNamespace, dpi: int = style.DPI):
    """Draw the figure from the histories' files."""
    histories = [read_table(path) for path in inputs.histories]
    with style.styled():
        figure = plot(histories)
    style.save(figure, outputs, dpi)


def plot(histories: list[pd.DataFrame]) -> Figure:
    """Return the figure; one line per search seed, terms as means over seeds."""
    if family_history.is_of_families(histories[0]):
        return family_history.plot(histories)
    figure = style.new_figure(7.2)
    grid = figure.add_gridspec(3, 2)
    places = (grid[0, 0], grid[0, 1], grid[1, 0], grid[1:, 1], grid[2, 0])
    panels = [figure.add_subplot(place) for place in places]
    plot_hypervolume(panels[0], histories)
    plot_accuracy(panels[1], histories)
    _plot_complexity(panels[2], histories)
    plot_terms(panels[3], histories)
    _plot_counts(panels[4], histories)
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


def plot_progress(panel: Axes, histories: list[pd.DataFrame]) -> None:
    """Draw what either kind of search gained, generation by generation."""
    if family_history.is_of_families(histories[0]):
        family_history.plot_gain(panel, histories)
    else:
        plot_accuracy(panel, histories)


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


def plot_terms(panel: Axes, histories: list[pd.DataFrame]) -> None:
    """Draw the share of survivors with each term, in the order of the terms."""
    names = [name for name in histories[0] if name.startswith(SHARE_OF)]
    if not names:
        style.empty_note(panel, "no terms in this history")
        return
    shares = np.mean([table[names].to_numpy() for table in histories], axis=0)
    edges = np.arange(len(shares) + 1) - 0.5 + histories[0]["generation"].iloc[0]
    rows = np.arange(len(names) + 1) - 0.5
    image = panel.pcolormesh(
        edges, rows, shares.T, vmin=0, vmax=1, cmap="cividis", rasterized=True
    )
    labels = [name.removeprefix(SHARE_OF) for name in names]
    panel.set_yticks(range(len(names)), labels, fontsize=5.5)
    panel.tick_params(axis="y", length=0)
    panel.invert_yaxis()
    panel.figure.colorbar(image, ax=panel, label="share of survivors with the term")


def _plot_complexity(panel: Axes, histories: list[pd.DataFrame]) -> None:
    for i, table in enumerate(histories):
        if "mean_complexity" in table:
            colour = style.SERIES[i % len(style.SERIES)]
            _line(panel, table, "mean_complexity", colour)
    panel.set_ylabel("complexity, mean of survivors")
    panel.set_ylim(bottom=0)


def _plot_counts(panel: Axes, histories: list[pd.DataFrame]) -> None:
    for i, table in enumerate(histories):
        colour = style.SERIES[i % len(style.SERIES)]
        front, failed = COUNTS if i == 0 else (None, None)
        _line(panel, table, "front_size", colour, label=front)
        _line(panel, table, "flagged", colour, ls=":", label=failed)
    panel.set_ylabel("rules")
    panel.set_ylim(bottom=0)
    style.whole_numbers(panel.yaxis)
    style.legend_below(panel, 2)


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
