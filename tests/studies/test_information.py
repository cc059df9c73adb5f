from types import SimpleNamespace

import numpy as np
import pytest
from fakes import SPACE, FakeWorld, genomes_with

from evoplast.artefacts.errors import UserError
from evoplast.artefacts.seeds import numpy_rng
from evoplast.search.segments import SearchSettings
from evoplast.studies import information
from evoplast.studies.information import InformationSettings
from evoplast.task import TaskSettings

SETTINGS = InformationSettings.default(
    rules=4, sequences=3, training_trials=(10, 20), scored_trials=(20, 60)
)
SPEED = SimpleNamespace(plastic_s=0.003, frozen_s=0.001)
TASK = TaskSettings.default(threshold="absolute", phi_max=1.0)


def a_world(index):
    world = FakeWorld(index)
    settings = SimpleNamespace(task=TASK, simulation=SimpleNamespace(lanes=16))
    named = {"rule_space": SPACE, "settings": settings, "index": index}
    return SimpleNamespace(**named, task_names=world.task_names)


def evaluate(world, genomes, seed, n_training, n_scored, split, record):
    """Rates of +-signal around the threshold, with noise common to all rules."""
    rng = numpy_rng(seed, world.index)
    change = np.stack([rng.permutation(np.arange(n_scored) % 2 == 0) for _ in range(2)])
    common = rng.normal(0, 0.5, change.shape)
    own = rng.normal(0, 0.5, (len(genomes), *change.shape))
    signal = np.linspace(0.1, 0.6, len(genomes))[:, None, None]
    phi = genomes[:, SPACE.slices["phi"]][:, :, None]
    rate = phi + signal * np.where(change, 1, -1) + common + own
    recordings = {"pool_rate_by_trial": rate, "decisions": rate > phi}
    return SimpleNamespace(recordings=recordings, change=change)


@pytest.fixture(scope="module")
def table():
    worlds, search = {k: a_world(k) for k in range(4)}, SearchSettings.default()
    evolved = genomes_with(*[["S_pre"]] * 5)
    groups = information.rule_groups(worlds, evolved, search, SETTINGS, 3)
    return information.measure_information(worlds, groups, SPEED, SETTINGS, 3, evaluate)


def counted(table, **where):
    rows = table[table["estimate"] == where.pop("estimate", "counted")]
    for name, value in where.items():
        rows = rows[rows[name] == value]
    return rows


def test_every_estimate_is_measured_for_every_number_of_trials(table):
    assert len(table) == 2 * 2 * 2 * 6
    assert table.groupby("estimate").size().nunique() == 1
    assert (table["n_cells"] == 12).all() and (table["n_rules"] == 4).all()
    row = counted(table, training_trials=20, scored_trials=60).iloc[0]
    assert row["seconds"] == pytest.approx(20 * 0.003 + 61 * 0.001)


def test_common_trials_make_differences_less_noisy(table):
    rows = counted(table, scored_trials=60)
    common, independent = rows["noise_common"], rows["noise_independent"]
    assert (common < independent).all()
    assert common.mean() < 0.9 * independent.mean()


def test_more_trials_make_less_noise(table):
    few, many = (
        counted(table, scored_trials=n)["noise_common"].mean() for n in (20, 60)
    )
    assert many < 0.75 * few


def test_smoothing_takes_noise_off_and_foretells_as_well(table):
    plain = counted(table, group="evolved")
    smooth = counted(table, group="evolved", estimate="smoothed (normal)")
    assert smooth["noise_common"].mean() < 0.95 * plain["noise_common"].mean()
    assert smooth["foretells"].mean() > plain["foretells"].mean() - 0.05


def test_the_row_knows_the_parts_of_the_variance():
    rng = np.random.default_rng(0)
    shape = (60, 20, 6)
    truth = rng.normal(0, 0.03, (60, 1, 1))
    cell, own = rng.normal(0, 0.05, (1, *shape[1:])), rng.normal(0, 0.02, shape)
    row = information.information_row(truth + cell + own, truth + cell + own, 4.0)
    assert row["spread"] == pytest.approx(0.03, rel=0.25)
    assert row["noise_common"] == pytest.approx(0.02 * np.sqrt(2), rel=0.1)
    assert row["noise_independent"] == pytest.approx(
        np.sqrt(2 * (0.05**2 + 0.02**2)), rel=0.15
    )
    assert row["se_one_second"] == pytest.approx(2 * row["noise_common"])
    assert row["foretells"] > 0.7


def test_balanced_trials_have_as_many_changes_as_repeats():
    rng = np.random.default_rng(1)
    change = rng.random((40, 2)) < 0.5
    chosen = information.first_trials(change, 10, balanced=True)
    assert np.take_along_axis(change, chosen, axis=0).sum(axis=0).tolist() == [5, 5]
    assert (np.diff(chosen, axis=0) > 0).all()
    plain = information.first_trials(change, 10, balanced=False)
    np.testing.assert_array_equal(plain[:, 0], np.arange(10))


def test_too_few_evolved_rules_are_named():
    with pytest.raises(UserError, match="information.rules is 4.*with 1 rules"):
        information.rule_groups(
            *({0: a_world(0)}, genomes_with(["S_pre"])),
            *(SearchSettings.default(), SETTINGS, 1),
        )
