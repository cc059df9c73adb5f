"""The exported script in NEST gives the spikes of our simulator, without plasticity."""

import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from nest_circuit import import_nest

from evoplast.artefacts.errors import UserError
from evoplast.configuration.defaults import default_config
from evoplast.evaluation import build_world
from evoplast.nest_export import record_experiment, simulate, write_nest
from evoplast.simulator import recurrent_gain

N_TRIALS = 2


@pytest.fixture(scope="module")
def nest():
    try:
        return import_nest()
    except ImportError:
        pytest.skip("NEST is not installed")


@pytest.fixture(scope="module")
def world():
    config = default_config()
    config["network"]["n_neurons"] = 100
    config["stimuli"] |= dict.fromkeys(
        ("n_training_images", "n_test_images", "n_training_gratings"), 4
    )
    config["stimuli"]["n_test_gratings"] = 4
    config["task"]["balanced_stimuli"] = 2
    return build_world(config, 100)


@pytest.fixture(scope="module", params=["gratings", "natural"])
def experiment(request, world):
    return record_experiment(world, request.param, seed=3, n_trials=N_TRIALS)


@pytest.fixture(scope="module")
def folder(experiment, tmp_path_factory):
    path = tmp_path_factory.mktemp("nest") / "export"
    write_nest(path, experiment, {"run": "test"})
    return path


def circuit_in(folder):
    with np.load(folder / "circuit.npz") as file:
        return dict(file)


def test_nest_fires_as_we_do(nest, experiment, folder):
    theirs = simulate.simulate(nest, circuit_in(folder))
    ours = experiment.spikes
    assert ours.shape == theirs.shape == (N_TRIALS * experiment.trial_ms, 100)
    # Single and double precision part at last; the first trial leaves no doubt.
    first = slice(0, experiment.trial_ms)
    assert ours[first].sum() > 100
    np.testing.assert_array_equal(theirs[first], ours[first])
    assert theirs.sum() == pytest.approx(ours.sum(), rel=0.02)


def test_without_the_gain_nest_does_not_fire_as_we_do(nest, world, folder):
    circuit = circuit_in(folder)
    gain = recurrent_gain(world.network, world.settings.simulation)
    assert gain > 1.5
    circuit["weight_pA"] = circuit["weight_pA"] / gain
    found = simulate.simulate(nest, circuit)
    assert (found != simulate.expected_spikes(circuit)).any()


def test_the_script_runs_by_itself(nest, experiment, folder):
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    command = [sys.executable, str(folder / "simulate.py")]
    done = subprocess.run(
        command, capture_output=True, text=True, env=environment, cwd=folder.parent
    )
    assert done.returncode == 0, done.stderr
    assert f"evoplast {experiment.spikes.sum()} spikes" in done.stdout
    table = np.loadtxt(folder / "spikes.csv", delimiter=",", skiprows=1, dtype=int)
    assert set(table[:, 1]) <= set(range(100))
    assert f"NEST {len(table)} spikes" in done.stdout


def test_the_file_holds_what_we_simulated(world, experiment, folder):
    circuit = circuit_in(folder)
    gain = recurrent_gain(world.network, world.settings.simulation)
    np.testing.assert_allclose(
        circuit["weight_pA"], gain * world.network.edges.weight_pA, rtol=1e-6
    )
    assert (circuit["delay_ms"] % 1 == 0).all() and circuit["delay_ms"].min() >= 1
    np.testing.assert_array_equal(simulate.expected_spikes(circuit), experiment.spikes)


def test_export_is_the_same_bytes_every_time(experiment, folder, tmp_path):
    write_nest(tmp_path / "again", experiment, {"run": "test"})
    for path in (tmp_path / "again").iterdir():
        assert path.read_bytes() == (folder / path.name).read_bytes()


def test_comparison_says_where_spikes_differ():
    ours = np.zeros((5, 2), dtype=bool)
    theirs = ours.copy()
    theirs[3, 1] = True
    assert simulate.comparison(ours, ours).endswith("all are the same.")
    assert simulate.comparison(theirs, ours).endswith("difference is at 3 ms.")


@pytest.mark.parametrize(("task", "n_trials"), [("gratings", 0), ("faces", 2)])
def test_impossible_experiments_are_refused(world, task, n_trials):
    with pytest.raises(UserError, match=f"{n_trials} trials of '{task}'"):
        record_experiment(world, task, seed=1, n_trials=n_trials)


def test_a_folder_that_exists_is_refused(experiment, folder):
    with pytest.raises(UserError, match="exists already"):
        write_nest(folder, experiment, {})


def test_a_network_without_connections_is_simulated(nest, experiment, tmp_path):
    edges = experiment.network.edges
    none = replace(edges, **{name: value[:0] for name, value in vars(edges).items()})
    alone = replace(experiment, network=replace(experiment.network, edges=none))
    write_nest(tmp_path / "alone", alone, {})
    assert simulate.simulate(nest, circuit_in(tmp_path / "alone")).any()
