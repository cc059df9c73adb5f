"""Animation: two lives in a maze, frame by frame.

In: ``network`` and ``policy`` (recorded lives). Out: an animated GIF, one frame per
action.
"""

from types import SimpleNamespace

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from PIL import Image

from evoplast.artefacts.atomic import atomic_path
from evoplast.artefacts.netcdf import read_dataset
from evoplast.figures import style
from evoplast.figures.enu_maze_drawing import AGENT_COLOUR, draw_maze, draw_objects

STEPS_PER_ACTION = 4
N_FRAMES = 60
FRAME_MS = 200
DPI = 60


def animate(inputs: SimpleNamespace, output: str) -> None:
    """Write the animation of the first actions of both lives to ``output``.

    Raises:
        UserError: the file cannot be written.
    """
    lives = {
        "network": read_dataset(inputs.network),
        "policy that learns": read_dataset(inputs.policy),
    }
    with style.styled():
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
    figure = style.new_figure(3.6)
    figure.set_dpi(DPI)
    panels = figure.subplots(1, len(lives))
    for panel, (name, data) in zip(panels, lives.items(), strict=True):
        draw_maze(panel, data)
        panel.set_xlabel(name)
    pictures = []
    for index in range(N_FRAMES):
        moving = _draw_moment(panels, lives, index * STEPS_PER_ACTION)
        figure.canvas.draw()
        pixels = np.asarray(figure.canvas.buffer_rgba())[..., :3].copy()
        pictures.append(Image.fromarray(pixels))
        for artist in moving:
            artist.remove()
    return pictures


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
    body = panel.scatter([column], [row], 60, AGENT_COLOUR)
    nose = panel.plot(
        [column, column + 0.45 * right], [row, row + 0.45 * down], color=style.BLACK
    )
    text = panel.text(
        0.0,
        1.02,
        f"step {time}: {foods} food, {poisons} poison, {state}",
        transform=panel.transAxes,
    )
    return [body, *nose, text]
