"""Dimension against eigenvalues, separation against distances that are known."""

import numpy as np
import pandas as pd
import pytest
from recording_toys import IMAGE_MS, IMAGES, recorded

from evoplast.recordings import dynamics


@pytest.mark.parametrize("shape", [(200, 6), (20, 50)])
def test_the_participation_ratio_is_that_of_the_eigenvalues(shape):
    rng = np.random.default_rng(0)
    activity = rng.normal(size=shape) * np.linspace(1, 3, shape[1])
    values = np.linalg.eigvalsh(np.cov(activity.T))
    expected = values.sum() ** 2 / (values**2).sum()
    assert dynamics.participation_ratio(activity) == pytest.approx(expected)


def test_a_line_has_one_dimension_and_noise_has_all():
    rng = np.random.default_rng(0)
    line = rng.normal(size=(100, 1)) * np.arange(1, 6)
    assert dynamics.participation_ratio(line) == pytest.approx(1)
    noise = rng.normal(size=(20_000, 8))
    assert dynamics.participation_ratio(noise) == pytest.approx(8, rel=0.01)
    assert np.isnan(dynamics.participation_ratio(np.ones((5, 3))))


def test_separation_is_the_squared_distance_over_the_spread():
    rng = np.random.default_rng(0)
    label = np.arange(6000) % 3
    centre = np.array([[0, 0], [3, 0], [0, 4]])
    counts = centre[label] + rng.normal(size=(6000, 2))
    # Pairs lie 3, 4 and 5 apart; the spread is 1 in each of two cells.
    expected = (9 + 16 + 25) / 3 / 2
    assert dynamics.separation(counts, label) == pytest.approx(expected, rel=0.03)


def test_without_a_difference_the_separation_is_zero_on_average():
    rng = np.random.default_rng(0)
    label = np.arange(40) % 4
    found = [
        dynamics.separation(rng.poisson(1.0, (40, 30)).astype(float), label)
        for _ in range(200)
    ]
    assert abs(np.mean(found)) < 3 * np.std(found) / np.sqrt(200)
    assert min(found) < 0


def test_balanced_images_do_not_push_changes_and_repeats_together():
    rng = np.random.default_rng(0)
    found = {"as they are": [], "without images": []}
    for _ in range(100):
        # Each of ten images is six times a change and six times a repeat.
        image = np.repeat(np.arange(10), 12)
        change = np.tile([True, False], 60)
        order = rng.permutation(120)
        image, change = image[order], change[order]
        counts = rng.normal(size=(10, 20))[image] * 5 + rng.normal(size=(120, 20))
        beyond = dynamics.without_image_means(counts, image)
        found["as they are"].append(dynamics.separation(counts, change))
        found["without images"].append(dynamics.separation(beyond, change))
    mean = {name: np.mean(values) for name, values in found.items()}
    error = {name: np.std(values) / 10 for name, values in found.items()}
    assert mean["as they are"] < -3 * error["as they are"]
    assert abs(mean["without images"]) < 3 * error["without images"]


def test_classes_of_few_trials_are_left_out():
    counts, label = np.arange(10.0)[:, None], np.array([0] * 7 + [1] * 3)
    assert np.isnan(dynamics.separation(counts, label))


@pytest.fixture(scope="module")
def tables():
    found = [dynamics.dynamics_of(recorded(k, 100 + k), 25) for k in range(5)]
    return tuple(map(pd.concat, zip(*found, strict=True)))


def test_images_lie_apart_as_long_as_they_are_remembered(tables):
    table = dynamics.dynamics_table(*tables, IMAGE_MS, 1)
    found = table.set_index(["quantity", "rule"])["mean"]
    assert found["separation_images_image", "best"] > 0.3
    assert found["separation_images_delay", "best"] > 0.3
    assert abs(found["separation_images_delay", "none"]) < 0.05
    assert abs(found["separation_change_delay", "best"]) < 0.1
    row = table[(table["rule"] == "best") & (table["quantity"] == "dimension_images")]
    assert row["p_gain"].iloc[0] == pytest.approx(2 / 2**5)
    assert row["n_networks"].iloc[0] == 5


def test_paths_of_all_images_lie_in_one_plane():
    table = dynamics.paths(recorded(), 25, ("best", "none"))
    assert len(table) == 2 * IMAGES * 12
    assert set(table["task"]) == {"gratings"}
    assert 0 < table["share"].iloc[0] <= 1
    # Principal components are centred and do not covary.
    assert abs(table["first"].mean()) < 1e-6
    assert abs((table["first"] * table["second"]).mean()) < 1e-3
