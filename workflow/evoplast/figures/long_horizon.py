"""Figure: what rules do when training goes on beyond the search's trials.

In: ``horizon`` (analysis). Out: accuracy, mean rate and share of synapses at a bound
against training trials, one line per rule.
"""

from types import SimpleNamespace

import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evoplast.artefacts.netcdf import read_dataset
from evoplast.figures import style

PANELS = {
    "cross_accuracy": "accuracy, both tasks",
    "mean_rate_hz": "mean rate (Hz)",
    "fraction_at_bound": "share of synapses at a bound",
}


def draw(inputs: SimpleNamespace, outputs: SimpleNamespace, dpi: int = style.DPI):
    """Draw the figure from the file of the long-horizon stage."""
    data = read_dataset(inputs.horizon)
    with style.styled():
        figure = plot(data)
    style.save(figure, outputs, dpi)


def plot(data: xr.Dataset) -> Figure:
    """Return the figure with its three panels."""
    figure = style.new_figure(3.1)
    panels = figure.subplots(1, 3)
    for panel, (name, label) in zip(panels, PANELS.items(), strict=True):
        _plot_rules(panel, data, name)
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


def _plot_rules(panel: Axes, data: xr.Dataset, name: str) -> None:
    for i in range(data.sizes["rule"]):
        rule = data.isel(rule=i)
        panel.errorbar(
            rule["training_trials"],
            rule[f"{name}_mean"],
            style.errors(rule[f"{name}_se"]),
            color=style.SERIES[i % len(style.SERIES)],
            marker=style.MARKERS[i % len(style.MARKERS)],
            ls="-" if i < len(style.SERIES) else "--",
            elinewidth=0.7,
            label=rule_label(rule),
        )


def rule_label(rule: xr.Dataset) -> str:
    """Return name and formula of one rule, short enough for a legend."""
    name, formula = str(rule["name"].values), str(rule["formula"].values)
    formula = formula.removeprefix("Δw = ")
    return f"{name}: {style.shortened(formula, 40)}" if formula else name


def _add_legend(figure: Figure, panel: Axes, data: xr.Dataset) -> None:
    n = data.sizes["instance"] * data.sizes["seed"]
    title = (
        f"Bars: s.e. over {data.sizes['instance']} network(s) x {data.sizes['seed']} "
        f"sequence(s), n = {n}; dashed: trials in the search"
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
