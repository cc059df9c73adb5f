import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from evoplast.artefacts.errors import UserError
from evoplast.search.dominance import (
    crowding_distance,
    dominance_matrix,
    dominance_probability,
    indicator_order,
    non_dominated_ranks,
    reference_order,
    select_survivors,
)

N, M = 12, 3
# Few distinct values make ties, duplicates and constant objectives frequent.
GRID = st.sampled_from([0.0, 1.0, 2.0, 3.0])
FRONTS = arrays(np.float32, (N, M), elements=GRID)
ERRORS = arrays(np.float32, (N, M), elements=st.sampled_from([0.0, 0.25, 1.0]))
ALPHAS = st.sampled_from([0.5, 0.6, 0.9])


def brute_force(mean, se, alpha):
    """Dominance by the definition, from probabilities, one pair at a time."""
    n = len(mean)
    found = np.zeros((n, n), bool)
    for i in range(n):
        p = np.asarray(dominance_probability(mean[i], se[i], mean, se))
        exact = (mean == mean[i]) & (se == 0) & (se[i] == 0)
        found[i] = ((p >= alpha) | exact).all(axis=1) & (p > alpha).any(axis=1)
    return found


@given(FRONTS, ERRORS, ALPHAS)
@settings(max_examples=25, deadline=None)
def test_the_matrix_follows_the_definition(mean, se, alpha):
    matrix = np.asarray(dominance_matrix(mean, se, alpha))
    np.testing.assert_array_equal(matrix, brute_force(mean, se, alpha))


@given(FRONTS, ERRORS, ALPHAS)
@settings(max_examples=25, deadline=None)
def test_the_relation_has_no_cycles_and_is_transitive(mean, se, alpha):
    d = np.asarray(dominance_matrix(mean, se, alpha)).astype(int)
    assert not ((d @ d > 0) & (d == 0)).any()
    assert np.trace(np.linalg.matrix_power(d, N)) == 0


@given(FRONTS, ERRORS, ALPHAS)
@settings(max_examples=25, deadline=None)
def test_every_rank_but_the_first_is_one_below_its_best_dominator(mean, se, alpha):
    rank = np.asarray(non_dominated_ranks(mean, se, alpha))
    d = np.asarray(dominance_matrix(mean, se, alpha))
    for j in range(N):
        assert rank[j] == max((rank[i] + 1 for i in np.flatnonzero(d[:, j])), default=0)


def test_the_probability_is_that_of_a_noisy_comparison():
    rng = np.random.default_rng(0)
    a, b = rng.normal(0.0, 0.7, 200_000), rng.normal(0.4, 0.2, 200_000)
    p = float(dominance_probability(np.float32(0), 0.7, np.float32(0.4), 0.2))
    assert abs(p - (a < b).mean()) < 4 * np.sqrt(0.25 / 200_000)


@pytest.mark.parametrize("alpha", [0.5, 0.6, 0.75, 0.9])
def test_clear_dominance_is_what_repeated_draws_say(alpha):
    rng = np.random.default_rng(4)
    mean, se = rng.normal(0, 2, (8, 2)), rng.uniform(0.2, 1.5, (8, 2))
    draws = mean + se * rng.normal(size=(20_000, 8, 2))
    wins = (draws[:, :, None] < draws[:, None]).mean(axis=0)
    margin = 5 * np.sqrt(0.25 / 20_000)
    clear = (wins > alpha + margin).all(axis=2)
    refuted = (wins < alpha - margin).any(axis=2)
    dominates = np.asarray(dominance_matrix(mean, se, alpha))
    assert clear.any() and dominates[clear].all()
    assert not dominates[refuted].any()
    assert (clear | refuted).sum() > 48


def test_exact_values_win_lose_or_tie():
    mean = np.array([0.0, 1.0, -1.0], np.float32)
    p = dominance_probability(np.zeros(3), np.zeros(3), mean, np.zeros(3))
    np.testing.assert_array_equal(p, [0.5, 1.0, 0.0])


def test_equal_exact_objectives_do_not_prevent_clear_dominance():
    mean = np.array([[0.0, 0.04], [1.0, 0.04]])
    se = np.array([[0.1, 0.0], [0.1, 0.0]])
    assert dominance_matrix(mean, se, 0.9)[0, 1]


