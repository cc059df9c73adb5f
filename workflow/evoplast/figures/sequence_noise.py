"""Figure: the noise of an evaluation by the order of trials.

In: ``table`` of the study. Out: components of the noise of counted and of smoothed
accuracy, signal over noise, and whether decisions follow a balanced order.
"""

from types import SimpleNamespace

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evoplast.artefacts.parquet import read_table
from evoplast.figures import style

COMPONENTS = {
    "rule_sd": "of a rule",
    "common_sd": "common to all rules",
    "between_sd": "between rules",
}
ORDER = ["balanced_stimuli", "balanced_training_stimuli"]


def draw(inputs: SimpleNamespace, outputs: SimpleNamespace, dpi: int = style.DPI):
    """Draw the figure from the table of the study."""
    table = read_table(inputs.table)
    with style.styled():
        figure = plot(table)
    style.save(figure, outputs, dpi)


def plot(table: pd.DataFrame) -> Figure:
    """Return the figure with its four panels."""
    named = table.assign(order=order_names(table))
    figure = style.new_figure(2.6)
    panels = figure.subplots(1, 4)
    by_estimate = dict(list(named.groupby("estimate", sort=False)))
    for panel, (name, part) in zip(panels, by_estimate.items(), strict=False):
        plot_columns(panel, part, COMPONENTS)
        panel.set_ylabel(f"s.d. over sequences, {name}")
        panel.set_ylim(0, 1.3 * table["rule_sd"].max())
    panels[0].legend(loc="upper right")
    for i, (name, part) in enumerate(by_estimate.items()):
        plot_columns(panels[2], part, {"signal_to_noise": name}, first=i + 3)
    panels[2].set_ylabel("variance of signal / noise")
    panels[2].set_ylim(0, 1.3 * table["signal_to_noise"].max())
    panels[2].legend(loc="upper left")
    part = next(iter(by_estimate.values()))
    plot_columns(panels[3], part, {"alternates": "decisions"}, first=5)
    panels[3].set_ylabel("opposite of the flag before")
    style.chance_line(panels[3])
    for panel in panels:
        panel.set_xlabel("balanced stimuli")
        panel.tick_params("x", labelrotation=45)
    style.letter(panels)
    return figure


def order_names(table: pd.DataFrame) -> list[str]:
    """Return for each row "random", "20" or, if training is balanced, "20/20"."""
    pairs = table[ORDER].itertuples(index=False)
    return [
        (str(scored) if scored else "random") + (f"/{training}" if training else "")
        for scored, training in pairs
    ]


def plot_columns(
    panel: Axes, part: pd.DataFrame, columns: dict[str, str], first: int = 0
) -> None:
    """Draw each column against the order: dots are networks, lines join means."""
    orders = list(dict.fromkeys(part["order"]))
    place = part["order"].map(orders.index)
    for i, (column, label) in enumerate(columns.items(), first):
        colour, marker = style.SERIES[i], style.MARKERS[i]
        means = part.groupby(place)[column].mean()
        panel.plot(means.index, means, "-", color=colour, label=label)
        panel.plot(place, part[column], marker, color=colour, alpha=0.6)
    panel.set_xticks(range(len(orders)), orders)
