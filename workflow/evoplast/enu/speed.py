"""How fast a generation runs, against the arithmetic peak of the machine.

In: experiments and population sizes. Out: seconds, agent steps per second and the
share of the peak. The peak is what a large single-precision matrix product reaches
here with the same threads; transcendental functions and random numbers count as no
arithmetic.
"""

import time
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd

from evoplast.enu.evolution import (
    EvolutionSettings,
    initial_evolution,
    make_generation,
)
from evoplast.enu.experiments import make_experiment, task_steps
from evoplast.enu.mazes import MAZES
from evoplast.enu.networks import maze_network

PEAK_SIZE = 2048
REPEATS = 3


def _seconds(function: Callable, *arguments: object) -> float:
    """Return the median wall time of a compiled function after one call, s."""
    jax.block_until_ready(function(*arguments))
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        jax.block_until_ready(function(*arguments))
        times.append(time.perf_counter() - start)
    return float(np.median(times))


def peak_flop_per_s() -> float:
    """Return the rate of a large matrix product, floating-point operations per s."""
    matrix = jnp.ones((PEAK_SIZE, PEAK_SIZE))
    return 2 * PEAK_SIZE**3 / _seconds(jax.jit(jnp.matmul), matrix, matrix)


def flop_per_agent_step(name: str, kind: str = "enu") -> float:
    """Return operations of one agent in one step: two per use of a weight."""
    if name not in MAZES:
        return 2.0 * make_experiment(name, kind).n_parameters
    network = maze_network(MAZES[name], kind)
    synapses = network.n_neurons * network.n_synapses * network.synapse.n_parameters
    return 2.0 * (synapses + network.n_neurons * network.neuron.n_parameters)


def measure(
    name: str, population: int, environments: int, block: int, peak: float
) -> dict:
    """Time one generation of the ENU; return a row of the table."""
    experiment = make_experiment(name, "enu", block=block)
    settings = EvolutionSettings.default(
        population=population, environments=environments
    )
    generation = make_generation(experiment, settings, 0)
    seconds = _seconds(generation, initial_evolution(experiment, 0))
    agent_steps = population * environments * task_steps(name)
    rate = agent_steps / seconds
    flop = rate * flop_per_agent_step(name)
    return {
        "experiment": name,
        "population": population,
        "environments": environments,
        "seconds_per_generation": seconds,
        "agent_steps_per_s": rate,
        "gflop_per_s": flop / 1e9,
        "peak_gflop_per_s": peak / 1e9,
        "share_of_peak": flop / peak,
        "device": jax.devices()[0].device_kind,
    }


def benchmark(sizes: dict[str, tuple[int, int]], block: int) -> pd.DataFrame:
    """Time experiments at sizes (population, environments)."""
    peak = peak_flop_per_s()
    return pd.DataFrame(
        [measure(name, *size, block, peak) for name, size in sizes.items()]
    )
