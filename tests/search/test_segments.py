from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from evoplast.artefacts.errors import UserError
from evoplast.rules import TERMS, RuleSpace, complexity, decode, no_plasticity
from evoplast.search import segments
from evoplast.search.segments import (
    SearchSettings,
    StageFiles,
    SwarmSearch,
    collect_history,
    control_group,
    read_population,
    run_segment,
    world_measure,
)

SPACE = RuleSpace(2, 0.0, 1.0)
SETTINGS = SearchSettings.default(
    accuracy_estimate="counted",
    population=4,
    control_rules=3,
    generations_per_segment=2,
)


@pytest.fixture
def calls(monkeypatch):
    """Replace the simulation by a quick function; record how it is called."""
    made = []

    def evaluate(
        world, genomes, sequence_seed, n_training, n_scored, split, racing=None
    ):
        made.append((world, len(genomes), sequence_seed, n_training, n_scored, split))
        rng = np.random.default_rng(sequence_seed % 2**32)
        accuracy = 0.5 + 0.1 * genomes[:, 0] + rng.normal(0, 0.02) + 0.01 * world
        objectives = np.zeros((len(genomes), 6))
        objectives[:, 0] = -accuracy
        objectives[:, 1] = complexity(decode(SPACE, genomes).gates)
        objectives[:, 2:] = genomes[:, 1:5] * [100, 0.1, 5, 5]
        flag = np.zeros(len(genomes), np.int64)
        return SimpleNamespace(objectives=objectives, flag=flag)

    monkeypatch.setattr(segments, "evaluate", evaluate)
    return made


def _run(folder, segment, previous=None, settings=SETTINGS, made_from=()):
    state = folder / f"segment_{segment:03d}.nc"
    named = {instance: instance for instance in (0, 1, 2)}
    provenance = dict(made_from)
    search = SwarmSearch(SPACE, settings, 7, 0)
    files = StageFiles(state, [previous] if previous else [])
    run_segment(search, named, segment, files, provenance)
    return state


def test_generations_rotate_networks_and_never_repeat_a_sequence(calls, tmp_path):
    first = _run(tmp_path, 0)
    _run(tmp_path, 1, first)
    assert [world for world, *_ in calls] == [0, 1, 2, 0]
    assert [n for _, n, *_ in calls] == [4 + 3, 8 + 3, 8 + 3, 8 + 3]
    assert len({seed for _, _, seed, *_ in calls}) == 4
    assert {call[3:] for call in calls} == {(60, 100, "training")}


def test_several_networks_per_generation_are_averaged(calls):
    settings = SearchSettings.default(
        instances_per_generation=2, accuracy_estimate="counted"
    )
    measure = world_measure({3: 3, 5: 5, 9: 9}, settings, 7, 0)
    genomes = np.stack([no_plasticity(SPACE)] * 2)
    measure(genomes, 0)
    values, flags = measure(genomes, 1)
    assert [world for world, *_ in calls] == [3, 5, 9, 3]
    assert values.shape == (2, 6) and not flags.any()


def test_too_few_networks_are_refused():
    with pytest.raises(UserError, match="instances_per_generation is 2.* only 1"):
        world_measure(
            {0: 0},
            SearchSettings.default(
                instances_per_generation=2, accuracy_estimate="counted"
            ),
            1,
            0,
        )


def test_the_history_covers_all_segments_with_seconds(calls, tmp_path):
    first = _run(tmp_path, 0)
    second = _run(tmp_path, 1, first)
    table = collect_history([first, second])
    assert isinstance(table, pd.DataFrame)
    assert list(table["generation"]) == [0, 1, 2, 3]
    assert list(table["evaluations"]) == [4, 12, 20, 28]
    assert table["seconds"].gt(0).all()
    assert table["best_formula"].str.startswith("Δw = ").all()
    shares = table[[f"share of {term.name}" for term in TERMS]]
    np.testing.assert_allclose(shares.mean(axis=1), table["mean_complexity"])
    gates = decode(SPACE, read_population(second).genomes).gates
    np.testing.assert_allclose(shares.iloc[-1], np.asarray(gates).mean(axis=0))
    assert not list((tmp_path / ".state").glob("*.nc"))


def test_the_population_is_read_in_units_of_the_objectives(calls, tmp_path):
    population = read_population(_run(tmp_path, 0))
    assert population.search_seed == 0
    assert population.genomes.shape == (4, SPACE.n_parameters)
    gates = decode(SPACE, population.genomes).gates
    np.testing.assert_allclose(population.means[:, 1], complexity(gates), atol=1e-6)
    assert ((-population.means[:, 0] > 0.4) & (-population.means[:, 0] < 0.8)).all()
    assert not population.flags.any() and (population.counts >= 1).all()


def test_the_same_segment_twice_has_the_same_bytes(calls, tmp_path):
    paths = [_run(tmp_path / name, 0) for name in ("a", "b")]
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_a_segment_of_other_settings_is_refused(calls, tmp_path):
    first = _run(tmp_path, 0)
    other = SearchSettings.default(
        accuracy_estimate="counted",
        population=6,
        control_rules=3,
        generations_per_segment=2,
    )
    with pytest.raises(UserError, match=r"search.population = 4, and this run has 6"):
        _run(tmp_path, 1, first, other)


