"""Figure: the front, on the six objectives, beside what it has to beat.

In: ``rules`` (Pareto stage), ``random_rules``, ``known_rules`` (baselines),
``ceiling``. Out: accuracy on networks never used against complexity and each of the
other objectives, and one task against the other, with the limits of biology; every
point is a rule of another formula or of the literature, measured again.
"""

from collections.abc import Mapping
from types import SimpleNamespace

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evoplast.artefacts.parquet import read_table, read_table_provenance
from evoplast.figures import ceiling, style
from evoplast.rules import N_TERMS

LIMITS = {
    "max_rate_hz": "max_rate_hz",
    "synchrony": "max_synchrony",
    "wasserstein_hz": "max_wasserstein_hz",
}
"""The key of ``pareto`` that limits an objective."""

ACROSS = ("max_rate_hz", "wasserstein_hz", "synchrony", "rate_difference_hz")
GROUPS = ("random", "known", "own", "no plasticity", "evolved")


def draw(inputs: SimpleNamespace, outputs: SimpleNamespace, dpi: int = style.DPI):
    """Draw the figure from the files of the Pareto stage and of the baselines."""
    evolved = read_table(inputs.rules)
    random, known = (
        read_table(getattr(inputs, name)) for name in ("random_rules", "known_rules")
    )
    settings = read_table_provenance(inputs.rules).get("settings", {})
    reached = ceiling.reached(inputs.ceiling)
    with style.styled():
        figure = plot(evolved, random, known, settings.get("pareto", {}), reached)
    style.save(figure, outputs, dpi)


def plot(
    evolved: pd.DataFrame,
    random: pd.DataFrame,
    known: pd.DataFrame,
    limits: Mapping[str, float | None],
    reached: float,
) -> Figure:
    """Return the figure with its six panels.

    ``limits`` by the keys of ``pareto``; ``reached`` is a linear readout's accuracy.
    """
    shown = pd.concat(
        [evolved, random[random["reevaluated"]], known[known["champion"]]],
        ignore_index=True,
    )
    shown["n_terms_mean"] = N_TERMS * shown["complexity_mean"]
    shown["n_terms_se"] = 0.0
    figure = style.new_figure(4.8)
    panels = figure.subplots(2, 3).ravel()
    _plot_complexity(panels[0], shown)
    style.ceiling_line(panels[0], reached, ceiling.LABEL)
    for panel, name in zip(panels[1:5], ACROSS, strict=True):
        _plot_pair(panel, shown, name, "cross_accuracy")
        panel.set_xlabel(style.OBJECTIVE_LABELS[name])
        # Rates and shares start at zero, so that distances can be compared by eye.
        panel.set_xlim(0.0, 1.03 * panel.get_xlim()[1])
        _limit(panel, limits.get(LIMITS.get(name, "")))
    for panel in panels[:5]:
        panel.set_ylabel(style.OBJECTIVE_LABELS["cross_accuracy"])
        style.chance_line(panel)
    _plot_tasks(panels[5], shown)
    _legend(figure, panels[1], evolved)
    style.letter(panels)
    return figure


def _plot_complexity(panel: Axes, shown: pd.DataFrame) -> None:
    _plot_pair(panel, shown, "n_terms", "cross_accuracy")
    still = shown.loc[shown["group"] == "no plasticity", "cross_accuracy_mean"].max()
    panel.axhline(still, color=style.GROUP_COLOURS["no plasticity"], lw=0.8, ls="--")
    style.whole_numbers(panel.xaxis)
    panel.set_xlim(left=-0.5)
    panel.set_xlabel("complexity (active terms)")


def _limit(panel: Axes, limit: float | None) -> None:
    """Draw a limit of biology where it lies in sight of the data."""
    low, high = panel.get_xlim()
    if limit is not None and limit <= 1.5 * high:
        panel.set_xlim(low, max(high, 1.05 * limit))
        panel.axvspan(limit, panel.get_xlim()[1], color=style.GREY, alpha=0.15, lw=0)
        panel.axvline(limit, color=style.GREY, lw=0.8)


def _legend(figure: Figure, panel: Axes, evolved: pd.DataFrame) -> None:
    split = str(evolved["reported_split"].iloc[0])
    networks = style.count_text(int(evolved[f"n_instances_{split}"].max()), "network")
    handles, labels = panel.get_legend_handles_labels()
    used = "that chose nothing" if split == "unseen" else "that rules were chosen on"
    style.legend_outside(
        figure,
        handles,
        labels,
        loc="outside upper center",
        ncols=len(labels),
        title=f"bars: s.e., {networks} {used}; shaded: beyond the limits of biology",
        columnspacing=1.0,
    )


def _plot_tasks(panel: Axes, shown: pd.DataFrame) -> None:
    split = str(shown["reported_split"].iloc[0])
    tasks = _tasks(shown, split)
    if len(tasks) < 2:
        style.empty_note(panel, "one task only")
        return
    _plot_pair(panel, shown, *[f"accuracy_{task}_{split}" for task in tasks[:2]])
    panel.set_xlabel(f"accuracy, {style.task_name(tasks[0])}")
    panel.set_ylabel(f"accuracy, {style.task_name(tasks[1])}")
    style.chance_line(panel)
    style.chance_line(panel, vertical=True)


def _tasks(rules: pd.DataFrame, split: str) -> list[str]:
    end = f"_{split}_mean"
    names = [c for c in rules if c.startswith("accuracy_") and c.endswith(end)]
    return [name.removeprefix("accuracy_").removesuffix(end) for name in names]


def _plot_pair(panel: Axes, shown: pd.DataFrame, across: str, up: str) -> None:
    for group in GROUPS:
        part = shown[shown["group"] == group]
        if len(part):
            _points(panel, part, across, up, f"{group} ({len(part)})")
    best = shown[shown["champion"] & (shown["group"] == "evolved")]
    panel.plot(
        best[f"{across}_mean"],
        best[f"{up}_mean"],
        "*",
        ms=9,
        color=style.ORANGE,
        mec=style.BLACK,
        mew=0.6,
        ls="none",
        label="evolved, best on other networks",
        zorder=5,
    )


def _points(panel: Axes, part: pd.DataFrame, across: str, up: str, label: str) -> None:
    group = str(part["group"].iloc[0])
    own = group == "evolved"
    panel.errorbar(
        part[f"{across}_mean"],
        part[f"{up}_mean"],
        xerr=style.errors(part[f"{across}_se"]),
        yerr=style.errors(part[f"{up}_se"]),
        fmt=style.GROUP_MARKERS[group],
        color=style.GROUP_COLOURS[group],
        ms=4 if own else 3,
        alpha=1.0 if own else 0.55,
        elinewidth=0.6,
        label=label,
        zorder=3 if own else 2,
    )
