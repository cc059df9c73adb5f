"""What cannot fit into memory is refused before anything runs."""

import pytest

from evoplast.configuration.defaults import default_config
from evoplast.jobs.memory import fault_of_memory, least_bytes, memory_of_machine

# Peak memory (MiB) of a process that evaluated one candidate: neurons, training and
# scored trials.
MEASURED = {
    (1000, 40, 40): 913,
    (3000, 20, 20): 1146,
    (3000, 60, 60): 1710,
    (10000, 10, 10): 2176,
}


def config_with(training, scored):
    config = default_config()
    config["task"] |= {"training_trials": training, "validation_trials": scored}
    config["task"]["test_trials"] = scored
    return config


@pytest.mark.parametrize("case", MEASURED)
def test_the_estimate_is_no_more_than_what_was_measured(case):
    n, training, scored = case
    estimate = least_bytes(config_with(training, scored), n) / 2**20
    assert 0.3 * MEASURED[case] < estimate < MEASURED[case]


def test_the_key_and_both_numbers_are_said():
    config = default_config()
    config["network"]["n_neurons"] = 100_000
    said = fault_of_memory(config, ["calibrate"], 24 * 2**30)
    assert said.startswith("network.n_neurons is 100000") and "24.0" in said
    assert "needs at least 36.4 GiB" in said


def test_only_what_runs_counts():
    config = default_config()
    config["cross_scale"]["sizes"] = [150, 100_000]
    assert fault_of_memory(config, ["calibrate"], 24 * 2**30) is None
    assert fault_of_memory(config, [], 1) is None
    said = fault_of_memory(config, ["measure_cross_scale"], 24 * 2**30)
    assert said.startswith("cross_scale.sizes is 100000")


def test_a_limit_below_the_machine_counts(tmp_path):
    limit = tmp_path / "memory.max"
    limit.write_text("max\n")
    assert memory_of_machine(limit) == memory_of_machine(tmp_path / "none") > 2**28
    limit.write_text("268435456\n")
    assert memory_of_machine(limit) == 2**28
