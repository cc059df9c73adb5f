"""Figure: what learning did to the weights.

In: ``pairs``, ``drift``, ``shapes`` (weights). Out: change of the mean strength by pair
of types, drift, limits and shares at bounds over training, distributions before and
after.
"""

from types import SimpleNamespace

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, FigureBase

from evoplast.artefacts.parquet import read_table
from evoplast.behaviour_figures import learned
from evoplast.figures import style

MAPPED = ("best", "known")
LIMIT = 1.5
PANELS = {
    "relative_change": "sum of changes / initial sum",
    "bound_share": "share at upper bound",
    "weak_share": "share below 1/10 of start",
    "capped_share": "share of changes cut by cap",
}
CLASSES = ("E to E", "E to I", "I to E", "I to I")
BINS = np.linspace(-2.0, 4.0, 61)


def draw(inputs: SimpleNamespace, outputs: SimpleNamespace, dpi: int = style.DPI):
    """Draw the figure from the files of the stage."""
    names = ("pairs", "drift", "shapes")
    tables = {name: read_table(getattr(inputs, name)) for name in names}
    with style.styled():
        figure = plot(**tables)
    style.save(figure, outputs, dpi)


def plot(pairs: pd.DataFrame, drift: pd.DataFrame, shapes: pd.DataFrame) -> Figure:
    """Return the figure with its panels."""
    figure = style.new_figure(8.2)
    top, middle, bottom = style.rows(figure, (3.6, 2.4, 2.2))
    panels = list(top.subplots(1, 2))
    mapped = [rule for rule in MAPPED if rule in set(pairs["rule"])]
    for panel, rule in zip(panels, mapped, strict=False):
        image = _plot_map(panel, pairs[pairs["rule"] == rule], rule)
    if mapped:
        text = "ln(strength after / before)"
        top.colorbar(image, ax=panels, label=text, shrink=0.7, aspect=30)
    for panel in panels[len(mapped) :]:
        style.empty_note(panel, "no such rule")
    over_time = list(middle.subplots(1, 4))
    for panel, (name, label) in zip(over_time, PANELS.items(), strict=True):
        _plot_drift(panel, drift, name, label)
    _add_legend(middle, over_time[0], drift)
    shown = list(bottom.subplots(1, 4, sharex=True))
    for panel, name in zip(shown, CLASSES, strict=True):
        _plot_shape(panel, shapes[shapes["synapses"] == name], name)
    shown[0].set_ylabel("share of synapses")
    style.letter([*panels, *over_time, *shown])
    return figure


def _plot_map(panel: Axes, pairs: pd.DataFrame, rule: str):
    names = list(dict.fromkeys(pairs["post"]))
    table = pairs.pivot(index="post", columns="pre", values="log_change")
    table = table.reindex(index=names, columns=names)
    image = panel.imshow(
        table.to_numpy(), "PuOr_r", vmin=-LIMIT, vmax=LIMIT, interpolation="nearest"
    )
    p = pairs.pivot(index="post", columns="pre", values="p_above_fdr")
    sure = p.reindex(index=names, columns=names).to_numpy() < 0.05
    row, column = np.nonzero(sure)
    panel.plot(column, row, ".", color=style.BLACK, ms=2)
    panel.set_facecolor("#DDDDDD")
    place = range(len(names))
    panel.set_xticks(place, names, rotation=90, fontsize=5)
    panel.set_yticks(place, names, fontsize=5)
    panel.set_xlabel("presynaptic type")
    panel.set_ylabel("postsynaptic type")
    text = f"{learned.name(rule)} (dot: FDR < 0.05)"
    panel.set_title(text, fontsize=6.5, loc="right")
    return image


def _plot_drift(panel: Axes, drift: pd.DataFrame, name: str, label: str) -> None:
    for rule in learned.shown(drift):
        own = drift[drift["rule"] == rule]
        panel.errorbar(
            own["look"],
            own[name],
            style.errors(own[f"{name}_se"]),
            color=learned.colour(rule),
            marker=learned.marker(rule),
            ms=3,
            elinewidth=0.7,
            label=learned.name(rule),
        )
    panel.set_ylim(bottom=0)
    panel.set_xlabel("training trials")
    panel.set_title(label, fontsize=6, loc="right")


def _plot_shape(panel: Axes, shapes: pd.DataFrame, name: str) -> None:
    middle = 10 ** ((BINS[1:] + BINS[:-1]) / 2)
    bins = [c for c in shapes if c.startswith("bin_")]
    for rule in learned.shown(shapes):
        own = shapes[shapes["rule"] == rule].sort_values("look").iloc[-1]
        share = own[bins].to_numpy(float)
        panel.step(middle, share, where="mid", color=learned.colour(rule), lw=0.9)
    panel.set_xscale("log")
    panel.set_ylim(bottom=0)
    panel.set_xlabel("strength (pA)")
    panel.set_title(name, fontsize=7, loc="right")


def _add_legend(figure: FigureBase, panel: Axes, drift: pd.DataFrame) -> None:
    n = style.count_text(int(drift["n_networks"].max()), "network")
    handles, labels = panel.get_legend_handles_labels()
    style.legend_outside(
        figure,
        handles,
        labels,
        ncols=4,
        title=f"Bars: s.e. over {n}; colours as in the distributions below",
    )
