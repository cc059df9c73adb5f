"""Dominance, sorting, crowding and hypervolume against pymoo."""

import numpy as np
import pytest

from evoplast.search.dominance import crowding_distance, non_dominated_ranks
from evoplast.search.hypervolume import hypervolume

pytest.importorskip("pymoo", reason="pymoo is not installed")

N, M = 40, 6
RNG = np.random.default_rng(11)
FRONTS = {
    "random": RNG.random((N, M)),
    "ties": RNG.integers(0, 3, (N, M)).astype(float),
    "duplicates": np.tile(RNG.random((N // 4, M)), (4, 1)),
    "constant objective": np.c_[RNG.random((N, M - 1)), np.ones(N)],
    "all equal": np.ones((N, M)),
}


@pytest.mark.parametrize("name", FRONTS)
def test_fronts_equal_those_of_pymoo(name):
    from pymoo.util.nds.non_dominated_sorting import NonDominatedSorting

    front = FRONTS[name].astype(np.float32)
    expected = np.empty(N, int)
    for rank, members in enumerate(NonDominatedSorting().do(front)):
        expected[members] = rank
    np.testing.assert_array_equal(non_dominated_ranks(front), expected)


def test_a_row_of_nan_leaves_the_fronts_of_the_others_as_pymoo_has_them():
    from pymoo.util.nds.non_dominated_sorting import NonDominatedSorting

    front = FRONTS["random"].astype(np.float32).copy()
    front[[3, 17]] = np.nan
    rest = np.delete(np.arange(N), [3, 17])
    expected = np.empty(len(rest), int)
    for rank, members in enumerate(NonDominatedSorting().do(front[rest])):
        expected[members] = rank
    ranks = np.asarray(non_dominated_ranks(front))
    np.testing.assert_array_equal(ranks[rest], expected)
    assert (ranks[[3, 17]] > expected.max()).all()


def test_crowding_orders_a_front_as_pymoo_does():
    from pymoo.operators.survival.rank_and_crowding.metrics import (
        calc_crowding_distance,
    )

    front = FRONTS["random"].astype(np.float32)
    ours = np.asarray(crowding_distance(front, np.ones(N, bool)))
    theirs = calc_crowding_distance(front)
    np.testing.assert_array_equal(np.isinf(ours), np.isinf(theirs))
    inner = np.isfinite(ours)
    # pymoo takes the mean over objectives, we the sum.
    np.testing.assert_allclose(ours[inner], M * theirs[inner], rtol=1e-5)


@pytest.mark.parametrize("name", FRONTS)
def test_hypervolumes_equal_those_of_pymoo(name):
    from pymoo.indicators.hv import HV

    points = FRONTS[name][:14]
    reference = np.full(M, 1.1)
    expected = HV(ref_point=reference)(points[(points < reference).all(axis=1)])
    assert hypervolume(points, reference) == pytest.approx(expected, rel=1e-9)


def test_the_hypervolume_of_one_point_equals_that_of_pymoo():
    from pymoo.indicators.hv import HV

    point = FRONTS["random"][:1]
    expected = HV(ref_point=np.ones(M))(point)
    assert hypervolume(point, np.ones(M)) == pytest.approx(expected, rel=1e-12)
