"""A real circuit that nobody here wrote: 450 point neurons of the Allen Institute."""

from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest
from sonata_circuits import one_sentence

from evoplast.artefacts.errors import UserError
from evoplast.sonata import Draw, SonataSettings, read_circuit

FOLDER = Path(__file__).parents[3] / "shared/data/sonata_point_450glifs"
pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason=f"the circuit {FOLDER.name} is not on this machine"
)
GLIF = tuple(
    {"name": name, "layer": "L4", "excitatory": name != "PV"}
    for name in ("Scnn1a", "Rorb", "Nr5a1", "PV")
)
LIF = (
    {"name": "LIF_exc", "layer": "L4", "excitatory": True},
    {"name": "LIF_inh", "layer": "L4", "excitatory": False},
)
SETTINGS = SonataSettings.default(
    circuit_config=str(FOLDER / "config.circuit.json"),
    components_dir=str(FOLDER / "components"),
    whole_circuit=True,
    lgn_population=None,
    background_population=None,
    type_attribute="model_name",
    types=GLIF,
    unmatched_types="drop",
)
REPLACED = {
    "IntFire1_exc_point.json": "593618144_glif_lif_asc_psc.json",
    "IntFire1_inh_point.json": "478958894_glif_lif_asc_psc.json",
}


def read(tables, n_neurons=100, **changes):
    return read_circuit(replace(SETTINGS, **changes), tables, Draw(n_neurons))


def refusal(tables, **changes):
    with pytest.raises(UserError) as error:
        read(tables, **changes)
    assert one_sentence(error.value)
    return str(error.value)


def test_glif_cells_and_edges_are_those_of_the_files(allen_tables):
    network = read(allen_tables)
    with h5py.File(FOLDER / "network/v1_v1_edges.h5") as file:
        edges = file["edges/v1_to_v1"]
        source, target = edges["source_node_id"][:], edges["target_node_id"][:]
        nsyns, kind = edges["0/nsyns"][:], edges["edge_type_id"][:]
    inner = (source < 300) & (target < 300)
    per_synapse = np.array([2.5, 5.0, -6.5, -3.0])[kind[inner] - 100]
    assert network.n_neurons == 300
    assert network.n_edges == inner.sum()
    assert network.edges.weight_pA.sum() == pytest.approx(
        (per_synapse * nsyns[inner]).sum()
    )
    assert np.bincount(network.edges.receptor).tolist() == [
        np.sum(kind[inner] == 100 + k) for k in (0, 2, 1, 3)
    ]


def test_simulation_config_leads_to_the_same_network(allen_tables):
    config = str(FOLDER / "config.simulation.json")
    network = read(allen_tables, circuit_config=config)
    assert network.n_edges == read(allen_tables).n_edges


def test_nearest_cells_are_taken(allen_tables):
    whole = read(allen_tables).cells
    sample = read(allen_tables, whole_circuit=False).cells
    middle = np.median(whole.x_um), np.median(whole.z_um)
    radius, every = (
        np.hypot(cells.x_um - middle[0], cells.z_um - middle[1])
        for cells in (sample, whole)
    )
    assert len(radius) == 100
    assert np.sum(every <= radius.max()) == 100


def test_manifest_that_points_elsewhere_says_what_to_set(allen_tables):
    said = refusal(allen_tables, components_dir=None)
    assert "point_components/cell_models" in said
    assert "network.sonata.components_dir" in said


def test_lif_cells_are_refused(allen_tables):
    assert "LIF" in refusal(allen_tables, unmatched_types="refuse")
    said = refusal(allen_tables, types=GLIF + LIF)
    assert "IntFire1_exc_point.json is a nest:iaf_psc_alpha" in said
    assert "network.sonata.replace_models" in said


def test_lif_cells_can_be_mapped_to_glif_models(allen_tables):
    changes = {"types": GLIF + LIF, "replace_models": REPLACED}
    assert "by_class" in refusal(allen_tables, **changes)
    network = read(allen_tables, receptors="by_class", **changes)
    assert (network.n_neurons, network.n_edges) == (450, 28555)
    mapped = network.cells.cell_type == network.cell_types.names.index("LIF_exc")
    assert set(network.cells.C_m_pF[mapped]) == {58.60769058316611}


def test_lgn_without_filters_is_refused(allen_tables):
    said = refusal(allen_tables, lgn_population="lgn")
    assert "lgn_nodes.h5 lacks the column 'pop_name'" in said


def test_missing_background_names_the_populations_there_are(allen_tables):
    said = refusal(allen_tables, background_population="bkg")
    assert "no population 'bkg'; it has v1, lgn" in said
