import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import search_toys
from search_toys import DIMENSION, OBJECTIVES, shifted_dtlz2, toy_task

from evoplast.artefacts.errors import UserError
from evoplast.artefacts.netcdf import read_dataset, write_dataset
from evoplast.search.dominance import select_survivors
from evoplast.search.generations import discard_autosaves, run_generations
from evoplast.search.history import BESIDES, COLUMNS, FEATURES, history_rows
from evoplast.search.hypervolume import dominated_share
from evoplast.search.problem import ControlledProblem


@pytest.fixture(scope="module")
def six_generations():
    return run_generations(toy_task(), None, 6).state


class _Stopped(Exception):
    pass


def _stop_after(n):
    rows = []

    def on_generation(row):
        rows.append(row)
        if len(rows) == n:
            raise _Stopped

    return on_generation


def _true_share(genomes):
    points = shifted_dtlz2(genomes)
    return dominated_share(points, np.zeros(OBJECTIVES), np.full(OBJECTIVES, 4.0))[0]


def test_the_search_improves_on_equally_many_random_points_under_noise():
    task = toy_task(population=48, random_factors="dimension")
    state = run_generations(task, None, 20).state
    rng = np.random.default_rng(0)
    random = rng.random((48 + 96 * 19, DIMENSION), dtype=np.float32)
    noisy, _ = search_toys.measure(random, 0)
    chosen = select_survivors(noisy, np.zeros_like(noisy), 48, 0.5, "indicator")
    evolved = _true_share(state["population"].values)
    assert evolved > 1.5 * _true_share(task.initial)
    assert evolved > _true_share(random[np.asarray(chosen)])
    rows = history_rows(state)
    assert rows[-1]["hypervolume"] > 2 * rows[0]["hypervolume"]


def test_two_segments_equal_one(six_generations, tmp_path):
    first = run_generations(toy_task(), None, 2).state
    write_dataset(tmp_path / "first.nc", first, {})
    second = run_generations(toy_task(), read_dataset(tmp_path / "first.nc"), 4).state
    assert second.identical(six_generations)


@pytest.mark.parametrize("killed_after", [1, 3])
def test_a_killed_segment_goes_on_to_the_same_bytes(
    killed_after, six_generations, tmp_path
):
    with pytest.raises(_Stopped):
        run_generations(toy_task(), None, 6, tmp_path, _stop_after(killed_after))
    seen = []
    state = run_generations(toy_task(), None, 6, tmp_path, seen.append).state
    assert len(seen) == 6 - killed_after
    for path, dataset in (("a.nc", state), ("b.nc", six_generations)):
        write_dataset(tmp_path / path, dataset, {})
    assert (tmp_path / "a.nc").read_bytes() == (tmp_path / "b.nc").read_bytes()


def test_a_broken_or_foreign_autosave_is_not_used(six_generations, tmp_path):
    with pytest.raises(_Stopped):
        run_generations(toy_task(search_seed=1), None, 6, tmp_path, _stop_after(1))
    with pytest.raises(_Stopped):
        run_generations(toy_task(), None, 6, tmp_path, _stop_after(1))
    for path in tmp_path.glob("*.nc"):
        path.write_bytes(path.read_bytes()[:200])
    state = run_generations(toy_task(), None, 6, tmp_path).state
    assert state.identical(six_generations)
    discard_autosaves(tmp_path)
    assert not list(tmp_path.iterdir())


def test_sigterm_leaves_the_last_generation_and_a_failing_status(tmp_path):
    program = (
        "import os, signal\n"
        "from search_toys import toy_task\n"
        "from evoplast.search.generations import run_generations\n"
        "kill = lambda row: row['generation'] == 1 and "
        "os.kill(os.getpid(), signal.SIGTERM)\n"
        f"run_generations(toy_task(), None, 6, {str(tmp_path)!r}, kill)\n"
    )
    folder = str(Path(search_toys.__file__).parent)
    environment = {**os.environ, "PYTHONPATH": folder}
    done = subprocess.run([sys.executable, "-c", program], env=environment)
    assert done.returncode == 128 + signal.SIGTERM
    (saved,) = tmp_path.glob("*.nc")
    assert read_dataset(saved).sizes["generation"] == 2


def test_a_state_of_other_settings_is_refused_with_both_values(six_generations):
    with pytest.raises(UserError, match=r"alpha = 0.5, and this run has 0.6"):
        run_generations(toy_task(alpha=0.6), six_generations, 1)


def test_a_state_of_another_genome_size_is_refused_with_both_sizes(six_generations):
    changed = six_generations.assign_attrs(
        identity=six_generations.attrs["identity"].replace(
            f'"genome size": {DIMENSION}', '"genome size": 29'
        )
    )
    with pytest.raises(
        UserError, match=f"genome size = 29, and this run has {DIMENSION}"
    ):
        run_generations(toy_task(), changed, 1)


def test_different_search_seeds_search_differently(six_generations):
    other = run_generations(toy_task(search_seed=1), None, 2).state
    assert not np.isin(other["population"], six_generations["population"]).any()


