"""Rates, intervals and synchrony against scipy, NumPy and trains made by hand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from recording_toys import CELLS, TRIAL_MS, TRIALS, TYPES, raster, recorded
from scipy import stats

from evoplast.objectives import MouseReference
from evoplast.recordings import firing, synchrony
from evoplast.recordings.windows import counts_in_windows

RNG = np.random.default_rng(0)
MOUSE = MouseReference(
    "none",
    5.0,
    np.full(3, 5.0),
    np.tile(np.exp(stats.norm.ppf((np.arange(100) + 0.5) / 100)), 3),
    np.full(300, 1 / 300),
)


@pytest.fixture(scope="module")
def toys():
    return [recorded(seed, 100 + seed) for seed in range(4)]


@pytest.fixture(scope="module")
def cells(toys):
    return pd.concat([firing.firing_cells(toy, 5) for toy in toys])


def test_the_log_normal_is_that_of_scipy():
    rates = RNG.lognormal(1.0, 0.8, 300)
    shape, _, scale = stats.lognorm.fit(rates, floc=0)
    log_mean, log_sd = firing.log_normal_fit(rates, np.ones(300))
    assert log_mean == pytest.approx(np.log(scale), rel=1e-4)
    assert log_sd == pytest.approx(shape, rel=1e-3)


def test_weights_count_as_repeats_do():
    rates, weight = np.array([0.0, 1.0, 2.0, 5.0]), np.array([3, 1, 2, 4])
    repeated = np.repeat(rates, weight)
    weighted = firing.measures(rates, weight, 0.5)[:4]
    np.testing.assert_allclose(
        weighted, firing.measures(repeated, np.ones(10), 0.5)[:4]
    )


@pytest.mark.parametrize("exponent", [1.2, 3.0])
def test_the_tail_of_a_pareto_has_its_exponent(exponent):
    rates = stats.pareto.rvs(exponent, size=20_000, random_state=1)
    found = firing.tail_exponent(rates, np.ones(len(rates)), 0.1)
    assert found == pytest.approx(exponent, rel=0.07)


def test_no_tail_without_active_cells():
    assert np.isnan(firing.tail_exponent(np.zeros(30), np.ones(30), 0.1))
    assert np.isnan(firing.tail_exponent(np.full(30, 2.0), np.ones(30), 0.2))


def test_rates_of_cells_are_their_spikes_over_time(toys, cells):
    spikes = toys[0].rasters["whole"][0]
    counts = sum(np.bincount(part.neuron, minlength=CELLS) for part in spikes)
    own = cells[(cells["instance"] == 100) & (cells["rule"] == "best")]
    seconds = TRIALS * TRIAL_MS / 1000
    np.testing.assert_allclose(own["rate_hz"], counts / 2 / seconds)
    # Every step fires with the same probability: intervals are geometric.
    noise = own["cv"][4:].mean()
    assert noise == pytest.approx(np.sqrt(1 - 0.02), abs=0.06)


def test_the_table_holds_mouse_and_errors_over_networks(cells):
    table = firing.firing_table(cells, TYPES, [MOUSE], 0.1, 1)
    table = table.set_index(["rule", "cell_type"])
    mouse = table.loc[("mouse", "all")]
    assert mouse["log_mean"] == pytest.approx(0, abs=1e-6)
    assert mouse["log_sd"] == pytest.approx(1, abs=0.02)
    own = table.loc[("best", "all")]
    means = cells[cells["rule"] == "best"].groupby("instance")["rate_hz"].mean()
    assert own["mean_hz"] == pytest.approx(means.mean())
    # A bootstrap of a mean over n networks: s.d. without Bessel's correction / sqrt(n).
    expected = means.std(ddof=0) / np.sqrt(len(means))
    assert own["mean_hz_se"] == pytest.approx(expected, rel=0.2)
    assert own["n_networks"] == 4 and own["n_cells"] == 48


def test_chi_is_one_for_equal_and_small_for_independent_cells():
    one = RNG.poisson(0.5, (4000, 1))
    assert synchrony.chi(np.repeat(one, 9, axis=1)) == pytest.approx(1)
    alone = RNG.poisson(0.5, (4000, 100))
    assert synchrony.chi(alone) == pytest.approx(0.1, rel=0.1)
    assert np.isnan(synchrony.chi(np.zeros((10, 3))))


def test_the_mean_correlation_is_that_of_all_pairs():
    activity = RNG.poisson(1.0, (500, 1)) + RNG.poisson(2.0, (500, 7))
    activity = np.concatenate([activity, np.zeros((500, 2))], axis=1)
    matrix = np.corrcoef(activity[:, :7].T)
    expected = matrix[np.triu_indices(7, 1)].mean()
    assert synchrony.mean_correlation(activity) == pytest.approx(expected)


def test_the_papers_synchrony_counts_bins_with_many_active_cells():
    spikes = np.zeros((TRIALS, TRIAL_MS, CELLS), bool)
    # 3 of 12 cells are more than a fifth, 2 are not; a cell counts once in a bin.
    spikes[0, 0, :2] = spikes[0, 1, 1:3] = True
    spikes[1, 4, :2] = spikes[1, 5, :2] = True
    spikes[2, 7, :2] = spikes[2, 8, 3] = True
    found = synchrony.share_of_synchronous_bins(raster(spikes), recorded())
    assert found == pytest.approx(1 / (TRIALS * TRIAL_MS / 2))


def test_noise_correlations_lack_what_the_beat_of_images_adds(toys):
    table = synchrony.synchrony_table(toys[0], 10)
    beat = np.zeros((TRIALS, TRIAL_MS, CELLS), bool)
    beat[:, 100:150] = RNG.random((TRIALS, 50, CELLS)) < 0.3
    counts = counts_in_windows(raster(beat), 10, TRIAL_MS, TRIALS, CELLS)
    shared = synchrony.mean_correlation(counts.reshape(-1, CELLS))
    beyond = (counts - counts.mean(axis=0)).reshape(-1, CELLS)
    assert shared > 0.3 and abs(synchrony.mean_correlation(beyond)) < 0.03
    assert set(table["cells"]) == {"all", "L4 E", "L4 I", "L5 E"}
    assert table.loc[table["cells"] == "all", "synchrony"].between(0, 0.05).all()
    assert table.loc[table["cells"] != "all", "synchrony"].isna().all()


def test_a_silent_group_has_no_synchrony(toys):
    silent = np.zeros((TRIALS, TRIAL_MS, CELLS), bool)
    silent[:, :, 4:8] = RNG.random((TRIALS, TRIAL_MS, 4)) < 0.02
    rasters = {"whole": [[raster(silent)] * 2] * 2}
    table = synchrony.synchrony_table(replace(toys[0], rasters=rasters), 10)
    measures = ["chi", "correlation", "noise_correlation"]
    quiet = table[table["cells"] == "L4 E"]
    assert quiet[measures].isna().all(axis=None)
    assert table.loc[table["cells"] == "L4 I", measures].notna().all(axis=None)


def test_every_quantity_is_tested_against_the_unplastic_network(toys, cells):
    together = pd.concat([synchrony.synchrony_table(toy, 10) for toy in toys])
    table = firing.firing_tests(cells, together, 0.1, 1)
    assert set(table["quantity"]) == {*firing.MEASURES, "cv", *synchrony.MEASURES}
    row = table[(table["quantity"] == "mean_hz") & (table["rule"] == "best")].iloc[0]
    assert row["gain"] > 0 and row["p_gain"] == pytest.approx(2 / 2**4)
    assert row["p_gain_holm"] >= row["p_gain"]
