"""Recordings against what the evaluation of the same rules counts."""

from functools import cache

import numpy as np
import pytest

from evoplast.artefacts.errors import UserError
from evoplast.configuration.defaults import default_config
from evoplast.evaluation import build_world, evaluate_stages, record
from evoplast.recordings import dynamics
from evoplast.rules import no_plasticity, uniform_rule

LOOKS, TESTED = (0, 1, 3), 5
TERMS = {"S_pre·X_post": 1.0, "X_post²": 0.3, "S_post·X_pre·R": -0.5}


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
    return np.stack([uniform_rule(space, TERMS), no_plasticity(space)])


@cache
def recorded():
    return record(world(), genomes(), 3, LOOKS, TESTED, [world()])


@cache
def evaluated():
    # The recording draws one trial more than it trains for, as its last look needs it.
    kept = ("weights", "counts_by_trial", "dimension")
    stages = (LOOKS[-1], LOOKS[-1] + 1)
    return evaluate_stages(world(), genomes(), 3, stages, TESTED, "test", kept)[0]


def test_weights_after_training_are_those_of_the_evaluation():
    weights = recorded().weights
    np.testing.assert_array_equal(weights[-1], evaluated().recordings["weights"])
    assert (weights[0, 0] != weights[-1, 0]).any()
    assert (weights[0, 1] == weights[-1, 1]).all()


def test_spikes_of_every_cell_and_trial_are_those_that_the_evaluation_counts():
    counts = evaluated().recordings["counts_by_trial"]
    for rule, by_task in enumerate(recorded().rasters[0]):
        for task, raster in enumerate(by_task):
            found = np.zeros((TESTED, 60), int)
            np.add.at(found, (raster.trial, raster.neuron), 1)
            np.testing.assert_array_equal(found, counts[rule, task])
    np.testing.assert_array_equal(recorded().change, evaluated().change)


def test_the_dimension_is_that_of_the_recorded_counts():
    dimension = evaluated().recordings["dimension"]
    assert dimension.shape == (2, 2)
    for rule, by_task in enumerate(recorded().rasters[0]):
        for task, raster in enumerate(by_task):
            counts = np.zeros((TESTED, 60))
            np.add.at(counts, (raster.trial, raster.neuron), 1)
            expected = dynamics.participation_ratio(counts)
            assert 1 < expected < TESTED
            assert dimension[rule, task] == pytest.approx(expected)


def test_spikes_come_in_order_and_within_the_trial():
    for by_task in recorded().rasters[0]:
        for raster in by_task:
            order = np.lexsort((raster.neuron, raster.ms, raster.trial))
            np.testing.assert_array_equal(order, np.arange(len(order)))
            assert 0 <= raster.ms.min() and raster.ms.max() < 300
            assert len(np.unique(raster.trial)) == TESTED


def test_only_a_plastic_rule_meets_limits():
    limits = recorded().limits
    assert limits.shape == (3, 2, 2, 3)
    assert limits[:, 0, :, 0].min() > 0 and not limits[:, 1].any()


def test_a_recording_does_not_depend_on_the_rules_beside_it():
    alone = record(world(), genomes()[:1], 3, LOOKS, TESTED, [world()])
    np.testing.assert_array_equal(alone.weights[:, 0], recorded().weights[:, 0])
    np.testing.assert_array_equal(alone.limits[:, 0], recorded().limits[:, 0])
    for one, other in zip(alone.rasters[0][0], recorded().rasters[0][0], strict=True):
        for name, values in vars(one).items():
            np.testing.assert_array_equal(values, getattr(other, name))


@pytest.mark.parametrize(("looks", "tested"), [((), 3), ((1, 2), 3), ((0, 2), 0)])
def test_impossible_recordings_are_refused(looks, tested):
    with pytest.raises(UserError, match="is impossible; give looks"):
        record(world(), genomes(), 3, looks, tested, [world()])
