"""Circuits of every layout are read as the same network."""

from dataclasses import fields, replace
from types import SimpleNamespace

import h5py
import numpy as np
import pytest
from sonata_circuits import (
    COUNTS,
    POPULATIONS,
    TAU_SYN_MS,
    TYPES,
    expected_edges,
    glif,
    in_si_units,
    make_circuit,
    write_pickles,
    write_published,
    write_successor,
)

from evoplast.artefacts.errors import UserError
from evoplast.sonata import Draw, SonataSettings, edges, read_circuit
from evoplast.sonata.select import _chosen_rows

N = 30


@pytest.fixture(scope="module")
def circuit():
    return make_circuit()


@pytest.fixture(scope="module")
def published(circuit, tmp_path_factory):
    """The published layout; tests must not change it."""
    return write_published(tmp_path_factory.mktemp("circuit") / "a", circuit)


def settings_for(config, **changes):
    return replace(
        SonataSettings.default(circuit_config=str(config), types=TYPES), **changes
    )


def read(config, tables, n_neurons=N, instance=0, **changes):
    draw = Draw(n_neurons, seed=1, instance=instance, min_cells_per_type=1)
    return read_circuit(settings_for(config, **changes), tables, draw)


def found_edges(part):
    columns = (part.target, part.source, part.weight_pA, part.delay_ms, part.receptor)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return {(target, source): tuple(rest) for target, source, *rest in rows}


def assert_same_edges(found, expected):
    assert found.keys() == expected.keys()
    for ends, (weight, delay, receptor) in expected.items():
        assert found[ends] == (
            pytest.approx(weight, rel=1e-5),
            pytest.approx(delay),
            receptor,
        )


def assert_equal_networks(first, second):
    assert first.cell_types.names == second.cell_types.names
    np.testing.assert_array_equal(first.tau_syn_ms, second.tau_syn_ms)
    for part in ("cells", "edges", "lgn", "background"):
        ours, theirs = getattr(first, part), getattr(second, part)
        for field in fields(ours):
            pair = getattr(ours, field.name), getattr(theirs, field.name)
            np.testing.assert_array_equal(*pair, err_msg=f"{part}.{field.name}")


def test_published_layout_gives_the_weights_of_the_rule(
    circuit, published, allen_tables
):
    network = read(published, allen_tables)
    # The fixture's nodes are ordered by type, so that node ids are cell indices.
    assert_same_edges(found_edges(network.edges), expected_edges(circuit, "v1"))
    assert len(circuit.edges["v1"]) == network.n_edges > 100


def test_published_layout_gives_cells_grouped_by_type(circuit, published, allen_tables):
    cells = read(published, allen_tables).cells
    assert np.bincount(cells.cell_type).tolist() == list(COUNTS.values())
    assert cells.x_um.tolist() == [cell["x"] for cell in circuit.cells]
    assert cells.tuning_deg.tolist() == [c["tuning_angle"] for c in circuit.cells]
    of_pvalb = np.flatnonzero(cells.cell_type == 1)
    assert set(cells.model_id[of_pvalb]) == {POPULATIONS["i23Pvalb"][0]}
    assert cells.C_m_pF[of_pvalb[0]] == glif(1)["C_m"]
    assert cells.asc_amp_pA[of_pvalb[0]].tolist() == glif(1)["asc_amps"]


@pytest.mark.parametrize("sign", [-1, 1])
def test_depth_is_positive_for_both_signs_of_y(circuit, allen_tables, tmp_path, sign):
    config = write_published(tmp_path / "a", circuit, depth_sign=sign)
    depth = read(config, allen_tables).cells.y_um
    np.testing.assert_allclose(depth, [cell["y"] for cell in circuit.cells])
    named = read(config, allen_tables, depth="positive" if sign > 0 else "negative")
    np.testing.assert_array_equal(named.cells.y_um, depth)


def test_both_dialects_of_cell_models_agree(circuit, published, allen_tables, tmp_path):
    config = write_published(tmp_path / "si", circuit, ei=False, dialect=in_si_units)
    si = read(config, allen_tables, tau_syn_ms=tuple(TAU_SYN_MS)).cells
    nest = read(published, allen_tables).cells
    for field in fields(nest):
        np.testing.assert_allclose(
            getattr(si, field.name), getattr(nest, field.name), err_msg=field.name
        )


