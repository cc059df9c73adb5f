"""The study of racing says what it measured, on results that a test makes up."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from evoplast.artefacts.errors import UserError
from evoplast.studies import racing_study as study

SETTINGS = study.RacingStudySettings.default(
    rules=6,
    keep=2,
    check_every=10,
    confidences=(1.0,),
    initial_gate_probability=0.1,
    training_trials=5,
    validation_trials=40,
)
ACCURACY = np.array([0.5, 0.6, 0.7, 0.55, 0.65, 0.52])


def result(accuracy, n_scored=40, flag=0):
    n = len(accuracy)
    return SimpleNamespace(
        accuracy=np.repeat(np.asarray(accuracy)[:, None], 2, axis=1),
        flag=np.broadcast_to(flag, n),
        n_scored=np.broadcast_to(n_scored, n),
    )


def test_selection_takes_the_best_that_did_not_fail():
    flags = np.array([0, 0, 3, 0, 0, 0])
    found = result(ACCURACY, flag=flags)
    assert study.selected(found, 2).tolist() == [4, 1]
    assert study.needed_accuracy(found, 2) == 0.6
    assert study.selected(result([0.5, 0.5, 0.5]), 2).tolist() == [0, 1]


def test_comparison_counts_what_was_saved_and_what_changed():
    full, again = result(ACCURACY), result(ACCURACY[::-1])
    seen = np.array([10, 40, 20, 10, 40, 40])
    raced = result([0.5, 0.6, 0.5, 0.55, 0.65, 0.52], seen)
    row = study.compared("race", raced, full, again, SETTINGS)
    assert (row["stopped"], row["flagged"]) == (3, 0)
    assert row["scored_saved"] == pytest.approx(1 - 160 / 240)
    assert row["overlap"] == 0.5
    assert row["accuracy_again"] == pytest.approx((0.6 + 0.65) / 2)
    assert study.compared("full", full, full, again, SETTINGS)["overlap"] == 1


def test_every_policy_is_timed_on_the_sequence_of_the_full_evaluation(monkeypatch):
    now, calls = [0.0], []

    def evaluate(world, genomes, sequence, training, scored, racing=None):
        calls.append((sequence, training, scored, racing))
        now[0] += 3.0 if racing is None else 2.0
        return result(ACCURACY)

    monkeypatch.setattr(study, "evaluate", evaluate)
    monkeypatch.setattr(study, "random_genomes", lambda *_: np.zeros((6, 4)))
    world = SimpleNamespace(rule_space=None)
    table = study.racing_study(world, SETTINGS, 1, lambda: now[0])
    assert table["policy"].tolist() == [
        study.FULL,
        study.AGAIN,
        study.FLAGS,
        study.NEEDED,
    ]
    assert table["seconds"].tolist() == [3.0, 3.0, 2.0, 2.0]
    assert table["seconds_saved"].iloc[-1] == pytest.approx(1 / 3)
    timed = [call for call in calls if call[1:3] == (5, 40)]
    assert len({call[0] for call in timed}) == 2
    assert [call[3] and call[3].needed_accuracy for call in timed] == [
        *(None, None, None),
        0.65,
    ]
    assert "needed accuracy" in study.study_text(table)


def test_keeping_all_is_refused():
    with pytest.raises(UserError, match=r"racing_study\.keep is 6"):
        study.RacingStudySettings.default(
            rules=6,
            keep=6,
            check_every=1,
            confidences=(1.0,),
            initial_gate_probability=0.1,
            training_trials=1,
            validation_trials=1,
        )


def test_expected_savings_follow_from_the_counts_of_correct_trials():
    accuracy = np.array([0.0, 0.0, 0.0, 1.0])
    rng = np.random.default_rng(0)
    saved, lost = study.expected_race(accuracy, 100, [20, 50], 1, 0.0, rng, 2)
    assert (saved, lost) == (pytest.approx(0.75 * 0.8), 0.0)
    alike = np.full(40, 0.5)
    _, few = study.expected_race(alike, 100, [20, 50], 10, 3.0, rng)
    _, many = study.expected_race(alike, 100, [20, 50], 10, 0.0, rng)
    assert few < 0.5 < 3 < many


def test_expectations_leave_flagged_rules_out():
    table = pd.DataFrame(
        {"screening_flag": [0, 3, 0], "screening_cross_accuracy": [0.2, 0.99, 0.8]}
    )
    expected = study.expected_table(table, 50, 10, 1, [3.0])
    (row,) = expected.to_dict("records")
    assert row["best stopped"] == 0
    assert row["saved"] > 0.2
