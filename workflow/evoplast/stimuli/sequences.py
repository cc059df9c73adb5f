"""Sequences of trials for 1-back change detection.

In: a stimulus set, number of trials, probability of a change, seed, split. Out: a
``Sequence``. A change takes another stimulus of the split, all equally likely.
"""

import numpy as np

from evoplast.artefacts.errors import UserError
from evoplast.artefacts.seeds import numpy_rng
from evoplast.stimuli.types import SPLITS, Sequence, StimulusSet


def draw_sequence(
    stimulus_set: StimulusSet,
    n_trials: int,
    change_probability: float,
    seed: int,
    split: str,
) -> Sequence:
    """Draw a sequence of ``n_trials`` trials from one split.

    The share of changes among the trials after the first is exact, up to rounding at
    random, and their order is random: with independent draws a rule that always
    reports a change would score whatever share the sequence happened to have.

    Raises:
        UserError: unknown split, fewer than one trial, or a probability outside
            [0, 1].
    """
    if split not in SPLITS:
        raise UserError(f"The split {split!r} is unknown; it is one of {SPLITS}.")
    if n_trials < 1 or not 0.0 <= change_probability <= 1.0:
        raise UserError(
            f"A sequence of {n_trials} trials with change probability "
            f"{change_probability} is impossible; use at least one trial and a "
            "probability from 0 to 1."
        )
    members = stimulus_set.members(split)
    rng = numpy_rng(seed, "sequence", stimulus_set.name, split)
    n_changes = int(change_probability * (n_trials - 1) + rng.random())
    change = np.zeros(n_trials, bool)
    change[1 : n_changes + 1] = True
    change[1:] = rng.permutation(change[1:])
    # A step of 1..n-1 around the circle of members is a uniform draw of another one.
    steps = np.where(change, rng.integers(1, len(members), n_trials), 0)
    steps[0] = rng.integers(0, len(members))
    position = np.cumsum(steps) % len(members)
    return Sequence(stimulus=members[position].astype(np.int32), change=change)


def join_sequences(*sequences: Sequence) -> Sequence:
    """Put sequences behind each other, as one run of the network.

    The first trial of each later part counts as a change if its stimulus differs
    from the one before it.
    """
    stimulus = np.concatenate([part.stimulus for part in sequences])
    change = np.zeros(len(stimulus), bool)
    change[1:] = stimulus[1:] != stimulus[:-1]
    return Sequence(stimulus=stimulus, change=change)
