"""Sequences of trials for 1-back change detection.

In: a stimulus set, number of trials, probability of a change, seed, split, number of
balanced stimuli. Out: a ``Sequence``. The first trial is not scored.

Random order: a change takes another stimulus of the split, all equally likely.
Balanced: each stimulus is as often a change as a repeat, so that which stimuli a
sequence happens to show, most of the variance of a pool's rate, cancels.
"""

import numpy as np

from evoplast.artefacts.errors import UserError
from evoplast.artefacts.seeds import numpy_rng
from evoplast.stimuli.types import SPLITS, Sequence, StimulusSet

FEWEST_PAIRS = 2
"""Pairs of a change and a repeat that each balanced stimulus gets at least: with one,
changes and repeats would simply take turns."""


def draw_sequence(
    stimulus_set: StimulusSet,
    n_trials: int,
    change_probability: float,
    seed: int,
    split: str,
    balanced_stimuli: int = 0,
) -> Sequence:
    """Draw a sequence of ``n_trials`` trials from one split.

    The share of changes among the trials after the first is exact, up to rounding at
    random, and their order is random: with independent draws a rule that always
    reports a change would score whatever share the sequence happened to have.

    ``balanced_stimuli`` above 0: see :func:`balanced_counts` and ``_balanced``.

    Raises:
        UserError: unknown split, fewer than one trial, a probability outside [0, 1],
            or a balanced sequence that these stimuli or this probability do not allow.
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
    if balanced_stimuli:
        _check_balance(stimulus_set, split, change_probability, balanced_stimuli)
        rng = numpy_rng(seed, "balanced sequence", stimulus_set.name, split)
        return _balanced(members, n_trials - 1, balanced_stimuli, rng)
    rng = numpy_rng(seed, "sequence", stimulus_set.name, split)
    return _random_order(members, n_trials, change_probability, rng)


def _random_order(
    members: np.ndarray,
    n_trials: int,
    change_probability: float,
    rng: np.random.Generator,
) -> Sequence:
    n_changes = int(change_probability * (n_trials - 1) + rng.random())
    change = np.zeros(n_trials, bool)
    change[1 : n_changes + 1] = True
    change[1:] = rng.permutation(change[1:])
    # A step of 1..n-1 around the circle of members is a uniform draw of another one.
    steps = np.where(change, rng.integers(1, len(members), n_trials), 0)
    steps[0] = rng.integers(0, len(members))
    position = np.cumsum(steps) % len(members)
    return Sequence(stimulus=members[position].astype(np.int32), change=change)


def _check_balance(
    stimulus_set: StimulusSet, split: str, change_probability: float, wanted: int
) -> None:
    n = len(stimulus_set.members(split))
    if wanted < 2 or wanted > n:
        raise UserError(
            f"A balanced sequence of {wanted} stimuli is impossible with the {n} "
            f"{split} stimuli of {stimulus_set.name}; set task.balanced_stimuli to "
            f"0 (random order) or 2 to {n}, or make more stimuli."
        )
    if change_probability != 0.5:
        raise UserError(
            f"task.change_probability is {change_probability}, but a balanced sequence "
            "has as many changes as repeats; set it to 0.5, or task.balanced_stimuli "
            "to 0."
        )


def balanced_counts(
    n_scored: int, n_stimuli: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return how often each stimulus is a change and a repeat, two (m,) int arrays.

    m is ``n_stimuli``, fewer if ``n_scored`` trials would not give each of them
    ``FEWEST_PAIRS`` pairs of a change and a repeat, at least 2. The n_scored // 2
    pairs are dealt out as evenly as possible: each stimulus gets floor or ceiling of
    their m-th part, the first ones the ceiling. An odd trial is one more change or
    one more repeat, at random, of the next stimulus in turn.
    """
    m = max(min(n_stimuli, n_scored // (2 * FEWEST_PAIRS)), 2)
    one_more = n_scored % 2 and rng.integers(2)
    n_changes = n_scored // 2 + one_more
    turn = np.arange(m)
    changes, repeats = (
        n // m + (turn < n % m) for n in (n_changes, n_scored - n_changes)
    )
    return changes, repeats


def _balanced(
    members: np.ndarray, n_scored: int, n_stimuli: int, rng: np.random.Generator
) -> Sequence:
    """Draw a first trial and ``n_scored`` others in which every stimulus balances.

    A run is a trial with a change and the repeats that follow it; the first trial
    begins one, too. The stimuli are a random draw of ``members``, their runs in
    random order, none after one of itself, and all ways to spread the repeats of a
    stimulus over its runs are equally likely.
    """
    changes, repeats = balanced_counts(n_scored, n_stimuli, rng)
    runs = _order_of_runs(changes, repeats, rng)
    lengths = np.ones(len(runs), int)
    for stimulus, n_repeats in enumerate(repeats):
        own = np.flatnonzero(runs == stimulus)
        if len(own):
            lengths[own] += _spread(n_repeats, len(own), rng)
    shown = rng.choice(members, len(changes), replace=False).astype(np.int32)
    change = np.zeros(n_scored + 1, bool)
    change[np.cumsum(lengths)[:-1]] = True
    return Sequence(stimulus=np.repeat(shown[runs], lengths), change=change)


def _order_of_runs(
    changes: np.ndarray, repeats: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Return the stimulus of the first trial's run and of each change's run.

    The next one is drawn among those still due, but for the last one, in proportion to
    how often they are; one of which there would otherwise be too many left to keep
    them apart goes first. The first trial shows the stimulus that has one more repeat
    than changes, if there is one.
    """
    due = np.array(changes)
    uneven = np.flatnonzero(repeats > changes)
    may_begin = uneven if len(uneven) else np.flatnonzero(due <= due.sum() // 2)
    runs = [int(rng.choice(may_begin))]
    for left in range(due.sum(), 0, -1):
        weight = due.copy()
        weight[runs[-1]] = 0
        if 2 * weight.max() > left:
            weight[weight < weight.max()] = 0
        place = rng.integers(weight.sum())
        runs.append(int(np.searchsorted(np.cumsum(weight), place, side="right")))
        due[runs[-1]] -= 1
    return np.array(runs)


def _spread(n_items: int, n_places: int, rng: np.random.Generator) -> np.ndarray:
    """Return how many of ``n_items`` each place gets; every outcome equally likely."""
    slots = n_items + n_places - 1
    walls = np.sort(rng.choice(slots, n_places - 1, replace=False))
    return np.diff(walls, prepend=-1, append=slots) - 1


def join_sequences(*sequences: Sequence) -> Sequence:
    """Put sequences behind each other, as one run of the network.

    The first trial of each later part counts as a change if its stimulus differs
    from the one before it.
    """
    stimulus = np.concatenate([part.stimulus for part in sequences])
    change = np.zeros(len(stimulus), bool)
    change[1:] = stimulus[1:] != stimulus[:-1]
    return Sequence(stimulus=stimulus, change=change)
