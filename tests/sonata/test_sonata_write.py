"""A network written as SONATA comes back equal, and obeys the format."""

import json
from dataclasses import fields, replace

import h5py
import numpy as np
import pandas as pd
import pytest
from sonata_circuits import TYPES, make_circuit, write_published

from evoplast.artefacts.errors import UserError
from evoplast.network import Gains, build_network, with_gains
from evoplast.simulator import PlasticitySettings, SimulationSettings, build_model
from evoplast.sonata import Draw, SonataSettings, read_circuit, write_sonata
from evoplast.sonata.inputs import background_input, no_background, no_lgn
from evoplast.sonata.synapses import Connections
from evoplast.sonata.write_files import edge_index


@pytest.fixture(scope="module")
def written(tiny_network, tmp_path_factory):
    folder = tmp_path_factory.mktemp("export") / "sonata"
    write_sonata(folder, tiny_network)
    return folder


def read_back(folder, tables, **changes):
    settings = SonataSettings.default(
        circuit_config=str(folder / "circuit_config.json"), whole_circuit=True
    )
    return read_circuit(replace(settings, **changes), tables, Draw(0))


def assert_equal_networks(first, second):
    assert first.cell_types.names == second.cell_types.names
    assert first.cell_types.layer == second.cell_types.layer
    np.testing.assert_array_equal(first.tau_syn_ms, second.tau_syn_ms)
    for part in ("cells", "edges", "lgn", "background"):
        ours, theirs = getattr(first, part), getattr(second, part)
        for name in (field.name for field in fields(ours)):
            pair = getattr(ours, name), getattr(theirs, name)
            np.testing.assert_array_equal(*pair, err_msg=f"{part}.{name}")
            assert np.asarray(pair[0]).dtype == np.asarray(pair[1]).dtype, name


@pytest.mark.parametrize("weights", ["final", "nsyns_rule"])
def test_round_trip_is_equal(tiny_network, written, allen_tables, weights):
    again = read_back(written, allen_tables, weights=weights, input_weights=weights)
    assert_equal_networks(again, tiny_network)


def test_round_trip_through_the_simulation_config(tiny_network, written, allen_tables):
    config = str(written / "config.json")
    again = read_back(written, allen_tables, circuit_config=config)
    assert_equal_networks(again, tiny_network)


def test_round_trip_of_a_network_without_inputs(tiny_network, allen_tables, tmp_path):
    n = tiny_network.n_neurons
    bare = replace(tiny_network, lgn=no_lgn(), background=no_background(n))
    write_sonata(tmp_path / "bare", bare)
    assert not list((tmp_path / "bare/network").glob("lgn*"))
    null = {"lgn_population": None, "background_population": None}
    assert_equal_networks(read_back(tmp_path / "bare", allen_tables, **null), bare)


def test_gains_are_in_the_weights_and_said(tiny_network, allen_tables, tmp_path):
    gains = Gains(recurrent=3.5, lgn=0.5, background=0.0)
    write_sonata(tmp_path / "sonata", tiny_network, gains=gains)
    again = read_back(tmp_path / "sonata", allen_tables)
    assert_equal_networks(again, with_gains(tiny_network, gains))
    said = json.loads((tmp_path / "sonata/gains.json").read_text())
    assert said == {"recurrent": 3.5, "lgn": 0.5, "background": 0.0}
    for source, gain in {"v1": 3.5, "lgn": 0.5, "bkg": 0.0}.items():
        with h5py.File(tmp_path / f"sonata/network/{source}_v1_edges.h5") as file:
            assert file.attrs["gain"] == gain


def test_a_network_with_gains_is_simulated_alike_without_them(tiny_network):
    plasticity = PlasticitySettings.default()
    settings = SimulationSettings.default(recurrent_gain=3.7)
    ours = build_model(tiny_network, settings, plasticity)
    scaled = with_gains(tiny_network, Gains(recurrent=3.7))
    neutral = SimulationSettings.default(recurrent_gain=1.0)
    theirs = build_model(scaled, neutral, plasticity)
    current_pA = [m.signed_gain_pA * m.w_init for m in (ours, theirs)]
    np.testing.assert_allclose(*current_pA, rtol=3e-7)


@pytest.mark.parametrize("gain", [-1.0, float("nan"), float("inf")])
def test_impossible_gains_are_refused(gain):
    with pytest.raises(UserError, match=f"The lgn gain is {gain}"):
        Gains(lgn=gain)


def test_both_names_of_an_index_are_one_array(written):
    with h5py.File(written / "network/v1_v1_edges.h5") as file:
        for index in file["edges/v1_to_v1/indices"].values():
            assert index["node_id_to_ranges"] == index["node_id_to_range"]