MADE_FROM = {
    "settings": {"plasticity": {"eta": 0.1}, "simulation": {"lanes": 64}},
    "source": "abc",
    "inputs": {"network/network.nc": "0f"},
}


def _changed(part, value):
    return MADE_FROM | {part: value}


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (_changed("settings", {"plasticity": {"eta": 0.5}}), "plasticity.eta = 0.1"),
        (_changed("source", "abd"), "the source = abc, and this run has abd"),
        (_changed("inputs", {"network/network.nc": "1f"}), "network.nc = 0f, and"),
        (_changed("inputs", {}), "network.nc = 0f, and this run has None"),
    ],
)
def test_a_state_of_other_settings_source_or_inputs_is_not_continued(
    calls, tmp_path, monkeypatch, other, said
):
    first = _run(tmp_path, 0, made_from=MADE_FROM)
    with pytest.raises(UserError, match=said):
        _run(tmp_path, 1, first, made_from=other)
    # Killed after one generation, the segment starts again under other settings.
    undisturbed = _run(tmp_path / "undisturbed", 0, made_from=other)
    evaluate, killed = segments.evaluate, tmp_path / "killed"

    def dies(*arguments, **named):
        raise RuntimeError

    def once(*arguments, **named):
        monkeypatch.setattr(segments, "evaluate", dies)
        return evaluate(*arguments, **named)

    monkeypatch.setattr(segments, "evaluate", once)
    with pytest.raises(RuntimeError):
        _run(killed, 0, made_from=MADE_FROM)
    assert list((killed / ".state").glob("*.nc"))
    monkeypatch.setattr(segments, "evaluate", evaluate)
    before = len(calls)
    assert _run(killed, 0, made_from=other).read_bytes() == undisturbed.read_bytes()
    assert len(calls) - before == SETTINGS.generations_per_segment


def test_a_saved_generation_of_other_networks_is_not_continued(
    calls, tmp_path, monkeypatch
):
    evaluate = segments.evaluate

    def only_once(*arguments, **named):
        monkeypatch.setattr(segments, "evaluate", None)
        return evaluate(*arguments, **named)

    monkeypatch.setattr(segments, "evaluate", only_once)
    with pytest.raises(TypeError):
        _run(tmp_path, 0, made_from=MADE_FROM | {"networks": {"0.nc": "0f"}})
    monkeypatch.setattr(segments, "evaluate", evaluate)
    before = len(calls)
    other = MADE_FROM | {"networks": {"0.nc": "1f"}}
    first = _run(tmp_path, 0, made_from=other)
    assert len(calls) - before == SETTINGS.generations_per_segment
    # The next segment has networks of its own.
    _run(tmp_path, 1, first, made_from=MADE_FROM | {"networks": {"1.nc": "2f"}})


def test_damaged_timings_are_named(calls, tmp_path):
    first = _run(tmp_path, 0)
    path = tmp_path / ".state/segment_000.seconds.json"
    path.write_text(path.read_text().replace(": ", ": 1", 1))
    with pytest.raises(UserError, match=r"seconds.json is not a readable JSON file"):
        collect_history([first])
    path.unlink()
    assert collect_history([first])["seconds"].isna().all()


def test_settings_without_effect_do_not_stop_a_search(calls, tmp_path):
    first = _run(tmp_path, 0, made_from=MADE_FROM)
    other = {"plasticity": {"eta": 0.1}, "simulation": {"lanes": 16}}
    _run(tmp_path, 1, first, made_from=_changed("settings", other))


def test_the_control_group_is_that_of_the_run_and_starts_with_no_plasticity():
    group = control_group(SPACE, SETTINGS, 7)
    np.testing.assert_array_equal(group[0], no_plasticity(SPACE))
    np.testing.assert_array_equal(group, control_group(SPACE, SETTINGS, 7))
    assert not np.array_equal(group, control_group(SPACE, SETTINGS, 8))


def test_selection_by_the_smoothed_estimate_replaces_the_accuracy_of_intact_rules(
    monkeypatch,
):
    def evaluate(world, genomes, *more, racing=None):
        objectives = np.zeros((len(genomes), 6))
        objectives[:, 0] = [-0.5, 0.0]
        smoothed = np.array([[0.6, 0.7], [0.9, 0.9]])
        flag = np.array([0, 3])
        return SimpleNamespace(
            objectives=objectives, flag=flag, smoothed_accuracy=smoothed
        )

    monkeypatch.setattr(segments, "evaluate", evaluate)
    genomes = np.stack([no_plasticity(SPACE)] * 2)
    for estimate, expected in (("counted", [-0.5, 0.0]), ("smoothed", [-0.65, 0.0])):
        settings = SearchSettings.default(accuracy_estimate=estimate)
        values, _ = world_measure({0: 0}, settings, 7, 0)(genomes, 0)
        np.testing.assert_allclose(values[:, 0], expected)


def test_the_history_counts_formulas_and_the_distance_of_gates(calls, tmp_path):
    first = _run(tmp_path, 0)
    row = collect_history([first]).iloc[-1]
    gates = np.asarray(decode(SPACE, read_population(first).genomes).gates)
    assert row["distinct_formulas"] == len(np.unique(gates, axis=0))
    pairs = [(i, j) for i in range(4) for j in range(i)]
    distance = np.mean([(gates[i] != gates[j]).sum() for i, j in pairs])
    assert row["gate_distance"] == pytest.approx(distance)
