"""What all figures share: sizes, colours, names, and how a figure is written.

In: nothing. Out: figures in one style (Okabe & Ito's colours, told apart by readers
with any colour vision) and files whose bytes depend on the artefacts alone.
"""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from types import SimpleNamespace
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure, FigureBase, SubFigure
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from evoplast.artefacts.atomic import atomic_path
from evoplast.figures.column import remember, stack

WIDTH_IN = 7.1
"""Two columns of a journal page, inches."""
DPI = 150

BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
YELLOW, BLUE, VERMILION, PURPLE = "#F0E442", "#0072B2", "#D55E00", "#CC79A7"
GREY = "#7F7F7F"
SERIES = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY)
MARKERS = ("o", "s", "^", "D", "v", "P")

GROUP_COLOURS = {
    "evolved": VERMILION,
    "random": BLUE,
    "known": GREEN,
    "own": SKY,
    "no plasticity": BLACK,
}
GROUP_MARKERS = {"evolved": "o", "random": "s", "known": "^", "own": "*"}
GROUP_MARKERS |= {"no plasticity": "D"}
TASK_COLOURS = {"gratings": BLUE, "natural": ORANGE}
TASK_NAMES = {"gratings": "gratings", "natural": "photographs"}

OBJECTIVE_LABELS = {
    "cross_accuracy": "accuracy, both tasks",
    "complexity": "complexity (active terms / 25)",
    "max_rate_hz": "highest rate of a cell (Hz)",
    "synchrony": "synchrony (share of 2 ms bins)",
    "rate_difference_hz": "|mean rate − mouse| (Hz)",
    "wasserstein_hz": "distance of rates to mouse (Hz)",
}
ACCURACY = "accuracy (fraction correct)"
CHANCE = 0.5

_SETTINGS: dict[Any, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 7.5,
    "axes.titlesize": 8,
    "axes.labelsize": 7.5,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "legend.fontsize": 6.5,
    "legend.frameon": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.7,
    "lines.linewidth": 1.2,
    "lines.markersize": 4,
    "errorbar.capsize": 1.5,
    "figure.constrained_layout.h_pad": 0.06,
    "figure.constrained_layout.w_pad": 0.06,
    "pdf.fonttype": 42,
    "svg.hashsalt": "evoplast",
}
# Without these the files would carry the time and the version of the library.
_METADATA = {
    "pdf": {"CreationDate": None, "Producer": None, "Creator": None},
    "png": {"Software": None},
}


def styled() -> AbstractContextManager:
    """Return the context in which figures are made: ``with styled(): ...``."""
    return mpl.rc_context(_SETTINGS)


def new_figure(height_in: float) -> Figure:
    """Return an empty figure of the common width."""
    figure = Figure(figsize=(WIDTH_IN, height_in), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def rows(figure: Figure, heights: Sequence[float]) -> list[SubFigure]:
    """Return parts of a figure below each other, with these relative heights."""
    parts = figure.subfigures(len(heights), 1, height_ratios=heights, squeeze=False)
    return list(np.ravel(parts))


def save(figure: Figure, outputs: SimpleNamespace, dpi: int = DPI) -> None:
    """Write ``figure`` to ``outputs.pdf`` and ``outputs.png``, of two columns' width.

    If ``outputs`` has them, ``column_pdf`` and ``column_png`` show it in one column.

    Raises:
        UserError: a file cannot be written.
    """
    _write(figure, outputs, "", dpi)
    if hasattr(outputs, "column_pdf"):
        with styled():
            stack(figure)
        _write(figure, outputs, "column_", dpi)


def _write(figure: Figure, outputs: SimpleNamespace, kind: str, dpi: int) -> None:
    for ending, metadata in _METADATA.items():
        path = getattr(outputs, f"{kind}{ending}")
        with atomic_path(path) as temporary, styled():
            figure.savefig(temporary, format=ending, dpi=dpi, metadata=metadata)


def letter(axes: Iterable[Axes]) -> None:
    """Mark panels a, b, c, ... at their upper left corners."""
    for name, panel in zip("abcdefghijklmnop", axes, strict=False):
        panel.set_title(name, loc="left", fontweight="bold", fontsize=9)


def chance_line(panel: Axes, vertical: bool = False) -> None:
    """Draw the line of guessing."""
    line = panel.axvline if vertical else panel.axhline
    line(CHANCE, color=GREY, lw=0.8, ls=":", zorder=0)


def ceiling_line(
    panel: Axes, accuracy: float, label: str | None = None, vertical: bool = False
) -> None:
    """Draw the accuracy that a readout could reach, beside those that rules reach.

    ``label`` is written at the line; without one it goes unnamed.
    """
    line = panel.axvline if vertical else panel.axhline
    line(accuracy, color=PURPLE, lw=0.9, ls="--", zorder=0)
    if label is None:
        return
    x, y = (accuracy, 0.98) if vertical else (0.99, accuracy)
    across = panel.get_xaxis_transform() if vertical else panel.get_yaxis_transform()
    panel.text(
        x,
        y,
        label,
        color=PURPLE,
        fontsize=5.5,
        rotation=90 if vertical else 0,
        ha="right",
        va="top",
        transform=across,
    )


def task_name(task: str) -> str:
    """Return what readers call a task."""
    return TASK_NAMES.get(task, task)


def task_colour(task: str, index: int) -> str:
    """Return the colour of a task, also of one that is not known here."""
    return TASK_COLOURS.get(task, SERIES[index % len(SERIES)])


def errors(values: ArrayLike) -> np.ndarray:
    """Return standard errors for drawing: no bar where there is no estimate."""
    return np.nan_to_num(np.asarray(values, float), nan=0.0)


def count_text(n: int, what: str) -> str:
    """Return for instance "n = 1 rule", "n = 12 rules" or "n = 3 searches"."""
    plural = "es" if what.endswith("ch") else "s"
    return f"n = {n} {what}{'' if n == 1 else plural}"


def shortened(text: str, length: int) -> str:
    """Return ``text``, cut with an ellipsis beyond ``length`` characters."""
    return text if len(text) <= length else text[: length - 1].rstrip(" +·") + "…"


def legend_below(panel: Axes, ncols: int, title: str | None = None) -> None:
    """Put a panel's legend under its x label, where it hides no data."""
    panel.legend(
        loc="upper center",
        bbox_to_anchor=(0.5, -0.2),
        ncols=ncols,
        title=title,
        title_fontsize=6.5,
        handletextpad=0.4,
        columnspacing=0.8,
    )


def legend_outside(
    figure: FigureBase, handles: list, labels: list[str], **options
) -> None:
    """Put the legend of all panels below them, or where ``options`` say.

    It remembers its entries, because in one column it is laid out again.
    """
    places = {"loc": "outside lower center", "title_fontsize": 6.5, **options}
    legend = figure.legend(handles, labels, **places)
    remember(legend, (handles, labels, places))


def whole_numbers(axis: Axis) -> None:
    """Put ticks at whole numbers only."""
    axis.set_major_locator(MaxNLocator(integer=True))


def empty_note(panel: Axes, text: str) -> None:
    """Say in a panel why it shows nothing."""
    panel.text(0.5, 0.5, text, ha="center", va="center", transform=panel.transAxes)
    panel.set_xticks([])
    panel.set_yticks([])
