"""What Snakemake plans for evolvable units, and which mistakes it names."""

import pytest
import yaml
from checkout import Checkout

SMOKE = ("--configfile", "config/smoke.yaml")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    return Checkout(tmp_path_factory.mktemp("enu"))


def overlay(checkout, enu):
    """Write a config that changes section ``enu``; return the arguments for it."""
    path = checkout.folder / "overlay.yaml"
    path.write_text(yaml.safe_dump({"enu": enu}))
    return ("--configfile", str(path))


def test_demo_plans_every_run_table_and_figure(checkout):
    planned = checkout.planned("enu")
    showcase, comparison, mazes = 3 * 2, 4 * 4 * 3, 2 * 2
    assert planned["enu_segment"] == showcase + comparison + mazes
    assert planned["animate_enu"] == 2
    assert planned["enu_record_unit"] == 4 and planned["enu_record_maze"] == 2
    assert sum(rule.startswith("draw_enu_") for rule in planned) == 7
    single = ("enu_tables", "enu_project", "enu_references", "enu_speed")
    assert [planned[rule] for rule in single] == [1, 1, 1, 1]
    assert "family_round" not in planned


def test_the_main_target_does_not_evolve_units(checkout):
    assert not any("enu" in rule for rule in checkout.planned(*SMOKE))


def test_seeds_cells_and_segments_multiply_the_runs(checkout):
    more = {"comparison": {"seeds": 5, "cells": ["enu", "lstm"], "segments": 2}}
    planned = checkout.planned("enu", *overlay(checkout, more))
    assert planned["enu_segment"] == 3 * 2 + 4 * 2 * 5 * 2 + 2 * 2


@pytest.mark.parametrize(
    ("mistake", "sentence"),
    [
        ({"comparison": {"cells": ["enu", "rnn"]}}, "enu.comparison.cells.1 is 'rnn'"),
        ({"showcase": {"population": 7}}, "enu.showcase.population is 7"),
        ({"steps": {"t_maze": 100}}, "enu.steps.t_maze is 100"),
        ({"mazes": {"generations_per_segment": {"y": 3}}}, "y is an unknown key"),
    ],
)
def test_a_mistake_is_one_sentence_that_names_the_key(checkout, mistake, sentence):
    arguments = overlay(checkout, mistake)
    done = checkout.snakemake("-n", "enu", *arguments, check=False)
    said = done.stdout + done.stderr
    assert done.returncode and sentence in said and "Traceback" not in said
