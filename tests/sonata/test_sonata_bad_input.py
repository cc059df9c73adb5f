"""Every damaged or dangerous circuit is one sentence, and nothing is written."""

import json
import pickle
from dataclasses import replace

import h5py
import numpy as np
import pytest
from sonata_circuits import (
    TAU_SYN_MS,
    TYPES,
    files_below,
    glif,
    in_si_units,
    make_circuit,
    one_sentence,
    write_pickles,
    write_published,
    write_successor,
)

from evoplast.artefacts.errors import UserError
from evoplast.sonata import (
    Draw,
    SonataSettings,
    read_circuit,
    tables,
    write_sonata,
)
from evoplast.sonata.models import glif_model
from evoplast.sonata.unpickle import read_pickle

V1_NODES, V1_EDGES = "network/v1_nodes.h5", "network/v1_v1_edges.h5"
E_MODEL = "components/cell_models/487661754_glif_psc.json"


@pytest.fixture(scope="module")
def circuit():
    return make_circuit()


@pytest.fixture
def folder(circuit, tmp_path):
    write_published(tmp_path / "a", circuit)
    return tmp_path / "a"


def refusal(config, allen_tables, **changes):
    """Return the sentence that reading ends with; check that no file appeared."""
    settings = replace(
        SonataSettings.default(circuit_config=str(config), types=TYPES), **changes
    )
    before = files_below(config.parent)
    with pytest.raises(UserError) as error:
        read_circuit(settings, allen_tables, Draw(30, min_cells_per_type=1))
    assert one_sentence(error.value), str(error.value)
    assert files_below(config.parent) == before
    return str(error.value)


def edit_json(path, **changes):
    content = json.loads(path.read_text()) | changes
    kept = {key: value for key, value in content.items() if value is not None}
    path.write_text(json.dumps(kept))


def delete(path, name):
    with h5py.File(path, "r+") as file:
        del file[name]


def overwrite(path, name, row, value):
    with h5py.File(path, "r+") as file:
        file[name][row] = value


@pytest.mark.parametrize("name", [V1_NODES, V1_EDGES, "network/lgn_v1_edges.h5"])
@pytest.mark.parametrize("part", [0.0, 0.5, 0.99])
def test_truncated_hdf5(folder, allen_tables, name, part):
    path = folder / name
    path.write_bytes(path.read_bytes()[: int(part * path.stat().st_size)])
    said = refusal(folder / "config.json", allen_tables)
    assert path.name in said and "truncated" in said


@pytest.mark.parametrize(
    ("name", "column"),
    [
        (V1_NODES, "nodes/v1/0/x"),
        (V1_NODES, "nodes/v1/node_type_id"),
        (V1_EDGES, "edges/v1_to_v1/source_node_id"),
        (V1_EDGES, "edges/v1_to_v1/edge_type_id"),
        (V1_EDGES, "edges/v1_to_v1/0/nsyns"),
        ("network/lgn_nodes.h5", "nodes/lgn/0/kpeaks_dom_0"),
    ],
)
def test_missing_column_of_hdf5(folder, allen_tables, name, column):
    delete(folder / name, column)
    said = refusal(folder / "config.json", allen_tables)
    assert "lacks the column" in said and column.rpartition("/")[2] in said


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("v1_node_types.csv", "node_type_id"),
        ("v1_node_types.csv", "pop_name"),
        ("v1_node_types.csv", "dynamics_params"),
        ("v1_v1_edge_types.csv", "syn_weight"),
        ("v1_v1_edge_types.csv", "delay"),
        ("lgn_v1_edge_types.csv", "edge_type_id"),
    ],
)
def test_missing_column_of_csv(folder, allen_tables, name, column):
    path = folder / "network" / name
    head, _, rest = path.read_text().partition("\n")
    path.write_text(head.replace(column, "other") + "\n" + rest)
    said = refusal(folder / "config.json", allen_tables)
    assert "lacks the column" in said and column in said


@pytest.mark.parametrize("side", ["source", "target"])
def test_edge_to_a_missing_node(folder, allen_tables, side):
    overwrite(folder / V1_EDGES, f"edges/v1_to_v1/{side}_node_id", 5, 999)
    said = refusal(folder / "config.json", allen_tables)
    assert "node 999" in said and "'v1'" in said


def test_edge_of_an_unknown_type(folder, allen_tables):
    overwrite(folder / V1_EDGES, "edges/v1_to_v1/edge_type_id", 5, 77)
    assert "edge type 77" in refusal(folder / "config.json", allen_tables)


