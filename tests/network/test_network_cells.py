import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evoplast.artefacts.errors import UserError
from evoplast.network import build_network
from evoplast.network.cells import cells_per_type, disc_radius_um, draw_models


@settings(max_examples=60, deadline=None)
@given(
    weights=st.lists(st.integers(1, 100_000), min_size=1, max_size=25),
    minimum=st.integers(0, 4),
    extra=st.integers(0, 3000),
)
def test_counts_sum_to_n_and_keep_the_minimum(weights, minimum, extra):
    n = max(1, len(weights) * minimum) + extra
    counts = cells_per_type(np.array(weights), n, minimum)
    assert counts.sum() == n
    assert counts.min() >= minimum


def test_counts_are_proportional_where_no_type_is_scarce():
    counts = cells_per_type(np.array([50, 30, 20]), 1001, 2)
    np.testing.assert_array_equal(counts, [501, 300, 200])


def test_counts_of_the_model_match_the_published_fractions(allen_tables):
    counts = cells_per_type(allen_tables.n_full_model, 5000, 2)
    share = 5000 * allen_tables.n_full_model / allen_tables.n_full_model.sum()
    assert np.abs(counts - share).max() < 1.0


def test_scarce_types_get_the_minimum(tiny_network):
    counts = np.bincount(tiny_network.cells.cell_type)
    assert counts.min() == 2
    assert counts.sum() == 60


@pytest.mark.parametrize("n_neurons", [-5, 0, 33])
def test_too_few_neurons_are_an_error_that_names_the_key(allen_tables, n_neurons):
    with pytest.raises(UserError, match=rf"network\.n_neurons is {n_neurons}\b"):
        build_network(allen_tables, n_neurons, seed=1, instance=0)


def test_models_follow_their_share_within_one_cell():
    weights = np.array([5.0, 3.0, 1.5, 0.5])
    counts = np.bincount(draw_models(weights, 100, np.random.default_rng(0)))
    assert np.abs(counts - 10 * weights).max() <= 1.0


def test_every_model_can_occur_in_a_type_of_two_cells():
    weights, rng = np.array([5.0, 3.0, 1.5, 0.5]), np.random.default_rng(3)
    drawn = np.concatenate([draw_models(weights, 2, rng) for _ in range(4000)])
    share = np.bincount(drawn, minlength=4) / len(drawn)
    np.testing.assert_allclose(share, weights / 10.0, atol=0.02)


def test_cells_lie_in_the_disc_and_in_their_depth_range(allen_tables, tiny_network):
    cells = tiny_network.cells
    radius_um = np.hypot(cells.x_um, cells.z_um)
    assert radius_um.max() <= disc_radius_um(60, 230_924)
    depth = allen_tables.depth_um[cells.cell_type]
    assert ((cells.y_um >= depth[:, 0]) & (cells.y_um <= depth[:, 1])).all()


def test_disc_radius_is_the_published_one():
    assert disc_radius_um(51_978, 230_924) == pytest.approx(400.896, abs=1e-2)
    assert disc_radius_um(1000, 230_924) == pytest.approx(55.6061, abs=1e-3)


def test_parameters_are_those_of_the_cells_model(allen_tables, tiny_network):
    models = allen_tables.models.set_index("model_id")
    cells = tiny_network.cells
    rows = models.loc[cells.model_id]
    np.testing.assert_array_equal(rows["type"], cells.cell_type)
    np.testing.assert_array_equal(rows["V_th_mV"], cells.V_th_mV)
    np.testing.assert_array_equal(rows["asc_amp_2_pA"], cells.asc_amp_pA[:, 1])
