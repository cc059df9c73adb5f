"""Figure: what inputs and gains do to the task's signal and to the rates.

In: ``signal`` (scan_*.parquet), ``rates`` (scan_rates_*.parquet). Out: AUC by choice of
input for each task, rates of Pvalb cells relative to the mouse and of all cells, and
AUC by recurrent gain, LGN gain, response window and pool.
"""

from types import SimpleNamespace

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evoplast.artefacts.parquet import read_table
from evoplast.figures import style

POOL = "L5"
FAST = "Pvalb"
INPUT_LAYERS = ("i23", "i4")
INPUT = ["lgn_mode", "contrast", "drive_target_hz", "lgn_gain"]
MODES = {"current": "current", "bernoulli": "spikes"}
CONTRASTS = ("raw", "common", "equalised")


def draw(inputs: SimpleNamespace, outputs: SimpleNamespace, dpi: int = style.DPI):
    """Draw the figure from the files of the scan."""
    signal, rates = (read_table(path) for path in (inputs.signal, inputs.rates))
    with style.styled():
        figure = plot(signal, rates)
    style.save(figure, outputs, dpi)


def plot(signal: pd.DataFrame, rates: pd.DataFrame) -> Figure:
    """Return the figure with its rows: signal, rates, other choices."""
    figure = style.new_figure(8.6)
    top, middle, bottom = style.rows(figure, (3.0, 3.0, 2.4))
    panels = [*top.subplots(1, 2), *middle.subplots(1, 2), *bottom.subplots(1, 4)]
    plain = at_defaults(signal, gains=True)
    for panel, (task, rows) in zip(panels, plain.groupby("task"), strict=False):
        _plot_inputs(panel, rows, "auc", "AUC, change against repeat")
        style.chance_line(panel)
        panel.set_title(style.task_name(str(task)))
    _plot_inputs(panels[2], fast_cells(rates), "ratio", "Pvalb L2/3, L4: rate / mouse")
    panels[2].axhline(1.0, color=style.GREY, lw=0.8, ls=":", zorder=0)
    _plot_inputs(panels[3], plain, "mean_rate_hz", "mean rate of all cells (Hz)")
    _plot_others(panels[4:], signal)
    panels[3].legend(title="neurons (networks)", title_fontsize=6.5, ncols=3)
    bottom_hz, top_hz = panels[3].get_ylim()
    panels[3].set_ylim(bottom_hz, top_hz + 0.3 * (top_hz - bottom_hz))
    style.letter(panels)
    return figure


def at_defaults(signal: pd.DataFrame, gains: bool, pool: bool = True) -> pd.DataFrame:
    """Return rows of the first window and the L5 pool, and of shown gains."""
    window = signal["window_start_ms"] == signal["window_start_ms"].iloc[0]
    window &= signal["window_end_ms"] == signal["window_end_ms"].iloc[0]
    kept = window & (signal["pool"] == POOL) if pool else window
    if gains:
        kept = kept & _shown_gains(signal)
    return signal[kept]


def _shown_gains(table: pd.DataFrame) -> pd.Series:
    """Which rows stand among the inputs: LGN gains at the reference target only."""
    reference = table["drive_target_hz"] == reference_target(table)
    kept = (table["lgn_gain"] == 1.0) | (
        reference & (table["contrast"] == CONTRASTS[2])
    )
    return kept & (table["recurrent_factor"] == 1.0)


def _gains_left_alone(table: pd.DataFrame) -> pd.Series:
    return (table["lgn_gain"] == 1.0) & (table["recurrent_factor"] == 1.0)


def fast_cells(rates: pd.DataFrame) -> pd.DataFrame:
    """Return the rates of Pvalb cells of the input layers over the mouse's."""
    names = [layer + FAST for layer in INPUT_LAYERS]
    kept = rates[rates["cell_type"].isin(names) & _shown_gains(rates)]
    return kept.assign(ratio=kept["rate_hz"] / kept["mouse_rate_hz"])


def summary(table: pd.DataFrame, by: list[str], value: str) -> pd.DataFrame:
    """Return mean and s.e. of ``value`` by the columns ``by`` and size.

    Networks are the units; with one network the error is that over its trials, where
    the table holds one.
    """
    keys = ["n_neurons", *by]
    known = [value, *(["auc_se"] if value == "auc" else [])]
    units = table.groupby([*keys, "instance"], dropna=False)[known].mean()
    groups = units.groupby(level=keys, dropna=False)
    found = groups[value].agg(["mean", "sem", "size"])
    if value == "auc":
        n_rows = table.groupby([*keys, "instance"], dropna=False).size()
        n_rows = n_rows.groupby(level=keys, dropna=False).first()
        own = groups["auc_se"].mean().to_numpy() / np.sqrt(n_rows.to_numpy())
        found["sem"] = np.where(found["size"] > 1, found["sem"], own)
    return found.reset_index()


