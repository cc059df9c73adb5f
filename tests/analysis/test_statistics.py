import numpy as np
import pytest
from scipy import stats

from evoplast.analysis import statistics
from evoplast.artefacts.errors import UserError


def test_wilson_interval_of_the_papers_share_is_the_closed_form():
    low, high = statistics.wilson_interval(34, 70)
    z, n, p = stats.norm.ppf(0.975), 70, 34 / 70
    centre = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    assert (low, high) == pytest.approx((centre - half, centre + half))


def test_wilson_interval_at_the_ends_stays_in_bounds_and_is_not_empty():
    assert statistics.wilson_interval(0, 10)[0] == pytest.approx(0, abs=1e-12)
    assert statistics.wilson_interval(0, 10)[1] > 0.2
    assert np.isnan(statistics.wilson_interval(0, 0)).all()


def test_auc_agrees_with_counting_pairs_and_with_mann_whitney():
    rng = np.random.default_rng(1)
    a, b = rng.integers(0, 6, 40).astype(float), rng.integers(0, 5, 31).astype(float)
    pairs = (a[:, None] > b).mean() + 0.5 * (a[:, None] == b).mean()
    assert statistics.auc(a, b) == pytest.approx(pairs)
    u = stats.mannwhitneyu(a, b).statistic
    assert statistics.auc(a, b) == pytest.approx(u / (40 * 31))


def test_auc_error_matches_the_scatter_of_simulated_areas():
    rng = np.random.default_rng(2)
    areas = [
        statistics.auc(rng.normal(0.7, 1, 60), rng.normal(0, 1, 60)) for _ in range(400)
    ]
    expected = statistics.auc_standard_error(float(np.mean(areas)), 60, 60)
    assert np.std(areas) == pytest.approx(expected, rel=0.15)


def test_auc_of_an_empty_condition_is_undefined_rather_than_a_crash():
    assert np.isnan(statistics.auc([], [1.0]))
    assert np.isnan(statistics.auc_standard_error(0.5, 0, 3))


def test_sign_flip_test_equals_scipys_permutation_test():
    rng = np.random.default_rng(3)
    left, right = rng.normal(0.5, 1, 9), rng.normal(0, 1, 9)
    result = statistics.sign_flip_test(left, right, seed=0)
    reference = stats.permutation_test(
        (left, right),
        lambda x, y, axis: np.mean(x - y, axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=np.inf,
    )
    assert result.p_value == pytest.approx(reference.pvalue)
    assert result.method == "exact sign flip"


def test_two_pairs_can_never_be_significant():
    result = statistics.sign_flip_test([1.0, 2.0], [0.0, 0.0], seed=0)
    assert result.p_value == 0.5


def test_many_pairs_use_seeded_sampling_near_the_t_test():
    rng = np.random.default_rng(4)
    left = rng.normal(0.3, 1, 60)
    result = statistics.sign_flip_test(left, np.zeros(60), seed=7)
    again = statistics.sign_flip_test(left, np.zeros(60), seed=7)
    assert result == again
    assert result.method == "sampled sign flip"
    reference = stats.ttest_1samp(left, 0).pvalue
    assert result.p_value == pytest.approx(reference, abs=0.02)


def test_unpaired_lengths_are_refused_with_what_to_do():
    with pytest.raises(UserError, match="same networks and seeds"):
        statistics.sign_flip_test([1.0], [1.0, 2.0], seed=0)


def test_networks_are_the_unit_of_the_error_when_there_are_several():
    values = np.array([0.5, 0.5, 0.7, 0.7])
    mean, error = statistics.clustered(values, np.array([0, 0, 1, 1]))
    assert mean == pytest.approx(0.6)
    assert error == pytest.approx(0.1)
    _, one_network = statistics.clustered(values, np.zeros(4))
    assert one_network == pytest.approx(values.std(ddof=1) / 2)


def test_one_value_has_no_error():
    mean, error = statistics.clustered(np.array([0.6]), np.array([3]))
    assert mean == 0.6 and np.isnan(error)


def test_bootstrap_interval_covers_like_the_t_interval_and_is_seeded():
    values = np.random.default_rng(5).normal(2, 1, 200)
    interval = statistics.bootstrap_interval(values, seed=1)
    assert interval == statistics.bootstrap_interval(values, seed=1)
    reference = stats.t.interval(0.95, 199, values.mean(), stats.sem(values))
    np.testing.assert_allclose(interval, reference, atol=0.03)


def test_holm_is_the_textbook_example():
    # Holm: 0.005 x 4, 0.01 x 3, 0.03 x 2, then 0.04 x 1 raised to the one before.
    found = statistics.holm(np.array([0.01, 0.04, 0.03, 0.005]))
    np.testing.assert_allclose(found, [0.03, 0.06, 0.06, 0.02])
