"""Figure: what rules do when training goes on beyond the search's trials.

In: ``horizon`` and its ``trend`` (analysis). Out: accuracy, mean rate and share of
synapses at a bound against training trials, one line per rule.
"""

from collections.abc import Sequence
from types import SimpleNamespace

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evoplast.artefacts.netcdf import read_dataset
from evoplast.artefacts.parquet import read_table
from evoplast.figures import style

PANELS = {
    "cross_accuracy": "accuracy, both tasks",
    "mean_rate_hz": "mean rate (Hz)",
    "fraction_at_bound": "share of synapses at a bound",
}


def draw(inputs: SimpleNamespace, outputs: SimpleNamespace, dpi: int = style.DPI):
    """Draw the figure from the file of the long-horizon stage."""
    data, trend = read_dataset(inputs.horizon), read_table(inputs.trend)
    with style.styled():
        figure = plot(data, trend)
    style.save(figure, outputs, dpi)


def plot(data: xr.Dataset, trend: pd.DataFrame) -> Figure:
    """Return the figure with its three panels."""
    figure = style.new_figure(3.1 + 0.17 * data.sizes["rule"])
    panels = figure.subplots(1, 3)
    for panel, (name, label) in zip(panels, PANELS.items(), strict=True):
        _plot_rules(panel, data, name, rule_labels(data, trend))
        panel.set_xlabel("training trials")
        panel.set_ylabel(label)
        searched = float(data.attrs["search_training_trials"])
        panel.axvline(searched, color=style.GREY, lw=0.8, ls="--", zorder=0)
    style.chance_line(panels[0])
    for panel in panels[1:]:
        panel.set_ylim(bottom=0)
    _add_legend(figure, panels[0], data)
    style.letter(panels)
    return figure


def _plot_rules(
    panel: Axes, data: xr.Dataset, name: str, labels: Sequence[str]
) -> None:
    for i in range(data.sizes["rule"]):
        rule, colour = data.isel(rule=i), style.SERIES[i % len(style.SERIES)]
        panel.errorbar(
            rule["training_trials"],
            rule[f"{name}_mean"],
            style.errors(rule[f"{name}_se"]),
            color=colour,
            marker=style.MARKERS[i % len(style.MARKERS)],
            ls="-" if i < len(style.SERIES) else "--",
            elinewidth=0.7,
            label=labels[i],
        )
        before = float(rule[f"{name}_mean"][0])
        panel.axhline(before, color=colour, lw=0.6, ls=":", zorder=0)


def rule_labels(data: xr.Dataset, trend: pd.DataFrame) -> list[str]:
    """Return name, whole formula and slope of the accuracy of every rule."""
    own = trend[trend["quantity"] == "cross_accuracy"].set_index("rule")
    labels = []
    for i in range(data.sizes["rule"]):
        formula = str(data["formula"].values[i]).removeprefix("Δw = ")
        text = f"{data['name'].values[i]}: {formula}"
        row = own.loc[i]
        if not np.isnan(row["slope"]):
            text += f" ({row['slope']:+.3f} ± {row['slope_se']:.3f}, {row['verdict']})"
        labels.append(text)
    return labels


def _add_legend(figure: Figure, panel: Axes, data: xr.Dataset) -> None:
    n = data.sizes["instance"] * data.sizes["seed"]
    title = (
        f"Bars: s.e. over {data.sizes['instance']} network(s) x {data.sizes['seed']} "
        f"sequence(s), n = {n}; dashed: trials in the search; dotted: before training\n"
        "In brackets: slope of accuracy for 1000 trials after the search's"
    )
    handles, labels = panel.get_legend_handles_labels()
    style.legend_outside(
        figure,
        handles,
        labels,
        ncols=1,
        title=title,
    )
