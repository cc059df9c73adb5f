"""Figure: how fast the representative rules learn.

In: ``curves`` and ``half`` of the few-shot stage. Out: accuracy of frozen weights
against training trials by task, gain over no plasticity, trials to half of the gain.
"""

from types import SimpleNamespace

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evoplast.artefacts.parquet import read_table
from evoplast.figures import rule_names, style


def draw(inputs: SimpleNamespace, outputs: SimpleNamespace, dpi: int = style.DPI):
    """Draw the figure from the tables of the few-shot stage."""
    curves, half = read_table(inputs.curves), read_table(inputs.half)
    with style.styled():
        figure = plot(curves, half)
    style.save(figure, outputs, dpi)


def plot(curves: pd.DataFrame, half: pd.DataFrame) -> Figure:
    """Return the figure: accuracy by task, gain, trials to half of it."""
    tasks = [task for task in curves["task"].unique() if task != "both"]
    figure = style.new_figure(5.6)
    top, bottom = style.rows(figure, (1, 1.1))
    panels = list(top.subplots(1, len(tasks) + 1, sharey=True))
    for panel, task in zip(panels, ["both", *tasks], strict=True):
        _plot_curves(panel, curves[curves["task"] == task], "mean", "se")
        style.chance_line(panel)
        panel.set_title("both tasks" if task == "both" else style.task_name(task))
    panels[0].set_ylabel("test " + style.ACCURACY)
    below = list(bottom.subplots(1, 2))
    both = curves[(curves["task"] == "both") & (curves["group"] != "no plasticity")]
    _plot_curves(below[0], both, "difference", "difference_se")
    below[0].axhline(0, color=style.GREY, lw=0.8, ls=":", zorder=0)
    below[0].set_ylabel("accuracy minus no plasticity")
    _plot_half(below[1], half, ["both", *tasks], curves["training_trials"].max())
    _add_legend(figure, panels[0], curves)
    style.letter([*panels, *below])
    return figure


def _plot_curves(panel: Axes, curves: pd.DataFrame, value: str, error: str) -> None:
    rules = list(curves.groupby("rule", sort=True))
    # Bars of rules that were tested after as many trials stand side by side.
    shifts = np.linspace(-0.06, 0.06, len(rules))
    for shift, (_, own) in zip(shifts, rules, strict=True):
        row = own.iloc[0]
        trials = own["training_trials"].to_numpy(float)
        panel.errorbar(
            np.where(trials > 0, trials * np.exp(shift), 0.5 * shift),
            own[value],
            style.errors(own[error]),
            elinewidth=0.6,
            lw=1.0,
            label=rule_names.rule_name(row["labels"], row["formula"], 38),
            **rule_names.look(row["label"], row["group"]),
        )
    stages = sorted(curves["training_trials"].unique())
    panel.set_xscale("symlog", linthresh=1, linscale=0.6)
    panel.set_xticks(stages, [str(stage) for stage in stages])
    panel.tick_params(axis="x", labelsize=6)
    panel.minorticks_off()
    panel.set_xlabel("training trials")


def _plot_half(panel: Axes, half: pd.DataFrame, tasks: list[str], last: int) -> None:
    """Draw trials to half of the gain; an arrow where the interval has no end."""
    rules = list(half.groupby("rule", sort=True))
    for y, (_, own) in enumerate(rules):
        for task in tasks:
            row = own[own["task"] == task].iloc[0]
            shift = 0.25 * (tasks.index(task) - (len(tasks) - 1) / 2)
            _interval(panel, row, y + shift, task, tasks, last)
    names = [rule_names.labels_text(own["labels"].iloc[0]) for _, own in rules]
    panel.set_yticks(range(len(names)), [name.replace(", ", ",\n") for name in names])
    panel.tick_params(axis="y", length=0, labelsize=6)
    panel.set_ylim(len(rules) - 0.4, -0.6)
    panel.set_xscale("log")
    panel.set_xlim(0.3, last * 1.5)
    panel.set_xlabel("trials to half of the gain")


def _interval(panel: Axes, row: pd.Series, y, task, tasks, last: int) -> None:
    fill = {"both": None, tasks[1]: "white"}.get(task, style.YELLOW)
    colour = style.GROUP_COLOURS[row["group"]]
    if np.isnan(row["trials"]):
        panel.text(0.34, y, "no gain", fontsize=5, va="center", color=colour)
        return
    end = min(row["high"], last * 1.4)
    panel.plot([row["low"], end], [y, y], color=colour, lw=0.9)
    if np.isinf(row["high"]):
        panel.plot(end, y, ">", color=colour, ms=3, clip_on=False)
    marker = rule_names.LABEL_MARKERS.get(row["label"], "o")
    panel.plot(row["trials"], y, marker, color=colour, mfc=fill or colour)


def _add_legend(figure: Figure, panel: Axes, curves: pd.DataFrame) -> None:
    n = int(curves["n_networks"].max())
    title = (
        f"Bars: s.e. over n = {n} networks; e: 95 % interval over networks, filled "
        "both tasks, white gratings, yellow photographs, arrow: no upper end"
    )
    handles, labels = panel.get_legend_handles_labels()
    style.legend_outside(
        figure,
        handles,
        labels,
        ncols=3,
        title=title,
        fontsize=6,
    )