@pytest.mark.parametrize("value", [9, 0, "fast", None])
def test_unknown_receptor(folder, allen_tables, value):
    edit_json(folder / "components/synaptic_models/e2e.json", receptor_type=value)
    said = refusal(folder / "config.json", allen_tables)
    assert str(value) in said and "by_class" in said


@pytest.mark.parametrize("key", ["asc_amps", "asc_decay", "g", "t_ref"])
def test_cell_model_without_a_parameter(folder, allen_tables, key):
    edit_json(folder / E_MODEL, **{key: None})
    said = refusal(folder / "config.json", allen_tables)
    assert f"lacks {key!r}" in said and "487661754_glif_psc.json" in said


@pytest.mark.parametrize(
    "changes",
    [
        {"asc_amps": [1.0]},
        {"C_m": -3.0},
        {"V_th": float("nan")},
        {"after_spike_currents": False},
        {"adapting_threshold": True},
        {"g": "fast"},
        {"tau_syn": [5.5, -1.0]},
    ],
)
def test_impossible_cell_model(folder, allen_tables, changes):
    edit_json(folder / E_MODEL, **changes)
    assert "487661754" in refusal(folder / "config.json", allen_tables)


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("v1_node_types", "nest:glif_psc", "nest:glif_cond", "is a nest:glif_cond"),
        ("v1_node_types", "nest:glif_psc", "nest:iaf_psc_alpha", "nest:iaf_psc_alpha"),
        ("v1_v1_edge_types", "static_", "tsodyks2_", "model tsodyks2_synapse"),
        ("v1_v1_edge_types", "static_", "nest:stdp_", "model nest:stdp_synapse"),
        ("lgn_v1_edge_types", "static_", "tsodyks_", "model tsodyks_synapse"),
        ("bkg_v1_edge_types", "static_synapse", "Exp2Syn", "model Exp2Syn"),
    ],
)
def test_models_of_another_meaning_are_named(
    folder, allen_tables, name, old, new, said
):
    path = folder / f"network/{name}.csv"
    path.write_text(path.read_text().replace(old, new))
    assert said in refusal(folder / "config.json", allen_tables)


def test_replaced_models_may_have_any_template(folder, allen_tables):
    path = folder / "network/v1_node_types.csv"
    path.write_text(path.read_text().replace("nest:glif_psc", "nest:glif_cond"))
    names = [f"{number}_glif_psc.json" for number in (487661754, 313861608, 471143169)]
    settings = SonataSettings.default(
        circuit_config=str(folder / "config.json"),
        types=TYPES,
        replace_models=dict.fromkeys(names, names[0]),
    )
    found = read_circuit(settings, allen_tables, Draw(30, min_cells_per_type=1))
    assert np.unique(found.cells.C_m_pF).tolist() == [80.0]


@pytest.mark.parametrize("key", ["E_rev", "E_ex"])
def test_reversal_potentials_are_named(folder, allen_tables, key):
    edit_json(folder / E_MODEL, **{key: [0.0, -70.0]})
    said = refusal(folder / "config.json", allen_tables)
    assert f"reversal potentials ({key})" in said


@pytest.mark.parametrize("key", ["U", "tau_rec", "mu_plus", "erev"])
def test_parameters_of_changing_synapses_are_named(folder, allen_tables, key):
    edit_json(folder / "components/synaptic_models/e2e.json", **{key: 0.5})
    said = refusal(folder / "config.json", allen_tables)
    assert f"e2e.json has {key} = 0.5" in said


def test_pickle_of_changing_synapses_is_named(circuit, allen_tables, tmp_path):
    path = write_pickles(tmp_path / "b", circuit)
    content = read_pickle(path)
    content["edges"][0]["params"]["model"] = "tsodyks_synapse"
    path.write_bytes(pickle.dumps(content))
    assert "synapse model tsodyks_synapse" in refusal(path, allen_tables)


def test_circuit_without_glif_cells_is_told_so(folder, allen_tables):
    path = folder / "network/v1_node_types.csv"
    path.write_text(path.read_text().replace("nest:glif_psc", "ctdb:Biophys1.hoc"))
    edit_json(folder / "circuit.json", components=None)
    said = refusal(folder / "config.json", allen_tables)
    assert "is a ctdb:Biophys1.hoc, but only GLIF3" in said
    path.write_text(path.read_text().replace("ctdb:Biophys1.hoc", "nest:glif_psc"))
    said = refusal(folder / "config.json", allen_tables)
    assert "names no point_neuron_models_dir" in said


