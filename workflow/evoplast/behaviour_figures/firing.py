"""Figure: does it stay a cortex? Rates, intervals and synchrony beside the mouse's.

In: ``cells``, ``fits``, ``mouse``, ``synchrony`` (firing). Out: distributions of rates
on linear and logarithmic axes, their fits, rates by cell type, intervals, synchrony.
"""

from types import SimpleNamespace

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, FigureBase
from matplotlib.lines import Line2D

from evoplast.artefacts.parquet import read_table
from evoplast.behaviour_figures import learned
from evoplast.figures import style

MOUSE, MOUSE_COLOUR = "mouse", style.PURPLE
CLASSES = ("all", "excitatory", "inhibitory")
BINS_HZ = np.arange(0, 31, 1.5)
LOG_HZ = np.logspace(-1.5, 2.3, 60)
CV_BINS = np.arange(0, 2.6, 0.125)
SYNCHRONY = {"chi": "χ (Golomb & Rinzel)", "noise_correlation": "noise correlation"}


def draw(inputs: SimpleNamespace, outputs: SimpleNamespace, dpi: int = style.DPI):
    """Draw the figure from the files of the stage."""
    names = ("cells", "fits", "mouse", "synchrony")
    tables = {name: read_table(getattr(inputs, name)) for name in names}
    with style.styled():
        figure = plot(**tables)
    style.save(figure, outputs, dpi)


def plot(
    cells: pd.DataFrame,
    fits: pd.DataFrame,
    mouse: pd.DataFrame,
    synchrony: pd.DataFrame,
) -> Figure:
    """Return the figure with its panels."""
    figure = style.new_figure(7.0)
    top, middle, bottom = style.rows(figure, (2.3, 2.2, 2.6))
    panels = [*top.subplots(1, 4), *middle.subplots(1, 1, squeeze=False)[0]]
    panels += list(bottom.subplots(1, 3))
    _plot_linear(panels[0], cells, mouse)
    _plot_tail(panels[1], cells, mouse)
    _plot_fit(panels[2], fits, "log_sd", "s.d. of ln(rate)")
    _plot_fit(panels[3], fits, "tail_exponent", "exponent of the tail (Hill)")
    _plot_types(panels[4], fits)
    _plot_cv(panels[5], cells)
    for panel, (name, label) in zip(panels[6:], SYNCHRONY.items(), strict=True):
        _plot_synchrony(panel, synchrony, name, label)
    _add_legend(bottom, cells)
    style.letter(panels)
    return figure


def _plot_linear(panel: Axes, cells: pd.DataFrame, mouse: pd.DataFrame) -> None:
    middle = (BINS_HZ[1:] + BINS_HZ[:-1]) / 2
    for rule in learned.shown(cells):
        own = cells[cells["rule"] == rule]
        shares = [
            np.histogram(part["rate_hz"].clip(upper=29.9), BINS_HZ)[0] / len(part)
            for _, part in own.groupby("instance")
        ]
        mean = np.mean(shares, axis=0)
        panel.step(middle, mean, where="mid", color=learned.colour(rule), lw=1)
    clipped = mouse["rate_hz"].clip(upper=29.9)
    share = np.histogram(clipped, BINS_HZ, weights=mouse["weight"])[0]
    panel.fill_between(middle, share, step="mid", color=MOUSE_COLOUR, alpha=0.25, lw=0)
    panel.set_ylim(bottom=0)
    panel.set_xlabel("rate (Hz; last bin: and above)")
    panel.set_ylabel("share of cells")


def _plot_tail(panel: Axes, cells: pd.DataFrame, mouse: pd.DataFrame) -> None:
    for rule in learned.shown(cells):
        own = np.sort(cells.loc[cells["rule"] == rule, "rate_hz"])
        above = 1 - np.searchsorted(own, LOG_HZ, side="right") / len(own)
        panel.plot(LOG_HZ, above, color=learned.colour(rule), lw=1)
    order = mouse.sort_values("rate_hz")
    share = np.concatenate([[0], np.cumsum(order["weight"])])
    place = np.searchsorted(order["rate_hz"], LOG_HZ, side="right")
    above = 1 - share[place]
    panel.plot(LOG_HZ, above, color=MOUSE_COLOUR, lw=2, alpha=0.5)
    panel.set_xscale("log")
    panel.set_yscale("log")
    panel.set_ylim(8e-4, 1.3)
    panel.set_xlabel("rate (Hz)")
    panel.set_ylabel("share of cells above")


