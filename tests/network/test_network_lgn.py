import numpy as np
import pytest

from evoplast.network import build_network
from evoplast.network.lgn import _truncated_poisson, draw_lgn_cells, visual_field_deg


@pytest.fixture(scope="module")
def population(allen_tables):
    return draw_lgn_cells(allen_tables.lgn_classes, np.random.default_rng(0))


@pytest.fixture(scope="module")
def network(allen_tables):
    return build_network(allen_tables, 400, seed=9, instance=0)


def test_population_has_the_published_numbers(allen_tables, population):
    assert len(population["lgn_id"]) == 17_400
    classes = allen_tables.lgn_classes
    for row in classes.itertuples():
        number = (population["lgn_class"] == row.lgn_class).sum()
        assert number == row.n_per_tile * row.n_tiles


def test_every_tile_of_the_field_holds_equally_many_cells(population):
    counts, _, _ = np.histogram2d(
        population["x_deg"],
        population["y_deg"],
        bins=(15, 10),
        range=((0, 240), (0, 120)),
    )
    assert (counts == 17_400 / 150).all()


def test_sizes_are_triangular_or_constant(population):
    size, polarity = population["spatial_size_deg"], population["polarity"]
    simple = size[polarity != 0]
    assert simple.min() >= 2.0
    assert simple.max() <= 10.0
    assert simple.mean() == pytest.approx((2 + 3 + 10) / 3, abs=0.05)
    assert set(size[polarity == 0]) == {6.0, 9.0}


def test_only_composite_cells_have_a_second_filter_and_a_direction(population):
    composite = population["polarity"] == 0
    for name in ("weight_nondom", "tuning_deg", "off_factor", "max_rate_on_hz"):
        values = population[name].reshape(len(composite), -1)
        assert np.isfinite(values[composite]).all()
        assert np.isnan(values[~composite]).all()


def test_temporal_parameters_vary_by_at_most_the_jitter(allen_tables, population):
    row = allen_tables.lgn_classes.set_index("lgn_class").loc[population["lgn_class"]]
    ratio = population["kpeak_dom_ms"][:, 0] / row["kpeak_dom_0_ms"]
    assert ratio.min() >= 0.975
    assert ratio.max() <= 1.025
    assert ratio.std() == pytest.approx(0.05 / np.sqrt(12), rel=0.05)


@pytest.mark.parametrize("mean", [1.5, 2.0, 30.0])
def test_preferred_frequencies_are_poisson_without_zero(mean):
    drawn = _truncated_poisson(np.full(20_000, mean), np.random.default_rng(1))
    assert drawn.min() >= 1
    assert drawn.mean() == pytest.approx(mean / -np.expm1(-mean), rel=0.02)


def test_the_axis_of_the_column_looks_at_the_middle_of_the_field():
    place = visual_field_deg(np.array([0.0, 100.0]), np.array([0.0, 100.0]))
    np.testing.assert_allclose(place[0], [120.0, 60.0])
    np.testing.assert_allclose(place[1], [127.035, 64.0065], atol=1e-3)


def _offset_along_preference(network, chosen):
    """Return how far (deg) the chosen edges' sources lie along the preference."""
    lgn, cells = network.lgn, network.cells
    source, target = lgn.source[chosen], lgn.target[chosen]
    place = visual_field_deg(cells.x_um, cells.z_um)[target]
    angle = np.deg2rad(cells.tuning_deg[target])
    dx, dy = lgn.x_deg[source] - place[:, 0], lgn.y_deg[source] - place[:, 1]
    return dx * np.cos(angle) + dy * np.sin(angle)


def test_sustained_and_transient_sources_lie_on_opposite_sides(network):
    names = np.array(network.cell_types.names)[network.cells.cell_type]
    # Half of the 8..12 degrees between the subfields of e5.
    to_e5 = names[network.lgn.target] == "e5"
    kind = network.lgn.lgn_class[network.lgn.source]
    transient = np.char.startswith(kind, "tOFF_")
    sustained = np.char.startswith(kind, "sON_") | np.char.startswith(kind, "sOFF_")
    forward = _offset_along_preference(network, to_e5 & transient)
    backward = _offset_along_preference(network, to_e5 & sustained)
    assert forward.mean() == pytest.approx(5.0, abs=0.6)
    assert backward.mean() == pytest.approx(-5.0, abs=0.6)


def test_composite_sources_share_the_orientation_of_their_target(network):
    lgn = network.lgn
    composite = lgn.polarity[lgn.source] == 0
    assert composite.any()
    difference = (lgn.tuning_deg[lgn.source] - network.cells.tuning_deg[lgn.target])[
        composite
    ] % 180.0
    assert np.minimum(difference, 180.0 - difference).max() < 15.0


def test_a_cell_gets_either_on_or_off_sustained_input(network):
    kind = network.lgn.lgn_class[network.lgn.source]
    with_on = set(network.lgn.target[np.char.startswith(kind, "sON_")])
    with_off = set(network.lgn.target[np.char.startswith(kind, "sOFF_")])
    assert with_on
    assert with_off
    assert not with_on & with_off


def test_edges_are_sorted_by_target_and_source(network):
    key = network.lgn.target.astype(np.int64) * 20_000 + network.lgn.source
    assert (np.diff(key) > 0).all()
    assert set(network.lgn.source) == set(range(len(network.lgn.lgn_id)))
