import dataclasses

import numpy as np
import pytest
import xarray as xr

from evoplast.artefacts.errors import UserError
from evoplast.artefacts.netcdf import read_provenance
from evoplast.network import read_network, write_network

PROVENANCE = {"seed": 1}


def _assert_same(part, other):
    for field in dataclasses.fields(part):
        mine, theirs = getattr(part, field.name), getattr(other, field.name)
        np.testing.assert_array_equal(mine, theirs, err_msg=field.name)
        assert np.asarray(mine).dtype.kind == np.asarray(theirs).dtype.kind


def test_a_network_survives_writing_and_reading(tiny_network, tmp_path):
    path = tmp_path / "network.nc"
    write_network(path, tiny_network, PROVENANCE)
    again = read_network(path)
    for name in ("cell_types", "cells", "edges", "lgn", "background"):
        _assert_same(getattr(tiny_network, name), getattr(again, name))
    np.testing.assert_array_equal(again.tau_syn_ms, tiny_network.tau_syn_ms)
    assert read_provenance(path)["seed"] == 1


def test_every_variable_has_named_dimensions_and_a_long_name(tiny_network, tmp_path):
    path = tmp_path / "network.nc"
    write_network(path, tiny_network, PROVENANCE)
    with xr.open_dataset(path, engine="h5netcdf") as dataset:
        expected = {"neuron", "edge", "cell_type", "lgn_cell", "lgn_edge", "port"}
        assert expected <= set(dataset.sizes)
        for name, variable in dataset.data_vars.items():
            assert variable.attrs["long_name"], name
        assert dataset["edge_weight_pA"].attrs["units"] == "pA"
        assert dataset["cell_asc_decay_per_ms"].attrs["units"] == "ms-1"


def test_same_network_gives_the_same_bytes(tiny_network, tmp_path):
    for name in ("a.nc", "b.nc"):
        write_network(tmp_path / name, tiny_network, PROVENANCE)
    assert (tmp_path / "a.nc").read_bytes() == (tmp_path / "b.nc").read_bytes()


def _spoiled_edges(network, **changes):
    edges = dataclasses.replace(network.edges, **changes)
    return dataclasses.replace(network, edges=edges)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda e: {"source": e.source + 1000}, "joins two neurons"),
        (lambda e: {"weight_pA": -e.weight_pA}, "sign of their presynaptic type"),
        (lambda e: {"weight_pA": e.weight_pA * np.nan}, "edge_weight_pA is a number"),
        (lambda e: {"target": e.target[::-1].copy()}, "sorted"),
        (lambda e: {"receptor": e.receptor + 3}, "receptor is a port"),
    ],
)
def test_an_inconsistent_network_is_refused(tiny_network, tmp_path, change, complaint):
    path = tmp_path / "network.nc"
    spoiled = _spoiled_edges(tiny_network, **change(tiny_network.edges))
    write_network(path, spoiled, PROVENANCE)
    with pytest.raises(UserError, match=complaint):
        read_network(path)


def test_a_file_of_another_kind_is_refused(tmp_path):
    path = tmp_path / "other.nc"
    xr.Dataset({"a": ("x", [1.0])}).to_netcdf(path, engine="h5netcdf")
    with pytest.raises(UserError, match="not a network file"):
        read_network(path)
