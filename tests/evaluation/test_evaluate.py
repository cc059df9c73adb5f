"""Evaluation: independence of lanes, determinism, flags, phases."""

import sys
from dataclasses import replace
from pathlib import Path

import jax
import numpy as np
import pytest
from small_worlds import N_SCORED, N_TRAINING, SHORT, TASKS

from evoplast.artefacts.errors import UserError
from evoplast.evaluation import (
    RECORDINGS,
    EvaluationSettings,
    evaluate,
    evaluate_stages,
    make_drives,
    memory,
    prepare_world,
)
from evoplast.objectives import OK, RUNAWAY, SILENT, read_mouse_reference
from evoplast.rules import no_plasticity, random_genomes, uniform_rule
from evoplast.simulator import PlasticitySettings, SimulationSettings
from evoplast.stimuli import (
    Drive,
    InputSettings,
    StimulusSettings,
    make_gratings,
    prepare_input,
)

MOUSE = Path(__file__).parents[2] / "resources" / "mouse"


def world_of(network, lanes=16):
    settings = EvaluationSettings.default(
        simulation=SimulationSettings.default(lanes=lanes),
        plasticity=PlasticitySettings.default(
            eta=0.03, max_relative_change=0.1, runaway_rate_hz=150.0
        ),
        task=SHORT,
    )
    mouse = read_mouse_reference(MOUSE, network)
    return prepare_world(network, {}, settings, mouse, task_names=TASKS)


@pytest.fixture(scope="module")
def drives(tiny_network):
    rng = np.random.default_rng(5)
    n_trials = N_TRAINING + 1 + N_SCORED
    shape = (n_trials, SHORT.trial_ms, tiny_network.n_neurons)
    change = np.arange(n_trials) % 2 == 0
    stimulus = np.zeros(n_trials, np.int32)
    return tuple(
        Drive(rng.uniform(0, level, shape).astype(np.float32), change, stimulus)
        for level in (700, 900)
    )


@pytest.fixture(scope="module")
def world(tiny_network):
    return world_of(tiny_network)


@pytest.fixture(scope="module")
def genomes(world):
    genomes = random_genomes(world.rule_space, 18, jax.random.key(0), 0.3)
    return np.array(genomes)


def run(world, genomes, drives, **more):
    return evaluate(world, genomes, 0, N_TRAINING, N_SCORED, drives=drives, **more)


@pytest.fixture(scope="module")
def result(world, genomes, drives):
    return run(world, genomes, drives)


def assert_same(one, other, chosen=slice(None)):
    for name, value in vars(one).items():
        if name not in ("change", "recordings"):
            expected = value[chosen]
            assert np.array_equal(expected, getattr(other, name), equal_nan=True), name


def test_the_same_call_gives_the_same_bits(world, genomes, drives, result):
    assert_same(result, run(world, genomes, drives))
    assert len(np.unique(result.relative_weight_change)) == len(genomes)


@pytest.mark.parametrize("lanes", [2, 64])
def test_results_do_not_depend_on_the_lanes(
    tiny_network, genomes, drives, result, lanes
):
    few = slice(3) if lanes == 2 else slice(None)
    found = run(world_of(tiny_network, lanes), genomes[few], drives)
    assert_same(result, found, few)


def test_failing_neighbours_change_nothing(world, genomes, drives, result, monkeypatch):
    # A genome like the first is refused; a simulation may still turn out like that.
    module = sys.modules["evoplast.evaluation.evaluate"]
    monkeypatch.setattr(module, "validate_genomes", lambda space, genomes: None)
    nan = genomes[0].copy()
    nan[world.rule_space.slices["pair"]] = np.nan
    exploding = uniform_rule(world.rule_space, {"S_pre": 1.0, "S_post": 1.0})
    company = np.stack([nan, genomes[4], exploding, genomes[7]])
    found = run(world, company, drives)
    assert np.isfinite(found.objectives).all()
    kept = type(found)(
        **{
            name: value if name in ("change", "recordings") else value[[1, 3]]
            for name, value in vars(found).items()
        }
    )
    assert_same(result, kept, [4, 7])


def test_silence_and_runaway_are_flagged(world, genomes, drives):
    quiet = tuple(Drive(0 * d.current_pA, d.change, d.stimulus) for d in drives)
    assert (run(world, genomes[:2], quiet).flag == SILENT).all()
    loud = tuple(Drive(50 * d.current_pA, d.change, d.stimulus) for d in drives)
    found = run(world, genomes[:2], loud)
    assert (found.flag == RUNAWAY).all()
    assert (found.objectives[:, 2] == 1000.0).all()


def test_scores_agree_with_the_recordings(world, genomes, drives):
    found = run(world, genomes[:3], drives, record=RECORDINGS)
    seen, task = found.recordings, SHORT
    window = slice(task.window_start_ms, task.window_end_ms)
    rate = seen["pool_spikes"][..., window].sum(-1) / (world.pool_size * task.window_s)
    np.testing.assert_allclose(rate, seen["pool_rate_by_trial"], rtol=1e-6)
    correct = seen["decisions"] == found.change
    assert np.array_equal(correct.mean(-1), found.accuracy)
    pool = seen["counts_by_trial"][..., np.asarray(world.readout)].sum(-1)
    assert np.array_equal(pool, seen["pool_spikes"].sum(-1))
    halves = seen["counts_until_decision"] + seen["counts_after_decision"]
    assert np.array_equal(halves, seen["counts_by_trial"])
    initial = np.abs(world.network.edges.weight_pA)
    change = np.abs(seen["weights"] - initial).sum(-1) / initial.sum()
    np.testing.assert_allclose(change.mean(1), found.relative_weight_change, rtol=1e-4)
    assert (found.flag == OK).all() and found.change.shape == (2, N_SCORED)