@pytest.mark.parametrize("shape", [(30, 3), ()])
def test_attributes_of_other_shapes_are_passed_over(folder, allen_tables, shape):
    with h5py.File(folder / V1_NODES, "r+") as file:
        file["nodes/v1/0/positions"] = np.zeros(shape)
        file["nodes/v1/0/pair"] = np.zeros(30, [("a", "f8"), ("b", "i4")])
    settings = SonataSettings.default(
        circuit_config=str(folder / "config.json"), types=TYPES
    )
    draw = Draw(30, min_cells_per_type=1)
    assert read_circuit(settings, allen_tables, draw).n_neurons == 30
    settings = replace(settings, attribute_names={"x": "positions"})
    with pytest.raises(UserError, match="lacks the column 'positions'"):
        read_circuit(settings, allen_tables, draw)


def test_file_that_the_library_never_ends_with_is_named(
    folder, allen_tables, monkeypatch
):
    endless = tables._WALK.replace("file.visititems(touch)", "while True: pass")
    monkeypatch.setattr(tables, "_WALK", endless)
    monkeypatch.setattr(tables, "WALK_SECONDS", 3)
    said = refusal(folder / "config.json", allen_tables)
    assert "v1_nodes.h5 is no readable HDF5 file" in said and "in 3 s" in said


def test_missing_angles_are_named_only_where_they_are_used(folder, allen_tables):
    with h5py.File(folder / V1_NODES, "r+") as file:
        file["nodes/v1/0/tuning_angle"][4] = np.nan
    assert "or the angles" in refusal(folder / "config.json", allen_tables)
    settings = SonataSettings.default(
        circuit_config=str(folder / "config.json"), types=TYPES, weights="final"
    )
    draw = Draw(30, min_cells_per_type=1)
    assert np.isnan(read_circuit(settings, allen_tables, draw).cells.tuning_deg).sum()


def test_cell_model_in_si_units_without_asc_amplitudes():
    values = in_si_units(glif(0))
    del values["asc_amp_array"]
    with pytest.raises(UserError, match="x.json lacks 'asc_amp_array'"):
        glif_model(values, "x.json")


def test_cell_models_without_time_constants(folder, allen_tables):
    edit_json(folder / E_MODEL, tau_syn=None)
    said = refusal(folder / "config.json", allen_tables)
    assert "network.sonata.tau_syn_ms" in said


def test_nan_weight_of_an_edge(circuit, allen_tables, tmp_path):
    config = write_successor(tmp_path / "c", circuit)
    weights = "edges/v1_to_v1/0/syn_weight"
    overwrite(tmp_path / "c" / V1_EDGES, weights, 4, np.nan)
    final = {"weights": "final", "input_weights": "final", "receptors": "by_class"}
    said = refusal(config, allen_tables, tau_syn_ms=tuple(TAU_SYN_MS), **final)
    assert "1 of its edges no finite weight" in said


def test_nan_weight_of_an_edge_type(folder, allen_tables):
    path = folder / "network/bkg_v1_edge_types.csv"
    path.write_text(path.read_text().replace(" 0.4 ", " NULL "))
    said = refusal(folder / "config.json", allen_tables)
    assert "bkg" in said and "no finite weight" in said


def test_unknown_weight_function(folder, allen_tables):
    path = folder / "network/v1_v1_edge_types.csv"
    path.write_text(path.read_text().replace("DirectionRule_EE", "gaussianLL"))
    said = refusal(folder / "config.json", allen_tables)
    assert "gaussianLL" in said and "network.sonata.weights: final" in said


def test_duplicate_node_ids(folder, allen_tables):
    overwrite(folder / V1_NODES, "nodes/v1/node_id", 7, 6)
    assert "id 6 to several" in refusal(folder / "config.json", allen_tables)


def test_duplicate_node_types(folder, allen_tables):
    path = folder / "network/v1_node_types.csv"
    path.write_text(path.read_text() + path.read_text().splitlines()[1] + "\n")
    assert "487661754 twice" in refusal(folder / "config.json", allen_tables)


def test_nan_position(folder, allen_tables):
    overwrite(folder / V1_NODES, "nodes/v1/0/z", 3, np.nan)
    assert "no finite z for node 3" in refusal(folder / "config.json", allen_tables)