@pytest.mark.parametrize("variant", [{}, {"fork": True}, {"protocol": 2}])
def test_pickles_give_the_same_network_as_sonata(
    circuit, published, allen_tables, tmp_path, variant
):
    path = write_pickles(tmp_path / "b", circuit, **variant)
    assert_equal_networks(read(path, allen_tables), read(published, allen_tables))


def test_pickles_take_lgn_cells_from_the_published_table(
    circuit, published, allen_tables, tmp_path
):
    path = write_pickles(tmp_path / "b", circuit, lgn_table=True)
    assert_equal_networks(read(path, allen_tables), read(published, allen_tables))


def test_successor_layout_gives_the_same_edges(
    circuit, published, allen_tables, tmp_path
):
    network = read(
        write_successor(tmp_path / "c", circuit),
        allen_tables,
        weights="final",
        input_weights="final",
        receptors="by_class",
        tau_syn_ms=tuple(TAU_SYN_MS),
    )
    first = read(published, allen_tables)
    for part in ("edges", "lgn"):
        ours, theirs = (found_edges(getattr(n, part)) for n in (network, first))
        assert_same_edges(ours, theirs)
    np.testing.assert_allclose(
        network.background.weight_pA, first.background.weight_pA, rtol=1e-6
    )
    np.testing.assert_allclose(network.cells.V_reset_mV, first.cells.V_reset_mV)


def test_lgn_edges_and_cells_are_those_of_the_files(circuit, published, allen_tables):
    lgn = read(published, allen_tables).lgn
    expected = expected_edges(circuit, "lgn")
    used = sorted({source for _, source in expected})
    assert lgn.lgn_id.tolist() == used
    by_id = {(t, int(lgn.lgn_id[s])): v for (t, s), v in found_edges(lgn).items()}
    assert_same_edges(by_id, expected)
    cells = [circuit.lgn[k] for k in used]
    assert lgn.lgn_class.tolist() == [cell["pop_name"] for cell in cells]
    np.testing.assert_array_equal(
        lgn.kpeak_dom_ms[:, 1], [cell["kpeaks_dom_1"] for cell in cells]
    )
    composite = lgn.polarity == 0
    assert composite.any() and np.isfinite(lgn.weight_nondom[composite]).all()
    assert np.isnan(lgn.weight_nondom[~composite]).all()
    row = allen_tables.lgn_classes.set_index("lgn_class").loc["tOFF_TF8"]
    rates = lgn.spont_rate_hz[lgn.lgn_class == "tOFF_TF8"]
    assert set(rates) == {row["spont_rate_hz"]}


def test_background_is_kept_as_one_source(circuit, published, allen_tables):
    background = read(published, allen_tables, background_rate_hz=900.0).background
    expected = expected_edges(circuit, "bkg")
    weights = [expected[target, 0][0] for target in range(N)]
    np.testing.assert_allclose(background.weight_pA, weights, rtol=1e-6)
    assert background.receptor.tolist() == [expected[t, 0][2] for t in range(N)]
    assert background.rate_hz == 900.0


def test_inputs_set_to_null_are_left_out(published, allen_tables):
    network = read(
        published, allen_tables, lgn_population=None, background_population=None
    )
    assert len(network.lgn.lgn_id) == len(network.lgn.source) == 0
    assert network.background.rate_hz == 0.0
    assert not network.background.weight_pA.any()


def test_subsample_is_the_cells_nearest_the_axis(circuit, published, allen_tables):
    network = read(published, allen_tables, n_neurons=12)
    x, z = (np.array([cell[name] for cell in circuit.cells]) for name in "xz")
    radius = np.hypot(x - np.median(x), z - np.median(z))
    taken = np.isin([c["x"] for c in circuit.cells], network.cells.x_um)
    assert taken.sum() == network.n_neurons == 12
    populations = np.array([c["population"] for c in circuit.cells])
    # One cell of each type is taken even where it is not among the nearest.
    nearest = [np.flatnonzero(populations == p) for p in COUNTS]
    forced = [of_type[np.argmin(radius[of_type])] for of_type in nearest]
    free = np.setdiff1d(np.arange(N), forced)
    assert taken[forced].all()
    assert radius[free][taken[free]].max() < radius[free][~taken[free]].min()


