"""Experiments by name: what is evolved and how it is scored.

In: the names of an experiment and of a cell. Out: an ``Experiment`` with the genome
size, the initial genome and one function from genomes (P, G) to an ``Outcome``.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp

from evoplast.artefacts.errors import UserError
from evoplast.enu.cells import Cell, initial_genome, rollout
from evoplast.enu.lifetimes import live
from evoplast.enu.mazes import MAZES, Maze
from evoplast.enu.networks import Network, maze_network, network_genome
from evoplast.enu.tasks import STEPS, UNIT_TASKS, UnitTask, check_steps

NETWORK_ONLY = "shared_enu"
EXPERIMENTS = (*UNIT_TASKS, *MAZES)


class Outcome(NamedTuple):
    """Fitness (P, E) and other numbers (P, E) of every agent.

    ``activity`` is zero for an agent that does nothing at all.
    """

    fitness: jax.Array
    numbers: dict[str, jax.Array]


@dataclass(frozen=True)
class Experiment:
    """What is evolved: ``evaluate(genomes, key, n_environments) -> Outcome``.

    All offspring see the same environments, drawn from the key.
    """

    name: str
    cell_kind: str
    n_parameters: int
    initial_genome: Callable[[jax.Array], jax.Array]
    evaluate: Callable[[jax.Array, jax.Array, int], Outcome]


def unit_cell(task: UnitTask, kind: str) -> Cell:
    """Return the unit that solves a single-unit task.

    Raises:
        UserError: the kind is unknown or exists in networks only.
    """
    if kind == NETWORK_ONLY:
        raise UserError(
            f"cell {kind!r} shares weights between neurons and synapses and cannot "
            f"solve the single-unit task {task.name}; use it in t_maze or "
            "double_t_maze."
        )
    return Cell(kind, task.n_inputs, 1, spiking=task.spiking)


def _evaluate_unit(
    task: UnitTask,
    cell: Cell,
    n_steps: int,
    genomes: jax.Array,
    key: jax.Array,
    n_environments: int,
) -> Outcome:
    batch = task.draw(key, n_environments, n_steps)
    outputs = rollout(cell, genomes, batch.inputs)[..., 0]
    activity = jnp.mean(outputs, axis=0)
    return Outcome(task.fitness(outputs, batch), {"activity": activity})


def unit_experiment(name: str, kind: str, n_steps: int) -> Experiment:
    """Return the experiment for one of ``UNIT_TASKS``."""
    task = UNIT_TASKS[name]
    check_steps(name, n_steps, STEPS)
    cell = unit_cell(task, kind)
    return Experiment(
        name,
        kind,
        cell.n_parameters,
        partial(initial_genome, cell),
        partial(_evaluate_unit, task, cell, n_steps),
    )


def _evaluate_network(
    network: Network,
    maze: Maze,
    block: int,
    genomes: jax.Array,
    key: jax.Array,
    n_environments: int,
) -> Outcome:
    lifetime = live(network, maze, genomes, key, n_environments, block)
    numbers = {
        "activity": lifetime.maze.actions,
        "foods": lifetime.maze.foods,
        "poisons": lifetime.maze.poisons,
        "survivors": lifetime.maze.alive,
    }
    as_floats = {name: v.astype(jnp.float32) for name, v in numbers.items()}
    return Outcome(lifetime.fitness, as_floats)


def maze_experiment(name: str, kind: str, n_steps: int, block: int) -> Experiment:
    """Return the experiment for one of ``MAZES``."""
    check_steps(name, n_steps, MAZES[name].steps)
    maze = replace(MAZES[name], steps=n_steps)
    network = maze_network(maze, kind)
    return Experiment(
        name,
        kind,
        network.n_parameters,
        partial(network_genome, network),
        partial(_evaluate_network, network, maze, block),
    )


def task_steps(name: str) -> int:
    """Return the lifetime of an experiment, in network steps.

    Raises:
        UserError: the name is unknown.
    """
    if name in UNIT_TASKS:
        return STEPS
    if name in MAZES:
        return MAZES[name].steps
    raise UserError(
        f"experiment {name!r} is unknown; choose one of {', '.join(EXPERIMENTS)}."
    )


def make_experiment(
    name: str, kind: str, n_steps: int | None = None, block: int = 0
) -> Experiment:
    """Return an experiment by name.

    Args:
        name: one of ``EXPERIMENTS``.
        kind: one of the cells.
        n_steps: length of a lifetime; None for the task's own.
        block: offspring simulated at once in a maze (0: all).

    Raises:
        UserError: the name or the cell is unknown, or ``n_steps`` is too short.
    """
    length = task_steps(name) if n_steps is None else n_steps
    if name in UNIT_TASKS:
        return unit_experiment(name, kind, length)
    return maze_experiment(name, kind, length, block)
