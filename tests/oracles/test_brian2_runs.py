"""Trials with plasticity and rewards as the exported Brian2 script runs them."""

import json
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from brian2_door import import_brian2

sys.path.insert(0, str(Path(__file__).parents[1] / "evaluation"))
from small_worlds import small_drives, small_world  # noqa: E402

from evoplast.artefacts.errors import UserError  # noqa: E402
from evoplast.brian2_runs import record_learning, write_brian2  # noqa: E402
from evoplast.rules import uniform_rule  # noqa: E402

TERMS = {"S_pre·X_post": 0.6, "S_post·X_pre·R": 0.8, "X_post²": -0.3}
N_TRIALS = 12


@pytest.fixture(scope="module")
def learning():
    world = small_world()
    genome = uniform_rule(world.rule_space, TERMS, tau_E_ms=20.0, phi=0.5)
    return record_learning(world, genome, small_drives(N_TRIALS)[0])


@pytest.fixture(scope="module")
def folder(learning, tmp_path_factory):
    path = tmp_path_factory.mktemp("brian2") / "export"
    write_brian2(path, learning, {"settings": {}})
    return path


def test_the_trials_have_spikes_rewards_and_learning(learning):
    assert (learning.counts.sum(axis=1) > 0).all()
    assert 0 < (learning.decision & learning.drive.change).sum() < N_TRIALS
    moved = learning.weight_pA / learning.network.edges.weight_pA
    assert np.abs(moved - 1).max() > 0.02


def test_the_script_gives_our_spikes_decisions_and_weights(folder, capsys):
    try:
        import_brian2()
    except ImportError:
        pytest.skip("Brian2 is not installed")
    scope = {"__name__": "simulate", "__file__": str(folder / "simulate.py")}
    text = (folder / "simulate.py").read_text(encoding="utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(compile(text, "simulate.py", "exec"), scope)
    said = capsys.readouterr().out
    with np.load(folder / "circuit.npz") as file:
        spikes, largest = file["our_counts"].sum(), np.abs(file["our_weight_pA"]).max()
        ours = file["our_weight_pA"]
    assert f"Brian2 {spikes} spikes, evoplast {spikes}" in said
    assert f"{N_TRIALS} of {N_TRIALS} decisions are the same" in said
    theirs = np.loadtxt(folder / "weights.csv", delimiter=",", skiprows=1)[:, 3]
    np.testing.assert_allclose(theirs, ours, rtol=0, atol=1e-4 * largest)


def test_the_folder_needs_no_evoplast(folder):
    assert "import evoplast" not in (folder / "simulate.py").read_text("utf-8")
    assert "from evoplast" not in (folder / "simulate.py").read_text("utf-8")
    assert json.loads((folder / "rule.json").read_text("utf-8"))["task"]["phi"] == 0.5


def test_a_folder_that_exists_is_refused(folder, learning):
    with pytest.raises(UserError, match="exists already"):
        write_brian2(folder, learning, {"settings": {}})
