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
    figure = style.new_figure(3.9)
    panels = figure.subplots(1, 2)
    rules = [rows for _, rows in table.groupby("rule", sort=True)]
    plastic = [rows for rows in rules if rows["group"].iloc[0] != UNPLASTIC]
    still = table[table["group"] == UNPLASTIC]
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
            rows["n_neurons"] * (1 + 0.012 * (i - 0.5 * (len(rules) - 1))),
            rows[f"{name}_mean"],
            style.errors(rows[f"{name}_se"]),
            color=style.SERIES[i % len(style.SERIES)],
            marker=style.MARKERS[i % len(style.MARKERS)],
            ls="-" if i < len(style.SERIES) else "--",
            elinewidth=0.7,
            label=_label(rows),
        )


def _plot_unplastic(panel: Axes, still: pd.DataFrame) -> None:
    """Draw the range of the unplastic network over the thresholds of the rules."""
    by_size = still.groupby("n_neurons")["cross_accuracy_mean"]
    low, high = by_size.min(), by_size.max()
    label = "no plasticity, range over the rules' thresholds"
    panel.fill_between(low.index, low, high, color=style.GREY, alpha=0.3, label=label)


def _label(rows: pd.DataFrame) -> str:
    """Return the whole formula and, where it is known, the trend of the gain."""
    row = rows.iloc[0]
    text = f"{row['name']}: {str(row['formula']).removeprefix('Δw = ')}"
    if pd.isna(row.get("trend")):
        return text
    return f"{text} ({row['trend']:+.3f} ± {row['trend_se']:.3f} per doubling)"


def _mark_sizes(panel: Axes, table: pd.DataFrame) -> None:
    sizes = sorted(table["n_neurons"].unique())
    panel.set_xticks(sizes, [str(size) for size in sizes])
    panel.set_xlabel("neurons")
    for size in table.loc[table["is_search_size"], "n_neurons"].unique():
        panel.axvline(size, color=style.GREY, lw=0.8, ls="--", zorder=0)


def _add_legend(figure: Figure, panel: Axes, table: pd.DataFrame) -> None:
    counts = table.groupby("n_neurons")["n_instances"].min()
    networks = ", ".join(f"{n} of {size}" for size, n in counts.items())
    bars = "bars: s.e. over networks" if counts.max() > 1 else "no bars: one network"
    title = f"Networks never used: {networks}; {bars}; dashed: size in the search"
    handles, labels = panel.get_legend_handles_labels()
    style.legend_outside(
        figure,
        handles,
        labels,
        ncols=1,
        title=title,
    )
