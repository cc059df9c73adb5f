import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import yaml

from evoplast.artefacts.errors import UserError
from evoplast.configuration.config import validated
from evoplast.cost import plan_cost
from evoplast.cost.plan_cost import Speed
from evoplast.rules import RuleSpace
from evoplast.search import SearchSettings

ROOT = Path(__file__).parents[2]
SPEED = Speed(0.001, 0.0005, 36.0, 2.0, "gpu", 2, "reference", 100, 900, 32)


def _config(name):
    overlay = yaml.safe_load((ROOT / f"config/{name}.yaml").read_text())
    return validated(overlay)


def test_a_family_search_costs_its_rounds_and_a_control_in_every_generation():
    config = {
        "search": {"algorithm": "families", "seeds": 2},
        "families": {"rounds": [[25, 2, 4], [3, 5, 6]]},
    }
    expected = 2 * (25 * 2 * 5 + 3 * 5 * 7 + 2 + 5)
    assert plan_cost.evaluations_of_searches(config) == expected


def test_the_search_of_the_paper_costs_what_its_numbers_multiply_to():
    config = _config("paper")
    search = config["search"] | {"refresh": 1.0, "control_rules": 16}
    expected = 150 * (2 * 4000 + 16) - 4000
    assert plan_cost.search_evaluations(search) == expected
    assert plan_cost.search_evaluations(search | {"seeds": 3}) == 3 * expected
    half = plan_cost.search_evaluations(search | {"refresh": 0.5})
    assert half == 4000 * 150 + 2000 * 149 + 16 * 150


def test_hours_are_work_times_speed():
    config = _config("paper")
    work = plan_cost.planned_work(config).set_index("stage")
    table = plan_cost.with_hours(work.reset_index(), SPEED, config["search"])
    hours = table.set_index("stage")["hours"]
    one = 100 * 0.001 + (config["task"]["validation_trials"] + 1) * 0.0005
    assert hours["random rules"] == pytest.approx(3000 * one / 3600)
    search = work.loc["search", "candidates"] * one / 3600 + 150 * 36 / 3600
    assert hours["search"] == pytest.approx(search)
    assert work.loc["1000 neurons", "size"] == pytest.approx(1 / 9)
    # 70 rules, 5 sequences; 4 networks of 1000 cells and 2 of 2000.
    assert work.loc["1000 neurons", "candidates"] == 70 * 4 * 5
    assert work.loc["2000 neurons", "candidates"] == 70 * 2 * 5


def test_the_text_says_hours_memory_and_gpu_hours():
    config = _config("paper")
    work = plan_cost.planned_work(config)
    table = plan_cost.with_hours(work, SPEED, config["search"])
    text = plan_cost.cost_text(table, SPEED, "paper")
    total = table["hours"].sum()
    assert f"together {total:.4g} hours" in text
    assert f"{2 * total:.4g} GPU-hours" in text and "2 GiB" in text
    assert all(stage in text for stage in work["stage"])


def test_a_search_for_stability_trains_and_tests_twice():
    search = {"extra_objectives": ["dimension"], "stability_trials": 180}
    assert plan_cost.trials_with_extras(search, 60, 100) == (60, 100)
    search["extra_objectives"].append("stability")
    assert plan_cost.trials_with_extras(search, 60, 100) == (240, 201)


def test_the_speed_is_the_difference_of_two_lengths(monkeypatch):
    """A pretended simulation: 5 s to start, 2 s a training trial, 1 s a scored one."""
    now = [0.0]

    def evaluate(world, genomes, seed, training, scored):
        assert genomes.shape == (16, 45)
        now[0] += 5 + 2 * training + scored

    monkeypatch.setattr(plan_cost, "evaluate", evaluate)
    monkeypatch.setattr(plan_cost, "selection_seconds", lambda *_: 7.0)
    monkeypatch.setattr(plan_cost, "most_lanes", lambda world: 64)
    world = SimpleNamespace(
        rule_space=SimpleNamespace(n_parameters=45),
        n_tasks=2,
        kernel=SimpleNamespace(name="reference"),
        network=SimpleNamespace(n_neurons=10, n_edges=20),
    )

    def draw(space, n, key, p):
        return np.zeros((n, space.n_parameters))

    monkeypatch.setattr(plan_cost, "random_genomes", draw)
    search = SearchSettings.default()
    speed = plan_cost.measure_speed(world, search, 3, 32, lambda: now[0])
    assert speed.plastic_s == pytest.approx(2 / 16)
    assert speed.frozen_s == pytest.approx(1 / 16)
    assert (speed.selection_s, speed.lanes) == (7.0, 32)
    assert speed.memory_gib > 0
    monkeypatch.setattr(plan_cost, "fair_clock", lambda: lambda: now[0])
    again = plan_cost.measure_speed(world, search, 3, 32)
    assert again.plastic_s == pytest.approx(speed.plastic_s)
    with pytest.raises(UserError, match="plan_cost.trials is 0"):
        plan_cost.measure_speed(world, search, 0, 32)


def test_selection_is_timed_at_the_configured_population():
    ticks = iter(range(10))
    settings = SearchSettings.default(population=8)
    dimension = RuleSpace(2, 0.0, 1.0).n_parameters
    assert plan_cost.selection_seconds(settings, dimension, lambda: next(ticks)) == 1


def test_time_is_counted_as_if_nobody_else_computed():
    clock = plan_cost.fair_clock()
    begin = clock()
    time.sleep(0.2)
    assert clock() - begin < 0.1
