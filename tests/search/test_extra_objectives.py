"""Searches with seven and eight objectives."""

import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from family_toys import SETTINGS, SPACE, measure, toy_search

from evoplast.artefacts.errors import UserError
from evoplast.artefacts.netcdf import read_dataset
from evoplast.configuration.sections.search import ExtraObjectives
from evoplast.evaluation import NO_EXTRAS
from evoplast.rules import TERM_NAMES
from evoplast.search import read_populations, segments
from evoplast.search.families import (
    FamilySearch,
    by_round,
    family_history,
    first_families,
    next_families,
    run_round,
)
from evoplast.search.families.family import first_formulas
from evoplast.search.families.measure import thresholds
from evoplast.search.families.stage import run_part
from evoplast.search.stage_files import StageFiles

sys.path.insert(0, str(Path(__file__).parents[1] / "evaluation"))
from test_extras import world  # noqa: E402

BOTH = ExtraObjectives(extra_objectives=("dimension", "stability"), stability_trials=5)
ONE = ExtraObjectives(extra_objectives=("dimension",), stability_trials=5)
WIDE, SHORT = TERM_NAMES.index("S_pre·S_post"), {}
SHORT |= {"training_trials": 2, "validation_trials": 6}


def wide_measure(world, genomes, sequence_seed, settings, extras):
    """The toy's measure; one term costs accuracy and widens activity."""
    found = measure(world, genomes, sequence_seed, settings, extras)
    wide = genomes[:, SPACE.slices["gates"]][:, WIDE]
    objectives = found.objectives.copy()
    objectives[:, 0] += 0.05 * wide
    objectives[:, 5] += wide
    if extras.extra_objectives:
        objectives = np.column_stack([objectives, -3.0 - 2.0 * wide])
    return replace(found, objectives=objectives)


@pytest.mark.parametrize(("extras", "survives"), [(NO_EXTRAS, False), (ONE, True)])
def test_what_six_objectives_throw_away_survives_by_its_dimension(extras, survives):
    settings = replace(SETTINGS, preferred_share=0.0, kept_share=0.5)
    search = FamilySearch(SPACE, settings, 1, 0, wide_measure, extras)
    count = (len(thresholds(SPACE)), settings.first_multiplier)
    formulas = first_formulas((), (), np.random.default_rng(0))
    families = first_families(SPACE, formulas, 1, 0, *count)
    families = run_round(search, families, 0, dict.fromkeys(range(9)))
    assert families[0].record.of_mean.shape[1] == 6 + survives
    after = next_families(search, 1, families, frozenset(), 25)
    kept = [family.number for family in after if family.number < 25]
    assert len(kept) <= 4
    assert (WIDE in kept) == survives


def family_files(folder, extras):
    settings = toy_search(rounds=((25, 1, 2), (4, 1, 2)), **SHORT).settings
    search = FamilySearch(world().rule_space, settings, 1, 0, extras=extras)
    paths, worlds = [], dict.fromkeys(range(2), world())
    for number in range(2):
        path = folder / f"round_{number}.nc"
        run_part(search, number, (0, 1), worlds, StageFiles(path, paths[-1:]), {})
        paths.append(path)
    return paths


@pytest.fixture(scope="module")
def families(tmp_path_factory):
    return {
        extras.extra_objectives: family_files(tmp_path_factory.mktemp("f"), extras)
        for extras in (NO_EXTRAS, BOTH)
    }


def test_families_measure_the_six_to_the_same_bits(families):
    (plain, _), (found, _) = (
        map(read_dataset, paths) for paths in (families[()], families[BOTH_NAMES])
    )
    for name in ("of_mean", "of_samples", "of_control"):
        assert plain[name].shape[-1] == 6 and found[name].shape[-1] == 8
        np.testing.assert_array_equal(found[name].values[..., :6], plain[name].values)
    np.testing.assert_array_equal(found["mean"].values, plain["mean"].values)
    assert found["objective"].values[6:].tolist() == NAMES
    assert (found["of_mean"].values[..., 6] < -1).any()


def test_the_history_of_families_has_columns_for_extras(families):
    columns = {
        names: set(family_history(by_round(paths, 1)))
        for names, paths in families.items()
    }
    assert columns[BOTH_NAMES] - columns[()] == {
        *("dimension", "control_dimension"),
        *("lost_accuracy", "control_lost_accuracy"),
    }
    table = family_history(by_round(families[BOTH_NAMES], 1))
    intact = table[table["flag"] == 0]
    assert intact["dimension"].between(1, 6).all()
    assert intact["lost_accuracy"].abs().max() <= 1


def test_families_end_with_eight_means(families):
    (population,) = read_populations(families[BOTH_NAMES])
    assert population.means.shape == (len(population.genomes), 8)


NAMES = ["negative_dimension", "lost_accuracy"]
BOTH_NAMES = BOTH.extra_objectives


@cache
def swarm_settings(*extra):
    return segments.SearchSettings.default(
        population=4,
        control_rules=2,
        generations_per_segment=1,
        extra_objectives=extra,
        stability_trials=5,
        **SHORT,
    )


@pytest.fixture(scope="module")
def swarms(tmp_path_factory):
    folder = tmp_path_factory.mktemp("swarm")
    states = {}
    for settings in (swarm_settings(), swarm_settings(*BOTH_NAMES)):
        path = folder / f"{len(settings.extra_objectives)}.nc"
        search = segments.SwarmSearch(world().rule_space, settings, 7, 0)
        segments.run_segment(search, {0: world()}, 0, StageFiles(path), {})
        states[settings.extra_objectives] = path
    return states


def test_the_swarm_measures_the_six_to_the_same_bits(swarms):
    plain, found = read_dataset(swarms[()]), read_dataset(swarms[BOTH_NAMES])
    for name in ("mean", "problem_control_first"):
        np.testing.assert_array_equal(found[name].values[..., :6], plain[name].values)
    assert found["objective"].values[6:].tolist() == NAMES
    # Of the six alone, so that searches compare.
    for name in ("history_hypervolume", "history_best_accuracy"):
        np.testing.assert_array_equal(found[name].values, plain[name].values)


def test_the_history_of_the_swarm_has_columns_for_extras(swarms):
    plain, found = (segments.collect_history([path]) for path in swarms.values())
    assert set(found) - set(plain) == {f"mean_{name}" for name in NAMES}
    population = segments.read_population(swarms[BOTH_NAMES])
    assert population.means.shape == (4, 8)
    mean = found["mean_negative_dimension"].iloc[0]
    assert mean == pytest.approx(population.means[:, 6].mean(), abs=0.5)


def test_a_swarm_is_not_continued_with_other_objectives(swarms, tmp_path):
    other = swarm_settings("dimension")
    search = segments.SwarmSearch(world().rule_space, other, 7, 0)
    files = StageFiles(tmp_path / "1.nc", [swarms[BOTH_NAMES]])
    with pytest.raises(UserError, match=r"search.extra_objectives = \['dimension', 's"):
        segments.run_segment(search, {0: world()}, 1, files, {})
