import time
import tracemalloc
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evoplast.network import build_network
from evoplast.network.recurrent import direction_difference_deg, phase_factor

FOLDER = Path(__file__).parents[2] / "resources" / "allen_v1"
COUNTS = pd.read_csv(FOLDER / "expected_counts.csv").set_index("n_neurons")
PAIRS = pd.read_csv(FOLDER / "expected_pairs.csv")
LGN = pd.read_csv(FOLDER / "lgn_to_v1.csv")


@pytest.fixture(scope="module")
def networks(allen_tables):
    """Instances of 1000 cells under different LGNs."""
    return [build_network(allen_tables, 1000, seed=s, instance=0) for s in range(6)]


@pytest.fixture(scope="module")
def large(allen_tables):
    return build_network(allen_tables, 5000, seed=2, instance=0)


def _pair_index(network):
    kind = network.cells.cell_type
    n_types = network.n_types
    return kind[network.edges.source] * n_types + kind[network.edges.target]


def _edges_per_pair(network):
    """Return the number of edges (source type, target type)."""
    n = network.n_types
    return np.bincount(_pair_index(network), minlength=n * n).reshape(n, n)


def _expected_edges(network, column):
    """Return the expected number of edges (source type, target type)."""
    names = network.cell_types.names
    in_degree = PAIRS.pivot(index="source_type", columns="target_type", values=column)
    counts = np.bincount(network.cells.cell_type)
    drawn = counts * network.n_neurons / counts.sum()
    possible = counts[:, None] - np.eye(len(names))
    return in_degree.loc[list(names), list(names)] * counts * possible / drawn[:, None]


def _assert_edges_per_pair(networks, column):
    observed = sum(_edges_per_pair(n) for n in networks)
    expected = sum(_expected_edges(n, column).to_numpy() for n in networks)
    # Binomial spread, and the spread of places that all edges of a cell share.
    tolerance = 4.5 * np.sqrt(expected) + 0.06 * expected + 1e-9
    assert (np.abs(observed - expected) <= tolerance).all()


def _relative_standard_error(sample):
    return sample.std() / np.abs(sample.mean()) / np.sqrt(len(sample))


