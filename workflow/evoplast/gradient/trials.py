"""Trials for training and test: sequences of several lanes and their currents.

In: prepared input and stimuli of one task. Out: ``Trials`` with lanes last. Seeds
depend on the task, the run's index and the place in the run only, so that every
optimiser and learning rate sees the same trials.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np

from evoplast.artefacts.seeds import named_seed
from evoplast.gradient.update import Trials
from evoplast.stimuli import PreparedInput, StimulusSet, draw_sequence, make_drive

TRAINING, VALIDATION, TEST = "training", "validation", "test"


@dataclass(frozen=True)
class TrialSource:
    """Where the trials of one run come from.

    ``seed`` is that of the network, ``run`` the index of the training run.
    ``balanced_stimuli``: of the sequences that are scored, as for rules.
    """

    prepared: PreparedInput
    stimuli: StimulusSet
    change_probability: float
    seed: int
    run: int
    balanced_stimuli: int = 0


def draw_trials(
    source: TrialSource, n_trials: int, n_lanes: int, phase: str, block: int
) -> Trials:
    """Return ``n_trials`` trials of ``n_lanes`` new sequences of a phase.

    ``phase``: "training", "validation" (training images, too) or "test". The first
    trial of each sequence is not scored.
    """
    drives = [
        _draw_lane(source, n_trials, phase, block, lane) for lane in range(n_lanes)
    ]
    change = np.stack([drive.change for drive in drives], axis=1)
    scored = np.ones_like(change)
    scored[0] = False
    current = np.stack([drive.current_pA for drive in drives], axis=-1)
    return Trials(*(jnp.asarray(x, jnp.float32) for x in (current, change, scored)))


def updates(trials: Trials, per_update: int) -> Iterator[Trials]:
    """Cut trials into pieces of ``per_update`` trials, one for each update."""
    for start in range(0, len(trials.change), per_update):
        piece = slice(start, start + per_update)
        yield Trials(
            trials.current_pA[piece], trials.change[piece], trials.scored[piece]
        )


def _draw_lane(source: TrialSource, n_trials: int, phase: str, block: int, lane: int):
    path = ("gradient", source.stimuli.name, phase, source.run, block, lane)
    sequence = draw_sequence(
        source.stimuli,
        n_trials,
        source.change_probability,
        named_seed(source.seed, *path, "sequence"),
        TEST if phase == TEST else TRAINING,
        0 if phase == TRAINING else source.balanced_stimuli,
    )
    seed = named_seed(source.seed, *path, "drive")
    return make_drive(source.prepared, sequence, seed)
