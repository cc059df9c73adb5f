"""Figure: the evolved synapse's rule as a formula of the 25 terms (beyond the paper).

In: ``projection`` (projection of an evolved synapse and of its target). Out:
measured against projected window, projected against measured change, and the
coefficients of the short formula.
"""

from types import SimpleNamespace

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evoplast.artefacts.netcdf import read_dataset
from evoplast.figures import style

COLOURS = {"evolved": style.VERMILION, "target": style.BLACK}


def draw(inputs: SimpleNamespace, outputs: SimpleNamespace, dpi: int = style.DPI):
    """Draw the figure from the file of the projection."""
    data = read_dataset(inputs.projection)
    with style.styled():
        figure = plot(data)
    style.save(figure, outputs, dpi)


def plot(data: xr.Dataset) -> Figure:
    """Return the figure with window, agreement and coefficients."""
    figure = style.new_figure(4.6)
    grid = figure.add_gridspec(2, 2, height_ratios=(1.2, 1))
    window, agreement = (figure.add_subplot(grid[0, column]) for column in (0, 1))
    bars = figure.add_subplot(grid[1, :])
    evolved = data.sel(rule="evolved")
    _plot_window(window, evolved)
    _plot_agreement(agreement, evolved)
    _plot_coefficients(bars, data)
    style.letter([window, agreement, bars])
    return figure


def _plot_window(panel: Axes, data: xr.Dataset) -> None:
    rewarded = data["modulator"].values == 1
    interval = data["interval"].values[rewarded]
    distinct = np.unique(interval)
    measured = data["measured_percent"].values[rewarded]
    projected = data["projected_percent"].values[rewarded]
    panel.scatter(
        interval, measured, s=4, color=style.VERMILION, lw=0, label="measured"
    )
    panel.plot(
        distinct,
        [projected[interval == value].mean() for value in distinct],
        color=style.BLUE,
        label="projection, 25 terms (mean)",
    )
    panel.axhline(0, color=style.GREY, lw=0.5, zorder=0)
    panel.set(xlabel="post minus pre (steps)", ylabel="change of output (%)")
    count = np.isfinite(measured).sum()
    panel.set_title(f"with neuromodulator, n = {count} sequences")
    panel.legend(loc="lower right")


def _plot_agreement(panel: Axes, data: xr.Dataset) -> None:
    measured, projected = data["measured_percent"], data["projected_percent"]
    for value, colour in ((0, style.GREY), (1, style.VERMILION)):
        chosen = data["modulator"].values == value
        panel.scatter(
            measured[chosen],
            projected[chosen],
            s=4,
            lw=0,
            color=colour,
            label=f"neuromodulator {value}",
        )
    low, high = np.nanmin(measured), np.nanmax(measured)
    panel.plot([low, high], [low, high], color=style.BLACK, lw=0.6)
    panel.set(xlabel="measured change (%)", ylabel="projected change (%)")
    share = float(data["explained_crossvalidated"])
    count = int(np.isfinite(measured).sum())
    panel.set_title(f"{share:.1%} explained on left-out sequences, n = {count}")
    panel.legend(loc="upper left")


def _plot_coefficients(panel: Axes, data: xr.Dataset) -> None:
    terms = data["term"].values
    width = 0.4
    for index, rule in enumerate(data["rule"].values):
        values = data["short_coefficient_percent"].sel(rule=rule)
        share = float(data["short_explained_crossvalidated"].sel(rule=rule))
        panel.bar(
            np.arange(len(terms)) + (index - 0.5) * width,
            values,
            width,
            color=COLOURS[rule],
            label=f"{rule}: {data.attrs[f'formula_{rule}']}  ({share:.1%})",
        )
    panel.axhline(0, color=style.GREY, lw=0.5)
    panel.set_xticks(range(len(terms)), terms, rotation=60, ha="right", fontsize=6)
    panel.set_ylabel("coefficient (% per unit)")
    tau = float(data["trace_time_steps"].sel(rule="evolved"))
    panel.legend(
        loc="lower center",
        bbox_to_anchor=(0.5, 1.0),
        title=f"short formula (share of variance, left-out); traces of {tau:g} steps",
        title_fontsize=6.5,
    )
