"""Tables of facts with wrong values: each is one sentence, before a network is built.

A table of cases: file, row and column, what is put there, what the sentence says.
"""

import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sonata_circuits import one_sentence

from evoplast.artefacts.errors import UserError
from evoplast.network import read_allen_tables
from evoplast.network.files import check_network
from evoplast.objectives import read_mouse_reference
from evoplast.working_point.published_model import read_published_rates

RESOURCES = Path(__file__).parents[2] / "resources"
ALLEN = (
    ("cell_types", 1, "ei", "x", "ei = x .* one of e, i"),
    ("cell_types", 1, "ei", None, "ei = nan .* one of e, i"),
    ("cell_types", 1, "n_full_model", -5, "n_full_model = -5.* whole number from 0"),
    ("cell_types", 1, "n_full_model", 2.5, "n_full_model = 2.5"),
    ("cell_types", 1, "n_full_model", "many", "n_full_model = many"),
    ("cell_types", 1, "depth_top_um", 900, "depth_top_um = 900.* above depth_bottom"),
    ("cell_types", 1, "cell_type", "i1Htr3a", "cell_type i1Htr3a twice"),
    ("cell_types", 1, "cell_type", None, "cell_type = nan .* not empty"),
    ("glif_models", 0, "E_L_mV", None, "E_L_mV = nan .* model_id 487661754"),
    ("glif_models", 0, "E_L_mV", "rest", "E_L_mV = rest"),
    ("glif_models", 0, "E_L_mV", 6e4, "E_L_mV = 60000"),
    ("glif_models", 0, "C_m_pF", 0, "C_m_pF = 0.* above 0"),
    ("glif_models", 0, "C_m_pF", -1, "C_m_pF = -1"),
    ("glif_models", 0, "g_nS", 0, "g_nS = 0"),
    ("glif_models", 0, "g_nS", "inf", "g_nS = inf"),
    ("glif_models", 0, "V_th_mV", -90, "V_reset_mV = .* above V_th_mV = -90"),
    ("glif_models", 0, "V_reset_mV", -300, "V_reset_mV = -300"),
    ("glif_models", 0, "t_ref_ms", -1, "t_ref_ms = -1"),
    ("glif_models", 0, "t_ref_ms", None, "t_ref_ms = nan"),
    ("glif_models", 0, "asc_decay_1_per_ms", -0.003, "asc_decay_1_per_ms = -0.003"),
    ("glif_models", 0, "asc_decay_2_per_ms", 0, "asc_decay_2_per_ms = 0"),
    ("glif_models", 0, "asc_amp_2_pA", 1e9, "asc_amp_2_pA = 1000000000"),
    ("glif_models", 1, "model_id", 487661754, "model_id 487661754 twice"),
    ("glif_models", 0, "n_cells_full_model", -1, "n_cells_full_model = -1"),
    ("connections", 0, "delay_ms", -1, "delay_ms = -1.* source_type i1Htr3a"),
    ("connections", 0, "delay_ms", 1e6, "delay_ms = 1000000"),
    ("connections", 0, "delay_ms", 0, "delay_ms = 0"),
    ("connections", 0, "p_max", 1.5, "p_max = 1.5"),
    ("connections", 0, "p_max", -0.1, "p_max = -0.1"),
    ("connections", 0, "sigma_um", 0, "sigma_um = 0"),
    ("connections", 0, "nsyn_min", 9, "nsyn_min = 9 above nsyn_max = 7"),
    ("connections", 0, "nsyn_max", 3.5, "nsyn_max = 3.5"),
    ("connections", 0, "receptor_port", 0, "receptor_port = 0"),
    ("connections", 0, "receptor_port", 7, "receptor_port = 7, but .* has 4"),
    ("connections", 0, "weight_function", "gauss", "weight_function = gauss"),
    ("connections", 0, "weight_sigma_deg", 0, "weight_sigma_deg = 0"),
    ("connections", 0, "orientation_factor_0deg", -2, "orientation_factor_0deg = -2"),
    ("connections", 1, "target_type", "i1Htr3a", "target_type i1Htr3a twice"),
    ("synaptic_weights", 0, "syn_weight_pA", 1e30, "syn_weight_pA = 1e\\+30"),
    ("synaptic_weights", 0, "syn_weight_pA", None, "syn_weight_pA = nan"),
    ("synaptic_weights", 0, "syn_weight_pA", -3, "-3.0 from the excitatory type e5"),
    ("synaptic_weights", 1, "source_type", "e5", "source_type e5 twice"),
    ("lgn_classes", 0, "polarity", 2, "polarity = 2"),
    ("lgn_classes", 0, "polarity", 0, "no .* for the composite class sON_TF1"),
    ("lgn_classes", 0, "spont_rate_hz", -2, "spont_rate_hz = -2"),
    ("lgn_classes", 0, "spont_rate_hz", None, "spont_rate_hz = nan"),
    ("lgn_classes", 0, "spatial_size_min_deg", 8, "spatial_size_min_deg = 8"),
    ("lgn_classes", 0, "kpeak_dom_0_ms", 0, "kpeak_dom_0_ms = 0"),
    ("lgn_classes", 0, "n_per_tile", -1, "n_per_tile = -1"),
    ("lgn_classes", 1, "lgn_class", "sON_TF1", "lgn_class sON_TF1 twice"),
    ("lgn_to_v1", 0, "fraction_with_input", 1.2, "fraction_with_input = 1.2"),
    ("lgn_to_v1", 0, "sON_ratio", "half", "sON_ratio = half"),
    ("lgn_to_v1", 0, "aspect_ratio_min", 9, "aspect_ratio_min = 9"),
    ("lgn_to_v1", 0, "syn_weight_pA", -1, "syn_weight_pA = -1"),
    ("lgn_to_v1", 0, "delay_ms", "nan", "delay_ms = nan"),
    ("background", 0, "poisson_rate_hz", -1, "poisson_rate_hz = -1"),
    ("background", 0, "poisson_rate_hz", 500, "poisson_rate_hz = 500.* and 1000"),
    ("background", 0, "syn_weight_pA", 1e9, "syn_weight_pA = 1000000000"),
    ("background", 0, "n_synapses", 1.5, "n_synapses = 1.5"),
    ("receptor_ports", 0, "tau_syn_ms", 0, "tau_syn_ms = 0"),
    ("receptor_ports", 0, "tau_syn_ms", -5.5, "tau_syn_ms = -5.5"),
    ("receptor_ports", 3, "port", 6, r"ports \[1, 2, 3, 6\]"),
)
MOUSE = (
    ("firing_rates", "mean_hz", -1, "mean_hz = -1"),
    ("firing_rates", "mean_hz", None, "mean_hz = nan"),
    ("firing_rates", "mean_hz", "fast", "mean_hz = fast"),
    ("firing_rate_quantiles", "quantile", 1.5, "quantile = 1.5"),
    ("firing_rate_quantiles", "rate_hz", -0.1, "rate_hz = -0.1"),
    ("firing_rate_quantiles", "rate_hz", 900, "below that of a smaller quantile"),
)
CONTENTS = (
    (b"", "not a readable CSV"),
    (b"\x00\xff\xfe\x80" * 9, "not a readable CSV|lacks the column"),
    (b'cell_type,"layer\n', "not a readable CSV|lacks the column"),
    (b"cell_type;layer\n", "lacks the column"),
    (b"a,b\n1,2,3\n4,5,6,7\n", "not a readable CSV|lacks the column"),
)