def test_manifest_to_a_missing_folder(folder, allen_tables):
    path = folder / "circuit.json"
    path.write_text(path.read_text().replace("/components/", "/elsewhere/"))
    said = refusal(folder / "config.json", allen_tables)
    assert "elsewhere/cell_models" in said and "components_dir" in said


def test_manifest_to_a_missing_file(folder, allen_tables):
    (folder / "network/bkg_v1_edge_types.csv").unlink()
    said = refusal(folder / "config.json", allen_tables)
    assert "bkg_v1_edge_types.csv, which does not exist" in said


def test_manifest_with_an_undefined_variable(folder, allen_tables):
    path = folder / "circuit.json"
    path.write_text(path.read_text().replace('"$NET"', '"$OTHER"'))
    assert "variable $NET" in refusal(folder / "config.json", allen_tables)


@pytest.mark.parametrize(
    "content",
    ["{", "[]", "{}", '{"networks": {"nodes": [3]}}', '{"network": 3}']
    + ['{"networks": {}, "components": {"point_neuron_models_dir": 3}}'],
)
def test_config_that_is_no_circuit(folder, allen_tables, content):
    (folder / "config.json").write_text(content)
    assert "config.json" in refusal(folder / "config.json", allen_tables)


def test_missing_config(tmp_path, allen_tables):
    assert "none.json" in refusal(tmp_path / "none.json", allen_tables)


