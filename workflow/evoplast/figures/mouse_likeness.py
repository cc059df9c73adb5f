"""Figure: how like the mouse the network is before any plasticity.

In: ``types`` (mouse_*.parquet), ``cells`` (tuning_*.parquet). Out: rates per cell type
beside the mouse's in three conditions, rates of all cells and variability of intervals
by condition and LGN drive, and orientation tuning against the wiring.
"""

from types import SimpleNamespace

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evoplast.artefacts.parquet import read_table
from evoplast.figures import style

ALL = "all"
CONDITIONS = {
    "spontaneous": "grey screen",
    "drifting": "drifting gratings",
    "gratings": "task: gratings",
    "natural": "task: photographs",
}
PER_TYPE = ("spontaneous", "drifting", "gratings")
TUNED = ("e23", "e4")
FEWEST_HZ = 0.5
BINS_DEG = np.arange(-90, 91, 15)


def draw(inputs: SimpleNamespace, outputs: SimpleNamespace, dpi: int = style.DPI):
    """Draw the figure from the files of the stage."""
    types, cells = (read_table(path) for path in (inputs.types, inputs.cells))
    with style.styled():
        figure = plot(types, cells)
    style.save(figure, outputs, dpi)


def plot(types: pd.DataFrame, cells: pd.DataFrame) -> Figure:
    """Return the figure with its rows: rates per type, all cells, tuning."""
    figure = style.new_figure(7.4)
    top, bottom = style.rows(figure, (4.2, 3.0))
    panels = [*top.subplots(1, 3), *bottom.subplots(1, 4)]
    mode = str(types["lgn_mode"].iloc[0])
    plain = types[types["lgn_mode"] == mode]
    for panel, condition in zip(panels, PER_TYPE, strict=False):
        _plot_types(panel, plain[plain["condition"] == condition])
        panel.set_title(CONDITIONS[condition])
    style.legend_below(panels[1], 4, f"neurons (networks), LGN {mode}")
    panels[1].get_legend().set_bbox_to_anchor((0.5, -0.12))
    everything = types[types["cell_type"] == ALL]
    largest = everything[everything["n_neurons"] == everything["n_neurons"].max()]
    _plot_modes(panels[3], largest, "rate_hz", "mean rate (Hz)")
    _plot_mouse(panels[3], largest)
    panels[3].legend(loc="upper left", fontsize=6)
    panels[3].set_ylim(0, 1.4 * panels[3].get_ylim()[1])
    _plot_modes(panels[4], largest, "cv", "CV of intervals")
    panels[4].axhline(1.0, color=style.GREY, lw=0.8, ls=":", zorder=0)
    tuned = cells[(cells["lgn_mode"] == mode) & (cells["rate_hz"] > FEWEST_HZ)]
    _plot_offsets(panels[5], tuned)
    _plot_selectivity(panels[6], tuned)
    style.letter(panels)
    return figure


def over_networks(table: pd.DataFrame, by: list[str], value: str) -> pd.DataFrame:
    """Return mean and s.e. of ``value`` over networks, by the columns ``by``."""
    units = table.groupby([*by, "instance"], sort=False)[value].mean()
    return units.groupby(level=by, sort=False).agg(["mean", "sem", "size"])


def _plot_types(panel: Axes, table: pd.DataFrame) -> None:
    names = list(dict.fromkeys(table["cell_type"]))
    y = np.arange(len(names))
    mouse = table.groupby("cell_type")[[c for c in table if c.startswith("mouse")]]
    mouse = mouse.mean().loc[names]
    low, high = mouse["mouse_rate_hz_q25"], mouse["mouse_rate_hz_q75"]
    panel.hlines(y, low, high, color=style.GREY, lw=3, alpha=0.4, label="mouse, 50 %")
    panel.plot(mouse["mouse_rate_hz"], y, "D", mfc="none", color=style.BLACK, ms=3.5)
    published = table.groupby("cell_type")["published_rate_hz"].mean().loc[names]
    if published.notna().any():
        panel.plot(
            published,
            y,
            "^",
            mfc="none",
            color=style.GREY,
            ms=3.5,
            label="published model",
        )
    found = over_networks(table, ["n_neurons", "cell_type"], "rate_hz")
    for k, size in enumerate(sorted(table["n_neurons"].unique())):
        rows = found.loc[size].loc[names]
        panel.errorbar(
            rows["mean"],
            y + 0.17 * (k - 1),
            xerr=style.errors(rows["sem"]),
            fmt=style.MARKERS[k],
            ms=2.8,
            color=style.SERIES[k],
            label=f"{size} ({rows['size'].max()})",
        )
    panel.set_yticks(y, names, fontsize=6)
    panel.set_ylim(len(names) - 0.4, -0.6)
    panel.set_xlabel("mean rate (Hz)")
    panel.grid(axis="y", lw=0.3, color="#DDDDDD")


