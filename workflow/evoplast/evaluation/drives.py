"""Trial sequences and their external currents, one per task, shared by all rules.

In: a world, a seed, numbers of trials, the images to use. Out: one
:class:`~evoplast.stimuli.Drive` per task.
"""

from collections.abc import Sequence as SequenceOf
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from evoplast.artefacts.errors import UserError
from evoplast.artefacts.seeds import named_seed
from evoplast.evaluation.world import World
from evoplast.simulator import thread_count
from evoplast.stimuli import (
    Drive,
    Sequence,
    draw_sequence,
    join_sequences,
    make_drive,
)

TRAINING, TEST = "training", "test"
SCORED = "scored"


def task_sequence(
    world: World, task: str, seed: int, phase: str, n_trials: int, split: str
) -> Sequence:
    """Draw the sequence of one phase ("training" or "scored") of one task.

    Raises:
        UserError: the world has no stimuli for the task.
    """
    if task not in world.stimulus_sets or task not in world.inputs:
        raise UserError(
            f"The world has no stimuli for the task {task!r}; give prepare_world its "
            "stimulus set and prepared input, or give evaluate ready drives."
        )
    settings = world.settings.task
    scored = phase == SCORED
    return draw_sequence(
        world.stimulus_sets[task],
        n_trials,
        settings.change_probability,
        named_seed(seed, task, phase),
        split,
        settings.balanced_stimuli if scored else settings.balanced_training_stimuli,
    )


def make_drives(
    world: World, seed: int, n_training: int, n_scored: int, split: str
) -> tuple[Drive, ...]:
    """Return the drive of every task: training trials, then the scored phase.

    The scored phase has one trial more than ``n_scored``: its first is not scored.
    Training uses training images, the scored phase those of ``split``.
    """

    def make(task: str) -> Drive:
        parts = [task_sequence(world, task, seed, SCORED, n_scored + 1, split)]
        if n_training:
            training = task_sequence(
                world, task, seed, "training", n_training, TRAINING
            )
            parts.insert(0, training)
        noise = named_seed(seed, task, "noise")
        return make_drive(world.inputs[task], join_sequences(*parts), noise)

    with ThreadPoolExecutor(thread_count()) as threads:
        return tuple(threads.map(make, world.task_names))


def make_part_of_training(
    world: World, seed: int, sequences: SequenceOf[Sequence], start: int, stop: int
) -> tuple[Drive, ...]:
    """Return the drives of trials ``start`` to ``stop`` of training ``sequences``.

    The input before ``start`` is run, too, as far back as the LGN remembers, so
    that nothing but the noise depends on where a long training is cut.
    """
    drives = []
    for task, whole in zip(world.task_names, sequences, strict=True):
        prepared = world.inputs[task]
        memory = -(-prepared.settings.lgn_kernel_ms // prepared.settings.trial_ms)
        before = min(start, memory)
        part = slice(start - before, stop)
        piece = Sequence(stimulus=whole.stimulus[part], change=whole.change[part])
        noise = named_seed(seed, task, "noise", "from", start)
        drive = make_drive(prepared, piece, noise)
        drives.append(
            Drive(
                current_pA=drive.current_pA[before:],
                change=drive.change[before:],
                stimulus=drive.stimulus[before:],
            )
        )
    return tuple(drives)


def check_drives(world: World, drives: SequenceOf[Drive], n_trials: int) -> None:
    """Raise UserError unless there is a fitting drive for every task."""
    shape = (n_trials, world.settings.task.trial_ms, world.network.n_neurons)
    shapes = [np.shape(drive.current_pA) for drive in drives]
    if len(drives) != world.n_tasks or any(found != shape for found in shapes):
        raise UserError(
            f"The drives have the shapes {shapes}; this evaluation needs "
            f"{world.n_tasks} of {shape} (trials, ms, neurons)."
        )
