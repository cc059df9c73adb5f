"""Figure: convergence of all cells on all experiments (paper: ED Figures 1 and 5).

In: ``curves``, ``comparison`` and ``references`` (ENU tables). Out: held-out loss
against generation, one panel per study and experiment, mean and band over seeds, and
the scores of units or policies that need no evolution as lines.
"""

from types import SimpleNamespace

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evoplast.artefacts.parquet import read_table
from evoplast.figures import style

CELLS = ("enu", "nfenu", "gru", "lstm", "shared_enu")
COLOURS = dict(zip(CELLS, style.SERIES, strict=False))
LINES = {
    "iaf": ("always on",),
    "stdp": ("copying",),
    "stdp_plain": ("copying",),
    "complex_stdp": ("copying",),
    "t_maze": ("random", "learner"),
    "double_t_maze": ("random", "learner"),
}
MAZES = ("t_maze", "double_t_maze")
STUDIES = ("comparison", "mazes", "showcase")
TITLES = {
    "iaf": "integrate and fire",
    "stdp": "STDP, neuromodulated",
    "stdp_plain": "STDP without modulation",
    "complex_stdp": "complex STDP (our target)",
    "t_maze": "T-maze",
    "double_t_maze": "Double T-maze (our layout)",
}
COLUMNS = 3


def draw(inputs: SimpleNamespace, outputs: SimpleNamespace, dpi: int = style.DPI):
    """Draw the figure from the tables of all runs."""
    tables = [
        read_table(path)
        for path in (inputs.curves, inputs.comparison, inputs.references)
    ]
    with style.styled():
        figure = plot(*tables)
    style.save(figure, outputs, dpi)


def plot(
    curves: pd.DataFrame, comparison: pd.DataFrame, references: pd.DataFrame
) -> Figure:
    """Return the figure with a panel per study and experiment."""
    names = _panels(curves)
    n_rows = -(-len(names) // COLUMNS)
    figure = style.new_figure(2.1 * n_rows + 0.5)
    panels = figure.subplots(n_rows, COLUMNS, squeeze=False).ravel()
    for panel, (study, experiment) in zip(panels, names, strict=False):
        here = (curves["study"] == study) & (curves["experiment"] == experiment)
        _plot_runs(panel, curves[here], experiment)
        _plot_references(panel, references, experiment)
        panel.set_title(_title(comparison, study, experiment))
        panel.set_xlabel("generation")
    for panel in panels[len(names) :]:
        panel.set_axis_off()
    _add_letters(panels[: len(names)])
    _add_legend(figure, curves)
    return figure


def _panels(curves: pd.DataFrame) -> list[tuple[str, str]]:
    """Return study and experiment of every panel, in the paper's order."""
    present = set(zip(curves["study"], curves["experiment"], strict=True))
    order = [(study, name) for study in STUDIES for name in LINES]
    return [pair for pair in order if pair in present]


def _add_letters(panels: np.ndarray) -> None:
    """Letters outside of the two-line titles, which reach the left edge."""
    for name, panel in zip("abcdefghijklmnop", panels, strict=False):
        place = panel.transAxes
        panel.text(-0.28, 1.12, name, transform=place, fontsize=9, fontweight="bold")


def _title(comparison: pd.DataFrame, study: str, experiment: str) -> str:
    here = (comparison["study"] == study) & (comparison["experiment"] == experiment)
    runs = int(comparison.loc[here, "runs"].min())
    return f"{TITLES[experiment]}\n{study}, {style.count_text(runs, 'run')} a cell"


def _value(fitness: pd.Series | np.ndarray, experiment: str) -> np.ndarray:
    """Fitness in mazes, loss (minus fitness, for a logarithmic axis) elsewhere."""
    values = np.asarray(fitness, float)
    return values if experiment in MAZES else -values


def _plot_runs(panel: Axes, runs: pd.DataFrame, experiment: str) -> None:
    for cell in CELLS:
        mine = runs[runs["cell"] == cell].dropna(subset=["heldout_fitness"])
        if mine.empty:
            continue
        table = mine.pivot_table(
            index="generation", columns="seed", values="heldout_fitness"
        )
        values = _value(table, experiment)
        panel.plot(table.index, values.mean(axis=1), color=COLOURS[cell], lw=0.9)
        panel.fill_between(
            table.index,
            values.min(axis=1),
            values.max(axis=1),
            color=COLOURS[cell],
            alpha=0.2,
            lw=0,
        )
    maze = experiment in MAZES
    panel.set_yscale("linear" if maze else "log")
    panel.set_ylabel("held-out fitness" if maze else "held-out loss")


def _plot_references(panel: Axes, references: pd.DataFrame, experiment: str) -> None:
    for name in LINES[experiment]:
        here = references["experiment"] == experiment
        row = references[here & (references["reference"] == name)]
        level = _value(row["fitness"], experiment)[0]
        panel.axhline(level, color=style.GREY, lw=0.8, ls="--", zorder=0)
        panel.annotate(
            name,
            (0.99, level),
            xycoords=("axes fraction", "data"),
            ha="right",
            va="bottom",
            fontsize=6,
            color=style.GREY,
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.6, "pad": 0.3},
        )


def _name(cell: str) -> str:
    """Return the paper's name of a cell."""
    return cell.upper().replace("_", "")


def _add_legend(figure: Figure, curves: pd.DataFrame) -> None:
    present = [cell for cell in CELLS if (curves["cell"] == cell).any()]
    lines = [
        figure.axes[0].plot([], [], color=COLOURS[cell], label=_name(cell))[0]
        for cell in present
    ]
    figure.legend(
        handles=lines,
        loc="outside lower center",
        ncols=len(lines),
        title="Centre genome in fresh environments: mean, band from lowest to highest "
        "run. GRU and LSTM: slope 1, ENU and NFENU: slope 3 (our choice)",
        title_fontsize=6.5,
    )
