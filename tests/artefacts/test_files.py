"""Artefacts: whole or absent, same bytes for the same input, clear errors."""

import errno
import fcntl
import os
import subprocess
import sys
from pathlib import Path

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


def spoiled_copies(content, step):
    """Yield copies of ``content`` with one bit changed, every ``step`` bytes."""
    for position in range(0, len(content), step):
        copy = bytearray(content)
        copy[position] ^= 1 << position % 8
        yield bytes(copy)


def test_no_damaged_table_is_read_as_another(tmp_path):
    table = pd.DataFrame(
        {
            "rule": [f"rule {n % 7}" for n in range(60)],
            "accuracy": np.linspace(0, 1, 60) ** 2,
            "n": np.arange(60) % 5,
            "whole": np.where(np.arange(60) % 9, True, None),
        }
    )
    path, damaged = tmp_path / "a.parquet", tmp_path / "b.parquet"
    write_table(path, table, {"seed": 1})
    refused = 0
    for content in spoiled_copies(path.read_bytes(), 5):
        damaged.write_bytes(content)
        try:
            found = read_table(damaged), read_table_provenance(damaged)
        except UserError as error:
            assert "b.parquet is not a readable Parquet file" in str(error)
            refused += 1
        else:
            pd.testing.assert_frame_equal(found[0], read_table(path))
            assert found[1] == read_table_provenance(path)
    assert refused > 100


# h5netcdf leaves what it could not open for the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_no_damaged_dataset_is_read_as_another(tmp_path):
    path, damaged = tmp_path / "a.nc", tmp_path / "b.nc"
    write_dataset(path, dataset(), {"seed": 3})
    expected, refused = read_dataset(path), 0
    whole = path.read_bytes()
    # Among them text, which HDF5 itself does not check.
    changed = [whole.replace(b"e4", b"e6"), whole.replace(b"Hz", b"kz")]
    assert whole not in changed
    for content in [*changed, *spoiled_copies(whole, 17)]:
        damaged.write_bytes(content)
        try:
            found = read_dataset(damaged)
        except UserError as error:
            assert "b.nc is not a readable NetCDF file" in str(error)
            refused += 1
        else:
            assert found.identical(expected)
    assert refused > 300


def test_datasets_of_other_programs_have_no_checksum_and_are_read(tmp_path):
    dataset().to_netcdf(tmp_path / "a.nc", engine="h5netcdf")
    assert list(read_dataset(tmp_path / "a.nc")["name"].values) == ["e4", "e5"]
    write_dataset(tmp_path / "b.nc", dataset(), {})
    with xr.open_dataset(tmp_path / "b.nc", engine="h5netcdf") as found:
        np.testing.assert_array_equal(found["rate"], dataset()["rate"])


@pytest.mark.parametrize("kind", [fcntl.LOCK_EX, "no locks"])
def test_locked_file_is_not_called_broken(tmp_path, monkeypatch, kind):
    path = tmp_path / "a.nc"
    write_dataset(path, dataset(), {})
    with open(path, "rb+") as holder:
        if kind == "no locks":
            error = OSError(errno.ENOLCK, "No locks available")
            monkeypatch.setattr(xr, "load_dataset", lambda *_, **__: raise_it(error))
        else:
            fcntl.flock(holder, kind)
        with pytest.raises(UserError, match="HDF5_USE_FILE_LOCKING=FALSE") as found:
            read_dataset(path)
    assert "delete" not in str(found.value)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (PermissionError(errno.EACCES, "Permission denied"), "check the file's perm"),
        (OSError(errno.EMFILE, "Too many open files"), "Too many open files"),
        (MemoryError(), "does not fit into the memory"),
    ],
)
def test_withheld_file_is_not_called_broken(tmp_path, monkeypatch, error, said):
    path = tmp_path / "a.nc"
    write_dataset(path, dataset(), {})
    monkeypatch.setattr(xr, "load_dataset", lambda *_, **__: raise_it(error))
    with pytest.raises(UserError, match=said) as found:
        read_dataset(path)
    assert "delete" not in str(found.value)


def raise_it(error):
    raise error


# A limit on the size of files meets the libraries as a full disk does.
FULL_DISK = """
import resource, signal, sys
import numpy as np, pandas as pd, xarray as xr
from evoplast.artefacts.errors import UserError
from evoplast.artefacts.netcdf import write_dataset
from evoplast.artefacts.parquet import write_table
from evoplast.network import build_network, read_allen_tables
from evoplast.sonata import write_sonata
noise = np.random.default_rng(0).random(50000)
tables = read_allen_tables(sys.argv[1])
network = build_network(tables, n_neurons=60, seed=1, instance=0)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))
for write in (
    lambda: write_dataset("a.nc", xr.Dataset({"x": ("i", noise)}), {}),
    lambda: write_table("a.parquet", pd.DataFrame({"x": noise}), {}),
    lambda: write_sonata("circuit", network),
):
    try:
        write()
    except UserError as error:
        print(error)
"""


def test_full_disk_is_a_sentence_and_no_crash(tmp_path):
    tables = Path(__file__).parents[2] / "resources/allen_v1"
    command = [sys.executable, "-c", FULL_DISK, str(tables)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    said = done.stdout.splitlines()
    assert len(said) == 3 and all("free some disk space" in line for line in said)
    assert os.listdir(tmp_path) == []


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
