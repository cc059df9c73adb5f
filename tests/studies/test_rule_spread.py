from types import SimpleNamespace

import numpy as np
import pytest
from fakes import SPACE

from evoplast.artefacts.errors import UserError
from evoplast.search import SearchSettings
from evoplast.studies.rule_spread import (
    SpreadSettings,
    chosen_gains,
    measure_spread,
    spread_row,
)


def gains(common_sd, own_sd, n_networks=6, n_rules=4000):
    rng = np.random.default_rng(0)
    common = rng.normal(0, common_sd, n_rules)
    return common + rng.normal(0, own_sd, (n_networks, n_rules))


def test_what_rules_have_in_common_is_told_from_what_one_network_gives():
    gain = gains(0.02, 0.05)
    row = spread_row(gain, np.ones(gain.shape, bool), np.ones(gain.shape), 40)
    assert row["shared_sd"] == pytest.approx(0.02, rel=0.1)
    assert row["single_sd"] == pytest.approx(np.hypot(0.02, 0.05), rel=0.05)
    assert row["chosen_gain"] > 0.01
    assert row["chosen_gain_se"] < 0.01


def test_chosen_rules_are_no_better_elsewhere_if_nothing_is_common():
    chosen = chosen_gains(gains(0.0, 0.05), 40)
    assert abs(chosen.mean()) < 4 * 0.05 / np.sqrt(6 * 40)


def test_a_rule_is_never_chosen_on_the_network_that_judges_it():
    gain = np.zeros((3, 5))
    gain[0, 2] = 1.0
    np.testing.assert_array_equal(chosen_gains(gain, 1), [0.0, 0.0, 0.0])
    gain[1, 2] = 0.5
    np.testing.assert_array_equal(chosen_gains(gain, 1), [1.0, 0.5, 0.0])


def test_failed_rules_are_counted_and_left_out():
    gain, intact = gains(0.02, 0.01, 3, 10), np.ones((3, 10), bool)
    gain[:, 0], intact[1, 0] = 9.0, False
    row = spread_row(gain, intact, np.ones((3, 10)), 2)
    assert row["failed"] == pytest.approx(0.1)
    assert row["mean_gain"] < 1.0
    intact[0] = False
    row = spread_row(gain, intact, np.ones((3, 10)), 2)
    assert row["failed"] == 1 and np.isnan(row["chosen_gain"])


def evaluate(world, genomes, seed, n_training, n_scored, split):
    """Every rule gains by the number of its gates, no plasticity nothing."""
    gates = (genomes[:, SPACE.slices["gates"]] > 0.5).sum(axis=1)
    assert (genomes[:, SPACE.slices["phi"]] == 0.5).all()
    accuracy = 0.5 + 0.01 * gates * world.eta + 0.1 * world.index
    n = len(genomes)
    return SimpleNamespace(
        smoothed_accuracy=np.stack([accuracy, accuracy], axis=1),
        flag=np.zeros(n, int),
        relative_weight_change=np.full(n, world.eta),
    )


def worlds_at(eta):
    return {k: SimpleNamespace(rule_space=SPACE, index=k, eta=eta) for k in range(3)}


def test_every_learning_rate_and_gate_probability_has_a_row():
    settings = SpreadSettings.default(
        rules=8,
        networks=3,
        keep=2,
        threshold=0.5,
        etas=(0.5, 1.0),
        gate_probabilities=(0.2, 0.8),
    )
    table = measure_spread(worlds_at, SearchSettings.default(), settings, 1, evaluate)
    assert list(zip(table["eta"], table["gate_probability"], strict=True)) == [
        (0.5, 0.2),
        (0.5, 0.8),
        (1.0, 0.2),
        (1.0, 0.8),
    ]
    np.testing.assert_allclose(
        table["mean_gain"][2:], 2 * table["mean_gain"][:2], rtol=1e-6
    )
    assert table["mean_gain"][1] > table["mean_gain"][0] > 0
    assert table["weight_change"].tolist() == [0.5, 0.5, 1.0, 1.0]


def test_too_few_networks_or_rules_are_refused_by_name():
    with pytest.raises(UserError, match="rule_spread.networks is 9.*only 3"):
        measure_spread(
            worlds_at, SearchSettings.default(), SpreadSettings.default(networks=9), 1
        )
    with pytest.raises(UserError, match="rule_spread.networks is 1"):
        SpreadSettings.default(networks=1)
    with pytest.raises(UserError, match="rule_spread.keep is 64 of 64"):
        SpreadSettings.default(keep=64)
