"""Evaluations with extra objectives: the rest stays, and what they measure is right."""

from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest
from small_worlds import bytes_of

from evoplast.artefacts.errors import UserError
from evoplast.configuration.defaults import default_config
from evoplast.configuration.sections.search import ExtraObjectives
from evoplast.evaluation import build_world, evaluate, make_drives, with_extras
from evoplast.evaluation.extras import longer, lost_accuracy
from evoplast.rules import no_plasticity, uniform_rule

BOTH = ExtraObjectives(extra_objectives=("dimension", "stability"), stability_trials=5)
TRAINING, SCORED, SEED = 2, 6, 3


@cache
def world():
    config = default_config()
    config["network"]["n_neurons"] = 60
    config["stimuli"] |= dict.fromkeys(
        ("n_training_images", "n_test_images", "n_training_gratings"), 4
    )
    config["stimuli"]["n_test_gratings"] = 4
    config["task"]["balanced_stimuli"] = 2
    return build_world(config, 100)


def genomes():
    space = world().rule_space
    return np.stack([uniform_rule(space, {"X_post²": 1.0}), no_plasticity(space)])


@cache
def measured(extras):
    run = with_extras(extras) if extras else evaluate
    kept = ("decisions",)
    return run(world(), genomes(), SEED, TRAINING, SCORED, "training", kept)


def test_nothing_else_changes_by_a_bit():
    plain, found = bytes_of(measured(None)), bytes_of(measured(BOTH))
    assert set(found) - set(plain) == {"dimension", "lost_accuracy"}
    assert {name: found[name] for name in plain} == plain


def test_without_extras_it_is_the_same_function():
    none = ExtraObjectives(extra_objectives=(), stability_trials=5)
    assert with_extras(none) is evaluate


def test_the_later_training_begins_and_the_test_ends_as_before():
    drives = make_drives(world(), SEED, TRAINING, SCORED, "test")
    for short, long in zip(
        drives, longer(world(), SEED, drives, TRAINING, 5), strict=True
    ):
        assert len(long.change) == 5 + 1 + SCORED
        for name in ("current_pA", "change", "stimulus"):
            before, after = getattr(short, name), getattr(long, name)
            np.testing.assert_array_equal(after[:TRAINING], before[:TRAINING])
            np.testing.assert_array_equal(after[5:], before[TRAINING:])


def test_the_loss_is_that_between_two_evaluations_of_one_test():
    drives = make_drives(world(), SEED, TRAINING, SCORED, "training")
    later = evaluate(
        *(world(), genomes(), SEED, 5, SCORED),
        drives=longer(world(), SEED, drives, TRAINING, 5),
    )
    lost = measured(BOTH).recordings["lost_accuracy"]
    np.testing.assert_array_equal(lost, lost_accuracy(measured(None), later))
    assert (later.recordings, lost.shape) == ({}, (2, 2))


def test_guessing_is_half_and_a_network_that_fails_later_has_nothing_left():
    nan = np.nan
    before = SimpleNamespace(smoothed_accuracy=np.array([[0.8], [0.7], [nan], [0.9]]))
    after = SimpleNamespace(
        smoothed_accuracy=np.array([[0.6], [0.75], [0.6], [0.9]]),
        flag=np.array([0, 0, 0, 3]),
    )
    expected = [[0.2], [-0.05], [-0.1], [0.9]]
    np.testing.assert_allclose(lost_accuracy(before, after), expected)


def test_a_later_test_that_is_not_later_is_refused():
    early = ExtraObjectives(extra_objectives=("stability",), stability_trials=TRAINING)
    with pytest.raises(UserError, match="search.stability_trials is 2, but"):
        measured(early)
