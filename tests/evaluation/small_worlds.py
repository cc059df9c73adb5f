"""A world of twelve neurons with hand-made drives, for tests of scheduling."""

import sys
from pathlib import Path

import jax
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "simulator"))
from circuits import random_network  # noqa: E402

from evoplast.evaluation import EvaluationSettings, evaluate, prepare_world
from evoplast.objectives import MouseReference
from evoplast.rules import random_genomes
from evoplast.simulator import PlasticitySettings, SimulationSettings
from evoplast.stimuli import Drive
from evoplast.task import TaskSettings

TASKS = ("first", "second")
N_TRAINING, N_SCORED = 3, 4
SHORT = TaskSettings.default(
    grey_before_ms=5,
    image_ms=20,
    grey_after_ms=15,
    window_start_ms=5,
    window_end_ms=25,
    history_trials=3,
)
MOUSE = MouseReference("none", 5.0, np.full(4, 5.0), np.full(4, 5.0), np.full(4, 0.25))


def small_world(runaway_rate_hz=500.0, **simulation):
    settings = EvaluationSettings.default(
        simulation=SimulationSettings.default(**simulation),
        plasticity=PlasticitySettings.default(
            eta=0.03,
            max_relative_change=0.1,
            runaway_rate_hz=runaway_rate_hz,
        ),
        task=SHORT,
    )
    return prepare_world(random_network(), {}, settings, MOUSE, task_names=TASKS)


def small_drives(n_trials=N_TRAINING + 1 + N_SCORED, levels=(700, 900)):
    rng = np.random.default_rng(5)
    shape = (n_trials, SHORT.trial_ms, 12)
    change = np.arange(n_trials) % 2 == 0
    stimulus = np.zeros(n_trials, np.int32)
    return tuple(
        Drive(rng.uniform(0, level, shape).astype(np.float32), change, stimulus)
        for level in levels
    )


def small_genomes(world, count):
    return np.array(random_genomes(world.rule_space, count, jax.random.key(0), 0.3))


def run(world, genomes, drives=None, **more):
    drives = drives or small_drives()
    return evaluate(world, genomes, 0, N_TRAINING, N_SCORED, drives=drives, **more)


def bytes_of(evaluation):
    """Return the bytes of everything measured, by name."""
    fields = {**vars(evaluation), **evaluation.recordings}
    del fields["recordings"]
    return {name: np.asarray(value).tobytes() for name, value in fields.items()}
