"""Samples to the evolved rule's accuracy on curves that are known."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evoplast.artefacts.errors import UserError
from evoplast.behaviour import read_published, sample_efficiency, trained_biology
from evoplast.behaviour.sample_efficiency import best_rate, first_reaching

PUBLISHED = read_published(Path(__file__).parents[2] / "resources/paper/results.csv")
SAMPLES = (0, 100, 200, 300, 400, 500)
NETWORKS = (100, 101, 102)
BIOLOGY = ("mean_rate_hz", "max_rate_hz", "synchrony")
BIOLOGY += ("rate_difference_hz", "wasserstein_hz")


def curve(optimiser, rate, values, validation, task="gratings", diverged=False):
    return pd.DataFrame(
        [
            {
                "optimiser": optimiser,
                "learning_rate": rate,
                "task": task,
                "instance": network,
                "seed": 0,
                "samples_seen": samples,
                "accuracy": value + 0.01 * (network - 101),
                "validation_accuracy": validation,
                "diverged": diverged and samples == SAMPLES[-1],
                **dict.fromkeys(BIOLOGY, 5.0 + samples / 100),
            }
            for network in NETWORKS
            for samples, value in zip(SAMPLES, values, strict=True)
        ]
    )


def cells(accuracy=0.6, networks=NETWORKS):
    return pd.DataFrame(
        [
            {
                "labels": labels,
                "instance": network,
                "accuracy_gratings": accuracy + 0.01 * (network - 101),
                **dict.fromkeys(BIOLOGY, 7.0),
            }
            for labels in ("best, simplest", "none")
            for network in networks
        ]
    )


RISING = (0.5, 0.55, 0.65, 0.65, 0.65, 0.65)
FLAT = (0.5,) * 6


@pytest.fixture
def curves():
    return pd.concat(
        [
            curve("adam", 0.01, RISING, 0.6),
            # Better on the test, which must not choose.
            curve("adam", 0.1, (0.9,) * 6, 0.55),
            curve("sgd", 1.0, FLAT, 0.5),
            curve("sgd", 10.0, RISING, 0.9, diverged=True),
        ]
    )


def efficiency(curves, **named):
    return sample_efficiency(curves, cells(**named), 60, PUBLISHED, 1)


def test_the_rate_is_chosen_by_validation_and_not_if_it_diverges(curves):
    table = efficiency(curves).set_index("optimiser")
    assert table["learning_rate"].to_dict() == {"adam": 0.01, "sgd": 1.0}
    assert table["diverged"].to_dict() == {"adam": 0, "sgd": 1}


def test_samples_lie_on_the_line_between_two_tests(curves):
    adam = efficiency(curves).set_index("optimiser").loc["adam"]
    # 0.60 lies in the middle of 0.55 at 100 and 0.65 at 200, on every network.
    assert adam[["samples", "low", "high"]].tolist() == pytest.approx([150] * 3)
    assert adam["ratio"] == pytest.approx(2.5) and adam["paper_ratio"] == 5000
    assert adam["difference"] == pytest.approx(0.05)
    assert adam["difference_se"] == pytest.approx(0, abs=1e-9)
    assert bool(adam["flat"])


def test_what_is_never_reached_is_infinite(curves):
    sgd = efficiency(curves).set_index("optimiser").loc["sgd"]
    assert np.isinf([sgd["samples"], sgd["low"], sgd["ratio"]]).all()
    assert sgd["share_not_reached"] == 1 and np.isnan(sgd["paper_ratio"])


def test_a_curve_that_still_rises_is_not_flat():
    rising = curve("adam", 0.01, (0.5, 0.52, 0.54, 0.56, 0.58, 0.6), 0.6)
    assert not efficiency(rising)["flat"].item()


def test_the_rule_must_have_met_the_trained_networks(curves):
    with pytest.raises(UserError, match="not measured on network 102 that gradients"):
        efficiency(curves, networks=(100, 101))


def test_first_reaching_at_the_start_and_nowhere():
    samples = np.array([0.0, 10.0])
    assert first_reaching(samples, np.array([0.6, 0.5]), 0.6) == 0
    assert first_reaching(samples, np.array([0.5, 0.59]), 0.6) == np.inf


def test_a_rate_without_validation_is_not_the_best():
    part = pd.concat(
        [curve("adam", 1.0, RISING, np.nan), curve("adam", 2.0, FLAT, 0.5)]
    )
    assert best_rate(part) == 2.0


def test_biology_is_that_of_the_last_test_at_the_reported_rate(curves):
    table = efficiency(curves)
    found = trained_biology(curves, table, cells())
    rate = found[found["quantity"] == "max_rate_hz"].set_index("side")["mean"]
    assert rate.to_dict() == {"adam": 10.0, "best": 7.0, "none": 7.0, "sgd": 10.0}
    assert (found["n_networks"] == 3).all()
