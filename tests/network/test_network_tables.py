import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evoplast.artefacts.errors import UserError
from evoplast.network import read_allen_tables

RESOURCES = Path(__file__).parents[2] / "resources"


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(RESOURCES / "allen_v1", tmp_path / "allen_v1")
    return tmp_path / "allen_v1"


def _drop(folder, table, column, value):
    path = folder / f"{table}.csv"
    rows = pd.read_csv(path)
    assert (rows[column] == value).any()
    rows[rows[column] != value].to_csv(path, index=False)


def test_tables_hold_the_published_model(allen_tables):
    assert len(allen_tables.cell_types.names) == 17
    assert allen_tables.n_full_model.sum() == 230_924
    assert len(allen_tables.models) == 111
    np.testing.assert_array_equal(allen_tables.tau_syn_ms, [5.5, 8.5, 2.8, 5.8])


def test_excitatory_weights_are_positive_and_inhibitory_negative(allen_tables):
    excitatory = allen_tables.cell_types.excitatory
    assert (allen_tables.synaptic_weight_pA[:, excitatory] >= 0).all()
    assert (allen_tables.synaptic_weight_pA[:, ~excitatory] <= 0).all()


def test_port_follows_from_the_kinds_of_source_and_target(allen_tables):
    inhibitory = ~allen_tables.cell_types.excitatory
    expected = 2 * inhibitory[:, None] + inhibitory[None, :]
    np.testing.assert_array_equal(allen_tables.pairs.receptor, expected)


def test_literature_probability_gives_p_max(allen_tables):
    rows = pd.read_csv(RESOURCES / "allen_v1" / "connections.csv")
    ratio = (75.0 / rows["sigma_um"]) ** 2
    p_max = rows["p_literature_within_R0"] * ratio / (1.0 - np.exp(-ratio))
    np.testing.assert_allclose(rows["p_max"], np.minimum(p_max, 1.0), rtol=1e-5)


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("glif_models", "cell_type", "i6Sst"),
        ("connections", "source_type", "e5"),
        ("synaptic_weights", "source_type", "e4"),
        ("lgn_to_v1", "target_type", "i4Pvalb"),
        ("background", "population", "e5Rbp4"),
    ],
)
def test_missing_entry_is_named_with_its_table(folder, table, column, value):
    _drop(folder, table, column, value)
    with pytest.raises(UserError, match=rf"{table}\.csv.*{value}"):
        read_allen_tables(folder)


def test_missing_column_and_missing_table_are_named(folder):
    path = folder / "glif_models.csv"
    pd.read_csv(path).drop(columns="g_nS").to_csv(path, index=False)
    with pytest.raises(UserError, match="glif_models.csv.*g_nS"):
        read_allen_tables(folder)
    path.unlink()
    with pytest.raises(UserError, match="glif_models.csv is missing"):
        read_allen_tables(folder)


def test_a_model_with_fewer_types_is_read(folder):
    path = folder / "cell_types.csv"
    types = pd.read_csv(path)
    types[types["layer"] == "L4"].to_csv(path, index=False)
    tables = read_allen_tables(folder)
    assert tables.cell_types.names == ("e4", "i4Pvalb", "i4Sst", "i4Htr3a")
    assert tables.pairs.p_max.shape == (4, 4)
    assert tables.synaptic_weight_pA.shape == (len(tables.models), 4)