def test_a_small_advantage_is_not_clear():
    mean, se = np.array([[0.0, 0.0], [0.1, 0.1]]), np.full((2, 2), 0.1)
    assert dominance_matrix(mean, se, 0.5)[0, 1]
    assert not dominance_matrix(mean, se, 0.9).any()


@pytest.mark.parametrize("alpha", [0.49, 1.0, -1.0])
def test_alpha_outside_its_range_is_refused(alpha):
    with pytest.raises(UserError, match=f"search.alpha is {alpha}"):
        dominance_matrix(np.zeros((2, 2)), np.zeros((2, 2)), alpha)


def test_rows_that_are_not_finite_come_after_all_others():
    mean = np.array([[9.0, 9.0], [np.nan, 0.0], [0.0, 0.0], [np.inf, 0.0]])
    rank = np.asarray(non_dominated_ranks(mean))
    assert list(rank) == [1, 2, 0, 2]


def test_one_row_is_the_first_front():
    assert list(np.asarray(non_dominated_ranks(np.array([[1.0, 2.0]])))) == [0]


def test_a_chain_gives_one_front_per_row():
    mean = np.repeat(np.arange(N, dtype=np.float32)[:, None], M, axis=1)[::-1]
    np.testing.assert_array_equal(non_dominated_ranks(mean), np.arange(N)[::-1])


def test_crowding_favours_ends_and_gaps():
    values = np.array([[0, 10], [1, 9], [2, 8], [6, 4], [10, 0]], np.float32)
    distance = np.asarray(crowding_distance(values, np.ones(5, bool)))
    assert np.isinf(distance[[0, 4]]).all()
    np.testing.assert_allclose(distance[1:4], [0.4, 1.0, 1.6], rtol=1e-6)


def test_a_constant_objective_adds_nothing_to_crowding():
    values = np.array([[0, 1], [1, 1], [4, 1]], np.float32)
    distance = np.asarray(crowding_distance(values, np.ones(3, bool)))
    assert np.isinf(distance[[0, 2]]).all() and distance[1] == 1.0
    flat = crowding_distance(np.ones((3, 2), np.float32), np.ones(3, bool))
    np.testing.assert_array_equal(flat, 0.0)


def test_rows_outside_the_front_have_no_crowding_distance():
    values = np.array([[0.0], [5.0], [1.0], [2.0]], np.float32)
    distance = np.asarray(crowding_distance(values, np.array([1, 0, 1, 1], bool)))
    assert distance[1] == -np.inf and distance[2] == 1.0


def test_survivors_are_whole_fronts_and_then_the_least_crowded():
    line = np.array([[0, 10], [5, 5], [5.1, 4.9], [10, 0]], np.float32)
    worse = line + 20
    mean = np.concatenate([worse, line])
    chosen = np.asarray(select_survivors(mean, np.zeros_like(mean), 6))
    assert set(chosen[:4]) == {4, 5, 6, 7}
    assert set(chosen[4:]) == {0, 3}


def test_rows_that_are_not_finite_never_survive():
    mean = np.full((6, 2), np.nan, np.float32)
    mean[[1, 4]] = [[0.0, 1.0], [1.0, 0.0]]
    chosen = np.asarray(select_survivors(mean, np.zeros_like(mean), 4))
    assert sorted(chosen) == [1, 1, 4, 4]


def test_selection_does_not_depend_on_the_order_of_rows():
    rng = np.random.default_rng(3)
    mean, se = rng.random((12, 3)), rng.random((12, 3)) * 0.1
    order = rng.permutation(12)
    plain = set(np.asarray(select_survivors(mean, se, 6, 0.6)))
    shuffled = np.asarray(select_survivors(mean[order], se[order], 6, 0.6))
    assert plain == set(order[shuffled])


def test_the_indicator_gives_up_crowded_rows_before_lonely_ones():
    values = np.array([[0, 10], [5, 5], [5.1, 4.9], [10, 0], [0, 0]], np.float32)
    merit = np.asarray(indicator_order(values, np.array([1, 1, 1, 1, 0], bool)))
    assert merit[4] == -np.inf
    assert np.argmin(merit[:4]) in (1, 2)
    assert sorted(merit[:4]) == [0, 1, 2, 3]