def test_the_history_has_every_column_for_every_generation(six_generations):
    rows = history_rows(six_generations)
    assert [row["generation"] for row in rows] == list(range(6))
    assert all(set(row) == {*COLUMNS, FEATURES, BESIDES} for row in rows)
    last = six_generations["population"].values[:, :2] > 0.5
    np.testing.assert_allclose(rows[-1][FEATURES], last.mean(axis=0))
    assert list(six_generations["feature"]) == ["first", "second"]
    assert [row["evaluations"] for row in rows] == [16 + 32 * g for g in range(6)]
    assert all(1 <= row["front_size"] <= 16 for row in rows)
    assert rows[-1]["best_formula"].startswith("sum ")
    assert rows[0]["best_accuracy_se"] >= 0 and rows[-1]["best_accuracy_se"] > 0


def test_the_shift_of_a_generation_does_not_reach_the_statistics(six_generations):
    controls = shifted_dtlz2(toy_task().controls).mean(axis=0)
    truth = shifted_dtlz2(six_generations["population"].values) - controls
    error = six_generations["mean"].values - truth
    # Noise of one evaluation is 0.1 and of four controls 0.05; the shift is 0.3.
    assert np.abs(error.mean(axis=0)).max() < 0.12


def test_the_result_does_not_depend_on_how_a_generation_is_batched(six_generations):
    def in_batches(genomes, generation):
        parts = [search_toys.measure(g[None], generation) for g in genomes[::-1]]
        values, flags = zip(*parts[::-1], strict=True)
        return np.concatenate(values), np.concatenate(flags)

    state = run_generations(toy_task(measure=in_batches), None, 6).state
    assert state.identical(six_generations)


def test_without_a_valid_control_the_search_goes_on_uncorrected():
    def measure(genomes, generation):
        values = shifted_dtlz2(genomes)
        flags = np.zeros(len(genomes), np.int64)
        flags[-4:] = 1
        return values, flags

    state = run_generations(toy_task(measure=measure), None, 2).state
    np.testing.assert_array_equal(state["problem_control_mean"], 0.0)
    truth = shifted_dtlz2(state["population"].values)
    np.testing.assert_allclose(state["mean"], truth, atol=1e-5)


def test_flags_of_survivors_are_those_of_their_latest_evaluation():
    def measure(genomes, generation):
        flags = (genomes[:, 0] > 0.5).astype(np.int64)
        return shifted_dtlz2(genomes), flags

    state = run_generations(toy_task(measure=measure), None, 2).state
    expected = state["population"].values[:, 0] > 0.5
    np.testing.assert_array_equal(state["flag"], expected)


@pytest.mark.parametrize("refresh", [0.0, 0.25])
def test_only_a_share_of_the_survivors_is_evaluated_again(refresh):
    seen = []

    def measure(genomes, generation):
        seen.append(genomes[:-4])
        flags = (genomes[:, 0] > 0.5).astype(np.int64)
        return search_toys.measure(genomes, generation)[0], flags

    state = run_generations(toy_task(measure=measure, refresh=refresh), None, 4).state
    again = round(16 * refresh)
    assert [len(genomes) for genomes in seen] == [16] + [16 + again] * 3
    times = [
        sum((g == row).all(axis=1).any() for g in seen)
        for row in state["population"].values
    ]
    np.testing.assert_array_equal(state["count"], times)
    flags = state["population"].values[:, 0] > 0.5
    np.testing.assert_array_equal(state["flag"], flags)
    rows = history_rows(state)
    assert np.isnan(rows[-1]["fresh_accuracy"]) == (refresh == 0)
    assert np.isfinite(rows[-1]["offspring_accuracy"])
    assert rows[-1]["evaluations"] == sum(map(len, seen))


def test_the_reasons_name_the_candidates():
    problem = ControlledProblem(None, np.zeros((1, 1)), [True], ("ok", "silent"))
    values, flags = np.full((5, 2), np.nan), np.array([1, 2, 1, 1, 0])
    said = "candidates 4 ok, 0, 2 to 3 silent, 1 with flag 2"
    with pytest.raises(UserError, match=said):
        problem._refuse_nothing_finite(values, flags, 3)


def test_a_generation_without_finite_objectives_keeps_the_state_before(tmp_path):
    def measure(genomes, generation):
        values, flags = search_toys.measure(genomes, generation)
        if generation == 2:
            values = np.full_like(values, np.nan)
        return values, flags + 2 * (generation == 2)

    said = r"All 32 candidates of generation 2 .*candidates 0 to 31 with flag 2\)"
    with pytest.raises(UserError, match=said):
        run_generations(toy_task(measure=measure), None, 4, tmp_path)
    (saved,) = tmp_path.glob("*.nc")
    assert read_dataset(saved).sizes == {
        "word": 2,
        "individual": 16,
        "parameter": DIMENSION,
        "objective": OBJECTIVES,
        "feature": 2,
        "generation": 2,
    }
