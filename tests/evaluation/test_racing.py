"""Candidates are stopped early only where that changes nothing that is asked for."""

import sys

import numpy as np
import pytest
from small_worlds import bytes_of, small_drives, small_genomes, small_world

from evoplast.artefacts.errors import UserError
from evoplast.evaluation import Racing, evaluate, lanes, racing
from evoplast.evaluation.sharding import run_block
from evoplast.objectives import NON_FINITE, OK, RUNAWAY, SILENT, WORST_OBJECTIVES

N_TRAINING, N_SCORED, EVERY = 4, 8, 2
KERNEL = {"kernel": "reference"}
MODULE = sys.modules["evoplast.evaluation.evaluate"]


@pytest.fixture(autouse=True)
def one_thread(monkeypatch):
    monkeypatch.setenv("NPROC", "1")


@pytest.fixture(scope="module")
def drives():
    return small_drives(N_TRAINING + 1 + N_SCORED)


@pytest.fixture(scope="module")
def world():
    return small_world(lanes=64, **KERNEL)


@pytest.fixture(scope="module")
def genomes(world):
    return small_genomes(world, 18)


@pytest.fixture(scope="module")
def full(world, genomes, drives):
    return run(world, genomes, drives, record=("decisions",))


def run(world, genomes, drives, **more):
    return evaluate(world, genomes, 0, N_TRAINING, N_SCORED, drives=drives, **more)


def without_recordings(evaluation):
    found = bytes_of(evaluation)
    return {k: v for k, v in found.items() if k not in evaluation.recordings}


def limit_between(world, genomes, drives):
    """Return a rate that some candidates pass in a trial, and all their peaks."""
    stops = racing.race(world, genomes, drives, N_TRAINING, False, Racing(), 24)
    order = np.argsort(np.concatenate([stop.candidates for stop in stops]))
    peak = np.concatenate([stop.peak_rate_hz.max(axis=1) for stop in stops])[order]
    ranked = np.sort(peak)
    return 0.5 * (ranked[11] + ranked[12]), peak


def test_where_nobody_fails_the_bytes_are_those_of_the_full_evaluation(
    world, genomes, drives, full
):
    found = run(world, genomes, drives, racing=Racing(EVERY))
    assert without_recordings(found) == without_recordings(full)
    assert (found.flag == OK).all()


def test_runaways_stop_and_objectives_stay(world, genomes, drives):
    limit, peak = limit_between(world, genomes, drives)
    strict = small_world(runaway_rate_hz=limit, lanes=64, **KERNEL)
    whole = run(strict, genomes, drives)
    assert ((whole.flag == RUNAWAY) == (peak > limit)).all()
    found = run(strict, genomes, drives, racing=Racing(EVERY))
    assert np.array_equal(found.flag, whole.flag)
    assert np.array_equal(found.objectives, whole.objectives)
    kept = whole.flag == OK
    assert 0 < kept.sum() < len(kept)
    assert (found.n_scored[kept] == N_SCORED).all()
    assert (found.n_scored[~kept] < N_SCORED).all()
    for name, value in vars(whole).items():
        if name not in ("change", "recordings"):
            assert np.array_equal(value[kept], getattr(found, name)[kept]), name
    split = small_world(runaway_rate_hz=limit, lanes=16, **KERNEL)
    again = run(split, genomes, drives, racing=Racing(EVERY))
    assert bytes_of(again) == bytes_of(found)


def expected_length(correct, needed, confidence):
    """Return after how many scored trials a candidate (tasks, trials) stops."""
    total = correct.size
    for seen in range(EVERY, N_SCORED, EVERY):
        part = correct[:, :seen]
        spread = 0.5 * np.sqrt(1 / part.size - 1 / total)
        if part.mean() + confidence * spread < needed:
            return seen
    return N_SCORED


@pytest.mark.parametrize("confidence", [0.0, 1.0])
def test_who_cannot_reach_the_needed_accuracy_stops(
    world, genomes, drives, full, confidence
):
    needed = float(np.median(full.accuracy.mean(axis=1))) + 0.05
    rule = Racing(EVERY, needed, confidence)
    found = run(world, genomes, drives, racing=rule)
    correct = full.recordings["decisions"] == full.change
    lengths = [expected_length(c, needed, confidence) for c in correct]
    assert found.n_scored.tolist() == lengths
    seen = [c[:, :n].mean() for c, n in zip(correct, lengths, strict=True)]
    np.testing.assert_allclose(found.accuracy.mean(axis=1), seen)
    if confidence == 0:
        assert len(set(lengths)) > 1, "a race in which nobody stops tests nothing"


def test_batches_stay_as_large_and_become_fewer(world, genomes, drives, monkeypatch):
    sizes = []

    def counted(model, rules, readout, state, *rest):
        sizes.append(state.rewards.shape[1])
        return run_block(model, rules, readout, state, *rest)

    monkeypatch.setattr(lanes, "run_block", counted)
    run(world, genomes, drives, racing=Racing(EVERY))
    everyone = len(sizes)
    sizes.clear()
    run(world, genomes, drives, racing=Racing(EVERY, needed_accuracy=0.7))
    assert set(sizes) == {16}
    assert len(sizes) < everyone


def test_the_silent_stop_in_the_scored_phase(world, genomes, drives):
    quiet = [type(d)(0 * d.current_pA, d.change, d.stimulus) for d in drives]
    found = run(world, genomes[:3], quiet, racing=Racing(EVERY))
    assert (found.flag == SILENT).all()
    assert (found.n_scored == EVERY).all()


def test_who_is_not_finite_stops_in_training(world, genomes, drives, monkeypatch):
    broken = genomes[:3].copy()
    broken[1, world.rule_space.slices["pair"]] = np.nan
    monkeypatch.setattr(MODULE, "validate_genomes", lambda space, genomes: None)
    found = run(world, broken, drives, racing=Racing(EVERY))
    assert found.flag.tolist() == [OK, NON_FINITE, OK]
    assert found.n_scored.tolist() == [N_SCORED, 0, N_SCORED]
    assert (found.objectives[1] == WORST_OBJECTIVES).all()
    assert np.isnan(found.accuracy[1]).all()


def test_races_that_make_no_sense_are_refused(world, genomes, drives):
    with pytest.raises(UserError, match="a look every 0 trials"):
        Racing(check_every=0)
    with pytest.raises(UserError, match="'decisions' of candidates that are stopped"):
        run(world, genomes, drives, record=("decisions",), racing=Racing())
