"""Figure: how the time of the engine grows with synapses, candidates, steps, threads.

In: the folder of ``make bench`` (``engine.parquet``, ``steps.parquet``). Out:
``scaling.png`` and ``scaling.pdf`` there. Times are by the clock, medians of repeats
with their range; dense rules filled, frozen weights open.
"""

from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from evoplast.artefacts.parquet import read_table
from evoplast.figures import style

DENSE, FROZEN = "plastic, dense", "frozen"
COLOURS = {
    "cpu": style.VERMILION,
    "reference": style.BLUE,
    "Brian2 C++": style.GREEN,
    "NEST": style.BLACK,
    "gpu": style.PURPLE,
}
PHASES: dict[str, dict[str, Any]] = {
    DENSE: {"ls": "-"},
    FROZEN: {"ls": "--", "mfc": "none"},
}
US_PER_MS = 1000.0


def draw_folder(folder: str | Path, dpi: int = style.DPI) -> None:
    """Draw the figure of one run of the benchmark into its folder."""
    folder = Path(folder)
    sizes, steps = (read_table(folder / f"{n}.parquet") for n in ("engine", "steps"))
    with style.styled():
        figure = plot(sizes, steps)
    outputs = SimpleNamespace(pdf=folder / "scaling.pdf", png=folder / "scaling.png")
    style.save(figure, outputs, dpi)


def plot(sizes: pd.DataFrame, steps: pd.DataFrame) -> Figure:
    """Return the figure from the two tables of the benchmark."""
    sizes = sizes.assign(us=sizes["ms_per_candidate"] * US_PER_MS)
    total_ms = steps["ms_per_candidate"] * steps["n_steps"]
    steps = steps.assign(us=total_ms * US_PER_MS)
    one = sizes[sizes["threads"] == sizes["threads"].min()]
    typical = _typical_candidates(one)
    largest = one["n_neurons"].min()
    panels = (
        (one[_own(one, typical)], "n_edges", "synapses"),
        (one[one["n_neurons"] == largest], "candidates", "candidates side by side"),
        (steps, "n_steps", "steps in one call"),
        (sizes[_own(sizes, sizes["candidates"].max())], "threads", "threads"),
    )
    figure = style.new_figure(5.2)
    axes = figure.subplots(2, 2).flat
    for panel, (table, column, label) in zip(axes, panels, strict=True):
        _plot_times(panel, table, column)
        panel.set_xlabel(f"{label} (log scale)")
        unit = "call" if column == "n_steps" else "step"
        panel.set_ylabel(f"µs per {unit} and candidate (log)")
    axes[0].set_title(_where(one, typical))
    axes[1].set_title(f"{largest} neurons")
    axes[2].set_title(_where(steps, steps["candidates"].max(), True))
    axes[3].set_title(
        f"{sizes['candidates'].max()} candidates, a line per network size"
    )
    _legend(figure, sizes["program"].unique())
    style.letter(axes)
    return figure


def _own(table: pd.DataFrame, candidates: int) -> pd.Series:
    """Return the rows to show: so many candidates, or a program that runs only one."""
    return (table["candidates"] == candidates) | table["program"].isin(
        ("Brian2 C++", "NEST")
    )


def _typical_candidates(table: pd.DataFrame) -> int:
    """Return the largest population that was measured at every network size."""
    ours = table[~table["program"].isin(("Brian2 C++", "NEST"))]
    counts = ours.groupby("candidates")["n_neurons"].nunique()
    return int(counts[counts == counts.max()].index.max())


def _where(table: pd.DataFrame, candidates: int, with_size: bool = False) -> str:
    size = f"{table['n_neurons'].iloc[0]} neurons, " if with_size else ""
    return f"{size}{candidates} candidates"


def _plot_times(panel: Axes, table: pd.DataFrame, column: str) -> None:
    # Along threads there is a line for every network size.
    kinds = ["program", "phase", *(["n_neurons"] if column == "threads" else [])]
    for (program, phase, *_), rows in table.groupby(kinds):
        if phase in PHASES:
            _plot_line(panel, rows.sort_values(column), column, program, phase)
    panel.set_xscale("log")
    panel.set_yscale("log")
    ticks = sorted(table[column].unique())
    panel.set_xticks(ticks, [f"{tick:,}" for tick in ticks])
    panel.set_xticks([], minor=True)


def _plot_line(
    panel: Axes, rows: pd.DataFrame, column: str, program: str, phase: str
) -> None:
    middle = rows["ms_per_step"]
    below, above = middle - rows["ms_per_step_min"], rows["ms_per_step_max"] - middle
    scale = rows["us"] / middle
    panel.errorbar(
        rows[column],
        rows["us"],
        [below * scale, above * scale],
        color=COLOURS[program],
        marker="o",
        ms=3.5,
        **PHASES[phase],
    )


def _legend(figure: Figure, programs: Iterable[str]) -> None:
    lines = [
        Line2D([], [], color=colour, label=program)
        for program, colour in COLOURS.items()
        if program in set(programs)
    ]
    lines.append(Line2D([], [], color=style.GREY, label="dense rules"))
    lines.append(Line2D([], [], color=style.GREY, ls="--", label="frozen weights"))
    figure.legend(handles=lines, ncols=len(lines), loc="outside upper center")
