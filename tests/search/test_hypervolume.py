import numpy as np
import pytest

from evoplast.search.hypervolume import dominated_share, hypervolume


def test_one_point_spans_one_box():
    assert hypervolume(np.array([[1.0, 2.0]]), np.array([3.0, 3.0])) == 2.0


def test_overlapping_boxes_count_once():
    points = np.array([[0.0, 2.0], [2.0, 0.0], [1.0, 1.0]])
    assert hypervolume(points, np.array([3.0, 3.0])) == 6.0


def test_duplicates_dominated_and_outside_points_add_nothing():
    points = np.array([[1, 1], [1, 1], [2, 2], [5, 0], [np.nan, 0]], float)
    assert hypervolume(points, np.array([3.0, 3.0])) == 4.0


def test_no_points_have_no_volume():
    assert hypervolume(np.empty((0, 3)), np.ones(3)) == 0.0
    assert dominated_share(np.empty((0, 3)), np.zeros(3), np.ones(3)) == (0.0, 0.0)


@pytest.mark.parametrize("m", [2, 6])
def test_the_sampled_share_agrees_with_the_exact_volume(m):
    rng = np.random.default_rng(m)
    points = rng.random((12, m)) * 0.6
    share, error = dominated_share(points, np.zeros(m), np.ones(m))
    assert 0 < error < 0.003
    assert abs(share - hypervolume(points, np.ones(m))) < 3 * error


def test_the_share_is_measured_in_the_box():
    box = np.array([-1.0, 10.0]), np.array([1.0, 30.0])
    share, _ = dominated_share(np.array([[0.0, 20.0]]), *box)
    assert abs(share - 0.25) < 0.01
    assert dominated_share(np.array([[-2.0, 0.0]]), *box) == (1.0, 0.0)
    assert dominated_share(np.array([[2.0, 0.0]]), *box) == (0.0, 0.0)


def test_more_points_never_lower_the_share():
    rng = np.random.default_rng(0)
    points = rng.random((20, 4))
    counts = range(1, 21)
    box = np.zeros(4), np.ones(4)
    shares = [dominated_share(points[:n], *box)[0] for n in counts]
    assert (np.diff(shares) >= 0).all() and shares[0] < shares[-1]


def test_a_better_point_never_lowers_the_share():
    rng = np.random.default_rng(1)
    points, box = rng.random((10, 3)), (np.zeros(3), np.ones(3))
    before = dominated_share(points, *box)[0]
    points[4] -= 0.1
    assert dominated_share(points, *box)[0] >= before
