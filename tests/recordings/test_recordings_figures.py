"""Figures of recordings, drawn from what the stages say of toys."""

from types import SimpleNamespace

import pandas as pd
import pytest
from recording_toys import recorded
from test_firing import MOUSE, TYPES
from test_recording_weights import tables

from evoplast.artefacts.parquet import write_table
from evoplast.behaviour_figures import dynamics as dynamics_figure
from evoplast.behaviour_figures import firing as firing_figure
from evoplast.behaviour_figures import weights as weights_figure
from evoplast.behaviour_figures import working_memory as memory_figure
from evoplast.recordings import dynamics, firing, synchrony, weights, working_memory

SETTINGS = working_memory.MemorySettings.default(folds=2, shifts=2)
PROVENANCE = {
    "settings": {"task": {"image_ms": 100}, "recordings": {"cut_kernel_ms": 100}}
}


@pytest.fixture(scope="module")
def toys():
    return [recorded(seed, 100 + seed) for seed in range(3)]


def memory_tables(toys):
    decoded = pd.concat([working_memory.decoded(toy, SETTINGS) for toy in toys])
    delay = pd.concat([working_memory.delay_activity(toy, 25) for toy in toys])
    memory = working_memory.memory_table(decoded, 100, SETTINGS, 1)
    return {"decoded": decoded, "delay": delay, "memory": memory}


def firing_tables(toys):
    cells = pd.concat([firing.firing_cells(toy, 5) for toy in toys])
    return {
        "cells": cells,
        "fits": firing.firing_table(cells, TYPES, [MOUSE], 0.2, 1),
        "mouse": firing.mouse_quantiles([MOUSE]),
        "synchrony": pd.concat([synchrony.synchrony_table(toy, 10) for toy in toys]),
    }


def weight_tables(toys):
    several = [tables().pairs.assign(instance=k) for k in range(3)]
    return {
        "pairs": weights.pair_table(pd.concat(several), 1),
        "drift": weights.drift_table(tables().drift),
        "shapes": weights.shape_table(tables().shapes),
    }


def dynamics_tables(toys):
    found = [dynamics.dynamics_of(toy, 25) for toy in toys]
    dimensions, over_time = map(pd.concat, zip(*found, strict=True))
    paths = dynamics.paths(toys[0], 25, toys[0].rules)
    return {"dimensions": dimensions, "over_time": over_time, "paths": paths}


FIGURES = {
    "working_memory": (memory_figure, memory_tables),
    "firing": (firing_figure, firing_tables),
    "weights": (weights_figure, weight_tables),
    "dynamics": (dynamics_figure, dynamics_tables),
}


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_drawn_with_the_same_bytes_twice(name, toys, tmp_path):
    module, made = FIGURES[name]
    inputs = {}
    for key, table in made(toys).items():
        inputs[key] = tmp_path / f"{key}.parquet"
        write_table(inputs[key], table, PROVENANCE)
    drawn = []
    for k in range(2):
        paths = {kind: tmp_path / f"{k}.{kind}" for kind in ("pdf", "png")}
        module.draw(SimpleNamespace(**inputs), SimpleNamespace(**paths), 40)
        drawn.append({kind: path.read_bytes() for kind, path in paths.items()})
    assert drawn[0] == drawn[1]
    assert drawn[0]["png"].startswith(b"\x89PNG") and len(drawn[0]["pdf"]) > 5000
