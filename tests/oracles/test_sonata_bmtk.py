"""Our SONATA circuits in the Allen Institute's own reader and simulator (bmtk)."""

import numpy as np
import pytest

from evoplast.sonata import write_sonata
from evoplast.sonata.inputs import PAIR_ATTRIBUTES

sonata = pytest.importorskip("bmtk.utils.sonata", reason="needs bmtk, the oracle")

# bmtk's own code warns (invalid escapes, deprecated calls); not our concern.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def folder(tiny_network, tmp_path_factory):
    path = tmp_path_factory.mktemp("export") / "sonata"
    write_sonata(path, tiny_network)
    return path


def opened(folder, stem):
    """Return bmtk's view of the nodes and edges of one presynaptic population."""
    network = folder / "network"
    names = {"v1"} | {stem}
    return sonata.File(
        data_files=[network / f"{name}_nodes.h5" for name in sorted(names)]
        + [network / f"{stem}_v1_edges.h5"],
        data_type_files=[network / f"{name}_node_types.csv" for name in sorted(names)]
        + [network / f"{stem}_v1_edge_types.csv"],
    )


def edge_rows(file, stem):
    edges = file.edges[f"{stem}_to_v1"]
    assert (edges.source_population, edges.target_population) == (stem, "v1")
    return [
        (e.target_node_id, e.source_node_id, e["syn_weight"], e["nsyns"], e["delay"])
        for e in edges
    ]


def expected_rows(part):
    columns = (part.target, part.source, part.weight_pA, part.delay_ms)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return [(t, s, w, 1, pytest.approx(delay)) for t, s, w, delay in rows]


def test_bmtk_reads_every_neuron(tiny_network, folder):
    cells, nodes = tiny_network.cells, opened(folder, "v1").nodes["v1"]
    types = np.array(tiny_network.cell_types.names)[cells.cell_type]
    found = [(n["pop_name"], n["x"], n["y"], n["tuning_angle"]) for n in nodes]
    places = (cells.x_um, cells.y_um, cells.tuning_deg)
    rows = zip(types, *(p.tolist() for p in places), strict=True)
    assert found == list(rows)


def test_bmtk_reads_every_lgn_cell(tiny_network, folder):
    lgn, nodes = tiny_network.lgn, opened(folder, "lgn").nodes["lgn"]
    found = [(n["pop_name"], n["model_type"], n["kpeaks_dom_1"]) for n in nodes]
    kpeak_ms = lgn.kpeak_dom_ms[:, 1].tolist()
    assert PAIR_ATTRIBUTES["kpeak_dom_ms"] == "kpeaks_dom"
    assert found == [
        (str(name), "virtual", k)
        for name, k in zip(lgn.lgn_class, kpeak_ms, strict=True)
    ]


@pytest.mark.parametrize("stem", ["v1", "lgn"])
def test_bmtk_reads_every_edge(tiny_network, folder, stem):
    part = {"v1": tiny_network.edges, "lgn": tiny_network.lgn}[stem]
    assert edge_rows(opened(folder, stem), stem) == expected_rows(part)


def test_bmtk_reads_the_background(tiny_network, folder):
    weights = tiny_network.background.weight_pA.tolist()
    found = edge_rows(opened(folder, "bkg"), "bkg")
    assert found == [(k, 0, weight, 1, 1.0) for k, weight in enumerate(weights)]


def test_bmtk_finds_the_edges_of_a_target_by_the_index(tiny_network, folder):
    edges, population = tiny_network.edges, opened(folder, "v1").edges["v1_to_v1"]
    for target in (0, 17, tiny_network.n_neurons - 1):
        found = [e.source_node_id for e in population.get_target(target)]
        assert found == edges.source[edges.target == target].tolist()


def test_pointnet_builds_the_circuit_in_nest(tiny_network, folder, monkeypatch):
    nest = pytest.importorskip("nest", reason="NEST is not installed")
    from bmtk.simulator import pointnet

    monkeypatch.chdir(folder)
    config = pointnet.Config.from_json("config.json")
    config.build_env()
    network = pointnet.PointNetwork.from_config(config)
    # A reset would delete the neurons, so it comes first.
    nest.ResetKernel()
    nest.resolution = 0.1
    network.build_nodes()
    network.build_recurrent_edges()
    neurons = network.gid_map.get_nestids("v1", range(tiny_network.n_neurons))
    cells, edges = tiny_network.cells, tiny_network.edges
    made = nest.NodeCollection(sorted(neurons))
    index = {gid: k for k, gid in enumerate(neurons)}
    order = [index[gid] for gid in sorted(neurons)]
    np.testing.assert_allclose(made.get("C_m"), cells.C_m_pF[order])
    np.testing.assert_allclose(made.get("asc_amps"), cells.asc_amp_pA[order])
    assert set(made.get("model")) == {"glif_psc"}
    found = nest.GetConnections().get(["source", "target", "weight", "receptor"])
    rows = {
        (index[t], index[s]): (w, port - 1)
        for s, t, w, port in zip(*found.values(), strict=True)
    }
    columns = (edges.target, edges.source, edges.weight_pA, edges.receptor)
    assert len(rows) == tiny_network.n_edges
    for target, source, weight, port in zip(
        *(c.tolist() for c in columns), strict=True
    ):
        assert rows[target, source] == (pytest.approx(weight), port)
