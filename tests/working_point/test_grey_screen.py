"""The grey screen: rates and currents of every combination, short recordings."""

from pathlib import Path

import numpy as np
import pytest

from evoplast.objectives import read_mouse_reference
from evoplast.simulator import SimulationSettings
from evoplast.stimuli import InputSettings, StimulusSettings, make_gratings
from evoplast.working_point.grey_screen import GreySettings, grey_screen

MOUSE = Path(__file__).parents[2] / "resources/mouse"
SETTINGS = GreySettings.default(
    background_gains=(0.0, 1.0, 3.0), drifting_ms=600, discard_ms=100
)
LANE = ["lgn_mode", "background", "background_gain"]


@pytest.fixture(scope="module")
def table(tiny_network):
    gratings = make_gratings(StimulusSettings.default(n_training_gratings=2), seed=1)
    mouse = read_mouse_reference(MOUSE, tiny_network, "spontaneous")
    simulation = SimulationSettings.default(recurrent_gain=1.0)
    return grey_screen(
        tiny_network,
        gratings,
        InputSettings.default(),
        simulation,
        SETTINGS,
        mouse,
        seed=1,
    )


def test_every_combination_has_every_type_once(table, tiny_network):
    assert len(table) == 2 * 2 * 3 * (tiny_network.n_types + 1)
    assert not table.duplicated([*LANE, "cell_type"]).any()
    assert table["silent_share"].between(0, 1).all()
    quiet = table["silent_share"] == 1
    assert (table.loc[quiet, "rate_hz"] == 0).all()


def test_background_depolarises_by_its_published_mean(table, tiny_network):
    kept = table[(table["lgn_mode"] == "current") & (table["background"] == "shared")]
    share = kept.set_index(["background_gain", "cell_type"])["current_over_threshold"]
    cells, background = tiny_network.cells, tiny_network.background
    tau = np.asarray(tiny_network.tau_syn_ms)[background.receptor]
    mean_pA = background.weight_pA * np.e * tau * background.rate_hz / 1000.0
    wanted = mean_pA / (cells.g_nS * (cells.V_th_mV - cells.E_L_mV))
    e23 = cells.cell_type == tiny_network.cell_types.names.index("e23")
    assert share[1.0, "e23"] - share[0.0, "e23"] == pytest.approx(
        wanted[e23].mean(), rel=0.1
    )
    assert share[3.0, "e23"] - share[0.0, "e23"] == pytest.approx(
        3 * (share[1.0, "e23"] - share[0.0, "e23"]), rel=1e-3
    )


def test_more_background_makes_more_spikes(table):
    everything = table[table["cell_type"] == "all"]
    everything = everything.set_index(LANE)["rate_hz"].sort_index()
    for mode in ("current", "bernoulli"):
        for background in ("shared", "independent"):
            rates = everything[mode, background]
            assert rates[3.0] > 2 * rates[1.0] + 1
            assert rates[1.0] >= rates[0.0]


def test_one_source_and_one_for_each_neuron_have_the_same_mean(table):
    e23 = table[(table["cell_type"] == "e23") & (table["background_gain"] == 1)]
    shares = e23.groupby("background")["current_over_threshold"].mean()
    assert shares["shared"] == pytest.approx(shares["independent"], rel=0.1)
    assert shares["shared"] != shares["independent"]