def test_without_plasticity_weights_stay_and_training_does_not_matter(
    world, drives, genomes
):
    nothing = no_plasticity(world.rule_space)[None]
    trained = run(world, nothing, drives, record=("weights",))
    initial = np.abs(world.network.edges.weight_pA)
    assert (trained.recordings["weights"] == initial).all()
    assert trained.relative_weight_change[0] == 0
    tails = tuple(
        Drive(d.current_pA[-2:], d.change[-2:], d.stimulus[-2:]) for d in drives
    )
    untrained = evaluate(world, genomes[:1], 0, 0, 1, drives=tails)
    assert untrained.relative_weight_change[0] == 0


def test_plasticity_can_stay_on_while_scoring(world, genomes, drives, result):
    found = run(world, genomes[:2], drives, plastic_test=True)
    differs = found.relative_weight_change != result.relative_weight_change[:2]
    assert differs.all()


def test_requests_that_make_no_sense_are_refused(world, genomes, drives):
    with pytest.raises(UserError, match="no stimuli for the task 'first'"):
        evaluate(world, genomes, 0, 1, 1)
    with pytest.raises(UserError, match="The recording 'dreams' is unknown"):
        run(world, genomes, drives, record=("dreams",))
    with pytest.raises(UserError, match="The drives have the shapes"):
        evaluate(world, genomes, 0, 1, 1, drives=drives)
    with pytest.raises(UserError, match="0 scored trials is impossible"):
        evaluate(world, genomes, 0, 1, 0, drives=drives)


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("pair", np.nan),
        ("pre", np.inf),
        ("tau_E_ms", 0.0),
        ("tau_R_ms", np.nan),
        ("phi", 1.5),
        ("phi", -0.1),
    ],
)
def test_an_illegal_value_is_refused_with_its_candidate(
    world, genomes, drives, part, value
):
    illegal = genomes.copy()
    illegal[2, world.rule_space.slices[part]] = value
    with pytest.raises(UserError, match=f"Candidate 2 has {part} = {value}"):
        run(world, illegal, drives)
    with pytest.raises(UserError, match=f"Candidate 2 has {part} = {value}"):
        evaluate_stages(world, illegal, 0, (0, 1), N_SCORED)


def test_lanes_must_fit_the_tasks(tiny_network):
    with pytest.raises(UserError, match="simulation.lanes is 3, but must be"):
        world_of(tiny_network, lanes=3)


@pytest.fixture(scope="module")
def gratings_world(tiny_network):
    stimuli = make_gratings(
        StimulusSettings.default(n_training_gratings=4, n_test_gratings=3),
        seed=1,
    )
    timing = {
        name: getattr(SHORT, name)
        for name in ("grey_before_ms", "image_ms", "grey_after_ms")
    }
    inputs = InputSettings.default(equalise=False, lgn_kernel_ms=80, **timing)
    prepared = prepare_input(tiny_network, stimuli, inputs)
    settings = EvaluationSettings.default(
        simulation=SimulationSettings.default(lanes=16),
        plasticity=PlasticitySettings.default(eta=0.03, max_relative_change=0.1),
        task=replace(SHORT, balanced_stimuli=2),
    )
    return prepare_world(
        tiny_network,
        {"gratings": prepared},
        settings,
        read_mouse_reference(MOUSE, tiny_network),
        {"gratings": stimuli},
    )


def test_drives_depend_on_the_seed_and_the_split_only(gratings_world):
    one = make_drives(gratings_world, 1, 2, 5, "test")[0]
    again = make_drives(gratings_world, 1, 2, 5, "test")[0]
    other = make_drives(gratings_world, 2, 2, 5, "test")[0]
    assert np.array_equal(one.current_pA, again.current_pA)
    assert not np.array_equal(one.current_pA, other.current_pA)
    training = gratings_world.stimulus_sets["gratings"].is_training
    assert training[one.stimulus[:2]].all() and not training[one.stimulus[2:]].any()


def test_testing_between_stages_does_not_disturb_training(
    gratings_world, genomes, monkeypatch
):
    args = (gratings_world, genomes[:2], 1)
    record = ("weights",)
    looks = evaluate_stages(*args, (0, 2, 5), N_SCORED, "test", record)
    assert [look.relative_weight_change[0] > 0 for look in looks] == [False, True, True]
    again = evaluate_stages(*args, (2, 5), N_SCORED, "test", record)
    assert_same(looks[2], again[1])
    assert np.array_equal(looks[0].change, looks[2].change)
    monkeypatch.setattr(memory, "available_bytes", lambda: 0)
    for look, other in zip(
        looks[1:], evaluate_stages(*args, (2, 5), N_SCORED), strict=True
    ):
        assert_same(look, other)
    with pytest.raises(UserError, match=r"The stages are \(3, 2\)"):
        evaluate_stages(*args, (3, 2), N_SCORED)
