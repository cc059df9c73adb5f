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
FLAT_PERCENT = 3.0
"""A target that varies less (s.d., from the noise of the potential) has no R²."""


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
    text = fit_text(measured, wanted)
    panel.text(0.02, 0.99, text, transform=panel.transAxes, fontsize=6.5, va="top")


def fit_text(measured: np.ndarray, wanted: np.ndarray) -> str:
    """Return R² (where the target varies), r.m.s. error in points and n as text."""
    error = np.sqrt(np.mean((measured - wanted) ** 2))
    lines = [f"rms = {error:.1f}", f"n = {measured.size}"]
    spread = np.std(wanted)
    if spread > FLAT_PERCENT:
        lines.insert(0, f"R² = {1 - (error / spread) ** 2:.2f}")
    return "\n".join(lines)


def run_text(data: xr.Dataset) -> str:
    """Return generation and population of a recorded stage."""
    size = ""
    if "population" in data.attrs:
        population, environments = data.attrs["population"], data.attrs["environments"]
        size = f", {population} × {environments} agents"
    return f"generation {int(data['generation'])}{size}"
