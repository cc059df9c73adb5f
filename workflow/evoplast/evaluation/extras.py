"""Evaluations that measure the extra objectives of a search, too.

In: which, and from rules to numbers. Out: a function as :func:`evaluate` whose results
hold ``dimension`` and ``lost_accuracy`` (P, k) among their recordings; all else is, to
the bit, what it is without.
"""

from collections.abc import Callable, Sequence
from dataclasses import fields, replace

import numpy as np

from evoplast.artefacts.errors import UserError
from evoplast.configuration.sections.search import ExtraObjectives
from evoplast.evaluation.drives import (
    TRAINING,
    make_drives,
    make_part_of_training,
    task_sequence,
)
from evoplast.evaluation.evaluate import evaluate
from evoplast.evaluation.result import Evaluation
from evoplast.evaluation.world import World
from evoplast.objectives import DIMENSION, LOST_ACCURACY, OK
from evoplast.stimuli import Drive

NO_EXTRAS = ExtraObjectives(extra_objectives=(), stability_trials=1)


def with_extras(
    extras: ExtraObjectives, evaluate: Callable[..., Evaluation] = evaluate
) -> Callable[..., Evaluation]:
    """Return ``evaluate``, or what measures ``extras`` besides if there are any.

    That takes world, genomes, seed, numbers of training and scored trials, split and
    recordings, and raises what ``evaluate`` does.
    """
    if not extras.extra_objectives:
        return evaluate

    def extended(
        world: World,
        genomes: np.ndarray,
        sequence_seed: int,
        n_training: int,
        n_scored: int,
        split: str = TRAINING,
        record: Sequence[str] = (),
    ) -> Evaluation:
        if "dimension" in extras.extra_objectives:
            record = (*record, DIMENSION)
        drives = make_drives(world, sequence_seed, n_training, n_scored, split)
        what = (world, genomes, sequence_seed)
        found = evaluate(*what, n_training, n_scored, split, record, drives=drives)
        if "stability" not in extras.extra_objectives:
            return found
        n_later = extras.stability_trials
        drives = longer(world, sequence_seed, drives, n_training, n_later)
        later = evaluate(*what, n_later, n_scored, split, drives=drives)
        own = {LOST_ACCURACY: lost_accuracy(found, later)}
        return replace(found, recordings=found.recordings | own)

    return extended


def longer(
    world: World, seed: int, drives: Sequence[Drive], n_training: int, n_later: int
) -> tuple[Drive, ...]:
    """Return ``drives`` with ``n_later`` training trials for their ``n_training``.

    They begin with the same trials and end with the same test.

    Raises:
        UserError: ``n_later`` is not larger than ``n_training``.
    """
    n_more = n_later - n_training
    if n_more < 1:
        raise UserError(
            f"search.stability_trials is {n_later}, but rules are compared with "
            f"themselves after {n_training} training trials (task.training_trials); "
            "make it larger."
        )
    sequences = [
        task_sequence(world, task, seed, "later training", n_more, TRAINING)
        for task in world.task_names
    ]
    more = make_part_of_training(world, seed, sequences, 0, n_more)
    return tuple(
        _inserted(drive, own, n_training)
        for drive, own in zip(drives, more, strict=True)
    )


def _inserted(drive: Drive, more: Drive, place: int) -> Drive:
    def joined(name: str) -> np.ndarray:
        whole, part = getattr(drive, name), getattr(more, name)
        return np.concatenate([whole[:place], part, whole[place:]])

    return Drive(**{field.name: joined(field.name) for field in fields(Drive)})


def lost_accuracy(found: Evaluation, later: Evaluation) -> np.ndarray:
    """Return the smoothed accuracy (P, k) that was lost from one test to a later one.

    What cannot be told counts as guessing; a network that failed later on has nothing
    left.
    """
    before, after = (
        np.nan_to_num(result.smoothed_accuracy, nan=0.5) for result in (found, later)
    )
    return before - np.where((later.flag == OK)[:, None], after, 0.0)
