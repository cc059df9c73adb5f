"""Ablations meet the right task, and each is compared with its own rule."""

from dataclasses import dataclass, replace

import fakes
import pytest
from behaviour_toys import PLAN, FakeEvaluate, representatives

from evoplast.behaviour import ablation_cells, ablations, list_variants
from evoplast.behaviour.variants import INTACT, PLASTIC_TEST, REWARD_SHUFFLED
from evoplast.configuration.sections.behaviour import AblationsSettings
from evoplast.task import TaskSettings

SETTINGS = AblationsSettings.default(draws=2)


@dataclass(frozen=True)
class TaskOnly:
    task: TaskSettings


@dataclass(frozen=True)
class World(fakes.FakeWorld):
    settings: TaskOnly = TaskOnly(TaskSettings.default())


def truth(genome):
    return 0.5 + 0.05 * (genome[:25] > 0.5).sum()


@pytest.fixture
def measured():
    evaluate = FakeEvaluate(truth, noise=0.0)
    worlds = {k: World(k, offset=0.01 * k) for k in range(100, 104)}
    plan = replace(PLAN, worlds=worlds, evaluate=evaluate)
    variants, genomes = list_variants(representatives(), SETTINGS, 1)
    cells = ablation_cells(variants, genomes, plan, SETTINGS)
    return variants, cells, evaluate


def test_each_kind_runs_under_the_task_that_it_needs(measured):
    variants, _, evaluate = measured
    number = variants["kind"].value_counts()
    for world, n, plastic in evaluate.seen:
        late = world.settings.task.reward_delay_trials
        if plastic:
            assert (n, late) == (number[PLASTIC_TEST], 0)
        elif late:
            assert (n, late) == (number[REWARD_SHUFFLED], SETTINGS.reward_delay_trials)
        else:
            special = number[PLASTIC_TEST] + number[REWARD_SHUFFLED]
            assert n == len(variants) - special
    assert len(evaluate.seen) == 3 * 4


def test_an_ablation_is_compared_with_its_own_intact_rule(measured):
    variants, cells, _ = measured
    table = ablations(variants, cells, 1)
    cross = table[table["quantity"] == "cross_accuracy"]
    value = cross.set_index(["label", "kind", "term"])["difference"]
    # Every term is worth 0.05: a removed one costs as much, all of them their number.
    assert value["best", "term removed", "S_pre"] == pytest.approx(-0.05)
    assert value["best", "reward terms removed", ""] == pytest.approx(-0.05)
    assert value["best", "no plasticity", ""] == pytest.approx(-0.10)
    assert value["simplest", "no plasticity", ""] == pytest.approx(-0.05)
    assert value["best", "fresh coefficients", ""] == pytest.approx(0)
    assert value[:, INTACT].isna().all()
    assert "none" not in set(table["label"])


def test_draws_are_one_ablation_and_networks_the_unit(measured):
    variants, cells, _ = measured
    table = ablations(variants, cells, 1)
    row = table[(table["kind"] == "fresh coefficients") & (table["label"] == "best")]
    assert (row["n_draws"] == 2).all() and (row["n_networks"] == 4).all()


def test_p_is_corrected_for_all_ablations_of_all_rules(measured):
    variants, cells, _ = measured
    table = ablations(variants, cells, 1)
    cross = table[table["quantity"] == "cross_accuracy"].dropna(subset="p_value")
    assert (cross["p_holm"] >= cross["p_value"]).all()
    smallest = cross["p_value"].min()
    assert cross["p_holm"].min() == pytest.approx(min(1, smallest * len(cross)))