def spoil(path, row, column, value):
    """Put ``value`` (None: nothing) into one place of a table."""
    table = pd.read_csv(path, dtype=str, comment="#")
    table.loc[row, column] = None if value is None else str(value)
    table.to_csv(path, index=False)


def refusal(read, *arguments):
    with pytest.raises(UserError) as error:
        read(*arguments)
    assert one_sentence(error.value), str(error.value)
    return str(error.value)


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(RESOURCES, tmp_path / "resources")
    return tmp_path / "resources"


@pytest.mark.parametrize(("table", "row", "column", "value", "said"), ALLEN)
def test_a_wrong_value_is_named(folder, table, row, column, value, said):
    spoil(folder / f"allen_v1/{table}.csv", row, column, value)
    found = refusal(read_allen_tables, folder / "allen_v1")
    assert f"{table}.csv" in found
    assert re.search(said, found), found


@pytest.mark.parametrize(("table", "column", "value", "said"), MOUSE)
def test_a_wrong_rate_of_the_mouse_is_named(
    folder, tiny_network, table, column, value, said
):
    path = folder / f"mouse/{table}.csv"
    rows = pd.read_csv(path)
    chosen = (rows["scope"] == "cell_type") & (rows["measure"] == "evoked_dg_mean")
    spoil(path, rows.index[chosen][2], column, value)
    found = refusal(read_mouse_reference, folder / "mouse", tiny_network)
    assert f"{table}.csv" in found
    assert re.search(said, found), found


