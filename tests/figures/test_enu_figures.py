"""The figures of evolvable units are drawn from artefacts, and always the same."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from PIL import Image

from evoplast.artefacts.netcdf import write_dataset
from evoplast.artefacts.parquet import write_table
from evoplast.enu_figures import (
    complex_stdp,
    convergence,
    double_t_maze,
    iaf,
    projection,
    rollout,
    stdp,
    t_maze,
    windows,
)

T, E = 40, 12


def synapse(n_stages=2):
    rng = np.random.default_rng(0)
    change = rng.normal(0, 20, (n_stages, E))
    change[:, 0] = np.nan
    return xr.Dataset(
        {
            "input": (("time", "sequence", "channel"), rng.uniform(0, 1, (T, E, 4))),
            "target": (("time", "sequence"), rng.uniform(0.4, 0.8, (T, E))),
            "output": (("stage", "time", "sequence"), rng.random((n_stages, T, E))),
            "interval": ("sequence", np.arange(E) - 6),
            "modulator": ("sequence", np.arange(E) % 2),
            "change_percent": (("stage", "sequence"), change),
            "target_change_percent": ("sequence", change[0]),
        },
        {"generation": ("stage", [10, 20][:n_stages])},
    )


def integrator():
    rng = np.random.default_rng(1)
    rate = rng.random((1, E))
    return xr.Dataset(
        {
            "input": (("time", "sequence", "channel"), rng.uniform(0, 0.2, (T, E, 1))),
            "target": (("time", "sequence"), (rng.random((T, E)) > 0.8) * 1.0),
            "output": (("stage", "time", "sequence"), rng.random((1, T, E))),
            "mean_current": ("curve_sequence", rng.random(E)),
            "rate": (("stage", "curve_sequence"), rate),
            "target_rate": ("curve_sequence", rate[0]),
        },
        {"generation": ("stage", [20])},
    )


def life(seed, n_actions):
    rng = np.random.default_rng(seed)
    reward = np.zeros(T)
    reward[[9, 20]] = -1, 1
    wall = np.ones((5, 5), np.int8)
    wall[2, 1:4] = 0
    data = {
        "wall": (("row", "column"), wall),
        "start": ("axis", [2, 1]),
        "end": (("place", "axis"), [[2, 3], [2, 2]]),
        "position": (("time", "axis"), np.tile([2, 2], (T, 1))),
        "facing": (("time", "axis"), np.tile([0, 1], (T, 1))),
        "observation": (("time", "sensor"), rng.integers(0, 2, (T, 3)) * 1.0),
        "reward": ("time", reward),
        "energy": ("time", rng.random(T)),
        "alive": ("time", np.ones(T, np.int8)),
        "food_place": ("time", np.zeros(T, int)),
        "poison_place": ("time", np.ones(T, int)),
        "fitness": ("lifetime", rng.random(3)),
        "action_output": (("time", "action"), rng.random((T, n_actions))),
    }
    return xr.Dataset(data, attrs={"cell": "enu", "generations": 7})


def references():
    names = {
        "iaf": ("silent", "always on"),
        "stdp": ("copying", "silent"),
        "t_maze": ("random", "learner"),
        "double_t_maze": ("random", "learner"),
    }
    rows = [
        {"experiment": e, "reference": n, "fitness": -0.5, "standard_error": 0.01}
        | {"count": 7}
        for e, pair in names.items()
        for n in pair
    ]
    return pd.DataFrame(rows)


def curves():
    rng = np.random.default_rng(2)
    runs = [
        {"study": s, "experiment": e, "cell": c, "seed": k, "generation": g}
        | {"heldout_fitness": -rng.random() if g % 2 == 0 else np.nan}
        for s, e in (("comparison", "iaf"), ("comparison", "stdp"), ("mazes", "t_maze"))
        for c in ("enu", "gru")
        for k in range(2)
        for g in range(6)
    ]
    return pd.DataFrame(runs)


def comparison():
    table = curves().groupby(["study", "experiment", "cell"]).size().reset_index()
    return table.assign(runs=2)


def projected():
    rng = np.random.default_rng(3)
    terms = [f"term {k}" for k in range(25)]
    both = rng.normal(0, 10, (2, E))
    both[:, 1] = np.nan
    return xr.Dataset(
        {
            "short_coefficient_percent": (("rule", "term"), rng.random((2, 25))),
            "explained_crossvalidated": ("rule", [0.9, 1.0]),
            "short_explained_crossvalidated": ("rule", [0.8, 0.99]),
            "trace_time_steps": ("rule", [10.0, 10.0]),
            "measured_percent": (("rule", "sequence"), both),
            "projected_percent": (("rule", "sequence"), rng.normal(0, 10, (2, E))),
            "interval": ("sequence", np.arange(E) - 6),
            "modulator": ("sequence", np.arange(E) % 2),
        },
        {"rule": ["evolved", "target"], "term": terms},
        {"formula_evolved": "Δw = +1 S_post·X_pre·R", "formula_target": "Δw = 0"},
    )


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Write every artefact once; return name -> path."""
    folder = tmp_path_factory.mktemp("enu")
    datasets = {
        "iaf": integrator(),
        "stdp": synapse(1),
        "complex": synapse(2),
        "network": life(0, 3),
        "policy": life(1, 3),
        "projection": projected(),
    }
    tables = {
        "references": references(),
        "curves": curves(),
        "comparison": comparison(),
    }
    for name, data in datasets.items():
        write_dataset(folder / name, data, {})
    for name, table in tables.items():
        write_table(folder / name, table, {})
    return {name: str(folder / name) for name in (*datasets, *tables)}


