"""A figure of two columns' width, laid out again for one."""

from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.image import imread

from evoplast.figures import style
from evoplast.figures.column import COLUMN_IN, stack


def boxes(figure, panels):
    """Draw, then return the panels' boxes in inches."""
    figure.canvas.draw()
    extents = (panel.get_window_extent() for panel in panels)
    return [np.array(extent.bounds) / figure.dpi for extent in extents]


def grid(rows, columns, **keywords):
    figure = style.new_figure(2.0 * rows)
    panels = figure.subplots(rows, columns, **keywords)
    for k, panel in enumerate(panels.flat):
        panel.plot([0, 1], [k, k + 1])
    return figure, list(panels.flat)


def in_reading_order(found):
    tops = [y + height for _, y, _, height in found]
    return all(a > b for a, b in zip(tops, tops[1:], strict=False))


def test_panels_stand_below_each_other_as_tall_as_they_were():
    figure, panels = grid(2, 3)
    before = boxes(figure, panels)
    stack(figure)
    after = boxes(figure, panels)
    assert figure.get_figwidth() == COLUMN_IN
    assert in_reading_order(after)
    for (_, _, _, old), (_, _, width, new) in zip(before, after, strict=True):
        assert new == pytest.approx(old, rel=0.25)
        assert width > 0.7 * COLUMN_IN


def test_panels_of_subfigures_stay_with_their_row():
    figure = style.new_figure(6.0)
    top, bottom = figure.subfigures(2, 1, height_ratios=(2, 1))
    panels = [*top.subplots(1, 2), *bottom.subplots(1, 3)]
    stack(figure)
    after = boxes(figure, panels)
    assert in_reading_order(after)
    # 4 in and 4 in above, three of 2 in below.
    assert figure.get_figheight() == pytest.approx(14.0)


def test_a_shared_label_stands_at_every_panel():
    figure, panels = grid(1, 2, sharey=True)
    panels[0].set_ylabel("accuracy")
    assert not panels[1].yaxis.get_tick_params()["labelleft"]
    stack(figure)
    assert [panel.get_ylabel() for panel in panels] == ["accuracy"] * 2
    assert panels[1].yaxis.get_tick_params()["labelleft"]


def test_legends_and_labels_of_a_figure_fit_into_the_column():
    figure, panels = grid(1, 2)
    for k in range(4):
        panels[0].plot([], [], label=f"evolved {k}: S_pre·X_post + S_post·X_pre·R + R")
    handles, labels = panels[0].get_legend_handles_labels()
    with style.styled():
        words = "networks never used, sequences of their own, bars over networks"
        style.legend_outside(figure, handles, labels, ncols=4, title=words)
        figure.supxlabel(" ".join([words] * 2), fontsize=6.5)
        stack(figure)
        figure.canvas.draw()
    for artist in (figure.legends[0], figure._supxlabel):
        box = artist.get_window_extent()
        assert box.x0 >= 0 and box.x1 <= figure.bbox.x1
    shown = [text.get_text() for text in figure.legends[0].get_texts()]
    assert [text.replace("\n", " ") for text in shown] == labels


def test_a_figure_is_written_in_both_widths(tmp_path):
    names = ("pdf", "png", "column_pdf", "column_png")
    paths = {name: str(tmp_path / f"{name}.{name[-3:]}") for name in names}
    figure, _ = grid(1, 2)
    style.save(figure, SimpleNamespace(**paths), 100)
    widths = [imread(paths[name]).shape[1] for name in ("png", "column_png")]
    assert widths == [710, 340]
    assert all((tmp_path / f"{name}.pdf").stat().st_size > 0 for name in names[::2])
