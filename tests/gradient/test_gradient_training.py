from dataclasses import replace
from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from gradient_toys import TASK

from evoplast.artefacts.errors import UserError
from evoplast.artefacts.progress import Progress
from evoplast.gradient import GradientSettings, train, train_all
from evoplast.gradient.measure import decide_trials
from evoplast.gradient.model import edge_current
from evoplast.gradient.train import Bench
from evoplast.gradient.trials import draw_trials
from evoplast.gradient.update import (
    apply_gradient,
    initial_lanes,
    initial_parameters,
    loss_and_gradient,
    transformation,
)
from evoplast.rules import RuleSpace, decode, no_plasticity
from evoplast.simulator import PlasticitySettings, SimulationSettings, lane_rules
from evoplast.task import TrialOptions, Trials, initial_task_state, run_trials


def descend(problem, trials, optimiser, learning_rate, n_updates):
    """Return the parameters and the losses of updates on the same trials."""
    parameters, lanes = initial_parameters(problem), initial_lanes(problem, 2)
    memory = transformation(optimiser, 1.0).init(parameters)
    losses = []
    for _ in range(n_updates):
        gradient, _, report = loss_and_gradient(problem, parameters, lanes, trials)
        losses.append(float(report.loss))
        parameters, memory = apply_gradient(
            parameters, gradient, memory, learning_rate, optimiser, 1.0
        )
    return parameters, losses


def test_adam_lowers_the_loss_on_the_same_trials(problem, toy_trials):
    _, losses = descend(problem, toy_trials, "adam", 0.1, 20)
    assert np.mean(losses[-3:]) < 0.8 * losses[0]


@pytest.mark.parametrize("optimiser", ["adam", "sgd"])
def test_signs_of_the_sources_survive_huge_steps(problem, toy_trials, optimiser):
    parameters, _ = descend(problem, toy_trials, optimiser, 50.0, 2)
    before = initial_parameters(problem).strength
    assert not np.array_equal(parameters.strength, before)
    assert parameters.strength.min() == 0.0
    current = edge_current(problem.model, parameters.strength)[:, 0]
    sign = jnp.sign(problem.model.base.signed_gain_pA)
    assert (current * sign >= 0).all()


def test_decisions_are_those_of_the_frozen_task(
    tiny_network, base, problem, source, settings
):
    space = RuleSpace(tiny_network.n_types, TASK.phi_min, TASK.phi_max)
    genome = no_plasticity(space)[None]
    genome[0, space.slices["phi"]] = settings.phi
    plasticity = PlasticitySettings.default()
    rules = lane_rules(decode(space, genome), 2, plasticity)
    test = draw_trials(source, 6, 2, "test", 0)
    _, record = run_trials(
        base,
        rules,
        problem.pool,
        initial_task_state(base, TASK, 2),
        Trials(test.current_pA, test.change.astype(bool), jnp.int32(6)),
        TrialOptions(TASK, plasticity, plastic=False, scored=True),
    )
    strength = initial_parameters(problem).strength
    decision, seen = decide_trials(problem, strength, test)
    np.testing.assert_array_equal(decision, record.decision)
    assert 0 < decision.mean() < 1
    rate_hz = seen.neuron_rate_hz
    np.testing.assert_allclose(rate_hz.mean(), record.mean_rate_hz.mean(), rtol=1e-5)
    seconds = 6 * 2 * TASK.trial_ms / 1000
    counts = np.asarray(record.spike_counts).sum(axis=1)
    np.testing.assert_allclose(rate_hz, counts / seconds, rtol=1e-4)
    bins = np.asarray(record.synchronous_bins).sum() / (6 * 2 * TASK.trial_ms / 2)
    assert seen.synchrony == pytest.approx(bins)


@pytest.fixture(scope="module")
def sgd_table(problem, source, mouse, settings):
    return run_training(problem, source, mouse, "sgd", settings.sgd_learning_rates)


def run_training(problem, source, mouse, optimiser, rates):
    trials = (draw_trials(source, 3, 2, phase, 0) for phase in ("test", "validation"))
    bench = Bench(problem, mouse, source, *trials)
    with Progress(4, "test") as progress:
        return train(bench, optimiser, rates, progress)


def test_a_run_that_diverges_stops_and_keeps_its_rows(sgd_table):
    wild = [row for row in sgd_table if row["learning_rate"] == 1e38]
    assert [row["diverged"] for row in wild] == [False, True]
    assert np.isnan(wild[-1]["accuracy"]) and wild[-1]["n_scored"] == 0
    assert not np.isnan(wild[0]["accuracy"])


def test_a_diverged_run_leaves_its_neighbour_alone(problem, source, mouse, sgd_table):
    alone = run_training(problem, source, mouse, "sgd", (0.1,))
    tame = [row for row in sgd_table if row["learning_rate"] == 0.1]
    assert [row["samples_seen"] for row in tame] == [0, 8]
    np.testing.assert_equal(tame, alone)


def test_the_table_covers_every_task_and_seed(
    tiny_network, mouse, prepared, gratings, settings
):
    again = replace(gratings, name="again")
    evaluation = SimpleNamespace(
        simulation=SimulationSettings.default(), task=replace(TASK, balanced_stimuli=0)
    )
    world = SimpleNamespace(
        network=tiny_network,
        inputs={"gratings": prepared, "again": prepared},
        stimulus_sets={"gratings": gratings, "again": again},
        mouse=mouse,
        settings=evaluation,
    )
    once = replace(settings, seeds=2, samples=4, sgd_learning_rates=(0.1, 1.0))
    table = train_all({100: world, 101: world}, once, "adam", seed=5)
    assert len(table) == 2 * 2 * 2 * 2
    assert set(table["task"]) == {"gratings", "again"}
    assert set(table["seed"]) == {0, 1} and set(table["instance"]) == {100, 101}
    assert (table["n_scored"] == 4).all()
    assert table["validation_accuracy"].between(0, 1).all()
    assert table.groupby("samples_seen")["loss"].count().to_dict() == {0: 0, 4: 8}
    # The same network under another number has other sequences.
    first, second = (table[table["instance"] == k]["loss"].dropna() for k in (100, 101))
    assert not np.array_equal(first, second)


def test_training_and_test_trials_differ_and_repeat_exactly(source):
    training = draw_trials(source, 3, 2, "training", 0)
    again = draw_trials(source, 3, 2, "training", 0)
    jax.tree.map(np.testing.assert_array_equal, training, again)
    validation = draw_trials(source, 3, 2, "validation", 0)
    assert not np.array_equal(training.current_pA, validation.current_pA)
    other = draw_trials(source, 3, 2, "training", 1)
    assert not np.array_equal(training.current_pA, other.current_pA)
    assert not training.scored[0].any() and training.scored[1:].all()


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"trials_per_sequence": 5}, "gradient.trials_per_sequence"),
        ({"initial_scale": 1.0}, "gradient.initial_scale"),
    ],
)
def test_settings_that_contradict_each_other_are_named(change, named):
    with pytest.raises(UserError, match=named):
        GradientSettings.default(**change)


def test_an_unknown_optimiser_is_named():
    with pytest.raises(UserError, match="'lion'"):
        GradientSettings.default().learning_rates("lion")
