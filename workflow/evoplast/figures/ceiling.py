"""Figure: how well linear readouts tell a change from a repeat, without plasticity.

In: ``table`` of the ceiling. Out: AUC and accuracy of each readout, by task and size;
and the number that stands as a line beside accuracies in other figures.
"""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evoplast.artefacts.parquet import read_table
from evoplast.figures import style

REFERENCE = "type means"
"""The readout that rules could imitate by gains from type to type."""

LABEL = "linear readout of type means,\nno plasticity"
QUANTITIES = {"auc": "AUC, change against repeat", "accuracy": style.ACCURACY}
_SPREAD = 0.3


def draw(inputs: SimpleNamespace, outputs: SimpleNamespace, dpi: int = style.DPI):
    """Draw the figure from the table of the ceiling."""
    table = read_table(inputs.table)
    with style.styled():
        figure = plot(table)
    style.save(figure, outputs, dpi)


def reached(path: str | Path, task: str | None = None) -> float:
    """Return the accuracy of ``REFERENCE`` in a table of the ceiling.

    The mean over its networks and, without ``task``, over tasks.
    """
    table = read_table(path)
    chosen = table[table["readout"] == REFERENCE]
    if task is not None:
        chosen = chosen[chosen["task"] == task]
    return float(chosen["accuracy"].mean())


def plot(table: pd.DataFrame) -> Figure:
    """Return the figure, one panel for each quantity."""
    figure = style.new_figure(2.9)
    panels = figure.subplots(1, len(QUANTITIES))
    for panel, (column, label) in zip(panels, QUANTITIES.items(), strict=True):
        _plot_quantity(panel, table, column)
        panel.set_ylabel(label)
        style.chance_line(panel)
    trials = table["n_trials"].min()
    text = f"dot: a network; line: mean; n = {trials} trials each"
    style.legend_below(panels[0], 3, text)
    style.letter(panels)
    return figure


def _plot_quantity(panel: Axes, table: pd.DataFrame, column: str) -> None:
    readouts = list(table["readout"].unique())
    groups = list(table.groupby(["n_neurons", "task"], sort=True))
    offsets = np.linspace(-_SPREAD, _SPREAD, len(groups)) if len(groups) > 1 else [0]
    tasks, sizes = (list(table[name].unique()) for name in ("task", "n_neurons"))
    for offset, ((size, task), part) in zip(offsets, groups, strict=True):
        colour = style.task_colour(task, tasks.index(task))
        marker = style.MARKERS[sizes.index(size) % len(style.MARKERS)]
        place = part["readout"].map(readouts.index) + offset
        label = f"{style.task_name(task)}, {size} cells"
        panel.plot(place, part[column], marker, color=colour, alpha=0.7, label=label)
        for x, own in part.groupby(place):
            panel.hlines(own[column].mean(), x - 0.06, x + 0.06, color=colour)
    panel.set_xticks(range(len(readouts)), [n.replace(" ", "\n") for n in readouts])
