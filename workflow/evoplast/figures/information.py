"""Figure: what one evaluation of a rule says for its cost.

In: ``table`` of the study (one row per group of rules, trials and estimate). Out: the
noise of a difference with and without common random numbers, the standard error that a
second of computing buys, and how well one evaluation foretells others.
"""

from types import SimpleNamespace

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evoplast.artefacts.parquet import read_table
from evoplast.figures import style

NOISES = {
    "noise_independent": "nothing in common",
    "noise_network": "same network",
    "noise_common": "same network and trials",
}


def draw(inputs: SimpleNamespace, outputs: SimpleNamespace, dpi: int = style.DPI):
    """Draw the figure from the table of the study."""
    table = read_table(inputs.table)
    with style.styled():
        figure = plot(table)
    style.save(figure, outputs, dpi)


def plot(table: pd.DataFrame) -> Figure:
    """Return the figure; a row of panels for each group of rules."""
    groups = list(table["group"].unique())
    figure = style.new_figure(2.9 * len(groups))
    panels = figure.subplots(len(groups), 3, squeeze=False)
    for row, group in zip(panels, groups, strict=True):
        part = table[table["group"] == group]
        plot_noise(row[0], part)
        plot_estimates(row[1], part, "se_one_second")
        plot_estimates(row[2], part, "foretells")
        row[0].set_ylabel("noise of a difference (s.d.)")
        row[1].set_ylabel("s.e. of a difference, 1 s for each rule")
        row[2].set_ylabel("correlation with other networks")
        row[1].set_title(f"{group} rules", fontsize=7, loc="center")
    for panel in panels[-1]:
        panel.set_xlabel("scored trials")
    style.legend_below(panels[-1][0], 1)
    style.legend_below(panels[-1][1], 1)
    style.legend_below(panels[-1][2], 1)
    style.letter(panels.ravel())
    return figure


def _middle(values: pd.Series) -> float:
    ordered = sorted(values.unique())
    return ordered[len(ordered) // 2]


def plot_noise(panel: Axes, part: pd.DataFrame) -> None:
    """Draw the noise of counted accuracy at the middle number of training trials."""
    training = _middle(part["training_trials"])
    rows = part[
        (part["estimate"] == "counted") & (part["training_trials"] == training)
    ].sort_values("scored_trials")
    for i, (column, label) in enumerate(NOISES.items()):
        panel.plot(
            rows["scored_trials"],
            rows[column],
            style.MARKERS[i] + "-",
            color=style.SERIES[i],
            label=label,
        )
    panel.set_ylim(bottom=0)


def plot_estimates(panel: Axes, part: pd.DataFrame, column: str) -> None:
    """Draw ``column`` of every estimate; line styles are numbers of training trials."""
    dashes = ("-", "--", ":", "-.")
    names = [n for n in part["estimate"].unique() if "unbalanced" not in n]
    for i, name in enumerate(names):
        for j, (training, rows) in enumerate(
            part[part["estimate"] == name].groupby("training_trials")
        ):
            ordered = rows.sort_values("scored_trials")
            label = f"{name}, {training} training" if j == 0 else f"{training}"
            panel.plot(
                ordered["scored_trials"],
                ordered[column],
                dashes[j % len(dashes)],
                color=style.SERIES[i],
                label=label if i == 0 or j == 0 else None,
            )
