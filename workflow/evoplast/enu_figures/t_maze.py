"""Figure: a network of evolved units in the T-maze (paper: Figures 4 and 5).

In: ``network`` and ``policy`` (recorded lives) and ``references``. Out: activity of
the output neurons against sensors and rewards, the same for the reference policy
that learns, and the reference scores.
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
    plot_rewards,
    plot_sensors,
)
from evoplast.figures import style

MAZE = "t_maze"
ACTIONS = ("down", "up", "forward", "back")
PUBLISHED_FITNESS = 0.055


def draw(inputs: SimpleNamespace, outputs: SimpleNamespace, dpi: int = style.DPI):
    """Draw the figure from two recorded lives and the reference scores."""
    network, policy = read_dataset(inputs.network), read_dataset(inputs.policy)
    references = read_table(inputs.references)
    with style.styled():
        figure = plot(network, policy, references[references["experiment"] == MAZE])
    style.save(figure, outputs, dpi)


def plot(network: xr.Dataset, policy: xr.Dataset, references: pd.DataFrame) -> Figure:
    """Return the figure: traces to the left, maze and scores to the right."""
    figure = style.new_figure(6.2)
    grid = figure.add_gridspec(5, 2, width_ratios=(2.4, 1))
    traces = [figure.add_subplot(grid[row, 0]) for row in range(5)]
    for panel in traces[1:]:
        panel.sharex(traces[0])
    _plot_activity(traces[0], network)
    plot_sensors(traces[1], network)
    plot_rewards(traces[2], network)
    plot_sensors(traces[3], policy)
    plot_rewards(traces[4], policy)
    traces[0].set_title(network_title(network, references))
    traces[3].set_title("Reference policy: knows the moves, learns what is food")
    traces[-1].set_xlabel("network step")
    for panel in traces[:-1]:
        panel.tick_params(labelbottom=False)
    maze = figure.add_subplot(grid[:2, 1])
    draw_maze(maze, policy)
    draw_objects(maze, policy, 0)
    first = int(np.append(event_steps(policy), policy.sizes["time"])[0])
    draw_path(maze, policy, 0, first)
    maze.set_title(f"policy, steps 0 to {first}")
    scores = figure.add_subplot(grid[2:, 1])
    plot_scores(scores, network, references)
    scores.axvline(PUBLISHED_FITNESS, color=style.PURPLE, lw=0.9, ls="--")
    scores.text(PUBLISHED_FITNESS, -0.75, "published episode ", ha="right", fontsize=6)
    style.letter([*traces, maze, scores])
    return figure


def network_title(network: xr.Dataset, references: pd.DataFrame) -> str:
    """Return what is shown: cell, generation, which life, and how good the usual is."""
    fitness = network["fitness"].values
    random = references.loc[references["reference"] == "random", "fitness"].mean()
    return (
        f"Network of {network.attrs['cell'].upper()} units, generation "
        f"{int(network.attrs['generations'])}: the best of {fitness.size} lives\n"
        f"(their mean fitness {fitness.mean():.4f}, random policy {random:.4f})"
    )


def _plot_activity(panel: Axes, network: xr.Dataset) -> None:
    for index in range(network.sizes["action"]):
        panel.plot(
            network["action_output"].isel(action=index),
            color=style.SERIES[index],
            lw=0.8,
            label=ACTIONS[index],
        )
    panel.set_ylabel("output neurons")
    panel.set_ylim(-0.05, 1.3)
    panel.legend(ncols=4, loc="upper right")


def plot_scores(panel: Axes, network: xr.Dataset, references: pd.DataFrame) -> None:
    """Draw the fitness of all policies, and mean and spread of the network's."""
    names = [*references["reference"], "network"]
    fitness = network["fitness"].values
    values = np.append(references["fitness"].values, fitness.mean())
    colours = [style.SKY] * len(references) + [style.VERMILION]
    errors = np.append(
        references["standard_error"].values, fitness.std(ddof=1) / np.sqrt(fitness.size)
    )
    panel.barh(range(len(names)), values, xerr=errors, color=colours)
    panel.set_yticks(range(len(names)), names)
    panel.invert_yaxis()
    panel.set_xlabel(
        f"fitness per step ± s.e.\n(n = {_lives(references)} lives, network "
        f"{fitness.size})"
    )


def _lives(references: pd.DataFrame) -> str:
    return str(int(references["count"].max()))
