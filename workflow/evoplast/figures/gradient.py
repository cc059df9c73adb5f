"""Figure: training by gradients against evolved rules.

In: ``curves`` (gradient baseline, one table per optimiser), ``rules`` (Pareto stage),
``ceiling``. Out: test accuracy against training trials seen, one panel per task, with
the accuracy of the evolved rule that was chosen on other sequences.
"""

from collections.abc import Iterator, Mapping
from types import SimpleNamespace

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evoplast.artefacts.parquet import read_table
from evoplast.figures import ceiling, style

OPTIMISER_NAMES = {"adam": "Adam", "sgd": "SGD"}
COLOURS = {"adam": (style.BLUE, style.SKY), "sgd": (style.GREEN, style.PURPLE)}
COLOURS["sgd"] += (style.ORANGE, style.YELLOW)


def draw(inputs: SimpleNamespace, outputs: SimpleNamespace, dpi: int = style.DPI):
    """Draw the figure from the files of the gradient and Pareto stages."""
    curves = pd.concat([read_table(path) for path in inputs.curves])
    rules = read_table(inputs.rules)
    reached = {t: ceiling.reached(inputs.ceiling, t) for t in curves["task"].unique()}
    with style.styled():
        figure = plot(curves, rules, reached)
    style.save(figure, outputs, dpi)


def plot(
    curves: pd.DataFrame, rules: pd.DataFrame, reached: Mapping[str, float]
) -> Figure:
    """Return the figure; ``reached`` is a linear readout's accuracy in each task."""
    tasks = list(curves["task"].unique())
    figure = style.new_figure(3.3)
    panels = figure.subplots(1, len(tasks), sharey=True, squeeze=False)[0]
    for panel, task in zip(panels, tasks, strict=True):
        _plot_runs(panel, curves[curves["task"] == task])
        _plot_evolved(panel, rules, task)
        style.chance_line(panel)
        style.ceiling_line(panel, reached[task], ceiling.LABEL)
        panel.set_title(style.task_name(task))
        panel.set_xlabel("training trials seen")
    panels[0].set_ylabel("test " + style.ACCURACY)
    _add_legend(figure, list(panels), curves)
    style.letter(panels)
    return figure


def _plot_runs(panel: Axes, curves: pd.DataFrame) -> None:
    for optimiser, rate, runs, colour, marker in _families(curves):
        label = f"{OPTIMISER_NAMES.get(optimiser, optimiser)}, rate {rate:g}"
        for i, (_, run) in enumerate(runs.groupby("seed", sort=True)):
            scored = run[run["n_scored"] > 0]
            panel.errorbar(
                scored["samples_seen"],
                scored["accuracy"],
                style.errors(scored["standard_error"]),
                color=colour,
                marker=marker,
                ls="-" if optimiser == "adam" else "--",
                elinewidth=0.6,
                label=label if i == 0 else None,
            )
            if run["diverged"].any():
                _mark_end(panel, scored)


def _mark_end(panel: Axes, scored: pd.DataFrame) -> None:
    """Cross out the last test of a run whose loss became infinite after it."""
    last = scored.iloc[-1]
    panel.plot(
        last["samples_seen"],
        last["accuracy"],
        "x",
        ms=8,
        mew=1.5,
        color=style.BLACK,
        ls="none",
        label="diverged after this test",
        zorder=5,
    )


def _families(curves: pd.DataFrame) -> Iterator[tuple]:
    """Yield optimiser, learning rate, its runs, colour and marker."""
    for optimiser, table in curves.groupby("optimiser", sort=True):
        colours = COLOURS.get(optimiser, style.SERIES)
        for i, (rate, runs) in enumerate(table.groupby("learning_rate", sort=True)):
            marker = style.MARKERS[i % len(style.MARKERS)]
            yield optimiser, rate, runs, colours[i % len(colours)], marker


def _plot_evolved(panel: Axes, rules: pd.DataFrame, task: str) -> None:
    split = str(rules["reported_split"].iloc[0])
    best = rules[rules["champion"]].iloc[0]
    mean = best[f"accuracy_{task}_{split}_mean"]
    error = float(style.errors(best[f"accuracy_{task}_{split}_se"]))
    panel.axhline(mean, color=style.VERMILION, lw=1.5, label="evolved rule")
    panel.axhspan(mean - error, mean + error, color=style.VERMILION, alpha=0.15, lw=0)


def _add_legend(figure: Figure, panels: list[Axes], curves: pd.DataFrame) -> None:
    n = int(curves.loc[curves["n_scored"] > 0, "n_scored"].min())
    runs = int(curves["seed"].nunique())
    title = (
        f"Bars: s.e. of n = {n} test trials, {runs} run(s) each; band: s.e. of the "
        "evolved rule over networks"
    )
    named: dict = {}
    for panel in panels:
        handles, labels = panel.get_legend_handles_labels()
        named |= dict(zip(labels, handles, strict=True))
    figure.legend(
        named.values(),
        named.keys(),
        loc="outside lower center",
        ncols=3,
        title=title,
        title_fontsize=6.5,
    )
