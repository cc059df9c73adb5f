"""Figure: an evolved unit that integrates and fires (paper: Figure 3, ED Figure 2).

In: ``recording`` (ENU stage, integrate-and-fire). Out: raster of eight sequences,
model against unit, one trace with its input, and rate against mean current.
"""

from types import SimpleNamespace

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evoplast.artefacts.netcdf import read_dataset
from evoplast.enu_figures.windows import run_text
from evoplast.figures import style

N_SHOWN = 8
SPIKE_OUTPUT = 0.05
MODEL_COLOUR, UNIT_COLOUR = style.BLACK, style.VERMILION


def draw(inputs: SimpleNamespace, outputs: SimpleNamespace, dpi: int = style.DPI):
    """Draw the figure from the recording of an integrate-and-fire unit."""
    data = read_dataset(inputs.recording).isel(stage=-1)
    with style.styled():
        figure = plot(data)
    style.save(figure, outputs, dpi)


def plot(data: xr.Dataset) -> Figure:
    """Return the figure with raster, trace and rate curve."""
    figure = style.new_figure(3.9)
    grid = figure.add_gridspec(2, 2, width_ratios=(1.5, 1), height_ratios=(1.3, 1))
    panels = [
        figure.add_subplot(grid[0, 0]),
        figure.add_subplot(grid[:, 1]),
        figure.add_subplot(grid[1, 0]),
    ]
    _plot_raster(panels[0], data)
    _plot_rates(panels[1], data)
    _plot_trace(panels[2], data)
    style.letter(panels)
    figure.suptitle(f"Integrate-and-fire, one run, {run_text(data)}", fontsize=8)
    return figure


def _plot_raster(panel: Axes, data: xr.Dataset) -> None:
    rows = range(min(N_SHOWN, data.sizes["sequence"]))
    spikes = {
        "model": data["target"].values > SPIKE_OUTPUT,
        "evolved unit": data["output"].values > SPIKE_OUTPUT,
    }
    colours = (MODEL_COLOUR, UNIT_COLOUR)
    for (name, values), colour, shift in zip(
        spikes.items(), colours, (0.2, -0.2), strict=True
    ):
        times = [np.flatnonzero(values[:, row]) for row in rows]
        panel.eventplot(
            times,
            lineoffsets=[row + 1 + shift for row in rows],
            linelengths=0.36,
            linewidths=0.9,
            colors=colour,
            label=name,
        )
    panel.set(xlim=(-2, data.sizes["time"]), ylabel="sequence", xlabel="network step")
    panel.set_yticks([row + 1 for row in rows])
    handles, labels = panel.get_legend_handles_labels()
    picked = {label: handle for handle, label in zip(handles, labels, strict=True)}
    panel.legend(
        picked.values(),
        picked,
        loc="lower center",
        bbox_to_anchor=(0.5, 1.0),
        ncols=2,
    )


def _plot_trace(panel: Axes, data: xr.Dataset) -> None:
    one = data.isel(sequence=0)
    panel.plot(one["target"], color=MODEL_COLOUR, lw=0.9)
    panel.plot(one["output"], color=UNIT_COLOUR, lw=0.9, ls="--")
    panel.set(xlim=(-2, data.sizes["time"]), xlabel="network step", ylabel="output")
    panel.set_title("sequence 1 of a", loc="right")
    current = panel.twinx()
    current.spines["right"].set_visible(True)
    current.plot(one["input"].isel(channel=0), color=style.SKY, lw=0.8, zorder=0)
    current.set_ylabel("input (per step)", color=style.BLUE)
    current.set_ylim(0, 0.36)
    panel.set_ylim(0, 1.05)


def _plot_rates(panel: Axes, data: xr.Dataset) -> None:
    current = data["mean_current"].values
    for name, label, colour, marker in (
        ("target_rate", "model", MODEL_COLOUR, "o"),
        ("rate", "evolved unit", UNIT_COLOUR, "^"),
    ):
        panel.scatter(
            current,
            data[name],
            s=5,
            color=colour,
            marker=marker,
            alpha=0.4,
            label=label,
        )
    panel.set(xlabel="mean input (per step)", ylabel="spikes per step")
    panel.set_xlim(left=0)
    panel.set_ylim(bottom=0)
    panel.legend()
    ratio = float(data["rate"].sum() / data["target_rate"].sum())
    panel.set_title(
        f"n = {current.size} sequences of constant gain;\n{ratio:.2f} times the "
        "model's spikes",
        fontsize=7,
    )
