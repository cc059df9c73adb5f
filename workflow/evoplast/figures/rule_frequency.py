"""Figure: what the rules of the front are made of.

In: ``frequency`` (analysis), ``rules`` (Pareto stage). Out: the terms of every rule,
and the share of rules with each term, evolved beside random ones.
"""

from types import SimpleNamespace

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evoplast.artefacts.parquet import read_table
from evoplast.figures import style

_OFFSETS = {"evolved": -0.14, "random": 0.14}


def draw(inputs: SimpleNamespace, outputs: SimpleNamespace, dpi: int = style.DPI):
    """Draw the figure from the files of the rule-frequency and Pareto stages."""
    tables = read_table(inputs.frequency), read_table(inputs.rules)
    with style.styled():
        figure = plot(*tables)
    style.save(figure, outputs, dpi)


def plot(table: pd.DataFrame, rules: pd.DataFrame) -> Figure:
    """Return the figure: rules by terms left, shares of terms right."""
    terms = table[table["kind"] == "term"]
    names = _leading(terms)
    figure = style.new_figure(4.8)
    panels = figure.subplots(1, 2, sharey=True, width_ratios=(1.2, 1))
    _plot_members(panels[0], rules, names)
    _plot_shares(panels[1], terms, names)
    panels[0].set_ylim(len(names) - 0.4, -0.6)
    panels[0].set_yticks(range(len(names)), names)
    style.letter(panels)
    return figure


def _leading(terms: pd.DataFrame) -> list[str]:
    """Return the terms, those most frequent among the evolved rules first."""
    evolved = terms[terms["group"] == "evolved"]
    ordered = evolved.sort_values(["share", "name"], ascending=[False, True])
    return ordered["name"].tolist()


def terms_of(formula: str) -> list[str]:
    """Return the names of the terms of a formula as the table of rules writes it."""
    return formula.removeprefix("Δw = ").split(" + ")


def _plot_members(panel: Axes, rules: pd.DataFrame, names: list[str]) -> None:
    ordered = rules.assign(n=rules["formula"].map(lambda f: len(terms_of(f))))
    ordered = ordered.sort_values(["n", "cross_accuracy_mean"], ascending=[True, False])
    for place, formula in enumerate(ordered["formula"]):
        rows = sorted(names.index(name) for name in terms_of(formula) if name in names)
        panel.plot([place] * len(rows), rows, "-", color=style.GREY, lw=0.6, zorder=1)
        panel.plot([place] * len(rows), rows, "s", color=style.VERMILION, ms=4)
    gains = [f"{a:.3f}" for a in ordered["cross_accuracy_mean"]]
    panel.set_xticks(range(len(gains)), gains, rotation=90, fontsize=5.5)
    panel.set_xlim(-0.7, len(gains) - 0.3)
    panel.grid(axis="y", lw=0.3, alpha=0.5)
    panel.set_xlabel("rule of the front: accuracy on networks never used")
    panel.set_title(
        "a column: the terms of a rule; fewest first", loc="right", fontsize=6.5
    )


def _plot_shares(panel: Axes, terms: pd.DataFrame, names: list[str]) -> None:
    for group, rows in terms.groupby("group", sort=False):
        _plot_group(panel, group, rows.set_index("name"), names)
    panel.set_xlim(-0.02, 1.02)
    panel.grid(axis="y", lw=0.3, alpha=0.5)
    panel.set_xlabel("share of rules with the term")
    style.legend_below(panel, 2)
    several = (terms.loc[terms["unit"] == "search", "n"] > 1).any()
    bars = "evolved: s.e. over searches" if several else "evolved: one search, no bar"
    panel.set_title(f"{bars}; random: 95 %", loc="right", fontsize=6.5)


def _plot_group(panel: Axes, group: str, rows: pd.DataFrame, names: list[str]) -> None:
    rows = rows.reindex([name for name in names if name in rows.index])
    y = np.array([names.index(name) for name in rows.index]) + _OFFSETS.get(group, 0)
    bars = np.array([rows["share"] - rows["low"], rows["high"] - rows["share"]])
    panel.errorbar(
        rows["share"],
        y,
        xerr=style.errors(bars),
        fmt=style.GROUP_MARKERS.get(group, "o"),
        color=style.GROUP_COLOURS.get(group, style.GREY),
        ms=3.5,
        elinewidth=0.8,
        label=f"{group} ({_count(rows)})",
    )


def _count(rows: pd.DataFrame) -> str:
    unit = str(rows["unit"].iloc[0])
    return style.count_text(int(rows["n"].max()), unit) if len(rows) else "none"