def _plot_fit(panel: Axes, fits: pd.DataFrame, value: str, label: str) -> None:
    rules = learned.shown(fits)
    for i, rule in enumerate(rules):
        rows = fits[fits["rule"] == rule].set_index("cell_type").loc[list(CLASSES)]
        panel.errorbar(
            np.arange(3) + 0.7 * (i + 0.5) / len(rules) - 0.35,
            rows[value],
            style.errors(rows[f"{value}_se"]),
            fmt=learned.marker(rule),
            ms=3,
            color=learned.colour(rule),
        )
    own = fits[fits["rule"] == MOUSE].set_index("cell_type").loc[list(CLASSES), value]
    place = np.arange(3)
    panel.hlines(own, place - 0.4, place + 0.4, color=MOUSE_COLOUR, lw=2, alpha=0.5)
    panel.set_xticks(place, ("all", "E", "I"))
    panel.set_xlim(-0.6, 2.6)
    panel.set_ylim(bottom=0)
    panel.set_ylabel(label)


def _plot_types(panel: Axes, fits: pd.DataFrame) -> None:
    names = [n for n in dict.fromkeys(fits["cell_type"]) if n not in CLASSES]
    rules, place = learned.shown(fits), np.arange(len(names))
    for i, rule in enumerate(rules):
        rows = fits[fits["rule"] == rule].set_index("cell_type").loc[names]
        panel.errorbar(
            place + 0.7 * (i + 0.5) / len(rules) - 0.35,
            rows["mean_hz"],
            style.errors(rows["mean_hz_se"]),
            fmt=learned.marker(rule),
            ms=3,
            elinewidth=0.6,
            color=learned.colour(rule),
        )
    own = fits[fits["rule"] == MOUSE].set_index("cell_type").loc[names, "mean_hz"]
    panel.hlines(own, place - 0.4, place + 0.4, color=MOUSE_COLOUR, lw=2, alpha=0.5)
    panel.set_yscale("log")
    panel.set_xticks(place, names, rotation=35, ha="right", fontsize=6)
    panel.set_xlim(-0.6, len(names) - 0.4)
    panel.set_ylabel("mean rate (Hz)")


def _plot_cv(panel: Axes, cells: pd.DataFrame) -> None:
    middle = (CV_BINS[1:] + CV_BINS[:-1]) / 2
    known = cells.dropna(subset="cv")
    for rule in learned.shown(known):
        own = known[known["rule"] == rule]
        share = np.histogram(own["cv"].clip(upper=2.49), CV_BINS)[0] / len(own)
        panel.step(middle, share, where="mid", color=learned.colour(rule), lw=1)
    panel.axvline(1, color=style.GREY, lw=0.8, ls="--", zorder=0)
    panel.set_ylim(bottom=0)
    panel.set_xlabel("CV of intervals (dashed: Poisson)")
    panel.set_ylabel("share of cells")


def _plot_synchrony(panel: Axes, table: pd.DataFrame, value: str, label: str) -> None:
    names, rules = list(dict.fromkeys(table["cells"])), learned.shown(table)
    for i, rule in enumerate(rules):
        own = table[table["rule"] == rule]
        rows = learned.over_networks(own, ["cells"], value).reindex(names)
        panel.errorbar(
            np.arange(len(names)) + 0.7 * (i + 0.5) / len(rules) - 0.35,
            rows["mean"],
            style.errors(rows["sem"]),
            fmt=learned.marker(rule),
            ms=3,
            elinewidth=0.6,
            color=learned.colour(rule),
        )
    panel.axhline(0, color=style.GREY, lw=0.8, ls="--", zorder=0)
    panel.set_xticks(range(len(names)), names, rotation=60, ha="right", fontsize=6)
    panel.set_xlim(-0.6, len(names) - 0.4)
    panel.set_ylabel(label)


def _add_legend(figure: FigureBase, cells: pd.DataFrame) -> None:
    rules = learned.shown(cells)
    handles = [
        Line2D([], [], color=learned.colour(r), marker=learned.marker(r)) for r in rules
    ]
    handles.append(Line2D([], [], color=MOUSE_COLOUR, lw=3, alpha=0.4))
    n = cells["instance"].nunique()
    style.legend_outside(
        figure,
        handles,
        [*map(learned.name, rules), "mouse (Allen, drifting gratings)"],
        ncols=3,
        title=f"Bars: s.e. over {style.count_text(n, 'network')} (c, d, e: bootstrap "
        "over networks)",
    )
