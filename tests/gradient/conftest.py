import jax.numpy as jnp
import numpy as np
import pytest
from gradient_toys import SHORT, TASK, noise_pA

from evoplast.configuration.sections.gradient import GradientSettings
from evoplast.gradient.model import gradient_model
from evoplast.gradient.train import make_problem
from evoplast.gradient.trials import TrialSource
from evoplast.gradient.update import Trials
from evoplast.objectives import MouseReference
from evoplast.simulator import PlasticitySettings, SimulationSettings, build_model
from evoplast.stimuli import (
    InputSettings,
    StimulusSettings,
    make_gratings,
    prepare_input,
)


@pytest.fixture(scope="session")
def base(tiny_network):
    return build_model(
        tiny_network,
        SimulationSettings.default(),
        PlasticitySettings.default(),
    )


@pytest.fixture(scope="session")
def model(base):
    return gradient_model(base, width=0.28, dampening=0.5)


@pytest.fixture(scope="session")
def mouse():
    sample = np.linspace(0.5, 20.0, 40)
    weights = np.full(40, 1 / 40)
    return MouseReference("toy", sample.mean(), sample, sample, weights)


@pytest.fixture(scope="session")
def settings():
    chosen = GradientSettings.default(
        samples=8,
        batch_size=2,
        trials_per_update=2,
        trials_per_sequence=4,
        adam_learning_rates=(0.01,),
        sgd_learning_rates=(0.1, 1.0),
        test_trials=4,
        test_points=2,
    )
    # No config may ask for a rate that diverges at once.
    object.__setattr__(chosen, "sgd_learning_rates", (0.1, 1e38))
    return chosen


@pytest.fixture(scope="session")
def problem(tiny_network, mouse, settings):
    return make_problem(
        tiny_network, mouse, SimulationSettings.default(), TASK, settings
    )


@pytest.fixture(scope="session")
def gratings():
    counts = StimulusSettings.default(n_training_gratings=6, n_test_gratings=4)
    return make_gratings(counts, seed=3)


@pytest.fixture(scope="session")
def prepared(tiny_network, gratings):
    return prepare_input(tiny_network, gratings, InputSettings.default(**SHORT))


@pytest.fixture(scope="session")
def source(prepared, gratings):
    return TrialSource(prepared, gratings, 0.5, seed=5, run=0)


@pytest.fixture(scope="session")
def toy_trials(tiny_network):
    n = tiny_network.n_neurons
    current = noise_pA(tiny_network, (2, TASK.trial_ms, n, 2), seed=2)
    change = jnp.array([[0.0, 1.0], [1.0, 0.0]])
    return Trials(jnp.asarray(current), change, jnp.ones((2, 2)))
