"""Figure: an evolved synapse with neuromodulated plasticity (paper: Figure 3).

In: ``recording`` (neuromodulated STDP) and ``plain`` (STDP without modulation). Out:
weight change against spike interval with and without the neuromodulator, the window
of the unmodulated task, and one trace.
"""

from types import SimpleNamespace

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evoplast.artefacts.netcdf import read_dataset
from evoplast.enu_figures.windows import (
    TARGET_COLOUR,
    UNIT_COLOUR,
    plot_window,
    run_text,
)
from evoplast.figures import style


def draw(inputs: SimpleNamespace, outputs: SimpleNamespace, dpi: int = style.DPI):
    """Draw the figure from the recordings of two synapses."""
    modulated = read_dataset(inputs.recording).isel(stage=-1)
    plain = read_dataset(inputs.plain).isel(stage=-1)
    with style.styled():
        figure = plot(modulated, plain)
    style.save(figure, outputs, dpi)


def plot(modulated: xr.Dataset, plain: xr.Dataset) -> Figure:
    """Return the figure with three windows and a trace."""
    figure = style.new_figure(4.2)
    grid = figure.add_gridspec(2, 3, height_ratios=(1.4, 1))
    windows = figure.add_subplot(grid[0, 0])
    panels = [windows] + [
        figure.add_subplot(grid[0, column], sharey=windows) for column in (1, 2)
    ]
    plot_window(panels[0], modulated, 1)
    panels[0].set_title(f"with neuromodulator\n{run_text(modulated)}")
    plot_window(panels[1], modulated, 0)
    panels[1].set_title(f"without neuromodulator\n{run_text(modulated)}")
    plot_window(panels[2], plain, None)
    panels[2].set_title(f"task without modulation\n{run_text(plain)}")
    panels[0].set_ylabel("change of output (%)")
    panels[0].legend(loc="lower right")
    trace = figure.add_subplot(grid[1, :])
    _plot_trace(trace, modulated)
    style.letter([*panels, trace])
    figure.suptitle(
        "Evolved synapses, the first run of each (rms: error in percentage points; "
        "n: sequences)",
        fontsize=8,
    )
    return figure


def _plot_trace(panel: Axes, data: xr.Dataset) -> None:
    """Draw the modulated sequence whose pair is closest to +5 steps."""
    distance = np.abs(data["interval"].values - 5) + 99 * (data["modulator"].values < 1)
    one = data.isel(sequence=int(np.argmin(distance)))
    panel.set_title(
        f"one sequence of a, post minus pre = {int(one['interval'])} steps", loc="right"
    )
    panel.plot(one["target"], color=TARGET_COLOUR, lw=0.9, label="target")
    panel.plot(one["output"], color=UNIT_COLOUR, lw=0.9, ls="--", label="evolved unit")
    for channel, name, colour in ((1, "pre", style.BLUE), (2, "post", style.GREEN)):
        seen = int(np.argmax(one["input"].isel(channel=channel).values))
        panel.axvline(seen, color=colour, lw=0.8, label=f"{name} spike seen")
    panel.set(xlim=(0, data.sizes["time"]), xlabel="network step", ylabel="output")
    panel.legend(ncols=2, loc="upper left")
    panel.set_ylim(0.3, 1.0)
