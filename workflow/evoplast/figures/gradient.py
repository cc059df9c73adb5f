"""Figure: training by gradients against evolved rules.

In: ``curves`` (gradient baseline, one table per optimiser), ``rules`` (Pareto stage),
``ceiling``. Out: test accuracy against training trials seen, one panel per task, and
the evolved rule that was chosen on other networks as a point at its training trials.
"""

from collections.abc import Iterator, Mapping
from types import SimpleNamespace

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evoplast.artefacts.parquet import read_table, read_table_provenance
from evoplast.figures import ceiling, style

OPTIMISER_NAMES = {"adam": "Adam", "sgd": "SGD"}
COLOURS = {"adam": style.SKY, "sgd": style.ORANGE}
"""No colour of a group of rules: gradients are none."""

SPREAD = 0.012


def draw(inputs: SimpleNamespace, outputs: SimpleNamespace, dpi: int = style.DPI):
    """Draw the figure from the files of the gradient and Pareto stages."""
    curves = pd.concat([read_table(path) for path in inputs.curves])
    rules = read_table(inputs.rules)
    task = read_table_provenance(inputs.rules)["settings"]["task"]
    reached = {t: ceiling.reached(inputs.ceiling, t) for t in curves["task"].unique()}
    with style.styled():
        figure = plot(curves, rules, reached, task["training_trials"])
    style.save(figure, outputs, dpi)


def plot(
    curves: pd.DataFrame,
    rules: pd.DataFrame,
    reached: Mapping[str, float],
    training_trials: int,
) -> Figure:
    """Return the figure; ``reached`` is a linear readout's accuracy in each task.

    ``training_trials``: those of the evolved rule.
    """
    tasks = list(curves["task"].unique())
    figure = style.new_figure(3.5)
    panels = figure.subplots(1, len(tasks), sharey=True, squeeze=False)[0]
    for panel, task in zip(panels, tasks, strict=True):
        plot_runs(panel, curves[curves["task"] == task])
        _plot_evolved(panel, rules, task, training_trials)
        style.chance_line(panel)
        style.ceiling_line(panel, reached[task], ceiling.LABEL)
        panel.set_title(style.task_name(task))
    panels[0].set_ylabel("test " + style.ACCURACY)
    _add_legend(figure, list(panels), curves, rules)
    style.letter(panels)
    return figure


def plot_runs(panel: Axes, curves: pd.DataFrame) -> None:
    """Draw mean test accuracy over networks of every learning rate, s.e. as bars.

    Bars stand beside each other; a run whose loss became infinite ends in a cross.
    """
    families = list(_families(curves))
    width = SPREAD * curves["samples_seen"].max()
    shifts = width * (np.arange(len(families)) - 0.5 * (len(families) - 1))
    for shift, (optimiser, rate, runs, marker) in zip(shifts, families, strict=True):
        means = runs.groupby(["samples_seen", "instance"])["accuracy"].mean()
        by_test = means.dropna().groupby("samples_seen")
        mean, error = by_test.mean(), style.errors(by_test.sem())
        panel.errorbar(
            mean.index + shift,
            mean,
            error,
            color=COLOURS.get(optimiser, style.GREY),
            marker=marker,
            ls="-" if optimiser == "adam" else "--",
            elinewidth=0.7,
            label=f"{OPTIMISER_NAMES.get(optimiser, optimiser)}, rate {rate:g}",
        )
        if runs["diverged"].any():
            _mark_end(panel, mean.index[-1] + shift, mean.iloc[-1])
    panel.set_xlabel("training trials seen")


def _mark_end(panel: Axes, samples: float, accuracy: float) -> None:
    """Cross out the last test of a rate at which a loss became infinite after it."""
    panel.plot(
        samples,
        accuracy,
        "x",
        ms=8,
        mew=1.5,
        color=style.BLACK,
        ls="none",
        label="a run diverged after this test",
        zorder=5,
    )


def _families(curves: pd.DataFrame) -> Iterator[tuple]:
    """Yield optimiser, learning rate, its runs and marker."""
    for optimiser, table in curves.groupby("optimiser", sort=True):
        for i, (rate, runs) in enumerate(table.groupby("learning_rate", sort=True)):
            yield optimiser, rate, runs, style.MARKERS[i % len(style.MARKERS)]


def _plot_evolved(panel: Axes, rules: pd.DataFrame, task: str, trials: int) -> None:
    split = str(rules["reported_split"].iloc[0])
    best = rules[rules["champion"]].iloc[0]
    evolved_point(
        panel,
        trials,
        best[f"accuracy_{task}_{split}_mean"],
        float(style.errors(best[f"accuracy_{task}_{split}_se"])),
    )


def evolved_point(panel: Axes, trials: int, mean: float, error: float) -> None:
    """Draw the evolved rule at the trials that it was trained for."""
    panel.errorbar(
        trials,
        mean,
        error,
        color=style.GROUP_COLOURS["evolved"],
        marker=style.GROUP_MARKERS["evolved"],
        ms=6,
        ls="none",
        label=f"evolved rule, {trials} trials",
        zorder=4,
    )


def _add_legend(
    figure: Figure, panels: list[Axes], curves: pd.DataFrame, rules: pd.DataFrame
) -> None:
    n = int(curves.loc[curves["n_scored"] > 0, "n_scored"].min())
    networks, runs = (int(curves[name].nunique()) for name in ("instance", "seed"))
    split = str(rules["reported_split"].iloc[0])
    own = int(rules[f"n_instances_{split}"].max())
    title = (
        f"Bars: s.e. over {style.count_text(networks, 'network')}, {runs} run(s) each "
        f"with {n} test trials; of the evolved rule over {own} networks"
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