def test_subsample_keeps_exactly_the_edges_among_its_cells(
    circuit, published, allen_tables
):
    network = read(published, allen_tables, n_neurons=12)
    index = {x: k for k, x in enumerate(network.cells.x_um)}
    new = [index.get(cell["x"]) for cell in circuit.cells]
    expected = {
        (new[target], new[source]): values
        for (target, source), values in expected_edges(circuit, "v1").items()
        if new[target] is not None and new[source] is not None
    }
    assert_same_edges(found_edges(network.edges), expected)


def test_reading_in_small_blocks_changes_nothing(published, allen_tables, monkeypatch):
    whole = read(published, allen_tables, n_neurons=15)
    monkeypatch.setattr(edges, "EDGES_PER_BLOCK", 7)
    assert_equal_networks(read(published, allen_tables, n_neurons=15), whole)


def test_instances_are_samples_at_other_places(published, allen_tables):
    first, again, other = (
        read(published, allen_tables, n_neurons=10, instance=k) for k in (3, 3, 4)
    )
    assert_equal_networks(first, again)
    assert set(first.cells.x_um) != set(other.cells.x_um)


def test_the_middle_is_that_of_the_cells_wherever_coordinates_begin(
    circuit, published, allen_tables, tmp_path
):
    moved = make_circuit()
    for cell in moved.cells:
        cell["x"], cell["z"] = cell["x"] + 4096.0, cell["z"] - 1024.0
    config = write_published(tmp_path / "moved", moved)
    for instance in (0, 3):
        here = read(published, allen_tables, 12, instance).cells
        there = read(config, allen_tables, 12, instance).cells
        np.testing.assert_allclose(there.x_um - 4096.0, here.x_um, atol=1e-9)


def test_heldout_networks_keep_away_from_the_training_networks(allen_tables, caplog):
    rng = np.random.default_rng(0)
    x, z = rng.uniform(-500, 500, (2, 4000))
    x, z = (values[np.hypot(x, z) < 500] + 300 for values in (x, z))
    nodes = SimpleNamespace(numbers=lambda name: x if name == "x" else z)
    kinds = np.zeros(len(x), int)

    def rows(instance, training=0, share=0.25, **changes):
        draw = Draw(int(share * len(x)), 1, instance, 1, training)
        return _chosen_rows(nodes, kinds, settings_for("a", **changes), draw)

    with caplog.at_level("INFO", "evoplast"):
        heldout = [rows(k, training=3) for k in (100, 101)]
    assert len(caplog.messages) == 2
    for message, own in zip(caplog.messages, heldout, strict=True):
        shares = [np.isin(own, rows(k)).mean() for k in range(3)]
        assert f"shares {max(shares):.0%} of its cells" in message
        assert f"training network {np.argmax(shares)}." in message
        assert max(shares) < 0.6
    with pytest.raises(UserError, match="shares .* more than .*max_overlap = 0.1"):
        rows(100, training=3, max_overlap=0.1)
    for changes in ({"share": 1}, {"whole_circuit": True}):
        with pytest.raises(UserError, match="shares 100% of its cells"):
            rows(100, training=1, **changes)
        assert len(rows(100, training=1, max_overlap=1.0, **changes)) == len(x)


def test_whole_circuit_needs_no_places(published, circuit, allen_tables, tmp_path):
    config = write_published(tmp_path / "a", circuit)
    with h5py.File(tmp_path / "a/network/v1_nodes.h5", "r+") as file:
        for name in "xyz":
            del file[f"nodes/v1/0/{name}"]
        file["nodes/v1/0/positions"] = np.zeros((N, 3))
    with pytest.raises(UserError, match="lacks the column 'x'"):
        read(config, allen_tables)
    with pytest.raises(UserError, match="mend syn_weight, nsyns or the angles"):
        read(config, allen_tables, whole_circuit=True)
    final = {"weights": "final", "whole_circuit": True}
    found = read(config, allen_tables, **final)
    assert np.isnan(found.cells.x_um).all()
    expected = read(published, allen_tables, **final)
    assert_same_edges(found_edges(found.edges), found_edges(expected.edges))


