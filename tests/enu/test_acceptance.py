"""Learning at a small budget: the statistical acceptance numbers (minutes).

Populations of 128 x 8 and 1000 generations, the median of three seeds; about 20 s a
run on one core. The full populations are measured by the workflow (acceptance table).
"""

import jax.numpy as jnp
import numpy as np
import pytest

from evoplast.artefacts.seeds import jax_key, named_seed
from evoplast.enu.cells import rollout
from evoplast.enu.evolution import EvolutionSettings, evolve, initial_evolution
from evoplast.enu.experiments import make_experiment, unit_cell
from evoplast.enu.readouts import rate_match, window_fit
from evoplast.enu.tasks import UNIT_TASKS

SETTINGS = EvolutionSettings.default(population=128, environments=8, heldout_every=1000)
N_GENERATIONS, SEEDS = 1000, (0, 1, 2)


def evolved(name, kind, seed):
    """Return the held-out fitness, the outputs (T, E) and the batch they belong to."""
    experiment = make_experiment(name, kind)
    root = named_seed(0, "acceptance", seed)
    start = initial_evolution(experiment, root)
    state, history = evolve(experiment, SETTINGS, root, start, N_GENERATIONS)
    task = UNIT_TASKS[name]
    batch = task.draw(jax_key(root, "read-out"), 1024)
    centre = jnp.asarray(state.centre)[None]
    outputs = rollout(unit_cell(task, kind), centre, batch.inputs)[:, 0, :, 0]
    return float(history["heldout_fitness"][-1]), np.asarray(outputs), batch


def medians(name, kind, readout):
    runs = [evolved(name, kind, seed) for seed in SEEDS]
    values = [(fitness, *readout(outputs, batch)) for fitness, outputs, batch in runs]
    return np.median(values, axis=0)


def window(outputs, batch):
    return (window_fit(outputs, batch),)


@pytest.mark.slow
def test_enu_learns_neuromodulated_stdp():
    fitness, explained = medians("stdp", "enu", window)
    assert fitness > -0.0045 and explained > 0.6


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["gru", "lstm"])
def test_gru_and_lstm_do_not_learn_it_in_the_same_time(kind):
    fitness, explained = medians("stdp", kind, window)
    assert fitness < -0.0048 and explained < 0.4


@pytest.mark.slow
def test_enu_learns_to_integrate_and_fire():
    fitness, ratio, correlation = medians("iaf", "enu", rate_match)
    assert fitness > -26 and 0.85 < ratio < 1.5 and correlation > 0.92


@pytest.mark.slow
def test_without_feedback_the_unit_fires_too_often():
    assert medians("iaf", "nfenu", rate_match)[1] > 1.5
