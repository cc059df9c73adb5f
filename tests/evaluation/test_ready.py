"""A world built in memory is the one that the workflow opens from its files."""

from pathlib import Path

import numpy as np
import pytest

from evoplast.configuration.defaults import default_config
from evoplast.configuration.settings import filled
from evoplast.evaluation import build_world, evaluate
from evoplast.evaluation.files import open_worlds
from evoplast.network import build_network, write_network
from evoplast.rules import known_rules
from evoplast.stimuli import (
    InputSettings,
    StimulusSettings,
    draw_sequence,
    make_gratings,
    make_natural,
    prepare_input,
    write_stimuli,
)

ROOT = Path(__file__).parents[2]
SMALL = {
    "network": {"n_neurons": 60},
    "task": {"balanced_stimuli": 0, "balanced_training_stimuli": 0},
    "stimuli": {
        "n_training_images": 3,
        "n_test_images": 2,
        "n_training_gratings": 3,
        "n_test_gratings": 2,
    },
}


@pytest.fixture(scope="module")
def config():
    config = default_config()
    for section, values in SMALL.items():
        config[section] = {**config[section], **values}
    return config


@pytest.fixture(scope="module")
def opened(config, allen_tables, tmp_path_factory):
    folder = tmp_path_factory.mktemp("world")
    fewest, seed = config["network"]["min_cells_per_type"], config["seed"]
    network = build_network(allen_tables, 60, seed, 3, fewest)
    write_network(folder / "network.nc", network, {"instance": 3})
    for make in (make_gratings, make_natural):
        found = make(filled(StimulusSettings, config["stimuli"]), seed)
        inputs = filled(InputSettings, config["input"], config["task"])
        prepared = prepare_input(network, found, inputs)
        examples = {"test": draw_sequence(found, 4, 0.5, 0, "test")}
        path = folder / f"{found.name}.nc"
        write_stimuli(path, found, prepared, examples, {"seed": seed})
    stimuli = [folder / "gratings.nc", folder / "natural.nc"]
    mouse = ROOT / "resources/mouse"
    return open_worlds([folder / "network.nc"], stimuli, mouse, config)[3]


def test_it_evaluates_rules_to_the_same_bits(config, opened):
    built = build_world(config, instance=3, resources=ROOT / "resources")
    rules = np.stack(list(known_rules(built.rule_space).values()))
    assert built.task_names == opened.task_names
    ours, theirs = (evaluate(world, rules, 5, 4, 4) for world in (built, opened))
    assert ours.objectives.tobytes() == theirs.objectives.tobytes()
    assert ours.neuron_rate_hz.tobytes() == theirs.neuron_rate_hz.tobytes()
    assert ours.neuron_rate_hz.max() > 0