def _plot_modes(panel: Axes, table: pd.DataFrame, value: str, label: str) -> None:
    conditions = [c for c in CONDITIONS if c in set(table["condition"])]
    found = over_networks(table, ["lgn_mode", "condition"], value)
    modes = list(dict.fromkeys(table["lgn_mode"]))
    for k, mode in enumerate(modes):
        rows = found.loc[mode].loc[conditions]
        panel.errorbar(
            np.arange(len(conditions)) + 0.2 * (k - (len(modes) - 1) / 2),
            rows["mean"],
            style.errors(rows["sem"]),
            fmt=style.MARKERS[k],
            color=style.SERIES[k],
            label=f"LGN {mode}",
        )
    names = [CONDITIONS[c] for c in conditions]
    panel.set_xticks(range(len(names)), names, rotation=40, ha="right", fontsize=6)
    panel.set_xlim(-0.5, len(names) - 0.5)
    panel.set_ylim(bottom=0)
    panel.set_ylabel(label)
    panel.set_title(f"{table['n_neurons'].iloc[0]} neurons", fontsize=6.5)


def _plot_mouse(panel: Axes, table: pd.DataFrame) -> None:
    conditions = [c for c in CONDITIONS if c in set(table["condition"])]
    mouse = table.groupby("condition")["mouse_rate_hz"].mean().loc[conditions]
    panel.plot(
        range(len(mouse)), mouse, "D", mfc="none", color=style.BLACK, label="mouse"
    )


def _tuned_types(cells: pd.DataFrame) -> list[str]:
    """Return the types whose tuning is drawn; in other circuits two that have one."""
    with_tuning = cells.loc[cells["offset_deg"].notna(), "cell_type"]
    names = list(dict.fromkeys(with_tuning))
    return [name for name in TUNED if name in names] or names[: len(TUNED)]


def _plot_offsets(panel: Axes, cells: pd.DataFrame) -> None:
    largest = cells[cells["n_neurons"] == cells["n_neurons"].max()]
    middle = (BINS_DEG[1:] + BINS_DEG[:-1]) / 2
    for k, name in enumerate(_tuned_types(largest)):
        offsets = largest.loc[largest["cell_type"] == name, "offset_deg"].dropna()
        share = np.histogram(offsets, BINS_DEG)[0] / max(len(offsets), 1)
        label = f"{name} ({len(offsets)} cells)"
        panel.step(middle, share, where="mid", color=style.SERIES[k], label=label)
    panel.axhline(1 / len(middle), color=style.GREY, lw=0.8, ls=":")
    panel.set_xticks([-90, 0, 90])
    panel.set_ylim(bottom=0)
    panel.set_xlabel("preferred − wired orientation (°)")
    panel.set_ylabel("share of cells")
    style.legend_below(panel, 1)


def _plot_selectivity(panel: Axes, cells: pd.DataFrame) -> None:
    every = list(dict.fromkeys(cells["cell_type"]))
    names = [name for name in every if name.startswith("e")] or every
    kept = cells[cells["cell_type"].isin(names)]
    found = over_networks(
        kept, ["n_neurons", "cell_type"], "selectivity_crossvalidated"
    )
    for k, size in enumerate(sorted(kept["n_neurons"].unique())):
        rows = found.loc[size].reindex(names)
        panel.errorbar(
            np.arange(len(names)) + 0.15 * (k - 1),
            rows["mean"],
            style.errors(rows["sem"]),
            fmt=style.MARKERS[k],
            color=style.SERIES[k],
        )
    panel.set_xticks(range(len(names)), names)
    panel.set_xlim(-0.5, len(names) - 0.5)
    panel.set_ylim(bottom=0)
    panel.set_ylabel("orientation selectivity, cross-validated")