@pytest.mark.parametrize("missing", ["all", "some"])
def test_round_trip_of_a_circuit_of_others_without_angles(
    allen_tables, tmp_path, missing
):
    config = write_published(tmp_path / "theirs", make_circuit())
    with h5py.File(tmp_path / "theirs/network/v1_nodes.h5", "r+") as file:
        if missing == "all":
            del file["nodes/v1/0/tuning_angle"]
        else:
            file["nodes/v1/0/tuning_angle"][:3] = np.nan
    settings = SonataSettings.default(
        circuit_config=str(config), types=TYPES, weights="final"
    )
    theirs = read_circuit(settings, allen_tables, Draw(20, min_cells_per_type=1))
    assert np.isnan(theirs.cells.tuning_deg).any()
    write_sonata(tmp_path / "ours", theirs)
    for weights in ("final", "nsyns_rule"):
        again = read_back(tmp_path / "ours", allen_tables, types=TYPES, weights=weights)
        assert_equal_networks(again, theirs)


def test_sample_of_an_export_is_a_part_of_it(tiny_network, written, allen_tables):
    settings = SonataSettings.default(
        circuit_config=str(written / "circuit_config.json")
    )
    sample = read_circuit(settings, allen_tables, Draw(40))
    assert sample.n_neurons == 40
    assert np.isin(sample.cells.x_um, tiny_network.cells.x_um).all()
    assert np.bincount(sample.cells.cell_type, minlength=17).min() >= 1
    assert 0 < sample.n_edges < tiny_network.n_edges


def test_export_is_the_same_bytes_every_time(tiny_network, written, tmp_path):
    write_sonata(tmp_path / "again", tiny_network)
    for path in written.rglob("*.*"):
        twin = tmp_path / "again" / path.relative_to(written)
        assert twin.read_bytes() == path.read_bytes()


def test_files_carry_the_marks_of_the_format(written):
    for path in (written / "network").glob("*.h5"):
        with h5py.File(path) as file:
            assert file.attrs["magic"] == 0x0A7A
            assert file.attrs["version"].tolist() == [0, 1]


def test_edge_types_say_ends_delay_and_receptor(tiny_network, written):
    table = pd.read_csv(written / "network/v1_v1_edge_types.csv", sep=" ")
    table = table.set_index("edge_type_id")
    with h5py.File(written / "network/v1_v1_edges.h5") as file:
        row = table.loc[file["edges/v1_to_v1/edge_type_id"][:]]
    names = np.array(tiny_network.cell_types.names)[tiny_network.cells.cell_type]
    edges = tiny_network.edges
    assert row["source_query"].tolist() == [
        f"pop_name=='{name}'" for name in names[edges.source]
    ]
    assert row["delay"].to_numpy(np.float32).tolist() == edges.delay_ms.tolist()
    assert row["dynamics_params"].tolist() == [
        f"receptor_{port + 1}.json" for port in edges.receptor
    ]


def test_cell_models_are_in_the_dialect_of_nest(tiny_network, written):
    model = tiny_network.cells.model_id[0]
    path = written / f"components/cell_models/{model}_glif_psc.json"
    values = json.loads(path.read_text())
    assert values["asc_amps"] == tiny_network.cells.asc_amp_pA[0].tolist()
    assert values["tau_syn"] == [5.5, 8.5, 2.8, 5.8]


def test_index_leads_to_every_edge_of_a_node():
    ids = np.array([2, 2, 0, 5, 0, 2, 2, 2, 5])
    ranges, edges = edge_index(ids, n_nodes=7)
    for node in range(7):
        runs = [edges[k] for k in range(*ranges[node].astype(int))]
        found = [edge for start, stop in runs for edge in range(int(start), int(stop))]
        assert found == np.flatnonzero(ids == node).tolist()
    # Edges that follow each other share a range.
    assert len(edges) == 6


def test_index_of_no_edges_is_empty():
    ranges, edges = edge_index(np.empty(0, dtype=int), n_nodes=3)
    assert ranges.shape == (3, 2) and edges.shape == (0, 2)
    assert not ranges.any()


def test_several_background_sources_keep_the_mean_current():
    target = np.array([0, 0, 0, 1])
    edges = Connections(
        source=np.array([0, 1, 2, 3]),
        target=target,
        weight_pA=np.array([1.0, 2.0, 3.0, 4.0]),
        delay_ms=np.ones(4),
        receptor=np.array([2, 2, 2, 0]),
    )
    background = background_input(edges, n_neurons=3, rate_hz=250.0)
    assert background.rate_hz == 500.0
    np.testing.assert_allclose(
        background.weight_pA * background.rate_hz, [1500.0, 1000.0, 0.0]
    )
    assert background.receptor.tolist() == [2, 0, 0]


@pytest.mark.slow
def test_round_trip_of_a_thousand_neurons(allen_tables, tmp_path):
    network = build_network(allen_tables, n_neurons=1000, seed=2, instance=0)
    write_sonata(tmp_path / "sonata", network)
    assert_equal_networks(read_back(tmp_path / "sonata", allen_tables), network)
