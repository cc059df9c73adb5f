"""Figure: random rules against evolved ones, known rules and no plasticity.

In: ``random_rules``, ``known_rules`` (baselines), ``rules`` (Pareto stage),
``histories`` of the search, ``ceiling``. Out: the distribution of random rules under
the search's own protocol, all groups re-measured on networks and sequences never used,
and the search's accuracy over generations.
"""

from types import SimpleNamespace

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evoplast.artefacts.parquet import read_table
from evoplast.figures import ceiling, style
from evoplast.figures.search_history import plot_progress

GROUPS = ("no plasticity", "known", "own", "random", "evolved")
_SPREAD = 0.28


def draw(inputs: SimpleNamespace, outputs: SimpleNamespace, dpi: int = style.DPI):
    """Draw the figure from the files of baselines, Pareto stage and search."""
    random, known = read_table(inputs.random_rules), read_table(inputs.known_rules)
    evolved = read_table(inputs.rules)
    histories = [read_table(path) for path in inputs.histories]
    reached = ceiling.reached(inputs.ceiling)
    with style.styled():
        figure = plot(random, known, evolved, histories, reached)
    style.save(figure, outputs, dpi)


def plot(
    random: pd.DataFrame,
    known: pd.DataFrame,
    evolved: pd.DataFrame,
    histories: list[pd.DataFrame],
    reached: float,
) -> Figure:
    """Return the figure; ``reached`` is the accuracy of a linear readout."""
    figure = style.new_figure(3.1)
    panels = figure.subplots(1, 3, width_ratios=(1, 1.1, 1.1))
    _plot_histogram(panels[0], random)
    _plot_groups(panels[1], reported_rules(random, known, evolved))
    style.ceiling_line(panels[1], reached, ceiling.LABEL)
    plot_progress(panels[2], histories)
    style.letter(panels)
    return figure


def reported_rules(
    random: pd.DataFrame, known: pd.DataFrame, evolved: pd.DataFrame
) -> pd.DataFrame:
    """Return one row per re-evaluated rule; of known rules the chosen threshold's."""
    parts = [
        random[random["reevaluated"]],
        known[known["champion"]],
        evolved,
    ]
    names = ["group", "name", "champion", "cross_accuracy_mean", "cross_accuracy_se"]
    return pd.concat([part[names] for part in parts], ignore_index=True)


def _plot_histogram(panel: Axes, random: pd.DataFrame) -> None:
    values = random["screening_cross_accuracy"].dropna()
    bins = np.histogram_bin_edges(values, bins=min(30, max(8, len(values) // 8)))
    panel.hist(values, bins=bins.tolist(), color=style.BLUE, alpha=0.75)
    panel.axvline(values.mean(), color=style.BLACK, lw=1)
    style.chance_line(panel, vertical=True)
    panel.set_xlabel("accuracy, both tasks, one evaluation")
    panel.set_ylabel("random rules")
    text = (
        f"n = {len(values)}, mean {values.mean():.3f},\n"
        f"median {values.median():.3f}, best {values.max():.3f}"
    )
    panel.set_title(text, loc="right", fontsize=6.5)


def _plot_groups(panel: Axes, table: pd.DataFrame) -> None:
    groups = [group for group in GROUPS if (table["group"] == group).any()]
    for place, group in enumerate(groups):
        _plot_group(panel, place, group, table[table["group"] == group])
    counts = table["group"].value_counts()
    names = [f"{group} n={counts[group]}".replace(" ", "\n") for group in groups]
    panel.set_xticks(range(len(groups)), [n.replace("=", " = ") for n in names])
    panel.tick_params(axis="x", length=0)
    panel.set_xlim(-0.6, len(groups) - 0.4)
    style.chance_line(panel)
    panel.set_ylabel("accuracy, both tasks, new networks")
    panel.set_title(
        "bars: s.e.; ring: chosen\non other sequences", loc="right", fontsize=6.5
    )


def _plot_group(panel: Axes, place: int, group: str, rules: pd.DataFrame) -> None:
    ordered = rules.sort_values(["cross_accuracy_mean", "name"])
    n = len(ordered)
    x = place + (np.linspace(-_SPREAD, _SPREAD, n) if n > 1 else np.zeros(1))
    colour, mean = style.GROUP_COLOURS[group], ordered["cross_accuracy_mean"]
    panel.errorbar(
        x,
        mean,
        style.errors(ordered["cross_accuracy_se"]),
        fmt=style.GROUP_MARKERS[group],
        color=colour,
        ms=3,
        elinewidth=0.6,
        alpha=0.8,
    )
    chosen = ordered["champion"].to_numpy() & (group not in ("known", "own"))
    panel.plot(x[chosen], mean[chosen], "o", ms=7, mfc="none", mec=style.BLACK, mew=0.9)
    panel.hlines(mean.mean(), place - 0.38, place + 0.38, color=colour, lw=1.5)
