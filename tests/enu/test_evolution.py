"""Evolution: restart, common environments, silence, files and refusals."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from evoplast.artefacts.errors import UserError
from evoplast.enu.evolution import (
    EvolutionSettings,
    SegmentFiles,
    evolve,
    initial_evolution,
    make_generation,
    read_history,
    read_state,
    run_segment,
    write_segment,
)
from evoplast.enu.experiments import EXPERIMENTS, Experiment, Outcome, make_experiment

SMALL = EvolutionSettings.default(
    population=8,
    environments=2,
    heldout_every=2,
    heldout_environments=4,
)


@pytest.mark.parametrize("name", ["iaf", "stdp"])
def test_members_zero_and_half_have_the_same_fitness(name):
    experiment = make_experiment(name, "enu")
    genome = experiment.initial_genome(jax.random.key(0))
    outcome = experiment.evaluate(jnp.stack([genome] * 4), jax.random.key(1), 3)
    np.testing.assert_array_equal(outcome.fitness[0], outcome.fitness[2])


def test_resuming_from_a_file_is_bitwise_identical(tmp_path):
    experiment = make_experiment("stdp", "enu")
    start = initial_evolution(experiment, seed=3)
    through, history = evolve(experiment, SMALL, 3, start, 6)
    half, first = evolve(experiment, SMALL, 3, start, 3)
    write_segment(tmp_path / "segment_000.nc", half, first, {"seed": 3})
    resumed = read_state(tmp_path / "segment_000.nc", experiment)
    after, second = evolve(experiment, SMALL, 3, resumed, 3)
    write_segment(tmp_path / "segment_001.nc", after, second, {"seed": 3})
    for a, b in zip(through, after, strict=True):
        np.testing.assert_array_equal(a, b)
    joined = read_history([tmp_path / f"segment_00{k}.nc" for k in (0, 1)])
    np.testing.assert_array_equal(joined.fitness_mean, history.fitness_mean)
    np.testing.assert_array_equal(joined.generation, np.arange(6))
    assert {0, 2, 4, 6} <= set(joined.heldout_generation.values)


def constant_experiment(activity):
    """Return an experiment whose agents always do the same."""

    def evaluate(genomes, key, n_environments):
        shape = (genomes.shape[0], n_environments)
        return Outcome(jnp.zeros(shape), {"activity": jnp.full(shape, activity)})

    def draw(key):
        return jax.random.normal(key, (5,))

    return Experiment("constant", "enu", 5, draw, evaluate)


@pytest.mark.parametrize(("activity", "expected"), [(0.0, 2), (1.0, 0)])
def test_only_a_silent_population_starts_again(activity, expected):
    settings = EvolutionSettings.default(
        population=4,
        environments=1,
        restart_silent_after=3,
        heldout_every=10,
    )
    experiment = constant_experiment(activity)
    state = initial_evolution(experiment, seed=0)
    before = np.asarray(state.centre)
    generation = make_generation(experiment, settings, 0)
    for _ in range(6):
        state, _ = generation(state)
    assert int(state.restarts) == expected
    assert (np.abs(np.asarray(state.centre) - before).max() > 0.2) == (expected > 0)


def test_environments_change_with_generation_and_seed():
    def evaluate(genomes, key, n_environments):
        drawn = jax.random.uniform(key, (n_environments,))
        fitness = jnp.broadcast_to(drawn, (genomes.shape[0], n_environments))
        return Outcome(fitness, {"activity": fitness})

    experiment = Experiment("draw", "enu", 5, lambda key: jnp.zeros(5), evaluate)
    state = initial_evolution(experiment, seed=1)
    means = [
        float(make_generation(experiment, SMALL, seed)(moved)[1]["fitness_base"])
        for seed in (1, 2)
        for moved in (state, state._replace(generation=jnp.int32(7)))
    ]
    assert len(set(means)) == 4


def test_evolution_leaves_silence_behind():
    settings = EvolutionSettings.default(
        population=32,
        environments=4,
        heldout_every=40,
        heldout_environments=64,
    )
    experiment = make_experiment("stdp", "enu")
    start = initial_evolution(experiment, seed=1)
    _, history = evolve(experiment, settings, 1, start, 40)
    first, last = history.heldout_fitness.values[[0, -1]]
    assert first < -0.15 and last > -0.05


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_experiment_knows_its_genome(name):
    experiment = make_experiment(name, "lstm")
    genome = experiment.initial_genome(jax.random.key(0))
    assert genome.shape == (experiment.n_parameters,)


def test_wrong_names_and_lengths_are_refused():
    with pytest.raises(UserError, match="experiment 'maze' is unknown; choose one of"):
        make_experiment("maze", "enu")
    with pytest.raises(UserError, match="cell 'rnn' is unknown"):
        make_experiment("stdp", "rnn")
    with pytest.raises(UserError, match="'shared_enu' shares weights"):
        make_experiment("iaf", "shared_enu")
    with pytest.raises(UserError, match="steps = 100 is shorter than the task t_maze"):
        make_experiment("t_maze", "enu", 100)


def test_a_genome_of_another_size_is_refused(tmp_path):
    experiment = make_experiment("stdp", "enu")
    with pytest.raises(UserError, match="3393 numbers .* needs 3681"):
        initial_evolution(experiment, 0, np.zeros(3393))
    other = initial_evolution(make_experiment("iaf", "enu"), 0)
    _, history = evolve(make_experiment("iaf", "enu"), SMALL, 0, other, 0)
    write_segment(tmp_path / "iaf.nc", other, history, {})
    with pytest.raises(UserError, match="3393 numbers .* needs 3681"):
        read_state(tmp_path / "iaf.nc", experiment)


def test_a_segment_of_other_settings_is_refused_with_both_values(tmp_path):
    paths = [tmp_path / f"segment_00{number}.nc" for number in (0, 1)]

    def run(segment, sigma, length=0):
        made_from = {"settings": {"evolution": {"sigma": sigma, "steps": length}}}
        made_from["settings"]["evolution"]["generations_per_segment"] = segment
        previous = paths[0] if segment else None
        experiment = make_experiment("iaf", "enu")
        files = SegmentFiles(paths[segment], previous)
        run_segment(experiment, SMALL, 3, 0, files, made_from)

    run(0, 0.01)
    with pytest.raises(UserError, match=r"sigma = 0.01, and this run has 0.02"):
        run(1, 0.02)
    run(1, 0.01)
    assert paths[1].exists()