def _weights_per_pair(networks):
    """Yield source type, target type and all weights of pairs sampled well."""
    names = networks[0].cell_types.names
    kind = np.concatenate([_pair_index(n) for n in networks])
    weight = np.concatenate([n.edges.weight_pA for n in networks])
    order = np.argsort(kind, kind="stable")
    present, start = np.unique(kind[order], return_index=True)
    for pair, sample in zip(present, np.split(weight[order], start[1:]), strict=True):
        if len(sample) > 500 and _relative_standard_error(sample) < 0.0125:
            yield names[pair // len(names)], names[pair % len(names)], sample


def _assert_mean_weights(networks, multiplier, at_least):
    rows, checked = PAIRS.set_index(["source_type", "target_type"]), 0
    for source, target, sample in _weights_per_pair(networks):
        row = rows.loc[(source, target)]
        expected = row["syn_weight_per_synapse_pA_mean"] * row["nsyn_mean"]
        expected *= row[multiplier]
        if _models_vary(source, target):
            continue
        checked += 1
        assert sample.mean() == pytest.approx(expected, rel=0.05), (source, target)
    assert checked >= at_least


def _models_vary(source, target):
    """Return whether few cells of unlike models make up the target type."""
    weights = pd.read_csv(FOLDER / "synaptic_weights.csv")
    weights = weights[weights["target_type"] == target]
    weights = weights[weights["source_type"] == source]["syn_weight_pA"]
    return not target.startswith("e") and weights.std() > 0.1 * abs(weights.mean())


def test_total_edges_match_the_rule(networks):
    mean = np.mean([n.n_edges for n in networks])
    expected = COUNTS.loc[1000, "expected_recurrent_edges"]
    assert mean == pytest.approx(expected, rel=0.04)


def test_edges_per_pair_of_types_match_the_rule(networks):
    _assert_edges_per_pair(networks, "in_degree_expected_N1000")


def test_mean_weight_per_pair_matches_the_rule(networks):
    _assert_mean_weights(networks, "edge_multiplier_mean_N1000", at_least=7)


def test_weights_have_the_sign_of_the_source(tiny_network):
    kind = tiny_network.cells.cell_type[tiny_network.edges.source]
    excitatory = tiny_network.cell_types.excitatory[kind]
    assert (tiny_network.edges.weight_pA[excitatory] >= 0).all()
    assert (tiny_network.edges.weight_pA[~excitatory] <= 0).all()


def test_edges_are_sorted_unique_and_without_self_connections(networks):
    edges = networks[0].edges
    key = edges.target.astype(np.int64) * networks[0].n_neurons + edges.source
    assert (np.diff(key) > 0).all()
    assert (edges.source != edges.target).all()


def test_an_inhibitory_weight_follows_from_its_parts(allen_tables, networks):
    network = networks[0]
    edges, cells = network.edges, network.cells
    models = allen_tables.models["model_id"].to_numpy()
    row = np.array([np.flatnonzero(models == m)[0] for m in cells.model_id])
    kind = cells.cell_type
    pairs = allen_tables.pairs
    chosen = np.flatnonzero(~network.cell_types.excitatory[kind[edges.source]])
    source, target = edges.source[chosen], edges.target[chosen]
    difference = direction_difference_deg(
        cells.tuning_deg[source], cells.tuning_deg[target]
    )
    sigma = pairs.tuning_sigma_deg[kind[target], kind[source]]
    unit = allen_tables.synaptic_weight_pA[row[target], kind[source]]
    unit = unit * np.exp(-((difference / sigma) ** 2))
    nsyn = edges.weight_pA[chosen][unit < -1e-6] / unit[unit < -1e-6]
    np.testing.assert_allclose(nsyn, np.round(nsyn), atol=1e-3)
    np.testing.assert_array_equal(np.unique(np.round(nsyn)), [3, 4, 5, 6, 7])


def test_phase_term_falls_along_the_preferred_direction_only():
    # 100 um of azimuth are 7 degrees: exp(-24.5) for a horizontal preference.
    assert phase_factor(100.0, 0.0, 0.0) == pytest.approx(5.5 / 4 * np.exp(-24.5))
    assert phase_factor(0.0, 100.0, 0.0) == pytest.approx(5.5 / 4)
    vertical = 5.5 / 4 - 11 / 1680 * 90
    assert phase_factor(0.0, 50.0, 90.0) == pytest.approx(vertical * np.exp(-2))


def test_lgn_sources_per_type_match_the_rule(networks):
    for row in LGN.itertuples():
        index = networks[0].cell_types.names.index(row.target_type)
        n_cells = sum((n.cells.cell_type == index).sum() for n in networks)
        n_edges = sum(
            (n.cells.cell_type[n.lgn.target] == index).sum() for n in networks
        )
        mean, p = row.n_lgn_sources_mean_if_connected, row.fraction_with_input
        spread = p * row.n_lgn_sources_sd_if_connected**2 + p * (1 - p) * mean**2
        # Nearby cells share their LGN cells, whose local number varies.
        tolerance = 4.5 * np.sqrt(spread / n_cells) + 0.05 * p * mean
        assert abs(n_edges / n_cells - p * mean) <= tolerance, row.target_type


def test_lgn_sources_per_family_match_the_rule(networks):
    row = LGN.set_index("target_type").loc["e4"]
    index = networks[0].cell_types.names.index("e4")
    n_cells = sum((n.cells.cell_type == index).sum() for n in networks)
    for family in ("sON", "sOFF", "tOFF", "sONsOFF", "sONtOFF"):
        n_edges = 0
        for network in networks:
            to_e4 = network.cells.cell_type[network.lgn.target] == index
            kind = network.lgn.lgn_class[network.lgn.source[to_e4]]
            n_edges += sum(np.char.startswith(kind, family + "_"))
        expected = row[f"mean_sources_{family}"]
        assert n_edges / n_cells == pytest.approx(expected, rel=0.15, abs=0.05)


def test_lgn_weights_and_ports_are_those_of_the_target_type(tiny_network):
    lgn, cells = tiny_network.lgn, tiny_network.cells
    row = LGN.iloc[cells.cell_type[lgn.target]]
    weight = row["syn_weight_pA"] * row["n_synapses_per_source"]
    np.testing.assert_allclose(lgn.weight_pA, weight, rtol=1e-6)
    np.testing.assert_array_equal(lgn.receptor, row["receptor_port"] - 1)


def test_instances_differ_but_share_the_lgn(allen_tables, tiny_network):
    other = build_network(allen_tables, 60, seed=1, instance=1)
    assert not np.array_equal(other.cells.x_um, tiny_network.cells.x_um)
    assert not np.array_equal(other.edges.source, tiny_network.edges.source)
    bigger = build_network(allen_tables, 300, seed=1, instance=0)
    for network in (other, bigger):
        _, mine, theirs = np.intersect1d(
            tiny_network.lgn.lgn_id, network.lgn.lgn_id, return_indices=True
        )
        assert len(mine) > 50
        for name in ("x_deg", "y_deg", "kpeak_dom_ms", "spatial_size_deg"):
            np.testing.assert_array_equal(
                getattr(tiny_network.lgn, name)[mine],
                getattr(network.lgn, name)[theirs],
            )


def test_same_seed_gives_the_same_network(allen_tables, tiny_network):
    again = build_network(allen_tables, n_neurons=60, seed=1, instance=0)
    np.testing.assert_array_equal(again.cells.x_um, tiny_network.cells.x_um)
    np.testing.assert_array_equal(again.edges.weight_pA, tiny_network.edges.weight_pA)
    np.testing.assert_array_equal(again.lgn.source, tiny_network.lgn.source)


def test_background_weight_is_that_of_the_population(tiny_network):
    names = np.array(tiny_network.cell_types.names)[tiny_network.cells.cell_type]
    weight = tiny_network.background.weight_pA
    assert weight[names == "e6"] == pytest.approx(0.436804 * 15, rel=1e-5)
    assert weight[names == "i6Htr3a"] == pytest.approx(0.219372 * 9, rel=1e-5)
    assert tiny_network.background.rate_hz == 1000.0


@pytest.mark.slow
def test_large_network_matches_the_rule(large):
    expected = COUNTS.loc[5000]
    assert large.n_edges == pytest.approx(
        expected["expected_recurrent_edges"], rel=0.04
    )
    assert len(large.lgn.source) == pytest.approx(
        expected["expected_lgn_edges"], rel=0.04
    )
    _assert_edges_per_pair([large], "in_degree_expected_N5000")
    _assert_mean_weights([large], "edge_multiplier_mean_N5000", at_least=15)


@pytest.mark.slow
@pytest.mark.parametrize("n_neurons", [2000, 3000, 4000])
def test_networks_of_other_sizes_have_their_numbers_of_edges(allen_tables, n_neurons):
    network = build_network(allen_tables, n_neurons, seed=2, instance=0)
    expected = COUNTS.loc[n_neurons]
    assert network.n_edges == pytest.approx(
        expected["expected_recurrent_edges"], rel=0.04
    )
    assert len(network.lgn.source) == pytest.approx(
        expected["expected_lgn_edges"], rel=0.04
    )


@pytest.mark.slow
def test_five_thousand_cells_are_built_in_seconds_and_little_memory(allen_tables):
    tracemalloc.start()
    start = time.perf_counter()
    build_network(allen_tables, 5000, seed=3, instance=0)
    seconds = time.perf_counter() - start
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert seconds < 20
    assert peak < 2**30


@pytest.mark.slow
def test_core_of_the_published_model_has_its_number_of_edges(allen_tables):
    start = time.process_time()
    network = build_network(allen_tables, 51_978, seed=1, instance=0)
    assert time.process_time() - start < 600
    assert network.n_edges == pytest.approx(14_441_124, rel=0.02)
