"""Figure: how many trials gradients need for what the evolved rule reaches.

In: ``curves`` (longer training), ``table`` and ``biology`` of the sample efficiency.
Out: accuracy against trials by task, the ratio of trials beside the paper's, and the
biology of trained networks beside that of the evolved rule and of no plasticity.
"""

from types import SimpleNamespace

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evoplast.artefacts.parquet import read_table
from evoplast.figures import gradient, style

QUANTITIES = {
    "max_rate_hz": "highest rate\nof a cell (Hz)",
    "wasserstein_hz": "distance of rates\nto mouse (Hz)",
    "rate_difference_hz": "|mean rate −\nmouse| (Hz)",
    "synchrony": "synchrony (share\nof 2 ms bins)",
}
SIDES = {"none": "no plasticity", "best": "evolved rule", "adam": "Adam", "sgd": "SGD"}
COLOURS = {
    "none": style.GROUP_COLOURS["no plasticity"],
    "best": style.GROUP_COLOURS["evolved"],
    **gradient.COLOURS,
}


def draw(inputs: SimpleNamespace, outputs: SimpleNamespace, dpi: int = style.DPI):
    """Draw the figure from the files of the sample efficiency."""
    curves = pd.concat([read_table(path) for path in inputs.curves])
    table, biology = read_table(inputs.table), read_table(inputs.biology)
    with style.styled():
        figure = plot(curves, table, biology)
    style.save(figure, outputs, dpi)


def plot(curves: pd.DataFrame, table: pd.DataFrame, biology: pd.DataFrame) -> Figure:
    """Return the figure: curves by task, ratios, biology."""
    tasks = list(table["task"].unique())
    figure = style.new_figure(5.6)
    top, bottom = style.rows(figure, (1.25, 1))
    panels = list(top.subplots(1, len(tasks), sharey=True, squeeze=False)[0])
    for panel, task in zip(panels, tasks, strict=True):
        gradient.plot_runs(panel, curves[curves["task"] == task])
        row = table[table["task"] == task].iloc[0]
        gradient.evolved_point(
            panel, int(row["rule_trials"]), row["evolved"], row["evolved_se"]
        )
        style.chance_line(panel)
        panel.set_title(style.task_name(task))
    panels[0].set_ylabel("test " + style.ACCURACY)
    below = list(
        bottom.subplots(1, 1 + len(QUANTITIES), width_ratios=(1.6, 1, 1, 1, 1))
    )
    _plot_ratios(below[0], table, tasks)
    for panel, (name, label) in zip(below[1:], QUANTITIES.items(), strict=True):
        _plot_biology(panel, biology[biology["quantity"] == name])
        panel.set_ylabel(label)
    _add_legend(top, panels, curves)
    style.letter([*panels, *below])
    return figure


def _plot_ratios(panel: Axes, table: pd.DataFrame, tasks: list[str]) -> None:
    """Draw trials of gradients over trials of the rule; an arrow: not reached."""
    names = []
    for y, row in enumerate(table.itertuples()):
        colour = COLOURS[row.optimiser]
        largest = row.largest_samples / row.rule_trials
        shown = [min(max(v, 0.1), largest) for v in (row.ratio_low, row.ratio_high)]
        panel.plot(shown, [y, y], color=colour, lw=1)
        if np.isinf(row.ratio_high):
            panel.plot(largest, y, ">", color=colour, mfc="white")
        if np.isfinite(row.ratio):
            panel.plot(max(row.ratio, 0.1), y, "o", color=colour)
        if np.isfinite(row.paper_ratio):
            panel.plot(row.paper_ratio, y, "o", color=style.GREY, mfc="white")
        name = f"{SIDES[row.optimiser]}, {style.task_name(row.task)}"
        names.append(f"{name}\nrate {row.learning_rate:g}")
    panel.set_yticks(range(len(names)), names, fontsize=6)
    panel.tick_params(axis="y", length=0)
    panel.set_ylim(len(names) - 0.5, -0.5)
    panel.set_xscale("log")
    panel.axvline(1, color=style.GREY, lw=0.8, ls=":", zorder=0)
    panel.set_xlabel(
        "trials over those of the rule\n(open arrow: not reached, grey: paper)"
    )


def _plot_biology(panel: Axes, rows: pd.DataFrame) -> None:
    shown = rows.assign(order=rows["side"].map(list(SIDES).index))
    shown = shown.sort_values(["order", "task"]).reset_index(drop=True)
    for x, row in shown.iterrows():
        panel.errorbar(
            x,
            row["mean"],
            0.0 if np.isnan(row["se"]) else row["se"],
            color=COLOURS[row["side"]],
            marker="o",
            mfc="white" if row["task"] == "natural" else COLOURS[row["side"]],
            ls="none",
        )
    names = [SIDES[side] for side in shown["side"]]
    panel.set_xticks(range(len(shown)), names, rotation=90, fontsize=5.5)
    panel.set_ylim(bottom=0)


def _add_legend(figure, panels: list[Axes], curves: pd.DataFrame) -> None:
    networks, runs = (int(curves[name].nunique()) for name in ("instance", "seed"))
    n = int(curves.loc[curves["n_scored"] > 0, "n_scored"].min())
    title = (
        f"Bars: s.e. over {style.count_text(networks, 'network')}, {runs} run(s) each "
        f"with {n} test trials; c: 95 % interval over networks; d to g: after "
        "training, open: photographs"
    )
    handles, labels = panels[0].get_legend_handles_labels()
    style.legend_outside(
        figure,
        handles,
        labels,
        ncols=4,
        title=title,
        title_fontsize=6,
    )
