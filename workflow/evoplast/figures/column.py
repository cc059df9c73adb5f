"""A drawn figure for one column of a journal page: its panels below each other.

In: a figure of two columns' width. Out: the same figure in one column, every panel as
tall as it was and as wide as the column. Labels that a panel had left to its
neighbour in the row stand at the panel itself.
"""

from collections.abc import Sequence
from textwrap import fill
from typing import cast
from weakref import WeakKeyDictionary

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, FigureBase
from matplotlib.gridspec import SubplotSpec
from matplotlib.legend import Legend

COLUMN_IN = 3.4
"""One column of a journal page, inches."""
_LEAST_IN = 1.9
"""No panel is lower, its labels included."""
_LINE_IN = 0.15
_LETTERS = 66

# Handles, labels and options of legends: Matplotlib keeps none of them.
_ENTRIES: WeakKeyDictionary[Legend, tuple[list, list[str], dict]] = WeakKeyDictionary()


def remember(legend: Legend, entries: tuple[list, list[str], dict]) -> None:
    """Keep handles, labels and options of a figure's legend for ``stack``."""
    _ENTRIES[legend] = entries


def stack(figure: Figure) -> None:
    """Put the panels of ``figure`` into one column, from left to right, row by row."""
    height_in = figure.get_figheight()
    parts: Sequence[FigureBase] = figure.subfigs or [figure]
    heights = [_stack_part(part, _share(part) * height_in) for part in parts]
    if figure.subfigs:
        _outer(figure.subfigs[0]).get_gridspec().set_height_ratios(heights)
    for part in (figure, *figure.subfigs):
        heights += [_narrow(part, legend) for legend in list(part.legends)]
        heights.append(_wrap_label(part))
    figure.set_size_inches(COLUMN_IN, sum(heights))


def _outer(part: FigureBase) -> SubplotSpec:
    # Matplotlib has no public way to a subfigure's place.
    return part._subplotspec  # type: ignore[attr-defined]


def _share(part: FigureBase) -> float:
    """Return which part of the figure's height is a subfigure's."""
    if isinstance(part, Figure):
        return 1.0
    return _of_ratios(_outer(part))


def _of_ratios(spec: SubplotSpec) -> float:
    """Return which part of its grid's height a place has, with the grids around it."""
    grid = spec.get_gridspec()
    ratios = np.asarray(grid.get_height_ratios(), float)
    rows = slice(spec.rowspan.start, spec.rowspan.stop)
    share = float(ratios[rows].sum() / ratios.sum())
    around = getattr(grid, "_subplot_spec", None)
    return share * (_of_ratios(around) if around is not None else 1.0)


def _stack_part(part: FigureBase, height_in: float) -> float:
    """Stack the panels of a figure or subfigure; return its new height in inches."""
    panels = _panels(part)
    specs = [spec for panel in panels if (spec := panel.get_subplotspec())]
    heights = [max(_of_ratios(spec) * height_in, _LEAST_IN) for spec in specs]
    grid = part.add_gridspec(len(panels), 1, height_ratios=heights)
    for row, panel in enumerate(panels):
        panel.set_subplotspec(grid[row])
        _label(panel)
    return sum(heights)


def _panels(part: FigureBase) -> list[Axes]:
    own = cast(list[Axes], part.axes)
    placed = [panel for panel in own if panel.get_subplotspec() is not None]
    return sorted(placed, key=_place)


def _place(panel: Axes) -> tuple[float, float]:
    """Return where a panel begins, from the top and from the left of the figure."""
    box = panel.get_position(original=True)
    return round(-box.y1, 3), round(box.x0, 3)


def _label(panel: Axes) -> None:
    """Show ticks and labels that a panel left to others of its row or column."""
    sides = {
        "x": (panel.xaxis, panel.get_shared_x_axes()),
        "y": (panel.yaxis, panel.get_shared_y_axes()),
    }
    for name, (axis, shared) in sides.items():
        siblings = shared.get_siblings(panel)
        if len(siblings) < 2:
            continue
        if name == "x":
            axis.set_tick_params(labelbottom=True)
        else:
            axis.set_tick_params(labelleft=True)
        texts = [getattr(other, f"get_{name}label")() for other in siblings]
        if not axis.get_label_text():
            axis.set_label_text(next(filter(None, texts), ""))


def _narrow(part: FigureBase, legend: Legend) -> float:
    """Lay a legend out again for the column; return the height it takes, inches."""
    handles, labels, options = _ENTRIES[legend]
    columns = max(1, _LETTERS // (max(map(len, labels), default=0) + 6))
    wrapped = [fill(label, _LETTERS - 6) for label in labels]
    title = fill(options.get("title") or "", _LETTERS)
    legend.remove()
    part.legend(handles, wrapped, **options | {"ncols": columns, "title": title})
    lines = sum(1 + text.count("\n") for text in wrapped)
    return _LINE_IN * (lines / columns + 1 + title.count("\n"))


def _wrap_label(part: FigureBase) -> float:
    """Break the label below all panels into lines; return the height they take."""
    label = fill(part.get_supxlabel(), _LETTERS)
    if not label:
        return 0.0
    part.supxlabel(label, fontsize=6.5)
    return _LINE_IN * (1 + label.count("\n"))
