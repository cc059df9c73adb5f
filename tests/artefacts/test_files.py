"""Artefacts: whole or absent, same bytes for the same input, clear errors."""

import errno
import os

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from evoplast.artefacts import atomic
from evoplast.artefacts.errors import UserError
from evoplast.artefacts.netcdf import (
    data_digest,
    read_dataset,
    read_provenance,
    write_dataset,
)
from evoplast.artefacts.parquet import (
    read_table,
    read_table_provenance,
    write_table,
)
from evoplast.artefacts.tables import read_resource_csv


def dataset() -> xr.Dataset:
    rate = xr.DataArray(
        np.linspace(0, 1, 50, dtype=np.float32), dims="neuron", attrs={"units": "Hz"}
    )
    return xr.Dataset({"rate": rate, "name": ("type", ["e4", "e5"])})


def test_dataset_round_trip_keeps_values_units_and_provenance(tmp_path):
    path = tmp_path / "sub" / "a.nc"
    write_dataset(path, dataset(), {"seed": 3})
    again = read_dataset(path)
    np.testing.assert_array_equal(again["rate"], dataset()["rate"])
    assert again["rate"].attrs["units"] == "Hz"
    assert list(again["name"].values) == ["e4", "e5"]
    assert read_provenance(path)["seed"] == 3


def test_same_dataset_gives_same_bytes(tmp_path):
    for name in ("a.nc", "b.nc"):
        write_dataset(tmp_path / name, dataset(), {"seed": 3})
    assert (tmp_path / "a.nc").read_bytes() == (tmp_path / "b.nc").read_bytes()


def test_truncated_dataset_is_named_in_one_sentence(tmp_path):
    path = tmp_path / "network.nc"
    write_dataset(path, dataset(), {})
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(UserError, match=r"network\.nc is not a readable NetCDF"):
        read_dataset(path)


def test_missing_dataset_is_named(tmp_path):
    with pytest.raises(UserError, match=r"gone\.nc does not exist"):
        read_dataset(tmp_path / "gone.nc")


def test_digest_of_the_data_does_not_see_what_made_it(tmp_path):
    first, again, other = (tmp_path / name for name in ("a.nc", "b.nc", "c.nc"))
    write_dataset(first, dataset(), {"seed": 3})
    write_dataset(again, dataset(), {"seed": 4})
    changed = dataset()
    changed["name"][1] = "e6"
    write_dataset(other, changed, {"seed": 3})
    assert data_digest(first) == data_digest(again) != data_digest(other)


def test_file_of_others_without_provenance_is_named(tmp_path):
    dataset().to_netcdf(tmp_path / "a.nc", engine="h5netcdf")
    with pytest.raises(UserError, match=r"a\.nc does not say what made it"):
        read_provenance(tmp_path / "a.nc")


def test_table_round_trip_and_bytes(tmp_path):
    table = pd.DataFrame({"rule": ["Δw = S_pre"], "accuracy": [0.5]})
    for name in ("a.parquet", "b.parquet"):
        write_table(tmp_path / name, table, {"seed": 1})
    pd.testing.assert_frame_equal(read_table(tmp_path / "a.parquet"), table)
    assert read_table_provenance(tmp_path / "a.parquet")["seed"] == 1
    first, second = (tmp_path / n for n in ("a.parquet", "b.parquet"))
    assert first.read_bytes() == second.read_bytes()


def test_truncated_table_is_named(tmp_path):
    path = tmp_path / "rules.parquet"
    path.write_bytes(b"PAR1 not really")
    with pytest.raises(UserError, match=r"rules\.parquet is not a readable Parquet"):
        read_table(path)


def test_failed_write_leaves_the_old_file_and_no_rest(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(RuntimeError), atomic.atomic_path(path) as temporary:
        temporary.write_text("half")
        raise RuntimeError("worker died")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_full_disk_is_one_sentence(tmp_path):
    with pytest.raises(UserError, match="free some disk space"):
        with atomic.atomic_path(tmp_path / "a.txt"):
            raise OSError(errno.ENOSPC, "No space left on device")


def test_csv_without_a_column_names_it(tmp_path):
    path = tmp_path / "cells.csv"
    path.write_text("cell_type,n\ne4,3\n")
    assert read_resource_csv(path, ["n"])["n"].tolist() == [3]
    with pytest.raises(UserError, match="lacks the column 'depth_um'"):
        read_resource_csv(path, ["depth_um"])
