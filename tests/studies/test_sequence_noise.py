"""Components of noise from known ones, and that orders reach the drives alone."""

from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pytest
from fakes import SPACE

from evoplast.configuration.sections.noise import SequenceNoiseSettings
from evoplast.evaluation import EvaluationSettings
from evoplast.rules import RuleSpace
from evoplast.search import SearchSettings
from evoplast.studies import sequence_noise as study


@dataclass(frozen=True)
class FakeWorld:
    """What the study needs of a world."""

    settings: EvaluationSettings
    rule_space: RuleSpace = SPACE


SEARCH = SearchSettings.default(training_trials=3, validation_trials=8)


def accuracies(signal, common, between, shape=(200, 400)):
    rng = np.random.default_rng(0)
    n_rules, n_sequences = shape
    return (
        0.6
        + signal * rng.normal(size=(n_rules, 1))
        + common * rng.normal(size=(1, n_sequences))
        + between * rng.normal(size=shape)
    )


@pytest.mark.parametrize("true", [(0.03, 0.02, 0.01), (0.01, 0.0, 0.02)])
def test_components_are_those_that_made_the_accuracies(true):
    row = study.noise_row(accuracies(*true))
    found = [row[name] for name in ("signal_sd", "common_sd", "between_sd")]
    np.testing.assert_allclose(found, true, rtol=0.15, atol=0.0015)
    assert row["rule_sd"] == pytest.approx(np.hypot(*true[1:]), rel=0.1)
    expected = (true[0] / true[2]) ** 2
    assert row["signal_to_noise"] == pytest.approx(expected, rel=0.25)


def test_rules_that_do_not_differ_have_no_signal():
    row = study.noise_row(accuracies(0.0, 0.02, 0.02))
    assert row["signal_to_noise"] < 0.02


def test_decisions_that_alternate_are_noticed():
    change = np.tile([True, False, False, True, True, False], (2, 1))
    opposite = np.concatenate([[True], ~change[0, :-1]])
    decision = np.stack([np.tile(opposite, (2, 1)), np.tile(~opposite, (2, 1))])
    result = SimpleNamespace(
        recordings={study.DECISIONS: decision.astype(np.int8)}, change=change
    )
    np.testing.assert_array_equal(study._alternates(result), [1.0, 0.0])


@pytest.fixture
def calls(monkeypatch):
    """Let drives tell which order and seed made them, and evaluate return noise."""
    seen = []

    def make_drives(world, seed, n_training, n_scored, split):
        task = world.settings.task
        return task.balanced_stimuli, task.balanced_training_stimuli, seed

    def evaluate(world, genomes, seed, n_training, n_scored, record, drives):
        seen.append((world.settings.task.balanced_stimuli, drives))
        rng = np.random.default_rng(seed % 2**32)
        accuracy = 0.5 + 0.05 * rng.normal(size=(len(genomes), 2))
        decision = rng.integers(0, 2, (len(genomes), 2, n_scored))
        return SimpleNamespace(
            accuracy=accuracy,
            smoothed_accuracy=accuracy,
            flag=(np.arange(len(genomes)) == 1) * 2,
            change=np.zeros((2, n_scored), bool),
            recordings={study.DECISIONS: decision},
        )

    monkeypatch.setattr(study, "make_drives", make_drives)
    monkeypatch.setattr(study, "evaluate", evaluate)
    return seen


def test_all_orders_meet_the_same_seeds_and_every_network_its_own(calls):
    settings = SequenceNoiseSettings(4, 3, 2, 0.5, ((0, 0), (20, 10)))
    worlds = {k: FakeWorld(EvaluationSettings.default()) for k in (0, 1, 2)}
    table = study.measure_sequence_noise(worlds, SEARCH, settings, 1)
    assert len(table) == 2 * 2 * 2 and set(table["instance"]) == {0, 1}
    assert (table["n_rules"] == 3).all(), "the rule that failed is left out"
    # One compiled program: the world that is evaluated never says the order.
    assert {balanced for balanced, _ in calls} == {0}
    orders = [drives[:2] for _, drives in calls]
    assert orders == ([(0, 0)] * 3 + [(20, 10)] * 3) * 2
    seeds = [drives[2] for _, drives in calls]
    assert seeds[:3] == seeds[3:6] and len(set(seeds)) == 6
