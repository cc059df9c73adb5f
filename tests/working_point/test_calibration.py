import numpy as np
import pytest
from fakes import SPACE, FakeEvaluate, worlds

from evoplast import rules
from evoplast.artefacts.errors import UserError
from evoplast.artefacts.netcdf import read_dataset, write_dataset
from evoplast.working_point import calibration
from evoplast.working_point.calibration import CalibrationSettings

SETTINGS = CalibrationSettings.default(
    trials=20,
    random_rules=2,
    training_trials=5,
    windows_ms=((75, 150), (50, 150), (200, 250)),
)


@pytest.fixture(scope="module")
def data():
    return calibration.calibrate(worlds(0, 1), SPACE, SETTINGS, 1, FakeEvaluate())


def test_signal_is_found_in_windows_that_hold_it_and_nowhere_else(data):
    assert data["window_start_ms"].values.tolist() == [50, 75, 200]
    np.testing.assert_allclose(data["auc"], [[1.0, 1.0, 0.5]] * 2)
    assert data["window_configured"].values.tolist() == [True, False, False]


def test_pool_rate_has_the_size_and_time_of_the_response(data):
    peak = data["pool_rate_hz"].sel(task="natural").max("time")
    # Four and six spikes of 20 cells within a bin of 10 ms.
    assert peak.sel(condition="repeat").item() == pytest.approx(20)
    assert peak.sel(condition="change").item() == pytest.approx(30)
    at = data["pool_rate_hz"].isel(task=0, condition=0).argmax("time")
    assert data["time_ms"].isel(time=at).item() == 100


def test_rates_stand_beside_the_mouse_and_unknown_types_are_nan(data):
    np.testing.assert_allclose(data["rate_hz_mean"], [6, 20, 3])
    assert data["rate_hz"].dims == ("instance", "cell_type")
    assert data["mouse_rate_hz"].dims == ("cell_type",)
    assert np.isnan(data["mouse_rate_hz"].sel(cell_type="i5Sst"))


def test_one_rule_per_term_and_the_random_ones_act_on_weights(data):
    genomes, names = calibration.acting_genomes(SPACE, SETTINGS, 1)
    rules.validate_genomes(SPACE, genomes)
    gates = rules.decode(SPACE, genomes).gates
    np.testing.assert_array_equal(gates[:25], np.eye(25))
    assert names[25:] == ["random 0", "random 1"]
    assert data["fraction_changed"].dims == ("rule_instance", "rule")
    assert data.sizes["rule"] == 27
    assert (data["kind"] == "random").sum() == 2


def test_no_random_rules_is_allowed():
    settings = CalibrationSettings.default(trials=20, random_rules=0)
    genomes, names = calibration.acting_genomes(SPACE, settings, 1)
    assert len(genomes) == len(names) == 25


def test_dataset_survives_its_file(data, tmp_path):
    write_dataset(tmp_path / "calibration.nc", data, {"seed": 1})
    again = read_dataset(tmp_path / "calibration.nc")
    np.testing.assert_array_equal(again["auc"], data["auc"])
    assert again.attrs["n_trials"] == 20 and again.attrs["eta"] == data.attrs["eta"]


def test_one_network_has_means_without_errors():
    single = calibration.calibrate(worlds(0), SPACE, SETTINGS, 1, FakeEvaluate())
    assert np.isfinite(single["auc"]).all() and np.isnan(single["auc_se"]).all()


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"windows_ms": ((250, 350),)}, "250 to 350 ms"),
        ({"bin_ms": 0}, "bin_ms is 0"),
        ({"rule_instances": 0}, "at least one network"),
    ],
)
def test_impossible_times_are_refused(changes, match):
    settings = CalibrationSettings.default(**{"trials": 10, **changes})
    with pytest.raises(UserError, match=match):
        calibration.calibrate(worlds(0), SPACE, settings, 1, FakeEvaluate())
