"""Figure: what recurs over independent searches.

In: ``table`` and ``agreement`` of the recurrence. Out: shares of formulas, terms and
families of alike formulas within the fronts of searches, beside chance and the paper.
"""

from types import SimpleNamespace

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evoplast.artefacts.parquet import read_table
from evoplast.figures import rule_names, style

SHOWN = {"formula": 14, "family": 8, "term": 25}
TITLES = {
    "formula": "formulas",
    "family": "alike formulas",
    "term": "terms",
}


def draw(inputs: SimpleNamespace, outputs: SimpleNamespace, dpi: int = style.DPI):
    """Draw the figure from the tables of the recurrence."""
    table, agreement = read_table(inputs.table), read_table(inputs.agreement)
    with style.styled():
        figure = plot(table, agreement)
    style.save(figure, outputs, dpi)


def plot(table: pd.DataFrame, agreement: pd.DataFrame) -> Figure:
    """Return the figure: formulas, families, terms."""
    figure = style.new_figure(4.9)
    panels = figure.subplots(1, 3, width_ratios=(1, 1, 0.8))
    for panel, kind in zip(panels, SHOWN, strict=True):
        part = table[table["kind"] == kind].head(SHOWN[kind]).reset_index(drop=True)
        _plot_shares(panel, part)
        n, whole = len(part), int((table["kind"] == kind).sum())
        panel.set_title(f"{TITLES[kind]} ({n} of {whole})", fontsize=7)
    _plot_paper(panels[0], table)
    expected = table.loc[table["kind"] == "term", "expected"].iloc[0]
    panels[2].axvline(expected, color=style.BLUE, lw=0.9, ls="--")
    n = int(table["n_searches"].max())
    figure.supxlabel(
        "share of the rules on a search's own front, mean over "
        f"{style.count_text(n, 'search')}{'' if n == 1 else '; bars: s.e.'}\n"
        f"numbers: searches that have it; blue: terms drawn at random. "
        f"{_alike(agreement)}",
        fontsize=6.5,
    )
    style.letter(panels)
    return figure


def _plot_shares(panel: Axes, part: pd.DataFrame) -> None:
    panel.barh(
        part.index,
        part["share"],
        xerr=style.errors(part["se"]),
        color=style.GROUP_COLOURS["evolved"],
        height=0.65,
        error_kw={"lw": 0.8},
    )
    for y, row in part.iterrows():
        end = row["share"] + float(style.errors(row["se"]))
        panel.text(end, y, f" {row['n_searches_with']}", fontsize=5.5, va="center")
    panel.set_yticks(
        part.index, [_name(row) for row in part.itertuples()], fontsize=5.5
    )
    panel.tick_params(axis="y", length=0)
    panel.set_ylim(len(part) - 0.4, -0.6)
    panel.margins(x=0.12)


def _name(row) -> str:
    text = row.name.removeprefix("Δw = ")
    lines = rule_names.wrapped(text.split(" + "), " + ", 24)
    if row.kind == "family" and row.n_formulas > 1:
        lines.append(f"and {int(row.n_formulas) - 1} alike")
    return "\n".join(lines)


def _plot_paper(panel: Axes, table: pd.DataFrame) -> None:
    """Mark what the paper reports; its formula may not be among ours."""
    reported = table[table["paper_share"].notna()]
    share = reported["paper_share"].iloc[0] if len(reported) else np.nan
    if np.isnan(share):
        return
    row = reported.iloc[0]
    panel.axvline(share, color=style.GREY, lw=0.9, ls=":")
    panel.text(
        share,
        0.02,
        f"paper: {row['name'].removeprefix('Δw = ')} {share:.1%} ",
        rotation=90,
        ha="right",
        va="bottom",
        fontsize=5.5,
        color=style.GREY,
        transform=panel.get_xaxis_transform(),
    )


def _alike(agreement: pd.DataFrame) -> str:
    row = agreement.iloc[0]
    if np.isnan(row["similarity"]):
        return "One search agrees with nobody."
    return (
        f"Fronts of two searches share {row['similarity']:.2f} ± {row['se']:.2f} "
        f"of the terms (chance {row['null_mean']:.2f}, p {row['p_value']:.2g})."
    )
