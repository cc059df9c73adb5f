"""The comparison of two runs finds what differs and nothing else."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from checkout import ROOT

from evoplast.artefacts.netcdf import write_dataset
from evoplast.artefacts.parquet import write_table

TABLE = pd.DataFrame({"rule": [0, 1], "accuracy": [0.5, np.nan]})
VALUES = xr.Dataset({"weight": ("edge", np.array([1.0, 2.0], np.float32))})


def run(folder: Path, table=TABLE, values=VALUES, seed=1) -> Path:
    folder.mkdir()
    write_table(folder / "table.parquet", table, {"seed": seed})
    write_dataset(folder / "values.nc", values, {"seed": seed})
    return folder


def compare(one, other, *more):
    command = [sys.executable, str(ROOT / "tests/workflow/data_digest.py")]
    command += [str(one), str(other), *more]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.fixture
def base(tmp_path):
    return run(tmp_path / "base")


def test_equal_data_of_other_making_are_the_same_and_the_making_is_named(
    base, tmp_path
):
    done = compare(base, run(tmp_path / "new", seed=2))
    assert done.returncode == 0
    assert "| table.parquet | same data | seed |" in done.stdout


@pytest.mark.parametrize(
    "changed",
    [
        {"table": TABLE.assign(accuracy=[0.5, 0.0])},
        {"table": TABLE.astype({"rule": "int32"})},
        {"values": VALUES + np.float32(1e-7)},
        {"values": VALUES.rename(weight="strength")},
        {"values": VALUES.astype(float)},
    ],
)
def test_other_values_types_and_names_are_found(base, tmp_path, changed):
    done = compare(base, run(tmp_path / "new", **changed))
    assert done.returncode == 1
    assert done.stdout.count("DATA DIFFER") == 1


def test_a_missing_file_is_found_and_a_renamed_one_is_followed(base, tmp_path):
    new = run(tmp_path / "new")
    (new / "table.parquet").rename(new / "rules.parquet")
    lost = compare(base, new)
    assert lost.returncode == 1 and "missing in B" in lost.stdout
    found = compare(base, new, "--renamed", "table.parquet=rules.parquet")
    assert found.returncode == 0, found.stdout
