"""Figure: the same rules in networks of other sizes.

In: ``scales`` (analysis). Out: accuracy against the number of neurons, and what
plasticity adds to the unplastic network of the same size.
"""

from types import SimpleNamespace

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evoplast.artefacts.parquet import read_table
from evoplast.figures import style

UNPLASTIC = "no plasticity"


def draw(inputs: SimpleNamespace, outputs: SimpleNamespace, dpi: int = style.DPI):
    """Draw the figure from the file of the cross-scale stage."""
    table = read_table(inputs.scales)
    with style.styled():
        figure = plot(table)
    style.save(figure, outputs, dpi)


def plot(table: pd.DataFrame) -> Figure:
    """Return the figure with its two panels."""
    figure = style.new_figure(3.3)
    panels = figure.subplots(1, 2)
    rules = [rows for _, rows in table.groupby("rule", sort=True)]
    plastic = [rows for rows in rules if rows["group"].iloc[0] != UNPLASTIC]
    still = [rows for rows in rules if rows["group"].iloc[0] == UNPLASTIC]
    _plot_lines(panels[0], plastic, "cross_accuracy")
    _plot_unplastic(panels[0], still)
    _plot_lines(panels[1], plastic, "gain")
    style.chance_line(panels[0])
    panels[1].axhline(0, color=style.GREY, lw=0.8, ls=":", zorder=0)
    panels[0].set_ylabel(style.OBJECTIVE_LABELS["cross_accuracy"])
    panels[1].set_ylabel("accuracy minus no plasticity")
    for panel in panels:
        _mark_sizes(panel, table)
    _add_legend(figure, panels[0], table)
    style.letter(panels)
    return figure


def _plot_lines(panel: Axes, rules: list[pd.DataFrame], name: str) -> None:
    for i, rows in enumerate(rules):
        panel.errorbar(
            rows["n_neurons"],
            rows[f"{name}_mean"],
            style.errors(rows[f"{name}_se"]),
            color=style.SERIES[i % len(style.SERIES)],
            marker=style.MARKERS[i % len(style.MARKERS)],
            ls="-" if i < len(style.SERIES) else "--",
            elinewidth=0.7,
            label=_label(rows),
        )


def _plot_unplastic(panel: Axes, rules: list[pd.DataFrame]) -> None:
    """Draw the unplastic network, once for each readout threshold of the rules."""
    for i, rows in enumerate(rules):
        panel.plot(
            rows["n_neurons"],
            rows["cross_accuracy_mean"],
            color=style.BLACK,
            lw=0.9,
            ls=":",
            marker="x",
            ms=3,
            label="no plasticity, same thresholds" if i == 0 else None,
        )


def _label(rows: pd.DataFrame) -> str:
    formula = str(rows["formula"].iloc[0]).removeprefix("Δw = ")
    return f"{rows['name'].iloc[0]}: {style.shortened(formula, 40)}"


def _mark_sizes(panel: Axes, table: pd.DataFrame) -> None:
    sizes = sorted(table["n_neurons"].unique())
    panel.set_xticks(sizes, [str(size) for size in sizes])
    panel.set_xlabel("neurons")
    for size in table.loc[table["is_search_size"], "n_neurons"].unique():
        panel.axvline(size, color=style.GREY, lw=0.8, ls="--", zorder=0)


def _add_legend(figure: Figure, panel: Axes, table: pd.DataFrame) -> None:
    n, networks = int(table["n_cells"].min()), int(table["n_instances"].min())
    title = (
        f"Bars: s.e.; n = {n} sequences on {networks} network(s) per size; "
        "dashed: size in the search"
    )
    handles, labels = panel.get_legend_handles_labels()
    figure.legend(
        handles,
        labels,
        loc="outside lower center",
        ncols=2,
        title=title,
        title_fontsize=6.5,
    )
