"""Paired differences of a scan whose choices are worth known amounts."""

import numpy as np
import pandas as pd
import pytest

from evoplast.working_point.scan_differences import differences

WORTH = {"equalised": 0.1, "common": 0.03, "raw": 0.0}


def scan():
    """AUC = network's own + what contrast, LGN mode and LGN gain are worth."""
    rows = []
    for instance, own in ((200, 0.5), (201, 0.6), (202, 0.7)):
        for task, easier in (("gratings", 0.04), ("natural", 0.0)):
            for mode in ("current", "bernoulli"):
                for contrast, worth in WORTH.items():
                    for gain in (0.7, 1.0):
                        worth_of_gain = 0.01 * (instance - 200) if gain < 1 else 0.0
                        current = 0.05 if mode == "current" else 0.0
                        rows.append(
                            {
                                "n_neurons": 250,
                                "instance": instance,
                                "task": task,
                                "lgn_mode": mode,
                                "contrast": contrast,
                                "drive_target_hz": np.nan
                                if contrast == "raw"
                                else 12.0,
                                "lgn_gain": gain,
                                "recurrent_factor": 1.0,
                                "pool": "L5",
                                "window_start_ms": 50,
                                "window_end_ms": 150,
                                "auc": own + easier + worth + current + worth_of_gain,
                                "mean_rate_hz": 10.0 * gain,
                            }
                        )
    return pd.DataFrame(rows)


def test_differences_are_paired_by_network_and_task():
    table = differences(scan(), (50, 150))
    both = table[table["task"] == "both"].set_index("comparison")
    expected = {
        "equalised − one contrast": 0.07,
        "one contrast − raw": 0.03,
        "equalised − raw": 0.1,
        "current − spikes, equalised": 0.05,
        "equalised − one contrast, spikes": 0.07,
        "LGN gain 0.7 − 1.0": 0.01,
    }
    for name, worth in expected.items():
        assert both.loc[name, "auc_difference"] == pytest.approx(worth), name
    # The networks differ by 0.1, yet the error is that of the differences.
    exact = both.loc["equalised − raw", "auc_difference_se"]
    assert exact == pytest.approx(0.0, abs=1e-12)
    gain = both.loc["LGN gain 0.7 − 1.0"]
    assert gain["auc_difference_se"] == pytest.approx(0.01 / np.sqrt(3))
    assert gain["mean_rate_hz_left"] == pytest.approx(7.0)
    assert (table["n_networks"] == 3).all()


def test_one_network_has_differences_without_errors():
    signal = scan()
    table = differences(signal[signal["instance"] == 200], (50, 150))
    assert table["auc_difference"].notna().all()
    assert table["auc_difference_se"].isna().all()
