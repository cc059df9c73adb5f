"""The scan of inputs and gains against constructed counts and the evaluation."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from evoplast import rules
from evoplast.artefacts.errors import UserError
from evoplast.artefacts.seeds import named_seed
from evoplast.evaluation import EvaluationSettings, evaluate, prepare_world
from evoplast.objectives import read_mouse_reference
from evoplast.simulator import SimulationSettings
from evoplast.stimuli import (
    InputSettings,
    StimulusSettings,
    draw_sequence,
    make_drive,
    make_gratings,
    prepare_input,
)
from evoplast.task import TaskSettings
from evoplast.working_point.calibration_scan import (
    LANES,
    ScanSettings,
    gain_choices,
    input_choices,
    pools,
    scan_network,
    window_rows,
)
from evoplast.working_point.probe import Probe

MOUSE = Path(__file__).parents[2] / "resources/mouse"
SMALL = ScanSettings.default(
    balanced_stimuli=0,
    n_trials=3,
    drive_targets_hz=(10.0,),
    reference_target_hz=12.0,
    lgn_gains=(1.0, 2.0),
    recurrent_factors=(0.5,),
    windows_ms=((50, 150), (0, 300)),
)
INPUTS = InputSettings.default()
SIMULATION = SimulationSettings.default(lanes=16)


@pytest.fixture(scope="module")
def gratings():
    return make_gratings(
        StimulusSettings.default(n_training_gratings=4, n_test_gratings=2), 3
    )


@pytest.fixture(scope="module")
def scanned(tiny_network, gratings):
    mouse = read_mouse_reference(MOUSE, tiny_network)
    sets = {"gratings": gratings}
    return scan_network(Probe(tiny_network, sets, INPUTS, SIMULATION), SMALL, mouse, 5)


def chosen(table, **values):
    for name, value in values.items():
        table = table[table[name] == value]
    return table


def test_window_and_pool_find_a_constructed_signal():
    rng = np.random.default_rng(1)
    change = rng.random(40) < 0.5
    counts = rng.integers(0, 5, (40, 2, 2))
    counts[:, 0, 0] = np.where(change, 9, 1)
    rows = list(window_rows(counts, change, np.array([2, 4]), ["L5", "all"], SMALL))
    assert [row["auc"] for row in rows].index(1.0) == 0
    assert rows[0]["auc_se"] == 0.0
    assert rows[0]["pool_rate_hz"] == pytest.approx(counts[:, 0, 0].mean() / 2 * 10)
    assert 0.2 < rows[3]["auc"] < 0.8


def test_every_question_has_its_choices_and_none_twice():
    choices = input_choices(SMALL)
    assert len({str(c) for c in choices}) == len(choices) == 6 + 1 + 3
    modes = {(c.drawn.lgn_mode, c.drawn.contrast) for c in choices}
    controls = ("raw", "common", "equalised")
    assert modes == {(m, c) for m in ("current", "bernoulli") for c in controls}
    assert {c.drawn.contrast for c in gain_choices(SMALL)} == {"raw", "equalised"}


def test_pools_are_the_excitatory_cells_of_layers(tiny_network):
    found = pools(tiny_network.cell_types)
    names = np.array(tiny_network.cell_types.names)
    assert names[found["L5"]].tolist() == ["e5"]
    assert set(names[found["all"]]) == {"e23", "e4", "e5", "e6"}


def test_a_choice_in_the_lanes_is_the_evaluation_of_it_alone(
    scanned, tiny_network, gratings
):
    prepared = prepare_input(tiny_network, gratings, INPUTS)
    mouse = read_mouse_reference(MOUSE, tiny_network)
    sets = {"gratings": gratings}
    settings = EvaluationSettings.default(
        simulation=SIMULATION, task=TaskSettings.default(balanced_stimuli=0)
    )
    world = prepare_world(tiny_network, {"gratings": prepared}, settings, mouse, sets)
    name = ("calibration scan", "gratings")
    sequence = draw_sequence(gratings, 4, 0.5, named_seed(5, *name), "training")
    drive = make_drive(prepared, sequence, named_seed(5, *name, "noise"))
    nothing = rules.no_plasticity(world.rule_space)[None]
    alone = evaluate(world, nothing, 0, 0, 3, drives=[drive])
    where = {"contrast": "equalised", "drive_target_hz": 12.0, "lgn_mode": "current"}
    gains = {"lgn_gain": 1.0, "recurrent_factor": 1.0}
    signal, rates = (chosen(table, **where, **gains) for table in scanned)
    row = chosen(signal, pool="L5", window_end_ms=150).iloc[0]
    assert row["mean_rate_hz"] == pytest.approx(alone.mean_rate_hz[0])
    assert row["pool_rate_hz"] == pytest.approx(alone.pool_rate_hz[0, 0])
    assert row["auc"] == pytest.approx(alone.auc[0, 0], nan_ok=True)
    np.testing.assert_allclose(rates["rate_hz"], alone.rate_by_type[0])


def test_twice_the_lgn_gain_and_half_the_recurrent_gain_act(scanned):
    signal = chosen(scanned[0], contrast="equalised", drive_target_hz=12.0, pool="L5")
    signal = chosen(signal, lgn_mode="current", window_end_ms=150)
    rate = signal.set_index(["recurrent_factor", "lgn_gain"])["mean_rate_hz"]
    assert rate[1.0, 2.0] > rate[1.0, 1.0]
    gain = signal.set_index(["recurrent_factor", "lgn_gain"])["recurrent_gain"]
    assert gain[0.5, 1.0] == pytest.approx(gain[1.0, 1.0] / 2)
    assert len(input_choices(SMALL)) < LANES


def test_a_window_outside_of_the_trial_is_refused(tiny_network, gratings):
    wrong = replace(SMALL, windows_ms=((200, 400),))
    with pytest.raises(UserError, match="200 to 400 ms"):
        probe = Probe(tiny_network, {"gratings": gratings}, INPUTS, SIMULATION)
        scan_network(probe, wrong, None, 1)