def input_label(mode: str, contrast: str, target: float, gain: float) -> str:
    """Return for instance "current, equalised 12", and the LGN gain if not 1."""
    wanted = "" if np.isnan(target) else f" {target:g}"
    factor = "" if gain == 1.0 else f", gain {gain:g}"
    return f"{MODES.get(mode, mode)}, {contrast}{wanted}{factor}"


def _plot_inputs(panel: Axes, table: pd.DataFrame, value: str, label: str) -> None:
    found = summary(table, INPUT, value)
    order = found[INPUT].drop_duplicates()
    order = order.assign(
        mode=order["lgn_mode"].map(list(MODES).index),
        kind=order["contrast"].map(CONTRASTS.index),
    ).sort_values(["mode", "kind", "drive_target_hz", "lgn_gain"])
    labels = [input_label(*row) for row in order[INPUT].itertuples(index=False)]
    place = {name: k for k, name in enumerate(labels)}
    found["x"] = [
        place[input_label(*row)] for row in found[INPUT].itertuples(index=False)
    ]
    _plot_sizes(panel, found, lines=False)
    panel.set_xticks(range(len(labels)), labels, rotation=40, ha="right", fontsize=6)
    panel.set_xlim(-0.6, len(labels) - 0.4)
    panel.set_ylabel(label)
    panel.grid(axis="x", lw=0.3, color="#DDDDDD")


def _plot_sizes(panel: Axes, found: pd.DataFrame, lines: bool) -> None:
    sizes = sorted(found["n_neurons"].unique())
    for k, size in enumerate(sizes):
        rows = found[found["n_neurons"] == size].sort_values("x")
        panel.errorbar(
            rows["x"] + (0.0 if lines else 0.16 * (k - (len(sizes) - 1) / 2)),
            rows["mean"],
            style.errors(rows["sem"]),
            fmt=style.MARKERS[k] + ("-" if lines else ""),
            color=style.SERIES[k],
            label=f"{size} ({rows['size'].max()})",
        )


def _plot_others(panels: list[Axes], signal: pd.DataFrame) -> None:
    target = reference_target(signal)
    chosen = (signal["lgn_mode"] == "current") & (signal["contrast"] == "equalised")
    signal = signal[chosen & (signal["drive_target_hz"] == target)]
    every = at_defaults(signal, gains=False)
    plain = signal[_gains_left_alone(signal)]
    shown = (
        (every[every["lgn_gain"] == 1], "recurrent_factor", "× recurrent gain"),
        (every[every["recurrent_factor"] == 1], "lgn_gain", "LGN gain"),
        (plain[plain["pool"] == POOL], "window", "window (ms)"),
        (at_defaults(plain, gains=False, pool=False), "pool", "pool, excitatory cells"),
    )
    for panel, (rows, column, label) in zip(panels, shown, strict=True):
        _plot_other(panel, rows, column, label)
    panels[0].set_ylabel(f"AUC, both tasks, equalised {target:g} Hz", fontsize=6.5)


def reference_target(signal: pd.DataFrame) -> float:
    """Return the drive target at which the controls were made."""
    targets = signal.loc[signal["contrast"] == "common", "drive_target_hz"]
    return float(targets.iloc[0])


def _plot_other(panel: Axes, rows: pd.DataFrame, column: str, label: str) -> None:
    if column == "window":
        ends = zip(rows["window_start_ms"], rows["window_end_ms"], strict=True)
        rows = rows.assign(window=[f"{a}–{b}" for a, b in ends])
    found = summary(rows, [column], "auc")
    if found[column].dtype.kind in "fi":
        found["x"] = found[column]
        panel.set_xticks(sorted(found["x"].unique()))
    else:
        names = list(dict.fromkeys(rows[column]))
        found["x"] = found[column].map(names.index)
        panel.set_xticks(range(len(names)), names, rotation=40, ha="right", fontsize=6)
    _plot_sizes(panel, found, lines=True)
    style.chance_line(panel)
    panel.set_xlabel(label)
