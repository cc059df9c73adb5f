"""The extra objectives against values that are known."""

from itertools import product

import numpy as np
import pytest

from evoplast.objectives import (
    OBJECTIVE_NAMES,
    dimensions_of_counts,
    minimised_extras,
    natural_extras,
    objective_names,
)

INDEPENDENT = np.array(list(product((0, 2), repeat=4)), np.int16)


def dimension(counts):
    return float(dimensions_of_counts(counts[None, None])[0, 0])


def test_independent_neurons_of_one_variance_give_as_many_dimensions():
    assert dimension(INDEPENDENT) == 4.0
    assert dimension(INDEPENDENT + np.arange(4, dtype=np.int16)) == 4.0


def test_one_mode_is_one_dimension_and_no_variance_none_that_is_known():
    mode = INDEPENDENT[:, :1] * np.arange(1, 6, dtype=np.int16)
    assert dimension(mode) == pytest.approx(1.0)
    assert np.isnan(dimension(np.full((5, 3), 2, np.int16)))


def test_unequal_variances_count_by_their_squares():
    # Variances 1, 1, 4: (1 + 1 + 4)^2 / (1 + 1 + 16).
    counts = INDEPENDENT[:, :3] * np.array([1, 1, 2], np.int16)
    assert dimension(counts) == pytest.approx(2.0)


def test_names_follow_the_six_in_the_order_of_the_setting():
    assert objective_names() == OBJECTIVE_NAMES
    assert objective_names(("stability", "dimension"))[6:] == (
        "lost_accuracy",
        "negative_dimension",
    )


def test_means_over_tasks_are_minimised_and_failures_get_the_worst():
    recordings = {
        "dimension": np.array([[4.0, 2.0], [np.nan, 3.0], [9.0, 9.0]]),
        "lost_accuracy": np.array([[0.1, 0.3], [-0.2, 0.0], [0.0, 0.0]]),
        "decisions": np.zeros((3, 2, 5)),
    }
    flag = np.array([0, 0, 3])
    natural = natural_extras(recordings, flag)
    assert list(natural) == ["dimension", "lost_accuracy"]
    np.testing.assert_allclose(natural["dimension"], [3.0, 1.5, 0.0])
    np.testing.assert_allclose(natural["lost_accuracy"], [0.2, -0.1, 1.0])
    values = minimised_extras(recordings, flag, ("dimension", "stability"))
    np.testing.assert_allclose(values, [[-3, 0.2], [-1.5, -0.1], [0, 1]])
    assert minimised_extras({}, flag, ()).shape == (3, 0)
