"""Balanced sequences: what every one of them holds, and what cannot be foretold."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evoplast.artefacts.errors import UserError
from evoplast.stimuli import StimulusSet, draw_sequence
from evoplast.stimuli.sequences import FEWEST_PAIRS

N_MEMBERS = 24


def stimuli(n=N_MEMBERS):
    """Stimuli without images: a sequence needs only which ones there are."""
    split = np.arange(n + 3) < n
    return StimulusSet("gratings", np.zeros((n + 3, 1, 1)), split, None, 1.0)


def draw(n_trials, m, seed, n=N_MEMBERS):
    return draw_sequence(stimuli(n), n_trials, 0.5, seed, "training", m)


def counts(sequence):
    """Return changes and repeats of each stimulus among the scored trials."""
    scored = sequence.stimulus[1:]
    return (
        np.bincount(scored[sequence.change[1:] == kind], minlength=N_MEMBERS)
        for kind in (True, False)
    )


lengths = st.integers(1, 260)
numbers = st.integers(2, N_MEMBERS)
seeds = st.integers(0, 2**63)


@settings(max_examples=100, deadline=None)
@given(lengths, numbers, seeds)
def test_flags_say_which_trials_differ_from_the_one_before(n_trials, m, seed):
    sequence = draw(n_trials, m, seed)
    differs = sequence.stimulus[1:] != sequence.stimulus[:-1]
    assert np.array_equal(sequence.change[1:], differs)
    assert sequence.n_trials == n_trials and not sequence.change[0]


@settings(max_examples=100, deadline=None)
@given(lengths, numbers, seeds)
def test_every_stimulus_is_as_often_a_change_as_a_repeat(n_trials, m, seed):
    n_scored = n_trials - 1
    changes, repeats = counts(draw(n_trials, m, seed))
    # One trial is left over where their number is odd.
    assert np.abs(changes - repeats).sum() == n_scored % 2
    assert abs(int(changes.sum()) - int(repeats.sum())) == n_scored % 2


@settings(max_examples=100, deadline=None)
@given(st.integers(9, 260), numbers, seeds)
def test_the_wanted_number_of_stimuli_shares_the_pairs_evenly(n_trials, m, seed):
    n_scored = n_trials - 1
    used = min(m, n_scored // (2 * FEWEST_PAIRS))
    pairs = np.minimum(*counts(draw(n_trials, m, seed)))
    assert (pairs > 0).sum() == used
    shown = pairs[pairs > 0]
    assert shown.max() - shown.min() <= 1 and shown.min() >= FEWEST_PAIRS
    assert shown.sum() == n_scored // 2


@settings(deadline=None)
@given(numbers, seeds)
def test_a_seed_gives_one_sequence_and_another_seed_another(m, seed):
    first, again, other = (draw(81, m, s).stimulus for s in (seed, seed, seed + 1))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_all_stimuli_of_the_split_get_their_turn():
    shown = [set(draw(41, 3, seed).stimulus.tolist()) for seed in range(60)]
    assert set.union(*shown) == set(range(N_MEMBERS))


@cache
def many_flags(m, n_scored):
    """Return the flags of the scored trials of 500 sequences."""
    return [draw(n_scored + 1, m, seed).change[1:] for seed in range(500)]


def best_guess(m, n_scored, n_back):
    """Return how often a change is foretold by one who knows ``n_back`` flags.

    The guess is the more frequent answer after the same flags in every second
    sequence so far; it is judged on the later ones of the others.
    """
    power = 2 ** np.arange(n_back)
    votes, right = np.zeros(2**n_back), []
    for number, flags in enumerate(many_flags(m, n_scored)):
        past = np.lib.stride_tricks.sliding_window_view(flags[:-1], n_back) @ power
        now = flags[n_back:]
        if number % 2:
            right.append(((votes[past] > 0) == now).mean())
        else:
            np.add.at(votes, past, np.where(now, 1, -1))
    return np.mean(right[len(right) // 2 :])


@pytest.mark.parametrize("n_back", [1, 3, 5])
@pytest.mark.parametrize("m, n_scored", [(2, 100), (5, 100), (10, 100), (20, 200)])
def test_the_last_flags_foretell_no_more_than_balance_itself_does(m, n_scored, n_back):
    """With p pairs each, a run gets a repeat with probability p / (2 p - 1).

    No order of trials that balances every stimulus can hide this from one who counts;
    with five pairs it is 0.556.
    """
    pairs = n_scored / (2 * m)
    bound = pairs / (2 * pairs - 1)
    assert best_guess(m, n_scored, n_back) < bound + 0.015


def test_runs_follow_each_other_in_random_order():
    """Every stimulus follows every other one about equally often."""
    follows = np.zeros((5, 5))
    for seed in range(400):
        sequence = draw_sequence(stimuli(5), 101, 0.5, seed, "training", 5)
        at = np.flatnonzero(sequence.change)
        np.add.at(follows, (sequence.stimulus[at - 1], sequence.stimulus[at]), 1)
    others = follows[~np.eye(5, dtype=bool)]
    # 20000 pairs over 20 places: 1000 each, s.d. about 31.
    assert np.abs(others - 1000).max() < 150
    assert np.all(np.diag(follows) == 0)


def test_the_repeats_of_a_stimulus_are_spread_in_every_possible_way():
    """Two stimuli, two pairs each: 2 repeats over 2 or 3 runs."""
    seen = {}
    for seed in range(600):
        sequence = draw(9, 2, seed)
        first = sequence.stimulus[0]
        at = np.flatnonzero(sequence.change)
        runs = np.diff(np.concatenate([[0], at, [9]])) - 1
        own = np.concatenate([[first], sequence.stimulus[at]]) != first
        seen.setdefault(tuple(runs[own]), []).append(seed)
    frequency = {way: len(found) / 600 for way, found in seen.items()}
    assert set(frequency) == {(2, 0), (1, 1), (0, 2)}
    assert all(abs(f - 1 / 3) < 0.08 for f in frequency.values())


@pytest.mark.parametrize("m", [1, 25])
def test_too_few_stimuli_are_refused_with_the_key(m):
    with pytest.raises(UserError, match=r"balanced sequence of .* task.balanced_stim"):
        draw(101, m, 1)


def test_another_share_of_changes_than_half_is_refused():
    with pytest.raises(UserError, match="task.change_probability is 0.3"):
        draw_sequence(stimuli(), 101, 0.3, 1, "training", 5)
