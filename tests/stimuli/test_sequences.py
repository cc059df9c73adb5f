"""Sequences of trials: change statistics, split, determinism."""

import numpy as np
import pytest

from evoplast.artefacts.errors import UserError
from evoplast.stimuli import Sequence, draw_sequence, join_sequences


def test_changes_are_exactly_the_trials_with_another_stimulus(gratings):
    sequence = draw_sequence(gratings, 500, 0.5, seed=1, split="training")
    differs = sequence.stimulus[1:] != sequence.stimulus[:-1]
    assert np.array_equal(sequence.change[1:], differs)
    assert not sequence.change[0]


@pytest.mark.parametrize("probability", [0.2, 0.5])
def test_changes_have_the_asked_probability(gratings, probability):
    sequence = draw_sequence(gratings, 4000, probability, seed=2, split="training")
    error = 4 * np.sqrt(probability * (1 - probability) / 4000)
    assert abs(sequence.change[1:].mean() - probability) < error


def test_changes_reach_all_other_stimuli_alike(gratings):
    sequence = draw_sequence(gratings, 6000, 1.0, seed=3, split="training")
    pairs, count = np.unique(
        np.stack([sequence.stimulus[:-1], sequence.stimulus[1:]]),
        axis=1,
        return_counts=True,
    )
    assert pairs.shape[1] == 4 * 3
    assert np.all(np.abs(count - 500) < 100)


def test_each_split_shows_its_own_stimuli(gratings):
    for split in ("training", "test"):
        sequence = draw_sequence(gratings, 200, 0.5, seed=1, split=split)
        assert set(sequence.stimulus) == set(gratings.members(split))


def test_seed_decides(gratings):
    first = draw_sequence(gratings, 50, 0.5, 1, "training").stimulus
    again = draw_sequence(gratings, 50, 0.5, 1, "training").stimulus
    other = draw_sequence(gratings, 50, 0.5, 2, "training").stimulus
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_joined_parts_count_the_change_between_them():
    part = Sequence(np.array([1, 1, 2], np.int32), np.array([False, False, True]))
    joined = join_sequences(part, part)
    assert joined.stimulus.tolist() == [1, 1, 2, 1, 1, 2]
    assert joined.change.tolist() == [False, False, True, True, False, True]


def test_impossible_sequences_are_refused(gratings):
    with pytest.raises(UserError, match="split 'validation' is unknown"):
        draw_sequence(gratings, 5, 0.5, 1, "validation")
    with pytest.raises(UserError, match="0 trials"):
        draw_sequence(gratings, 0, 0.5, 1, "test")
    with pytest.raises(UserError, match="probability 1.5"):
        draw_sequence(gratings, 5, 1.5, 1, "test")


def test_changes_and_repeats_are_balanced_in_every_sequence(gratings):
    for seed in range(20):
        change = draw_sequence(gratings, 101, 0.5, seed, "training").change
        assert change.sum() == 50 and not change[0]
    odd = [draw_sequence(gratings, 10, 0.5, s, "test").change.sum() for s in range(200)]
    assert set(odd) == {4, 5} and abs(np.mean(odd) - 4.5) < 0.15
