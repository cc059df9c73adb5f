"""Figure: what activity tells of the last images, and whether the network remembers.

In: ``decoded`` and ``delay`` (tables over time), ``memory`` (late delay). Out: decoding
over time with the LGN as it is and with its slow lobes cut, memory in the late delay,
and the rate of each cell type in the delay, before and after learning.
"""

from types import SimpleNamespace

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, FigureBase
from matplotlib.lines import Line2D

from evoplast.artefacts.parquet import read_table, read_table_provenance
from evoplast.behaviour_figures import learned
from evoplast.figures import style

REMEMBERED = {
    ("late delay", "image"): "last image,\nlate",
    ("late delay", "change"): "change,\nlate",
    ("response", "previous image"): "image before,\nresponse",
    ("response", "change"): "change,\nresponse",
}
TARGETS = {
    "image": "last image",
    "previous image": "image before the last",
    "change": "change or repeat",
}
LINES = {"whole": "-", "cut": ":"}
TESTS = {"whole": "LGN as it is", "cut": "LGN's slow lobes cut"}


def draw(inputs: SimpleNamespace, outputs: SimpleNamespace, dpi: int = style.DPI):
    """Draw the figure from the files of the stage."""
    names = ("decoded", "delay", "memory")
    tables = {name: read_table(getattr(inputs, name)) for name in names}
    settings = read_table_provenance(inputs.memory)["settings"]
    image_ms = settings["task"]["image_ms"]
    late_ms = image_ms + settings["recordings"]["cut_kernel_ms"]
    with style.styled():
        figure = plot(**tables, image_ms=image_ms, late_ms=late_ms)
    style.save(figure, outputs, dpi)


def plot(
    decoded: pd.DataFrame,
    delay: pd.DataFrame,
    memory: pd.DataFrame,
    image_ms: float,
    late_ms: float,
) -> Figure:
    """Return the figure with its panels."""
    figure = style.new_figure(5.6)
    top, bottom = style.rows(figure, (3.0, 2.6))
    panels = list(top.subplots(1, 3))
    for panel, (target, title) in zip(panels, TARGETS.items(), strict=True):
        _plot_over_time(panel, decoded[decoded["target"] == target])
        learned.mark_times(panel, image_ms, late_ms)
        panel.set_title(title)
    panels[0].set_ylabel("share of trials told right")
    panels += list(bottom.subplots(1, 2, width_ratios=(1, 1.6)))
    _plot_remembered(panels[3], memory)
    _plot_types(panels[4], delay[delay["time_ms"] > image_ms])
    _add_legend(top, decoded)
    style.letter(panels)
    return figure


def _plot_over_time(panel: Axes, table: pd.DataFrame) -> None:
    for rule in learned.shown(table):
        for test, line in LINES.items():
            own = table[(table["rule"] == rule) & (table["test"] == test)]
            found = learned.over_networks(own, ["time_ms"], "accuracy")
            panel.errorbar(
                found.index,
                found["mean"],
                style.errors(found["sem"]),
                color=learned.colour(rule),
                ls=line,
                lw=1.0,
                elinewidth=0.6,
                capsize=0,
            )
    chance = table.groupby("time_ms")["chance"].mean()
    panel.plot(chance.index, chance, color=style.GREY, lw=1.2, ls="--", zorder=1)
    panel.set_xlim(0, table["time_ms"].max() + table["time_ms"].min())


def _plot_remembered(panel: Axes, memory: pd.DataFrame) -> None:
    rules = learned.shown(memory)
    keys = ["rule", "test", "phase", "target"]
    by_place = memory.set_index(keys).sort_index()
    for i, rule in enumerate(rules):
        for test, fill in (("whole", "full"), ("cut", "none")):
            rows = by_place.loc[(rule, test)].loc[list(REMEMBERED)]
            panel.errorbar(
                np.arange(len(rows)) + 0.8 * (i + 0.5) / len(rules) - 0.4,
                rows["above_chance"],
                style.errors(rows["above_chance_se"]),
                fmt=learned.marker(rule),
                ms=3.5,
                fillstyle=fill,
                color=learned.colour(rule),
            )
    panel.axhline(0, color=style.GREY, lw=0.8, ls="--", zorder=0)
    panel.set_xticks(range(len(REMEMBERED)), REMEMBERED.values(), fontsize=5.5)
    panel.set_xlim(-0.5, len(REMEMBERED) - 0.5)
    panel.set_ylabel("told right − chance")
    panel.set_title("filled: LGN as it is; open: cut", fontsize=6, loc="right")


def _plot_types(panel: Axes, delay: pd.DataFrame) -> None:
    whole = delay[delay["test"] == "whole"]
    names = list(dict.fromkeys(whole["cell_type"]))
    rules = learned.shown(whole)
    for i, rule in enumerate(rules):
        own = whole[whole["rule"] == rule]
        rows = learned.over_networks(own, ["cell_type"], "rate_hz").loc[names]
        panel.errorbar(
            np.arange(len(names)) + 0.7 * (i + 0.5) / len(rules) - 0.35,
            rows["mean"],
            style.errors(rows["sem"]),
            fmt=learned.marker(rule),
            ms=3,
            elinewidth=0.6,
            color=learned.colour(rule),
        )
    layers = whole.groupby("cell_type", sort=False)["layer"].first()
    for left in np.flatnonzero(layers.to_numpy()[1:] != layers.to_numpy()[:-1]):
        panel.axvline(left + 0.5, color="#CCCCCC", lw=0.6, zorder=0)
    panel.set_yscale("symlog", linthresh=1)
    panel.set_ylim(bottom=0)
    panel.set_xticks(range(len(names)), names, rotation=60, ha="right", fontsize=6)
    panel.set_xlim(-0.6, len(names) - 0.4)
    panel.set_ylabel("rate in the delay (Hz)")
    panel.set_title("by cell type, LGN as it is (lines part layers)", fontsize=6.5)


def _add_legend(figure: FigureBase, table: pd.DataFrame) -> None:
    rules = learned.shown(table)
    handles = [Line2D([], [], color=learned.colour(rule)) for rule in rules]
    handles += [Line2D([], [], color=style.BLACK, ls=line) for line in LINES.values()]
    handles.append(Line2D([], [], color=style.GREY, ls="--"))
    n = table["instance"].nunique()
    style.legend_outside(
        figure,
        handles,
        [*map(learned.name, rules), *TESTS.values(), "chance (shifted labels)"],
        ncols=4,
        title=f"Bars: s.e. over {style.count_text(n, 'network')}, tasks averaged; "
        "grey: image shown; blue: late delay, a cut LGN tells nothing",
    )
