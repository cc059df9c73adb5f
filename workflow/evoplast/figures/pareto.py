"""Figure: the rules that remain after the Pareto filter, on the six objectives.

In: ``rules`` (Pareto stage). Out: accuracy against each of the other objectives, and
one task against the other; every point is a re-evaluation.
"""

from types import SimpleNamespace

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evoplast.artefacts.parquet import read_table
from evoplast.figures import style

ACROSS = (
    "complexity",
    "max_rate_hz",
    "synchrony",
    "rate_difference_hz",
    "wasserstein_hz",
)


def draw(inputs: SimpleNamespace, outputs: SimpleNamespace, dpi: int = style.DPI):
    """Draw the figure from the file of the Pareto stage."""
    table = read_table(inputs.rules)
    with style.styled():
        figure = plot(table)
    style.save(figure, outputs, dpi)


def plot(rules: pd.DataFrame) -> Figure:
    """Return the figure with its six panels."""
    figure = style.new_figure(4.6)
    panels = figure.subplots(2, 3).ravel()
    for panel, name in zip(panels, ACROSS, strict=False):
        _plot_pair(panel, rules, name, "cross_accuracy")
        panel.set_xlabel(style.OBJECTIVE_LABELS[name])
        panel.set_ylabel(style.OBJECTIVE_LABELS["cross_accuracy"])
        style.chance_line(panel)
        # Rates and shares start at zero, so that distances can be compared by eye.
        panel.set_xlim(left=min(0.0, panel.get_xlim()[0]))
    _plot_tasks(panels[5], rules)
    handles, labels = panels[0].get_legend_handles_labels()
    split = str(rules["reported_split"].iloc[0])
    networks = int(rules[f"n_instances_{split}"].max())
    figure.legend(
        handles,
        labels,
        loc="outside upper center",
        ncols=len(labels),
        title=f"{style.count_text(len(rules), 'rule')}; bars: s.e., "
        f"{networks} network(s) that are {split} by the search",
        title_fontsize=6.5,
    )
    style.letter(panels)
    return figure


def _plot_tasks(panel: Axes, rules: pd.DataFrame) -> None:
    split = str(rules["reported_split"].iloc[0])
    tasks = _tasks(rules, split)
    if len(tasks) < 2:
        style.empty_note(panel, "one task only")
        return
    _plot_pair(panel, rules, *[f"accuracy_{task}_{split}" for task in tasks[:2]])
    panel.set_xlabel(f"accuracy, {style.task_name(tasks[0])}")
    panel.set_ylabel(f"accuracy, {style.task_name(tasks[1])}")
    style.chance_line(panel)
    style.chance_line(panel, vertical=True)


def _tasks(rules: pd.DataFrame, split: str) -> list[str]:
    end = f"_{split}_mean"
    names = [c for c in rules if c.startswith("accuracy_") and c.endswith(end)]
    return [name.removeprefix("accuracy_").removesuffix(end) for name in names]


def _plot_pair(panel: Axes, rules: pd.DataFrame, across: str, up: str) -> None:
    for on_front, label in ((True, "on the front"), (False, "dominated now")):
        part = rules[rules["on_front"] == on_front]
        if len(part):
            _points(panel, part, across, up, on_front, f"{label} ({len(part)})")
    best = rules[rules["champion"]]
    panel.plot(
        best[f"{across}_mean"],
        best[f"{up}_mean"],
        "*",
        ms=9,
        color=style.ORANGE,
        mec=style.BLACK,
        mew=0.6,
        ls="none",
        label="best on other sequences",
        zorder=5,
    )


def _points(
    panel: Axes, part: pd.DataFrame, across: str, up: str, filled: bool, label: str
) -> None:
    panel.errorbar(
        part[f"{across}_mean"],
        part[f"{up}_mean"],
        xerr=style.errors(part[f"{across}_se"]),
        yerr=style.errors(part[f"{up}_se"]),
        fmt="o",
        color=style.VERMILION if filled else style.GREY,
        mfc=style.VERMILION if filled else "white",
        elinewidth=0.6,
        label=label,
    )
