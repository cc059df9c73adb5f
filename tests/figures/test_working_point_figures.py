"""The figures of the scan and of the comparison with the mouse, from small tables."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from evoplast.artefacts.parquet import write_table
from evoplast.figures import calibration_scan, mouse_likeness

DRAWN = (
    ("current", "raw", np.nan),
    ("current", "equalised", 8.0),
    ("current", "equalised", 12.0),
    ("current", "common", 12.0),
    ("bernoulli", "equalised", 12.0),
)
TYPES = ("e23", "e4", "i23Pvalb", "i4Pvalb", "all")


def choices():
    """Yield the columns of every choice, task and network of a small scan."""
    gains = [(1.0, 1.0), (0.5, 1.0), (1.0, 0.7)]
    for n_neurons, networks in ((250, (200, 201)), (1000, (200,))):
        for instance in networks:
            for factor, gain in gains:
                for mode, contrast, target in DRAWN:
                    for task in ("gratings", "natural"):
                        yield {
                            "n_neurons": n_neurons,
                            "instance": instance,
                            "recurrent_factor": factor,
                            "lgn_gain": gain,
                            "lgn_mode": mode,
                            "contrast": contrast,
                            "drive_target_hz": target,
                            "task": task,
                        }


def signal():
    windows = [(50, 150), (200, 250)]
    rows = [
        choice
        | {"pool": pool, "window_start_ms": a, "window_end_ms": b, "auc_se": 0.02}
        for choice in choices()
        for pool in ("L4", "L5")
        for a, b in windows
    ]
    table = pd.DataFrame(rows)
    rng = np.random.default_rng(1)
    table["auc"] = rng.uniform(0.5, 0.7, len(table))
    return table.assign(mean_rate_hz=rng.uniform(3, 9, len(table)))


def rates():
    rows = [c | {"cell_type": name} for c in choices() for name in TYPES[:4]]
    return pd.DataFrame(rows).assign(rate_hz=20.0, mouse_rate_hz=10.0)


def types():
    rows = [
        {"n_neurons": n, "instance": i, "lgn_mode": m, "condition": c, "cell_type": t}
        for n, networks in ((300, (200, 201)), (1000, (200,)))
        for i in networks
        for m in ("current", "bernoulli")
        for c in mouse_likeness.CONDITIONS
        for t in TYPES
    ]
    table = pd.DataFrame(rows).assign(rate_hz=4.0, cv=0.9, mouse_rate_hz=5.0)
    table["published_rate_hz"] = np.where(table["condition"] == "drifting", 2.0, np.nan)
    return table.assign(mouse_rate_hz_q25=2.0, mouse_rate_hz_q75=7.0)


def cells():
    rng = np.random.default_rng(2)
    table = pd.DataFrame({"instance": 200, "offset_deg": rng.uniform(-90, 90, 60)})
    table = table.assign(lgn_mode="current", rate_hz=2.0, n_neurons=300)
    table["cell_type"] = np.resize(["e23", "e4"], 60)
    return table.assign(selectivity_crossvalidated=0.3)


@pytest.fixture
def artefacts(tmp_path):
    tables = {"signal": signal(), "rates": rates(), "types": types(), "cells": cells()}
    for name, table in tables.items():
        write_table(tmp_path / name, table, {})
    return SimpleNamespace(**{name: tmp_path / name for name in tables})


@pytest.mark.parametrize("module", [calibration_scan, mouse_likeness])
def test_the_figure_is_drawn_twice_with_the_same_bytes(module, artefacts, tmp_path):
    drawn = []
    for name in ("a", "b"):
        outputs = SimpleNamespace(pdf=tmp_path / f"{name}.pdf", png=tmp_path / name)
        module.draw(artefacts, outputs, dpi=50)
        drawn.append((outputs.pdf.read_bytes(), outputs.png.read_bytes()))
    assert drawn[0] == drawn[1]


def test_networks_are_the_units_and_one_network_falls_back_on_its_trials():
    table = calibration_scan.at_defaults(signal(), gains=True)
    found = calibration_scan.summary(table, calibration_scan.INPUT, "auc")
    by_size = found.groupby("n_neurons")
    assert by_size["size"].unique().map(list).to_dict() == {250: [2], 1000: [1]}
    # Two tasks with an error of 0.02 each.
    alone = found.loc[found["n_neurons"] == 1000, "sem"]
    np.testing.assert_allclose(alone, 0.02 / np.sqrt(2))
    raw = found["contrast"] == "raw"
    assert found.loc[raw, "mean"].notna().all() and raw.sum() == 2


def test_pvalb_cells_are_shown_relative_to_the_mouse():
    shown = calibration_scan.fast_cells(rates())
    assert set(shown["cell_type"]) == {"i23Pvalb", "i4Pvalb"}
    assert (shown["ratio"] == 2.0).all()
    assert calibration_scan.reference_target(signal()) == 12.0
