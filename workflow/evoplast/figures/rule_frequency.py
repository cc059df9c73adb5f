"""Figure: how often formulas and terms occur among the rules that remain.

In: ``frequency`` (analysis). Out: shares with 95 % Wilson intervals, evolved rules
beside random ones, and the share that the paper reports.
"""

from types import SimpleNamespace

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evoplast.artefacts.parquet import read_table
from evoplast.figures import style

N_FORMULAS = 10
_LONGEST = 34
_OFFSETS = {"evolved": -0.14, "random": 0.14}


def draw(inputs: SimpleNamespace, outputs: SimpleNamespace, dpi: int = style.DPI):
    """Draw the figure from the file of the rule-frequency stage."""
    table = read_table(inputs.frequency)
    with style.styled():
        figure = plot(table)
    style.save(figure, outputs, dpi)


def plot(table: pd.DataFrame) -> Figure:
    """Return the figure: formulas left, terms right."""
    figure = style.new_figure(4.8)
    panels = figure.subplots(1, 2)
    formulas = table[table["kind"] == "formula"]
    terms = table[table["kind"] == "term"]
    _plot_shares(panels[0], formulas, _leading(formulas), "share of rules (formula)")
    _plot_shares(panels[1], terms, _leading(terms, None), "share of rules with term")
    handles, labels = panels[1].get_legend_handles_labels()
    figure.legend(
        handles,
        labels,
        loc="outside upper center",
        ncols=2,
        title="bars: 95 % Wilson intervals",
        title_fontsize=6.5,
    )
    style.letter(panels)
    return figure


def _leading(table: pd.DataFrame, n: int | None = N_FORMULAS) -> list[str]:
    """Return the names that are most frequent among the evolved rules."""
    evolved = table[table["group"] == "evolved"]
    ordered = evolved.sort_values(["share", "name"], ascending=[False, True])
    return ordered["name"].tolist()[:n]


def _plot_shares(
    panel: Axes, table: pd.DataFrame, names: list[str], label: str
) -> None:
    for group, rows in table.groupby("group", sort=False):
        _plot_group(panel, group, rows.set_index("name"), names)
    paper = table.drop_duplicates("name").set_index("name")["paper_share"]
    reported = [(i, paper[n]) for i, n in enumerate(names) if np.isfinite(paper[n])]
    for i, share in reported:
        panel.plot(share, i, "*", color=style.ORANGE, ms=8, mec=style.BLACK, mew=0.5)
        panel.annotate(
            "paper",
            (share, i),
            (0, -9),
            textcoords="offset points",
            ha="center",
            fontsize=6.5,
        )
    panel.set_yticks(range(len(names)), [_shown(name) for name in names])
    panel.set_ylim(len(names) - 0.4, -0.6)
    panel.set_xlim(-0.02, 1.02)
    panel.set_xlabel(label)


def _shown(name: str) -> str:
    return style.shortened(name.removeprefix("Δw = "), _LONGEST)


def _plot_group(panel: Axes, group: str, rows: pd.DataFrame, names: list[str]) -> None:
    rows = rows.reindex([name for name in names if name in rows.index])
    y = np.array([names.index(name) for name in rows.index]) + _OFFSETS.get(group, 0)
    panel.errorbar(
        rows["share"],
        y,
        xerr=[rows["share"] - rows["low"], rows["high"] - rows["share"]],
        fmt=style.GROUP_MARKERS.get(group, "o"),
        color=style.GROUP_COLOURS.get(group, style.GREY),
        ms=3.5,
        elinewidth=0.8,
        label=f"{group} ({style.count_text(_total(rows), 'rule')})",
    )


def _total(rows: pd.DataFrame) -> int:
    return int(rows["n"].max()) if len(rows) else 0
