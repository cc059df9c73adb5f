"""Working memory of toys that remember, and of toys that do not."""

import numpy as np
import pandas as pd
import pytest
from recording_toys import IMAGE_MS, IMAGES, recorded

from evoplast.artefacts.errors import UserError
from evoplast.recordings.working_memory import (
    MemorySettings,
    decoded,
    delay_activity,
    input_or_network,
    late_delay,
    memory_table,
)

SETTINGS = MemorySettings.default(window_ms=25, folds=4, shifts=6, cut_kernel_ms=50)
NETWORKS = 8


@pytest.fixture(scope="module")
def table():
    toys = [recorded(seed, 100 + seed) for seed in range(NETWORKS)]
    return pd.concat([decoded(toy, SETTINGS) for toy in toys], ignore_index=True)


def at(table, **wanted):
    for name, value in wanted.items():
        table = table[table[name] == value]
    return table


def test_an_image_is_told_while_it_is_shown_and_as_long_as_it_is_remembered(table):
    images = at(table, target="image", test="whole")
    during = images[images["time_ms"] < IMAGE_MS].groupby("rule")["accuracy"].mean()
    after = images[images["time_ms"] > IMAGE_MS].groupby("rule")["accuracy"].mean()
    assert during.min() > 0.8
    assert after["best"] > 0.8
    assert after["none"] == pytest.approx(1 / IMAGES, abs=0.06)
    assert images["chance"].mean() == pytest.approx(1 / IMAGES, abs=0.05)


def test_memory_is_above_chance_only_where_there_is_one(table):
    found = memory_table(table, IMAGE_MS, SETTINGS, 1)
    images = at(found, target="image", phase="late delay").set_index(["test", "rule"])
    best = images.loc[("whole", "best")]
    assert best["above_chance"] > 0.6 and best["p_above_holm"] < 0.2
    # Eight networks: 2 / 2^8 is the smallest p-value there is.
    assert best["p_above"] == pytest.approx(2 / 2**NETWORKS)
    assert best["gain"] > 0.6 and best["p_gain"] == pytest.approx(2 / 2**NETWORKS)
    for place in (("whole", "none"), ("cut", "best"), ("cut", "none")):
        assert abs(images.loc[place, "above_chance"]) < 0.1
    assert np.isnan(images.loc[("whole", "none"), "p_gain"])
    assert (found["n_networks"] == NETWORKS).all()
    # While it is shown, both rules tell the image, and neither the one before it.
    shown = at(found, phase="response", test="cut")
    assert at(shown, target="image")["above_chance"].min() > 0.5
    assert at(shown, target="previous image")["above_chance"].abs().max() < 0.1


def test_a_memory_of_the_input_goes_when_its_slow_lobes_are_cut(table):
    found = input_or_network(table, IMAGE_MS, SETTINGS)
    row = at(found, target="image", rule="best", phase="late delay").iloc[0]
    assert row["whole"] > 0.6 and abs(row["cut"]) < 0.1
    assert row["difference"] == pytest.approx(row["whole"] - row["cut"])
    assert 0 < row["difference_se"] < 0.1


def test_the_late_delay_begins_when_a_cut_lgn_is_done(table):
    late = late_delay(table, IMAGE_MS, SETTINGS)
    assert late["time_ms"].min() == 162.5 and late["time_ms"].max() == 287.5
    longer = MemorySettings.default(window_ms=25, cut_kernel_ms=200)
    with pytest.raises(UserError, match=r"recordings.cut_kernel_ms is 200"):
        late_delay(table, IMAGE_MS, longer)


def test_the_network_before_learning_must_be_there(table):
    with pytest.raises(UserError, match="not 'none'"):
        memory_table(at(table, rule="best"), IMAGE_MS, SETTINGS, 1)


def test_delay_activity_is_the_rate_of_the_cells_of_a_type():
    toy = recorded(memory_ms={"whole": 300, "cut": 100})
    table = delay_activity(toy, 25)
    first = at(table, test="whole", task="gratings", cell_type="e4")
    late = first[first["time_ms"] > IMAGE_MS].groupby("rule")["rate_hz"].mean()
    # One of four cells adds a spike each 10 ms: 25 Hz on average, less what coincides.
    assert late["best"] - late["none"] == pytest.approx(25, abs=2)
    silent = at(table, cell_type="i4")
    assert silent["rate_hz"].mean() == pytest.approx(20, abs=1)
    share = toy.change[0][1:-1].mean()
    mixed = share * first["change_rate_hz"] + (1 - share) * first["repeat_rate_hz"]
    np.testing.assert_allclose(mixed, first["rate_hz"], rtol=1e-5)