def test_the_indicator_does_not_reward_being_last_in_an_objective():
    rng = np.random.default_rng(0)
    angle = rng.random(20) * np.pi / 2
    front = np.stack([np.cos(angle), np.sin(angle), np.zeros(20)], axis=1)
    useless = np.array([[front[:, 0].min() - 1e-3, 1.2, 9.0]])
    values = np.concatenate([front, useless]).astype(np.float32)
    everyone = np.ones(21, bool)
    merit = np.asarray(indicator_order(values, everyone))
    assert merit[20] < np.median(merit)
    assert np.isinf(np.asarray(crowding_distance(values, everyone))[20])


def test_survivors_by_the_indicator_fill_all_places_with_distinct_rows():
    mean = np.random.default_rng(1).random((12, 3)).astype(np.float32)
    chosen = np.asarray(select_survivors(mean, mean * 0, 6, 0.9, "indicator"))
    assert len(set(chosen.tolist())) == 6


def test_reference_vectors_take_one_row_of_every_direction_first():
    crowd = np.array([[0.0, 1.0], [0.01, 1.0], [0.02, 0.99]], np.float32)
    alone = np.array([[1.0, 0.0], [0.6, 0.6]], np.float32)
    values = np.concatenate([crowd, alone])
    order = np.asarray(reference_order(values, np.ones(5, bool)))
    first_three = set(np.argsort(-order)[:3])
    assert {3, 4} <= first_three and len(first_three & {0, 1, 2}) == 1


def test_reference_vectors_leave_rows_outside_to_the_end():
    members = np.array([True, False, True])
    values = np.array([[0, 1], [0, 0], [1, 0]], np.float32)
    order = np.asarray(reference_order(values, members))
    assert np.isneginf(order[1]) and np.isfinite(order[[0, 2]]).all()


@pytest.mark.parametrize("tie_break", ["indicator", "crowding", "reference"])
def test_every_tie_break_keeps_the_better_front(tie_break):
    rng = np.random.default_rng(3)
    mean = rng.random((12, 3)).astype(np.float32)
    mean[:4] -= 2.0
    chosen = np.asarray(select_survivors(mean, 0 * mean, 6, 0.5, tie_break))
    ranks = np.asarray(non_dominated_ranks(mean))
    assert len(set(chosen.tolist())) == 6
    assert max(ranks[chosen]) <= min(ranks[[i for i in range(12) if i not in chosen]])


def test_a_wider_indicator_scale_can_change_who_lives():
    rng = np.random.default_rng(1)
    mean = rng.random((40, 6)).astype(np.float32)
    kept = [
        set(np.asarray(select_survivors(mean, 0 * mean, 20, 0.5, "indicator", scale)))
        for scale in (0.05, 5.0)
    ]
    assert kept[0] != kept[1]


def test_preferred_places_go_to_the_lowest_first_objective_whatever_its_front():
    rng = np.random.default_rng(2)
    mean = rng.random((40, 4)).astype(np.float32)
    mean[:6, 0] -= 1.0
    mean[:6, 1:] += np.arange(6)[:, None] + 1.0  # one dominates the other: six fronts
    plain = np.asarray(select_survivors(mean, 0 * mean, 10, tie_break="indicator"))
    chosen = np.asarray(
        select_survivors(mean, 0 * mean, 10, tie_break="indicator", n_preferred=6)
    )
    assert set(chosen[:6]) == set(np.argsort(mean[:, 0])[:6]) == set(range(6))
    assert len(set(chosen.tolist())) == 10
    assert set(chosen[6:]) <= set(np.flatnonzero(non_dominated_ranks(mean) == 0))
    assert not set(range(6)) <= set(plain.tolist())


def test_all_places_preferred_is_selection_by_the_first_objective():
    mean = np.random.default_rng(5).random((30, 3)).astype(np.float32)
    mean[3] = np.nan
    chosen = np.asarray(select_survivors(mean, 0 * mean, 8, n_preferred=8))
    assert chosen.tolist() == np.argsort(mean[:, 0])[:8].tolist()
