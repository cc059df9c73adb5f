import subprocess
import sys

import jax
import jax.numpy as jnp
import jax.sharding
import pytest

from evoplast.evox_compat import StdWorkflow, algorithms, problems


def test_an_ordinary_multi_objective_algorithm_of_evox_runs():
    problem = problems.numerical.DTLZ2(d=7, m=3)
    algorithm = algorithms.NSGA2(jnp.zeros(7), jnp.ones(7), n_objs=3, pop_size=16)
    workflow = StdWorkflow(algorithm, problem)
    state = workflow.init(jax.random.key(0))
    sums = []
    for _ in range(10):
        state = workflow.step(state)
        fitness = state.get_child_state("algorithm").fitness
        sums.append(float((fitness**2).sum(axis=1).mean()))
    assert 1.0 <= sums[-1] < sums[0]


@pytest.mark.parametrize("name", ["PSO", "CSO"])
def test_ordinary_swarms_of_evox_run(name):
    swarm = getattr(algorithms, name)(jnp.full(3, -2.0), jnp.full(3, 2.0), pop_size=10)
    workflow = StdWorkflow(swarm, problems.numerical.Sphere())
    state = workflow.init(jax.random.key(0))
    for _ in range(3):
        state = workflow.step(state)
    assert jnp.isfinite(state.get_child_state("algorithm").population).all()


def test_jax_is_left_as_it_was_and_nothing_warns():
    program = (
        "import jax.sharding as s; before = hasattr(s, 'PositionalSharding');"
        "import evoplast.evox_compat;"
        "assert hasattr(s, 'PositionalSharding') == before"
    )
    command = [sys.executable, "-W", "error::DeprecationWarning:evox", "-c", program]
    subprocess.run(command, check=True, capture_output=True)
