"""What evolved units do: recordings for figures, as xarray datasets.

In: genomes of evolved units or networks. Out: traces, spikes, weight changes and
rollouts with named dimensions. Time counts network steps, changes are in percent.
"""

from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr

from evoplast.artefacts.seeds import jax_key
from evoplast.enu.cells import rollout
from evoplast.enu.evolution import read_state
from evoplast.enu.experiments import make_experiment, unit_cell
from evoplast.enu.lifetimes import Recording, record
from evoplast.enu.mazes import MAZES, Maze
from evoplast.enu.networks import maze_network
from evoplast.enu.policies import PolicyTrace, trace_policy
from evoplast.enu.readouts import relative_change, spike_counts
from evoplast.enu.tasks import UNIT_TASKS, UnitTask, iaf_batch

GAINS = tuple(range(1, 10))
SEQUENCES_PER_GAIN = 64


def unit_outputs(
    task: UnitTask, kind: str, genomes: np.ndarray, inputs: jax.Array
) -> np.ndarray:
    """Return outputs (stage, T, E) of genomes (stage, G) on inputs (T, E, I)."""
    outputs = rollout(unit_cell(task, kind), jnp.asarray(genomes), inputs)
    return np.moveaxis(np.asarray(outputs)[..., 0], 1, 0)


def read_centres(
    name: str, kind: str, paths: list[str | Path]
) -> tuple[np.ndarray, list[int]]:
    """Return the genomes (stage, G) that segments left, and their generations."""
    experiment = make_experiment(name, kind)
    states = [read_state(path, experiment) for path in paths]
    centres = np.stack([np.asarray(state.centre) for state in states])
    return centres, [int(state.generation) for state in states]


def record_unit(
    name: str,
    kind: str,
    genomes: np.ndarray,
    generations: list[int],
    seed: int,
    n_sequences: int = 512,
) -> xr.Dataset:
    """Record single units on fresh sequences, one stage per genome (stage, G)."""
    task = UNIT_TASKS[name]
    batch = task.draw(jax_key(seed, "enu", "recording"), n_sequences)
    outputs = unit_outputs(task, kind, genomes, batch.inputs)
    data = {
        "input": (("time", "sequence", "channel"), batch.inputs),
        "target": (("time", "sequence"), batch.target),
        "output": (("stage", "time", "sequence"), outputs),
    }
    dataset = xr.Dataset(data, {"generation": ("stage", generations)})
    dataset.attrs |= {"experiment": name, "cell": kind}
    if task.spiking:
        return dataset.merge(_rate_curve(task, kind, genomes, seed))
    changes = np.stack([relative_change(stage, batch) for stage in outputs])
    return dataset.assign(
        interval=("sequence", np.asarray(batch.post_step - batch.pre_step)),
        modulator=("sequence", np.asarray(batch.modulator)),
        change_percent=(("stage", "sequence"), changes),
        target_change_percent=(
            "sequence",
            relative_change(np.asarray(batch.target), batch),
        ),
    )


def _rate_curve(
    task: UnitTask, kind: str, genomes: np.ndarray, seed: int
) -> xr.Dataset:
    """Spikes per step against mean current, for sequences of constant gain."""
    gains = jnp.repeat(jnp.array(GAINS), SEQUENCES_PER_GAIN)
    batch = iaf_batch(jax_key(seed, "enu", "rate curve"), gains)
    outputs = unit_outputs(task, kind, genomes, batch.inputs)
    n_steps = outputs.shape[1]
    rates = np.stack([spike_counts(stage) for stage in outputs]) / n_steps
    current = np.asarray(batch.inputs[..., 0]).mean(axis=0)
    return xr.Dataset(
        {
            "mean_current": ("curve_sequence", current),
            "rate": (("stage", "curve_sequence"), rates),
            "target_rate": ("curve_sequence", spike_counts(batch.target) / n_steps),
        }
    )


# --- mazes ----------------------------------------------------------------------


def maze_grid(maze: Maze) -> xr.Dataset:
    """Return walls, start and ends of a maze."""
    return xr.Dataset(
        {
            "wall": (("row", "column"), maze.walls.astype(np.int8)),
            "start": ("axis", np.array(maze.start)),
            "end": (("place", "axis"), np.array(maze.ends)),
        }
    )


def record_network(
    name: str, kind: str, genome: np.ndarray, seed: int, n_lifetimes: int = 64
) -> xr.Dataset:
    """Record the best of ``n_lifetimes`` lives of one genome (G,) in a maze.

    The fitness of all of them is stored beside, so that the best is not taken for
    the usual.
    """
    maze = MAZES[name]
    network = maze_network(maze, kind)
    key = jax_key(seed, "enu", "maze recording")
    lifetime, traces, places = record(
        network, maze, jnp.asarray(genome), key, n_lifetimes
    )
    fitness = np.asarray(lifetime.fitness)[0]
    best = int(np.argmax(fitness))
    one = jax.tree.map(lambda trace: np.asarray(trace)[:, 0, best], traces)
    dataset = _trace_dataset(one, np.asarray(places)[best])
    return dataset.merge(maze_grid(maze)).assign(
        fitness=("lifetime", fitness),
        foods=("lifetime", np.asarray(lifetime.maze.foods)[0]),
        poisons=("lifetime", np.asarray(lifetime.maze.poisons)[0]),
        shown_lifetime=best,
        neuron_output=(("time", "neuron", "channel"), one.activity),
        action_output=(("time", "action"), one.action_activity),
    )


def record_policy(name: str, policy: str, seed: int) -> xr.Dataset:
    """Record one life of a reference policy."""
    maze = MAZES[name]
    key = jax_key(seed, "enu", "policy recording")
    trace, places = trace_policy(maze, policy, key)
    return _trace_dataset(trace, places).merge(maze_grid(maze))


def _trace_dataset(trace: Recording | PolicyTrace, places: np.ndarray) -> xr.Dataset:
    """Positions, sensors and rewards, and where food and poison were."""
    eaten = np.minimum(_before(trace.foods), len(places) - 1)
    return xr.Dataset(
        {
            "position": (("time", "axis"), trace.position),
            "facing": (("time", "axis"), trace.facing),
            "observation": (("time", "sensor"), trace.observation),
            "reward": ("time", trace.reward),
            "energy": ("time", trace.energy),
            "alive": ("time", trace.alive.astype(np.int8)),
            "food_place": ("time", places[eaten, 0]),
            "poison_place": ("time", places[eaten, 1]),
        }
    )


def _before(foods: np.ndarray | jax.Array) -> np.ndarray:
    """Foods eaten before each step: what lay where the agent walked."""
    return np.concatenate([foods[:1] * 0, foods[:-1]])
