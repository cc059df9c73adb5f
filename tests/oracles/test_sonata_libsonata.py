"""Our SONATA circuits in the Open Brain Institute's reader (libsonata)."""

import numpy as np
import pytest

from evoplast.network import Gains
from evoplast.sonata import write_sonata

libsonata = pytest.importorskip("libsonata", reason="needs libsonata, the oracle")

GAINS = Gains(recurrent=4.0, lgn=0.5, background=2.0)


@pytest.fixture(scope="module")
def network_folder(tiny_network, tmp_path_factory):
    path = tmp_path_factory.mktemp("export") / "sonata"
    write_sonata(path, tiny_network, gains=GAINS)
    return path / "network"


def population(network_folder, source):
    storage = libsonata.EdgeStorage(str(network_folder / f"{source}_v1_edges.h5"))
    return storage.open_population(f"{source}_to_v1")


@pytest.mark.parametrize("source", ["v1", "lgn"])
def test_the_index_finds_the_edges_of_every_node(tiny_network, network_folder, source):
    ours = {"v1": tiny_network.edges, "lgn": tiny_network.lgn}[source]
    edges = population(network_folder, source)
    for node in range(tiny_network.n_neurons):
        into = edges.afferent_edges(node).flatten()
        assert into.tolist() == np.flatnonzero(ours.target == node).tolist()
    for node in range(int(ours.source.max()) + 1):
        out = edges.efferent_edges(node).flatten()
        assert out.tolist() == np.flatnonzero(ours.source == node).tolist()


def test_the_background_reaches_every_neuron(tiny_network, network_folder):
    edges = population(network_folder, "bkg")
    everyone = list(range(tiny_network.n_neurons))
    assert edges.target_nodes(edges.efferent_edges(0)).tolist() == everyone


@pytest.mark.parametrize(
    ("source", "part", "gain"),
    [
        ("v1", "edges", GAINS.recurrent),
        ("lgn", "lgn", GAINS.lgn),
        ("bkg", "background", GAINS.background),
    ],
)
def test_weights_hold_the_gains(tiny_network, network_folder, source, part, gain):
    edges = population(network_folder, source)
    weight_pA = edges.get_attribute("syn_weight", edges.select_all())
    ours_pA = getattr(tiny_network, part).weight_pA
    np.testing.assert_allclose(weight_pA, gain * ours_pA, rtol=1e-6)


def test_nodes_are_read(tiny_network, network_folder):
    storage = libsonata.NodeStorage(str(network_folder / "v1_nodes.h5"))
    nodes = storage.open_population("v1")
    angles = nodes.get_attribute("tuning_angle", nodes.select_all())
    assert nodes.size == tiny_network.n_neurons
    assert angles.tolist() == tiny_network.cells.tuning_deg.tolist()
