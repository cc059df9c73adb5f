"""What the figures of spike-timing-dependent plasticity share: one window panel.

In: a stage of a recorded synapse. Out: weight change against spike interval, unit
and target.
"""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from evoplast.figures import style

TARGET_COLOUR, UNIT_COLOUR = style.BLACK, style.VERMILION
LIMIT_STEPS = 32


def plot_window(panel: Axes, data: xr.Dataset, modulator: float | None) -> None:
    """Draw change (percent) against interval (steps) where the modulator is so.

    Args:
        panel: where.
        data: recording of one stage.
        modulator: 1, 0, or None for all sequences.
    """
    chosen = np.isfinite(data["change_percent"].values)
    if modulator is not None:
        chosen &= data["modulator"].values == modulator
    interval = data["interval"].values[chosen]
    wanted = data["target_change_percent"].values[chosen]
    measured = data["change_percent"].values[chosen]
    distinct = np.unique(interval)
    means = [np.mean(wanted[interval == value]) for value in distinct]
    panel.plot(distinct, means, color=TARGET_COLOUR, label="target")
    panel.scatter(
        interval,
        measured,
        s=4,
        color=UNIT_COLOUR,
        alpha=0.5,
        lw=0,
        label="evolved unit",
    )
    panel.axhline(0, color=style.GREY, lw=0.5, zorder=0)
    panel.axvline(0, color=style.GREY, lw=0.5, zorder=0)
    panel.set_xlim(-LIMIT_STEPS, LIMIT_STEPS)
    panel.set_xlabel("post minus pre (steps)")
    text = f"R² = {explained(measured, wanted)}, n = {measured.size}"
    panel.text(0.02, 0.02, text, transform=panel.transAxes, fontsize=6.5)


def explained(measured: np.ndarray, wanted: np.ndarray) -> str:
    """Return R² as text; a dash where the target does not vary."""
    spread = np.sum((wanted - wanted.mean()) ** 2)
    if spread < 1.0:
        return "–"
    return f"{1 - np.sum((measured - wanted) ** 2) / spread:.2f}"
