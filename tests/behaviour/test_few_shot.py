"""Trials to half of the gain, and curves whose truth is known."""

from dataclasses import replace
from types import SimpleNamespace

import fakes
import numpy as np
import pandas as pd
import pytest
from behaviour_toys import PLAN, representatives

from evoplast.behaviour import few_shot_cells, learning_curves, trials_to_half
from evoplast.behaviour.few_shot import crossing, half_of_gain

STAGES = (0, 10, 20, 40)


def test_the_crossing_lies_on_the_straight_line_between_two_stages():
    stages = np.array(STAGES, float)
    # Half of 0.4 is reached in the middle between 10 (0.1) and 20 (0.3).
    assert crossing(stages, np.array([0, 0.1, 0.3, 0.4])) == pytest.approx(15)
    # The first time counts.
    assert crossing(stages, np.array([0, 0.4, 0.0, 0.4])) == pytest.approx(5)
    assert np.isnan(crossing(stages, np.array([0, 0.2, 0.3, 0.0])))
    assert np.isnan(crossing(stages, np.array([0, 0.2, 0.3, -0.1])))


def curves(*rows):
    return pd.DataFrame(rows, columns=STAGES)


def test_networks_that_agree_have_no_width():
    row = (0.5, 0.55, 0.6, 0.6)
    found = half_of_gain(curves(row, row, row), 1)
    assert found["gain"] == pytest.approx(0.1)
    assert found["trials"] == found["low"] == found["high"] == pytest.approx(10)
    assert found["share_without_gain"] == 0 and found["n_networks"] == 3


def test_an_interval_has_no_end_where_the_gain_is_not_sure():
    found = half_of_gain(curves((0.5, 0.5, 0.6, 0.7), (0.5, 0.5, 0.45, 0.4)), 1)
    # A quarter of the samples holds the second network alone.
    assert found["share_without_gain"] == pytest.approx(0.25, abs=0.04)
    assert np.isinf(found["high"])


class FakeStages:
    """The accuracy of a rule with terms rises by 0.01 for each of its stages."""

    def __call__(self, world, genomes, seed, stages, n_scored, split):
        assert split == "test"
        fake = fakes.FakeEvaluate(lambda g: 0.5, noise=0.0)
        results = []
        for k in range(len(stages)):
            fake.truth = lambda g, k=k: 0.5 + 0.01 * k * bool((g[:25] > 0.5).any())
            found = fake(world, genomes, seed, 0, n_scored, split)
            extra = {n: found.accuracy for n in ("d_prime", "hit_rate")}
            extra["false_alarm_rate"] = found.accuracy
            results.append(SimpleNamespace(**vars(found), **extra))
        return results


def test_gains_are_those_over_no_plasticity_at_the_same_number_of_trials():
    chosen = representatives()
    plan = replace(PLAN, worlds=fakes.worlds(100, 101, 102))
    cells = few_shot_cells(chosen, plan, STAGES, FakeStages())
    table = learning_curves(chosen, cells, 1)
    both = table[table["task"] == "both"].set_index(["label", "training_trials"])
    for k, stage in enumerate(STAGES):
        assert both.loc[("best", stage), "difference"] == pytest.approx(0.01 * k)
    assert both.loc["none", "difference"].isna().all()
    assert set(table["task"]) == {"both", *fakes.TASKS}
    # Three networks that agree: p 2 / 2^3, corrected for rules x stages (at 0: p 1).
    last = both.loc[("best", STAGES[-1])]
    assert last["p_value"] == pytest.approx(0.25) and last["p_holm"] == 1.0
    half = trials_to_half(chosen, cells, 1)
    best = half[(half["label"] == "best") & (half["task"] == "both")].iloc[0]
    assert best["trials"] == pytest.approx(15) and best["gain"] == pytest.approx(0.03)
    assert "none" not in set(half["label"])
