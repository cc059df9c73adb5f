"""Figure: rollouts in the Double T-maze (paper: ED Figure 4; layout: our choice).

In: ``network`` and ``policy`` (recorded lives) and ``references``. Out: pictures of
the maze with the way to each of the first events, for the network and for the
reference policy, and the reference scores.
"""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evoplast.artefacts.netcdf import read_dataset
from evoplast.artefacts.parquet import read_table
from evoplast.enu_figures.maze_drawing import (
    draw_maze,
    draw_objects,
    draw_path,
    event_steps,
)
from evoplast.enu_figures.t_maze import network_title, plot_scores
from evoplast.figures import style

MAZE = "double_t_maze"
N_TRIPS = 3


def draw(inputs: SimpleNamespace, outputs: SimpleNamespace, dpi: int = style.DPI):
    """Draw the figure from two recorded lives and the reference scores."""
    network, policy = read_dataset(inputs.network), read_dataset(inputs.policy)
    references = read_table(inputs.references)
    with style.styled():
        figure = plot(network, policy, references[references["experiment"] == MAZE])
    style.save(figure, outputs, dpi)


def plot(network: xr.Dataset, policy: xr.Dataset, references: pd.DataFrame) -> Figure:
    """Return the figure: a row of trips for the network, one for the policy."""
    figure = style.new_figure(4.2)
    grid = figure.add_gridspec(2, N_TRIPS + 1, width_ratios=[1.0] * N_TRIPS + [1.4])
    rows = np.array(
        [
            [figure.add_subplot(grid[row, column]) for column in range(N_TRIPS)]
            for row in range(2)
        ]
    )
    _plot_trips(rows[0], network)
    _plot_trips(rows[1], policy)
    rows[0, 0].set_ylabel("network")
    rows[1, 0].set_ylabel("policy that learns")
    scores = figure.add_subplot(grid[:, N_TRIPS])
    plot_scores(scores, network, references)
    title = network_title(network, references)
    figure.suptitle(f"{title}; layout and lifetime: our choice", fontsize=8)
    style.letter([rows[0, 0], rows[1, 0], scores])
    return figure


def _plot_trips(panels: np.ndarray, data: xr.Dataset) -> None:
    for panel, (start, stop) in zip(panels, trips(data), strict=False):
        draw_maze(panel, data)
        draw_objects(panel, data, start)
        draw_path(panel, data, start, stop)
        panel.set_title(_trip_title(data, start, stop))
    for panel in panels[len(trips(data)) :]:
        _hide(panel)


def _hide(panel: Axes) -> None:
    style.empty_note(panel, "no further trip")


def trips(data: xr.Dataset) -> list[tuple[int, int]]:
    """Return (first step, step of the event) of the first trips.

    The last one, without an event, ends with the life of the agent. Steps are network
    steps.
    """
    alive = int(data["alive"].values.sum())
    ends = [*event_steps(data), alive]
    starts = [0, *(step + 1 for step in ends[:-1])]
    pairs = zip(starts, ends, strict=True)
    return [(int(a), int(b)) for a, b in pairs if b > a][:N_TRIPS]


def _trip_title(data: xr.Dataset, start: int, stop: int) -> str:
    inside = stop < data.sizes["time"]
    reward = float(data["reward"].values[stop]) if inside else 0.0
    event = {1.0: "food", -1.0: "poison"}.get(reward, "no event")
    return f"{start}–{stop}: {event}"
