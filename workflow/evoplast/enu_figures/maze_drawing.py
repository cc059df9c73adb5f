"""What the figures of the mazes share: the maze as a picture, the agent, its path.

In: a recorded life (walls, ends, positions, rewards). Out: drawings. Places are
(row, column); a picture has the row downwards.
"""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap

from evoplast.figures import style

FLOOR, WALL = "#FFFFFF", "#B0B0B0"
FOOD_COLOUR, POISON_COLOUR, AGENT_COLOUR = style.GREEN, style.VERMILION, style.BLUE
SENSORS = ("wall", "food", "poison")
SENSOR_COLOURS = (style.GREY, FOOD_COLOUR, POISON_COLOUR)


def draw_maze(panel: Axes, data: xr.Dataset) -> None:
    """Draw walls, start (S) and the ends' borders; of outer walls one row is shown."""
    colours = ListedColormap([FLOOR, WALL])
    panel.imshow(data["wall"].values, cmap=colours, vmin=0, vmax=1)
    row, column = data["start"].values
    panel.text(column, row, "S", ha="center", va="center", color=style.GREY)
    for row, column in data["end"].values:
        square = ([column - 0.5, column + 0.5], [row - 0.5, row + 0.5])
        (left, right), (top, bottom) = square
        panel.plot(
            [left, right, right, left, left],
            [top, top, bottom, bottom, top],
            color=style.BLACK,
            lw=0.7,
        )
    rows, columns = np.nonzero(data["wall"].values == 0)
    panel.set_xlim(columns.min() - 1.5, columns.max() + 1.5)
    panel.set_ylim(rows.max() + 1.5, rows.min() - 1.5)
    panel.set_xticks([])
    panel.set_yticks([])


def draw_objects(panel: Axes, data: xr.Dataset, time: int) -> list:
    """Draw food (F) and poison (P) where they lay in a step; return the artists."""
    artists = []
    for name, text, colour in (
        ("food_place", "F", FOOD_COLOUR),
        ("poison_place", "P", POISON_COLOUR),
    ):
        row, column = data["end"].values[int(data[name].values[time])]
        drawn = panel.text(column, row, text, ha="center", va="center", color=colour)
        drawn.set_fontweight("bold")
        artists.append(drawn)
    return artists


def draw_path(panel: Axes, data: xr.Dataset, start: int, stop: int) -> None:
    """Draw the agent's way from one step to another, dark at its end."""
    rows, columns = data["position"].values[start:stop].T
    shift = np.linspace(-0.25, 0.25, len(rows))
    panel.plot(columns + shift, rows + shift, color=AGENT_COLOUR, lw=0.8, alpha=0.7)
    panel.scatter(columns[-1:] + shift[-1:], rows[-1:] + shift[-1:], 12, AGENT_COLOUR)


def event_steps(data: xr.Dataset) -> np.ndarray:
    """Return the steps of food and poison."""
    return np.flatnonzero(data["reward"].values)


def plot_sensors(panel: Axes, data: xr.Dataset) -> None:
    """Draw what stood in front of the agent, one row per sensor."""
    observed = data["observation"].values > 0
    for index, colour in enumerate(SENSOR_COLOURS):
        panel.fill_between(
            np.arange(len(observed)),
            index - 0.4,
            index - 0.4 + 0.8 * observed[:, index],
            step="mid",
            color=colour,
            lw=0,
        )
    panel.set_yticks(range(3), SENSORS)
    panel.set_ylabel("sensor")


def plot_rewards(panel: Axes, data: xr.Dataset) -> None:
    """Draw energy, and food and poison as marks."""
    panel.plot(np.maximum(data["energy"], 0.0), color=style.BLACK, lw=0.9)
    rewards = data["reward"].values
    for sign, colour, name in ((1, FOOD_COLOUR, "food"), (-1, POISON_COLOUR, "poison")):
        steps = np.flatnonzero(rewards == sign)
        heights = np.zeros(len(steps))
        panel.scatter(steps, heights, 14, colour, marker="^", label=name, zorder=3)
    panel.set_ylabel("energy")
    panel.legend(loc="lower right", bbox_to_anchor=(1.0, 0.9), ncols=2)