def test_whole_circuit_ignores_the_number_of_neurons(published, allen_tables):
    assert read(published, allen_tables, n_neurons=5, whole_circuit=True).n_neurons == N


def test_types_are_the_users_by_prefixes(published, allen_tables):
    types = (
        {
            "name": "inhibitory",
            "match": ["i23P", "i23H"],
            "layer": "",
            "excitatory": False,
        },
        {"name": "excitatory", "match": ["e"], "layer": "L2/3", "excitatory": True},
    )
    network = read(published, allen_tables, types=types)
    assert network.cell_types.names == ("inhibitory", "excitatory")
    assert np.bincount(network.cells.cell_type).tolist() == [10, 20]


def test_unmatched_cells_can_be_dropped(published, allen_tables):
    changes = {"types": TYPES[:2], "unmatched_types": "drop"}
    network = read(published, allen_tables, n_neurons=26, **changes)
    assert network.n_types == 2
    with pytest.raises(UserError, match="i23Htr3a.*matches no cell type"):
        read(published, allen_tables, types=TYPES[:2])


def test_type_attribute_can_be_another_column(published, allen_tables):
    types = (
        {"name": "exc", "match": ["e"], "layer": "L2/3", "excitatory": True},
        {"name": "inh", "match": ["i"], "layer": "L2/3", "excitatory": False},
    )
    network = read(published, allen_tables, type_attribute="ei", types=types)
    assert np.bincount(network.cells.cell_type).tolist() == [20, 10]


def test_attributes_and_populations_can_have_other_names(
    circuit, published, allen_tables, tmp_path
):
    config = write_published(tmp_path / "a", circuit)
    for name in ("v1_nodes", "v1_v1_edges", "lgn_v1_edges", "bkg_v1_edges"):
        with h5py.File(tmp_path / f"a/network/{name}.h5", "r+") as file:
            if "nodes" in file:
                file.move("nodes/v1", "nodes/cortex")
                file.move("nodes/cortex/0/tuning_angle", "nodes/cortex/0/preferred")
                continue
            edges = next(iter(file["edges"].values()))
            edges["target_node_id"].attrs["node_population"] = "cortex"
            if name == "v1_v1_edges":
                edges["source_node_id"].attrs["node_population"] = "cortex"
                file.move("edges/v1_to_v1/0/nsyns", "edges/v1_to_v1/0/contacts")
    # Only the LGN and background keep the published name of nsyns.
    names = {"tuning_angle": "preferred", "nsyns": "contacts"}
    changes = {"population": "cortex", "attribute_names": names, "lgn_population": None}
    network = read(config, allen_tables, background_population=None, **changes)
    first = read(published, allen_tables)
    assert found_edges(network.edges) == found_edges(first.edges)


def test_equal_parallel_edges_are_added_up(circuit, published, allen_tables, tmp_path):
    config = write_published(tmp_path / "a", circuit)
    with h5py.File(tmp_path / "a/network/v1_v1_edges.h5", "r+") as file:
        group = file["edges/v1_to_v1"]
        for name in ("source_node_id", "target_node_id", "edge_type_id"):
            group[name][1] = group[name][0]
        group["0/nsyns"][:2] = [3, 4]
        ends = int(group["target_node_id"][0]), int(group["source_node_id"][0])
        lost = circuit.edges["v1"][1]
    network, first = read(config, allen_tables), read(published, allen_tables)
    assert network.n_edges == first.n_edges - 1
    found, before = found_edges(network.edges), found_edges(first.edges)
    scale = 7 / circuit.edges["v1"][0]["nsyns"]
    assert found[ends][0] == pytest.approx(before[ends][0] * scale)
    assert (lost["target"], lost["source"]) not in found


def test_weight_that_contradicts_its_source_is_refused(published, allen_tables):
    types = (TYPES[0], {**TYPES[1], "excitatory": True}, TYPES[2])
    with pytest.raises(UserError, match="ei = i.*contradicts"):
        read(published, allen_tables, types=types)
