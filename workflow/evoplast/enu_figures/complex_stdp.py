"""Figure: complex plasticity at two stages of evolution (paper: ED Figure 3).

In: ``recording`` (complex STDP). Out: weight change against spike interval, a row
per stage, with and without neuromodulator. The target's functions are our choice;
the paper gives a caption only.
"""

from types import SimpleNamespace

import xarray as xr
from matplotlib.figure import Figure

from evoplast.artefacts.netcdf import read_dataset
from evoplast.enu_figures.windows import plot_window, run_text
from evoplast.figures import style


def draw(inputs: SimpleNamespace, outputs: SimpleNamespace, dpi: int = style.DPI):
    """Draw the figure from the recording of a synapse."""
    data = read_dataset(inputs.recording)
    with style.styled():
        figure = plot(data)
    style.save(figure, outputs, dpi)


def plot(data: xr.Dataset) -> Figure:
    """Return the figure with two windows per stage."""
    n_stages = data.sizes["stage"]
    figure = style.new_figure(2.2 * n_stages + 0.3)
    rows = figure.subplots(n_stages, 2, sharex=True, sharey=True, squeeze=False)
    for stage, row in enumerate(rows):
        shown = data.isel(stage=stage)
        for panel, modulator in zip(row, (1, 0), strict=True):
            plot_window(panel, shown, modulator)
            words = "with" if modulator else "without"
            panel.set_title(f"{words} neuromodulator, {run_text(shown)}")
            panel.label_outer()
        row[0].set_ylabel("change of output (%)")
    rows[0, 0].legend(loc="upper right")
    figure.suptitle(
        "Complex STDP, one run at two stages (form of the target: our choice; "
        "rms: error in percentage points; n: sequences)",
        fontsize=8,
    )
    style.letter(rows.ravel())
    return figure
