"""A world from a config alone, for a notebook or a script without the workflow.

In: the config and the folder of the facts. Out: a :class:`World` with both tasks, the
same as the workflow opens from its files.
"""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from evoplast.configuration.settings import filled
from evoplast.evaluation.files import evaluation_settings
from evoplast.evaluation.world import World, prepare_world
from evoplast.network import build_network, read_allen_tables
from evoplast.objectives import read_mouse_reference
from evoplast.stimuli import (
    MAKERS,
    InputSettings,
    StimulusSettings,
    prepare_input,
)


def build_world(
    config: Mapping[str, Any],
    instance: int = 0,
    resources: str | Path | None = None,
) -> World:
    """Return the world of one network, built from the published statistics.

    Args:
        config: all sections of a config, as in config/config.yaml.
        instance: which random draw of the network; those from 100 on are never used
            by the search.
        resources: the folder with the tables of the Allen Institute and of the mouse;
            the package's own unless given.

    Raises:
        UserError: a table is missing or damaged, or a setting is impossible.
    """
    if resources is None:
        resources = Path(str(files("evoplast"))) / "resources"
    size, seed = config["network"]["n_neurons"], config["seed"]
    fewest = config["network"]["min_cells_per_type"]
    tables = read_allen_tables(Path(resources) / "allen_v1")
    network = build_network(tables, size, seed, instance, fewest)
    inputs = filled(InputSettings, config["input"], config["task"])
    stimuli = filled(StimulusSettings, config["stimuli"])
    sets = {name: make(stimuli, seed) for name, make in MAKERS.items()}
    return prepare_world(
        network,
        {name: prepare_input(network, made, inputs) for name, made in sets.items()},
        evaluation_settings(config),
        read_mouse_reference(Path(resources) / "mouse", network),
        sets,
    )
