"""The workflow writes trials of a network for NEST."""

import json

import numpy as np
from checkout import Checkout

from evoplast.nest_export import simulate

FOLDER = "results/smoke/network/nest/network_1_gratings_2_trials"


def test_trials_of_a_network_are_written_for_nest(tmp_path):
    checkout = Checkout(tmp_path)
    arguments = ("--cores", "1", "--configfile", "config/smoke.yaml")
    checkout.snakemake(FOLDER, *arguments)
    folder = checkout.folder / FOLDER
    with np.load(folder / "circuit.npz") as file:
        circuit = dict(file)
    n_steps = 2 * int(circuit["trial_ms"])
    assert circuit["current_pA"].shape == (n_steps, len(circuit["C_m_pF"]))
    assert simulate.expected_spikes(circuit).any()
    settings = json.loads((folder / "provenance.json").read_text())["settings"]
    assert "recurrent_gain" in settings["simulation"]
    assert "evoplast" in (folder / "simulate.py").read_text()


def test_the_best_rule_is_planned_for_brian2(tmp_path):
    arguments = ("export_brian2", "--configfile", "config/smoke.yaml")
    assert Checkout(tmp_path).planned(*arguments)["write_brian2"] == 2


def test_every_task_is_a_part_of_the_export(tmp_path):
    arguments = ("export_nest", "--configfile", "config/smoke.yaml")
    counts = Checkout(tmp_path).planned(*arguments)
    assert counts["write_nest"] == 2
