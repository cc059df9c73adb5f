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


@dataclass(frozen=True)
class TrialSource:
    """Where the trials of one run come from.

    ``seed`` is the root seed, ``run`` the index of the training run.
    """

    prepared: PreparedInput
    stimuli: StimulusSet
    change_probability: float
    seed: int
    run: int


def draw_trials(
    source: TrialSource, n_trials: int, n_lanes: int, split: str, block: int
) -> Trials:
    """Return ``n_trials`` trials of ``n_lanes`` new sequences of a split.

    The first trial of each sequence is not scored.
    """
    drives = [
        _draw_lane(source, n_trials, split, block, lane) for lane in range(n_lanes)
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


def _draw_lane(source: TrialSource, n_trials: int, split: str, block: int, lane: int):
    path = ("gradient", source.stimuli.name, split, source.run, block, lane)
    sequence = draw_sequence(
        source.stimuli,
        n_trials,
        source.change_probability,
        named_seed(source.seed, *path, "sequence"),
        split,
    )
    seed = named_seed(source.seed, *path, "drive")
    return make_drive(source.prepared, sequence, seed)