MAZE = {"network": "network", "policy": "policy", "references": "references"}
FIGURES = [
    (iaf, {"recording": "iaf"}),
    (stdp, {"recording": "stdp", "plain": "stdp"}),
    (complex_stdp, {"recording": "complex"}),
    (t_maze, MAZE),
    (double_t_maze, MAZE),
    (convergence, {k: k for k in ("curves", "comparison", "references")}),
    (projection, {"projection": "projection"}),
]


def drawn(module, inputs, folder):
    outputs = SimpleNamespace(pdf=str(folder / "a.pdf"), png=str(folder / "a.png"))
    module.draw(SimpleNamespace(**inputs), outputs, dpi=40)
    return (folder / "a.pdf").read_bytes(), (folder / "a.png").read_bytes()


@pytest.mark.parametrize(("module", "names"), FIGURES)
def test_figure_is_drawn_twice_with_the_same_bytes(module, names, files, tmp_path):
    inputs = {attribute: files[name] for attribute, name in names.items()}
    pdf, png = drawn(module, inputs, tmp_path)
    assert pdf.startswith(b"%PDF") and png.startswith(b"\x89PNG")
    assert (pdf, png) == drawn(module, inputs, tmp_path)


def test_a_flat_target_has_an_error_but_no_share_of_variance():
    rng = np.random.default_rng(5)
    flat, varied = rng.normal(0, 1, 200), rng.normal(0, 20, 200)
    assert windows.fit_text(flat + 3, flat) == "rms = 3.0\nn = 200"
    assert windows.fit_text(varied, varied) == "R² = 1.00\nrms = 0.0\nn = 200"


def test_trips_end_with_an_event_or_the_end_of_life():
    assert double_t_maze.trips(life(0, 3)) == [(0, 9), (10, 20), (21, T)]


def test_animation_has_a_picture_per_action(files, tmp_path, monkeypatch):
    monkeypatch.setattr(rollout, "N_FRAMES", 4)
    inputs = SimpleNamespace(network=files["network"], policy=files["policy"])
    rollout.animate(inputs, str(tmp_path / "a.gif"))
    with Image.open(tmp_path / "a.gif") as picture:
        assert picture.n_frames >= 2
