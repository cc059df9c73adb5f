"""Comparison with the mouse: known distributions, and one short recording."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from evoplast.artefacts.errors import UserError
from evoplast.objectives import read_mouse_reference
from evoplast.simulator import SimulationSettings
from evoplast.stimuli import InputSettings, StimulusSettings, make_gratings
from evoplast.working_point.mouse_likeness import (
    MEASURES,
    LikenessSettings,
    Recording,
    cell_table,
    mouse_likeness,
    type_table,
)
from evoplast.working_point.probe import Probe
from evoplast.working_point.spiking import SpikeTimes

MOUSE = Path(__file__).parents[2] / "resources/mouse"
SETTINGS = LikenessSettings.default(
    n_trials=16,
    change_probability=0.5,
    directions=4,
    drifting_ms=300,
    discard_ms=100,
    spatial_frequency_cpd=0.04,
    temporal_frequency_hz=4.0,
    contrast=0.8,
    fewest_intervals=3,
)


@pytest.fixture(scope="module")
def mouse(tiny_network):
    return {name: read_mouse_reference(MOUSE, tiny_network, name) for name in MEASURES}


def regular(tiny_network, interval_ms):
    """A recording in which all cells fire like a clock in each of four lanes."""
    n = tiny_network.n_neurons
    steps = np.arange(0, 2000, interval_ms)
    step, neuron, lane = (
        a.ravel() for a in np.meshgrid(steps, np.arange(n), np.arange(4), indexing="ij")
    )
    spikes = SpikeTimes(step, neuron, lane, 2000, n, 4)
    return Recording(spikes, {"drifting": np.arange(4)})


def test_clocks_have_their_rate_no_variability_and_their_distance(tiny_network, mouse):
    table = type_table(tiny_network, [regular(tiny_network, 100)], SETTINGS, mouse)
    e4 = table[table["cell_type"] == "e4"].set_index("condition").loc["drifting"]
    assert e4["rate_hz"] == e4["rate_hz_q05"] == pytest.approx(10.0)
    assert e4["cv"] == pytest.approx(0.0, abs=1e-6)
    kind = tiny_network.cell_types.names.index("e4")
    reference = mouse["evoked_dg_mean"]
    sample = reference.mixture_hz.reshape(-1, 100)[kind]
    assert e4["wasserstein_hz"] == pytest.approx(np.abs(sample - 10.0).mean())
    assert e4["mouse_rate_hz"] == reference.mean_by_type_hz[kind]
    assert set(table["condition"]) == {"drifting", "drifting_preferred"}


def test_cells_that_fire_for_their_angle_are_tuned_to_it(tiny_network):
    tuning, n = tiny_network.cells.tuning_deg, tiny_network.n_neurons
    lane = np.rint(tuning / 90.0).astype(int) % 4
    steps = np.tile(np.arange(0, 200, 10), n)
    owner = np.repeat(np.arange(n), 20)
    spikes = SpikeTimes(steps, owner, lane[owner], 200, n, 4)
    probed = Recording(spikes, {"drifting": np.arange(4)})
    cells = cell_table(tiny_network, probed, SETTINGS)
    assert (cells["offset_deg"].abs() <= 45.0 + 1e-6).all()
    np.testing.assert_allclose(cells["selectivity_crossvalidated"], 1.0)
    np.testing.assert_allclose(cells["direction_selectivity"], 1.0)


def test_a_short_recording_fills_both_tables(tiny_network, mouse):
    gratings = make_gratings(
        StimulusSettings.default(n_training_gratings=4, n_test_gratings=2), 3
    )
    simulation = SimulationSettings.default(lanes=16)
    types, cells = mouse_likeness(
        Probe(
            tiny_network, {"gratings": gratings}, InputSettings.default(), simulation
        ),
        *(SETTINGS, mouse, 1),
    )
    conditions = {"spontaneous", "drifting", "drifting_preferred", "gratings"}
    assert set(types["condition"]) == conditions
    assert len(types) == 4 * (tiny_network.n_types + 1)
    assert len(cells) == tiny_network.n_neurons
    everything = types[types["cell_type"] == "all"].set_index("condition")
    assert everything.loc["gratings", "rate_hz"] > 0
    drifting = everything.loc["drifting", "rate_hz"]
    assert drifting == pytest.approx(cells["rate_hz"].mean())


@pytest.mark.parametrize(
    ("changes", "match"),
    [({"directions": 6}, "directions is 6"), ({"drifting_ms": 100}, "is 100")],
)
def test_impossible_settings_are_refused(tiny_network, mouse, changes, match):
    wrong = replace(SETTINGS, **changes)
    with pytest.raises(UserError, match=match):
        probe = Probe(tiny_network, {}, InputSettings.default(), None)
        mouse_likeness(probe, wrong, mouse, 1)