def test_a_wrong_rate_of_the_published_model_is_named(folder):
    path = folder / "published_model/firing_rates.csv"
    spoil(path, 0, "mean_hz", "nan")
    assert "mean_hz = nan" in refusal(read_published_rates, path)


@pytest.mark.parametrize(("content", "said"), CONTENTS)
def test_what_is_no_table_is_named(folder, content, said):
    path = folder / "allen_v1/cell_types.csv"
    path.write_bytes(content)
    found = refusal(read_allen_tables, folder / "allen_v1")
    assert re.search(said, found), found


def test_a_table_without_rows_is_named(folder):
    path = folder / "allen_v1/background.csv"
    path.write_text(path.read_text().splitlines()[0] + "\n")
    assert "has no rows" in refusal(read_allen_tables, folder / "allen_v1")


NETWORKS = (
    ("cells", "E_L_mV", np.nan, "every cell_E_L_mV is a number .*one is nan"),
    ("cells", "g_nS", 0.0, "cell_g_nS"),
    ("cells", "C_m_pF", -3.0, "cell_C_m_pF"),
    ("cells", "V_th_mV", -99.0, "reset below its threshold"),
    ("cells", "t_ref_ms", -1.0, "cell_t_ref_ms"),
    ("cells", "asc_decay_per_ms", 0.0, "cell_asc_decay_per_ms"),
    ("cells", "x_um", np.inf, "cell_x_um"),
    ("edges", "delay_ms", 1e6, "edge_delay_ms .*one is 1000000"),
    ("edges", "delay_ms", -1.0, "edge_delay_ms"),
    ("edges", "weight_pA", 1e30, "edge_weight_pA"),
    ("lgn", "spont_rate_hz", np.nan, "lgn_spont_rate_hz"),
    ("lgn", "delay_ms", 0.0, "lgn_delay_ms"),
    ("lgn", "off_factor", np.nan, "lgn_off_factor of a composite cell"),
    ("background", "weight_pA", np.nan, "background_weight_pA"),
)


@pytest.mark.parametrize(("part", "name", "value", "said"), NETWORKS)
def test_a_finished_network_is_checked_alike(tiny_network, part, name, value, said):
    whole = getattr(tiny_network, part)
    values = np.array(getattr(whole, name), copy=True)
    # A composite LGN cell, so that what only these have is found missing.
    row = np.flatnonzero(tiny_network.lgn.polarity == 0)[0] if part == "lgn" else 0
    values[row] = value
    spoiled = replace(tiny_network, **{part: replace(whole, **{name: values})})
    found = refusal(check_network, spoiled, "a.nc")
    assert re.search(said, found), found


@pytest.mark.parametrize("value", [-1.0, np.nan, 1e9])
def test_a_background_without_a_sensible_rate_is_named(tiny_network, value):
    spoiled = replace(tiny_network.background, rate_hz=value)
    network = replace(tiny_network, background=spoiled)
    assert "background_rate_hz" in refusal(check_network, network, "a.nc")


@pytest.mark.parametrize("value", [0.0, -2.0, np.nan])
def test_time_constants_that_are_not_positive_are_named(tiny_network, value):
    network = replace(tiny_network, tau_syn_ms=np.array([5.5, 8.5, 2.8, value]))
    assert "tau_syn_ms" in refusal(check_network, network, "a.nc")
