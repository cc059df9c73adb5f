import numpy as np
import pytest
import xarray as xr
from scipy import stats

from evoplast.analysis.horizon_trend import QUANTITIES, horizon_trend

TRIALS = np.array([0, 60, 260, 460, 660])


def horizon(slopes, n_networks=6, noise=0.002, searched=60):
    """Accuracy that jumps by 0.03 up to 60 trials and then moves with ``slopes``."""
    rng = np.random.default_rng(1)
    shape = (len(slopes), n_networks, 1, len(TRIALS))
    after = np.clip(TRIALS - 60, 0, None) / 1000
    course = 0.55 + 0.03 * (TRIALS >= 60) + np.multiply.outer(slopes, after)
    values = course[:, None, None, :] + noise * rng.normal(size=shape)
    dims = ("rule", "instance", "seed", "stage")
    data = xr.Dataset({name: (dims, values) for name in QUANTITIES})
    names = np.array([f"evolved {i}" for i in range(len(slopes))], object)
    return data.assign_coords(
        training_trials=("stage", TRIALS),
        name=("rule", names),
        group=("rule", np.full(len(names), "evolved", object)),
        formula=("rule", np.full(len(names), "Δw = S_pre", object)),
    ).assign_attrs(search_training_trials=searched)


def test_a_rule_that_decays_after_the_search_falls_and_a_flat_one_is_steady():
    data = horizon([-0.05, 0.0])
    table = horizon_trend(data)
    own = table[table["quantity"] == "cross_accuracy"].set_index("rule")
    assert own["verdict"].tolist() == ["falls", "steady"]
    assert own.loc[0, "slope"] == pytest.approx(-0.05, abs=0.01)
    # What the rule learned before the end of the search is no part of the slope.
    assert own.loc[1, "slope"] == pytest.approx(0.0, abs=0.01)
    assert own.loc[1, "gain"] == pytest.approx(0.03, abs=0.005)
    slopes = [
        stats.linregress(TRIALS[1:], cells[0, 1:]).slope * 1000
        for cells in data["cross_accuracy"].values[0]
    ]
    assert own.loc[0, "slope"] == pytest.approx(np.mean(slopes))
    assert own.loc[0, "p_value"] == pytest.approx(stats.ttest_1samp(slopes, 0).pvalue)
    assert own.loc[0, "p_holm"] == pytest.approx(2 * own.loc[0, "p_value"])


def test_what_never_changes_is_steady_and_one_network_has_no_test():
    table = horizon_trend(horizon([0.0], noise=0.0))
    assert (table["p_value"] == 1).all() and set(table["verdict"]) == {"steady"}
    alone = horizon_trend(horizon([0.1], n_networks=1))
    assert alone["p_value"].isna().all() and alone["slope"].isna().all()
    assert set(alone["verdict"]) == {"steady"}
