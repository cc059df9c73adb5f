"""Weights of a small network, and the shapes of distributions that are known."""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from evoplast.analysis import NamedRules
from evoplast.artefacts.errors import UserError
from evoplast.artefacts.netcdf import write_dataset
from evoplast.configuration.defaults import default_config
from evoplast.evaluation import Raster, build_world
from evoplast.recordings import (
    RecordSettings,
    looks_at,
    read_recording,
    record_network,
    recording_dataset,
    weights,
)
from evoplast.recordings.record import with_cut_kernels
from evoplast.rules import no_plasticity, uniform_rule

TERMS = {"S_pre·X_post": 1.0, "X_post²": 0.3}
SETTINGS = RecordSettings.default(test_trials=4, looks=3)


@cache
def world():
    config = default_config()
    config["network"]["n_neurons"] = 60
    kinds = ("images", "gratings")
    config["stimuli"] |= {f"n_{s}_{k}": 4 for s in ("test", "training") for k in kinds}
    config["task"]["balanced_stimuli"] = 2
    return build_world(config, 100)


@cache
def named():
    space = world().rule_space
    genomes = np.stack([uniform_rule(space, TERMS), no_plasticity(space)])
    return NamedRules(space, genomes, ["best", "none"], ["evolved", "no plasticity"])


@cache
def trained():
    return record_network(world(), named(), 3, SETTINGS, 5)


@cache
def tables():
    return weights.weight_tables(trained(), world(), named(), 100)


def test_a_recording_comes_back_from_its_file(tmp_path):
    dataset = recording_dataset(trained(), world(), named(), 100)
    write_dataset(tmp_path / "recording.nc", dataset, {})
    found = read_recording(tmp_path / "recording.nc")
    assert found.instance == 100 and found.rules == ("best", "none")
    assert found.types.names == world().cell_types.names
    np.testing.assert_array_equal(found.change, trained().change)
    for i, test in enumerate(("whole", "cut")):
        for p in range(2):
            for k in range(2):
                one, other = trained().rasters[i][p][k], found.rasters[test][p][k]
                assert isinstance(other, Raster)
                for name, values in vars(one).items():
                    np.testing.assert_array_equal(values, getattr(other, name))


def test_a_cut_lgn_tells_nothing_of_an_image_long_past():
    cut = with_cut_kernels(world(), 60)
    for name, prepared in cut.inputs.items():
        whole = world().inputs[name]
        assert prepared.box_response.shape[1] == 60 + 100 - 1
        assert np.abs(whole.box_response[:, 160:]).max() > 0.01
        np.testing.assert_allclose(
            prepared.drive_hz.mean(), whole.drive_hz.mean(), rtol=0.02
        )
    with pytest.raises(UserError, match=r"cut_kernel_ms is 700; .*lgn_kernel_ms"):
        with_cut_kernels(world(), 700)


def test_looks_are_even_and_hold_start_and_end():
    assert looks_at(60, 5) == (0, 15, 30, 45, 60)
    assert looks_at(4, 4) == (0, 1, 2, 4)
    assert looks_at(2, 5) == (0, 1, 2)
    with pytest.raises(UserError, match=r"task.training_trials is 0"):
        looks_at(0, 5)


def test_pairs_of_types_hold_the_mean_strength_of_their_synapses():
    network, pairs = world().network, tables().pairs
    kind, names = network.cells.cell_type, world().cell_types.names
    after = pairs[(pairs["rule"] == "best") & (pairs["task"] == "natural")]
    after = after[after["look"] == 3]
    assert after["n_synapses"].sum() == network.n_edges
    row = after.sort_values("n_synapses").iloc[-1]
    post, pre = names.index(row["post"]), names.index(row["pre"])
    chosen = (kind[network.edges.target] == post) & (kind[network.edges.source] == pre)
    strength = trained().weights[:, 0, 1][:, chosen]
    assert row["strength_pA"] == pytest.approx(strength[-1].mean())
    assert row["relative"] == pytest.approx(strength[-1].mean() / strength[0].mean())
    assert row["relative"] != pytest.approx(1)


def test_drift_and_limits_are_those_of_the_recording():
    drift = tables().drift.set_index(["rule", "task", "look"])
    assert (drift.loc["none", "relative_change"] == 0).all()
    before = np.abs(world().network.edges.weight_pA)
    after = trained().weights[-1, 0, 0]
    row = drift.loc[("best", "gratings", 3)]
    expected = np.abs(after - before).sum() / before.sum()
    assert row["relative_change"] == pytest.approx(expected, rel=1e-5)
    assert row["weak_share"] == pytest.approx((after < 0.1 * before).mean())
    changed, capped, _ = trained().limits[-1, 0, 0]
    assert row["capped_share"] == pytest.approx(capped / changed)
    assert row["active_share"] == pytest.approx(changed / (300 * len(before)))
    # Synapses that begin at their bound say nothing of the rule.
    assert (drift.loc["none", "bound_share"] == 0).all()


def test_the_table_over_networks_pairs_and_corrects():
    alike = [
        tables().pairs.assign(instance=instance, relative=tables().pairs["relative"])
        for instance in range(6)
    ]
    table = weights.pair_table(pd.concat(alike), 1)
    best = table[table["rule"] == "best"]
    moved = best[best["log_change"].abs() > 1e-6]
    assert len(moved) > 20
    assert moved["p_above"].to_numpy() == pytest.approx(2 / 2**6)
    p = table["p_above"].dropna().sort_values()
    stepped = (p * len(p) / np.arange(1, len(p) + 1))[::-1].cummin().clip(upper=1)
    np.testing.assert_allclose(
        table["p_above_fdr"].dropna().sort_values(), stepped[::-1]
    )
    assert table.loc[table["rule"] == "none", "p_above"].isna().all()
    ratio = np.log(best["strength_after_pA"] / best["strength_before_pA"])
    assert np.corrcoef(ratio, best["log_change"])[0, 1] > 0.9


def test_a_log_normal_has_no_skewness_and_scipys_moments():
    rng = np.random.default_rng(0)
    strength = rng.lognormal(1.0, 0.5, 50_000)
    row = weights.shape_of(strength)
    assert row["log_mean"] == pytest.approx(1.0, abs=0.01)
    assert row["log_sd"] == pytest.approx(0.5, abs=0.01)
    assert abs(row["log_skewness"]) < 0.05 and abs(row["log_kurtosis"]) < 0.1
    logs = np.log(rng.gamma(1.0, 5.0, 500))
    row = weights.shape_of(np.exp(logs))
    assert row["log_skewness"] == pytest.approx(stats.skew(logs), rel=0.05)


def test_strengths_that_no_cell_notices_are_left_out_and_counted():
    row = weights.shape_of(np.array([1e-30, 0.0, 1.0, 10.0]))
    assert row["small_share"] == 0.5 and row["n_synapses"] == 4
    assert row["log_mean"] == pytest.approx(np.log(10) / 2)
    assert sum(v for k, v in row.items() if k.startswith("bin_")) == 2


def test_drift_over_networks_has_errors():
    other = replace(tables(), drift=tables().drift.assign(instance=101))
    table = weights.drift_table(pd.concat([tables().drift, other.drift]))
    assert (table["n_networks"] == 2).all()
    assert table["relative_change_se"].to_numpy() == pytest.approx(0, abs=1e-12)
    shapes = weights.shape_table(pd.concat([tables().shapes] * 1))
    bins = [name for name in shapes if name.startswith("bin_")]
    assert shapes[bins].sum(axis=1).to_numpy() == pytest.approx(1)
