"""Animation: two lives in a maze, frame by frame.

In: ``network`` and ``policy`` (recorded lives). Out: an animated GIF, one frame per
action. A dead agent is grey.
"""

from types import SimpleNamespace
from typing import Any

import matplotlib as mpl
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

from evoplast.artefacts.atomic import atomic_path
from evoplast.artefacts.netcdf import read_dataset
from evoplast.enu_figures.maze_drawing import AGENT_COLOUR, draw_maze, draw_objects
from evoplast.figures import style

STEPS_PER_ACTION = 4
N_FRAMES = 100
"""The whole life in the T-maze, half of one in the Double T-maze."""
FRAME_MS = 200
DPI = 90
LARGE_TEXT: dict[Any, Any] = {
    "font.size": 10,
    "axes.labelsize": 9,
    "lines.linewidth": 2.0,
}


def animate(inputs: SimpleNamespace, output: str) -> None:
    """Write the animation of the first actions of both lives to ``output``.

    Raises:
        UserError: the file cannot be written.
    """
    lives = {
        "network": read_dataset(inputs.network),
        "policy that learns": read_dataset(inputs.policy),
    }
    with style.styled(), mpl.rc_context(LARGE_TEXT):
        first, *others = frames(lives)
    with atomic_path(output) as temporary:
        first.save(
            temporary,
            format="GIF",
            save_all=True,
            append_images=others,
            duration=FRAME_MS,
            loop=0,
        )


def frames(lives: dict[str, xr.Dataset]) -> list[Image.Image]:
    """Return a picture of all lives per action."""
    figure = style.new_figure(3.8)
    figure.set_dpi(DPI)
    canvas = FigureCanvasAgg(figure)
    panels = figure.subplots(1, len(lives))
    for panel, (name, data) in zip(panels, lives.items(), strict=True):
        draw_maze(panel, data)
        panel.set_xlabel(_caption(name, data))
    pictures = []
    for index in range(N_FRAMES):
        moving = _draw_moment(panels, lives, index * STEPS_PER_ACTION)
        figure.canvas.draw()
        if index == 0:  # The layout needs two drawings, and must not move after.
            figure.canvas.draw()
            figure.set_layout_engine("none")
            figure.canvas.draw()
        pixels = np.asarray(canvas.buffer_rgba())[..., :3].copy()
        pictures.append(Image.fromarray(pixels))
        for artist in moving:
            artist.remove()
    return pictures


def _caption(name: str, data: xr.Dataset) -> str:
    """Say whose life it is, that it was chosen, and what is not published."""
    about = data.attrs
    chosen = "knows the moves; one life, not chosen"
    if "fitness" in data:
        cell, generations = about.get("cell", ""), about.get("generations", 0)
        chosen = f"{cell.upper()}, generation {generations}; "
        chosen += f"the best of {data.sizes['lifetime']} lives"
    layout = "" if data.sizes["place"] == 2 else "\nlayout and lifetime: our choice"
    return f"{name}\n{chosen}{layout}"


def _draw_moment(panels: np.ndarray, lives: dict[str, xr.Dataset], time: int) -> list:
    artists = []
    for panel, data in zip(panels, lives.values(), strict=True):
        time = min(time, data.sizes["time"] - 1)
        artists += draw_objects(panel, data, time)
        artists += _draw_agent(panel, data, time)
    return artists


def _draw_agent(panel: Axes, data: xr.Dataset, time: int) -> list:
    row, column = data["position"].values[time]
    down, right = data["facing"].values[time]
    foods = int((data["reward"].values[: time + 1] > 0).sum())
    poisons = int((data["reward"].values[: time + 1] < 0).sum())
    state = "alive" if data["alive"].values[time] else "dead"
    colour = AGENT_COLOUR if data["alive"].values[time] else style.GREY
    body = panel.scatter([column], [row], 90, colour, zorder=3)
    nose = panel.plot(
        [column, column + 0.45 * right],
        [row, row + 0.45 * down],
        color=style.BLACK,
        zorder=4,
    )
    text = panel.text(
        0.0,
        1.02,
        f"step {time}: {foods} food, {poisons} poison, {state}",
        transform=panel.transAxes,
    )
    return [body, *nose, text]