class Importing:
    """Unpickling this in the ordinary way would make a file."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return open, (self.path, "w")


@pytest.mark.parametrize("protocol", [0, 2, 5])
@pytest.mark.parametrize("name", ["network_dat.pkl", "input_dat.pkl"])
def test_pickle_that_imports(circuit, allen_tables, tmp_path, protocol, name):
    path = write_pickles(tmp_path / "b", circuit)
    content = {"nodes": [], "edges": [Importing(tmp_path / "b/made")]}
    with open(path.with_name(name), "wb") as file:
        pickle.dump(content, file, protocol=protocol)
    said = refusal(path, allen_tables)
    assert name in said and "wants to import" in said and "open" in said


ARRAYS = (
    np.arange(4.0),
    np.asfortranarray(np.arange(6, dtype=">i4").reshape(2, 3)),
    np.array(["a", "bcd"]),
    np.array([b"x", b"yz"]),
    np.zeros((0, 3), bool),
    np.array(2.5),
)


@pytest.mark.parametrize(
    "value",
    [{1, 2}, (3, [b"x", 1j, bytearray(b"z")]), np.float32(2), np.int64(-1), None]
    + [{"a": array, "again": (array, [array])} for array in ARRAYS],
)
@pytest.mark.parametrize("protocol", range(6))
def test_pickle_of_arrays_and_containers(tmp_path, value, protocol):
    path = tmp_path / "x.pkl"
    path.write_bytes(pickle.dumps(value, protocol))
    assert repr(read_pickle(path)) == repr(value)


class OfRecords:
    """Pickles as a dtype whose state the file sets."""

    def __init__(self, *state):
        self.state = state

    def __reduce__(self):
        return np.dtype, ("f8", False, True), self.state


class OfBytes:
    """Pickles as a call of ``bytes`` with a number."""

    def __reduce__(self):
        return bytes, (10**9,)


class AnArray:
    """Pickles as an array whose parts the file chooses."""

    def __init__(self, dtype, shape=(1,), data=b"8 bytes."):
        self.state = (1, shape, dtype, False, data)

    def __reduce__(self):
        function = np.empty(0).__reduce__()[0]
        return function, (np.ndarray, (0,), b"b"), self.state


SIZED = OfRecords(3, "<", None, None, None, 1000, 1, 0)
FIELDS = OfRecords(3, "|", None, ("a",), {"a": (np.dtype("f8"), 0)}, 8, 1, 16)
DANGEROUS = (
    (pickle.dumps(np.arange(1.0, 6.0)).replace(b"f8", b"O8"), "of the type 'O8'"),
    (pickle.dumps(np.arange(3.0), 0).replace(b"f8", b"O8"), "of the type 'O8'"),
    (pickle.dumps(np.float64(1.5)).replace(b"f8", b"O8"), "of the type 'O8'"),
    (pickle.dumps(np.array([{}, []], dtype=object)), "of the type 'O8'"),
    (pickle.dumps(np.zeros(2, [("a", "f8"), ("b", "O")])), "of the type 'V16'"),
    (pickle.dumps(AnArray(FIELDS)), "an array of records"),
    (pickle.dumps(AnArray(np.dtype("f8"), (9,))), "not a complete pickle"),
    (pickle.dumps(AnArray(np.dtype("f8"), (-1, 2))), "not a complete pickle"),
    (pickle.dumps(AnArray(np.dtype("f8"), data=[1.0])), "array of Python objects"),
    (pickle.dumps(AnArray("f8")), "array of Python objects"),
    (pickle.dumps(OfBytes()), "a number of empty bytes"),
)


@pytest.mark.parametrize(("content", "said"), DANGEROUS)
def test_pickle_of_what_is_no_plain_array(tmp_path, content, said):
    path = tmp_path / "x.pkl"
    path.write_bytes(content)
    with pytest.raises(UserError, match=said) as error:
        read_pickle(path)
    assert one_sentence(error.value) and "x.pkl" in str(error.value)


def test_sizes_of_items_are_not_taken_from_a_pickle(tmp_path):
    path = tmp_path / "x.pkl"
    path.write_bytes(pickle.dumps(AnArray(SIZED, data=np.float64(2.5).tobytes())))
    found = read_pickle(path)
    assert found.dtype == np.dtype("f8") and found.tolist() == [2.5]


def test_truncated_pickle(circuit, allen_tables, tmp_path):
    path = write_pickles(tmp_path / "b", circuit)
    path.write_bytes(path.read_bytes()[:2000])
    assert "not a complete pickle" in refusal(path, allen_tables)


def test_pickle_with_an_edge_to_a_missing_node(circuit, allen_tables, tmp_path):
    path = write_pickles(tmp_path / "b", circuit)
    content = read_pickle(path)
    content["edges"][0]["target"][0] = 12345
    path.write_bytes(pickle.dumps(content))
    assert "node 12345" in refusal(path, allen_tables)


@pytest.mark.parametrize(
    ("key", "value"),
    [("target", np.array([-1])), ("source", np.array([1, 2])), ("target", ["a"])],
)
def test_pickle_with_ends_that_do_not_fit(circuit, allen_tables, tmp_path, key, value):
    path = write_pickles(tmp_path / "b", circuit)
    content = read_pickle(path)
    content["edges"][0][key] = value
    path.write_bytes(pickle.dumps(content))
    assert "network_dat.pkl" in refusal(path, allen_tables)


def test_negative_node_id(folder, allen_tables):
    delete(folder / V1_NODES, "nodes/v1/node_id")
    with h5py.File(folder / V1_NODES, "r+") as file:
        file["nodes/v1/node_id"] = np.arange(-1, 29)
    assert "node id -1" in refusal(folder / "config.json", allen_tables)


def test_columns_of_different_lengths(folder, allen_tables):
    delete(folder / V1_EDGES, "edges/v1_to_v1/edge_type_id")
    with h5py.File(folder / V1_EDGES, "r+") as file:
        file["edges/v1_to_v1/edge_type_id"] = np.arange(3)
    assert "3 types of edges" in refusal(folder / "config.json", allen_tables)
    delete(folder / V1_NODES, "nodes/v1/0/x")
    with h5py.File(folder / V1_NODES, "r+") as file:
        file["nodes/v1/0/x"] = np.zeros(3)
    assert "damaged" in refusal(folder / "config.json", allen_tables)


def test_pickle_without_weights(circuit, allen_tables, tmp_path):
    path = write_pickles(tmp_path / "b", circuit)
    content = read_pickle(path)
    del content["edges"][2]["params"]["weight"]
    path.write_bytes(pickle.dumps(content))
    assert "lacks the entry 'weight'" in refusal(path, allen_tables)


def test_existing_folder_is_never_overwritten(tiny_network, tmp_path):
    (tmp_path / "mine").write_text("x")
    with pytest.raises(UserError, match="exists already"):
        write_sonata(tmp_path, tiny_network)
    assert files_below(tmp_path) == {tmp_path / "mine"}


def test_failed_export_leaves_nothing(tiny_network, tmp_path):
    cells = tiny_network.cells
    one_model = replace(cells, model_id=np.zeros_like(cells.model_id))
    with pytest.raises(UserError, match="model 0 differ in") as error:
        write_sonata(tmp_path / "out", replace(tiny_network, cells=one_model))
    assert one_sentence(error.value)
    assert not files_below(tmp_path)
