"""Batches: they fit into memory, shrink when they do not, and change no result."""

import logging

import jax
import numpy as np
import pytest
from small_worlds import bytes_of, run, small_drives, small_genomes, small_world

from evoplast.artefacts.errors import UserError
from evoplast.evaluation import lanes, memory, schedule
from evoplast.evaluation.sharding import run_block
from evoplast.task import Trials

GIB = 2**30


@pytest.fixture(autouse=True)
def forgetting():
    yield
    memory.forget_failures()


@pytest.fixture(scope="module")
def world():
    return small_world(lanes=64, kernel="reference")


@pytest.fixture(scope="module")
def genomes(world):
    return small_genomes(world, 18)


@pytest.fixture(scope="module")
def expected(world, genomes):
    return bytes_of(run(world, genomes, record=("weights",)))


def failing_above(n_lanes, error):
    """Return run_block as it is on a device with room for ``n_lanes``."""

    def run_if_small(model, rules, readout, state, *rest):
        if state.rewards.shape[1] > n_lanes:
            raise error
        return run_block(model, rules, readout, state, *rest)

    return run_if_small


ERRORS = {
    "device": jax.errors.JaxRuntimeError(
        "RESOURCE_EXHAUSTED: Out of memory while trying to allocate 9 bytes."
    ),
    "host": MemoryError(),
}


@pytest.mark.parametrize("where", ERRORS)
def test_running_out_of_memory_halves_the_batch_and_nothing_else(
    world, genomes, expected, where, monkeypatch, caplog
):
    monkeypatch.setattr(lanes, "run_block", failing_above(24, ERRORS[where]))
    with caplog.at_level(logging.WARNING, "evoplast"):
        assert bytes_of(run(world, genomes, record=("weights",))) == expected
    assert caplog.messages == [
        "Out of memory with 48 lanes at once: going on with at most 24."
    ]


def test_what_failed_once_is_not_tried_again(world, genomes, monkeypatch, caplog):
    monkeypatch.setattr(lanes, "run_block", failing_above(24, ERRORS["device"]))
    run(world, genomes)
    caplog.clear()
    run(world, genomes)
    assert caplog.messages == []


def test_failing_late_keeps_what_is_done(world, genomes, expected, monkeypatch):
    memory.note_failure(world, 48)
    calls = []

    def third_fails(*arguments):
        calls.append(len(arguments))
        if len(calls) == 3:
            raise ERRORS["device"]
        return run_block(*arguments)

    monkeypatch.setattr(lanes, "run_block", third_fails)
    assert bytes_of(run(world, genomes, record=("weights",))) == expected


def test_other_errors_are_not_taken_for_lack_of_memory(world, genomes, monkeypatch):
    error = jax.errors.JaxRuntimeError("INVALID_ARGUMENT: shapes differ")
    monkeypatch.setattr(lanes, "run_block", failing_above(0, error))
    with pytest.raises(jax.errors.JaxRuntimeError, match="INVALID_ARGUMENT"):
        run(world, genomes)


def test_without_room_for_one_candidate_the_user_is_told(world, genomes, monkeypatch):
    monkeypatch.setattr(lanes, "run_block", failing_above(0, ERRORS["host"]))
    with pytest.raises(UserError, match="not enough memory for one candidate"):
        run(world, genomes[:2])


def test_batches_follow_the_memory(genomes, expected, monkeypatch):
    world = small_world(lanes="auto", kernel="reference")
    need = memory.bytes_per_lane(world)
    monkeypatch.setattr(memory, "available_bytes", lambda: 2 * 33 * need)
    assert memory.most_lanes(world) == 32
    assert bytes_of(run(world, genomes, record=("weights",))) == expected
    monkeypatch.setattr(memory, "available_bytes", lambda: need)
    assert memory.most_lanes(world) == 2
    monkeypatch.setattr(memory, "available_bytes", lambda: 10**6 * need)
    assert memory.most_lanes(world) == memory.MOST_LANES_ON_CPU


def test_estimate_covers_what_the_compiled_loop_needs(world, genomes):
    loaded = lanes.start(world, genomes, 64)
    drives = small_drives(2)
    current = np.stack([d.current_pA for d in drives], axis=-1)
    change = np.stack([d.change for d in drives], axis=-1)
    options = lanes._options(world, plastic=True, scored=False)
    arguments = (world.model, loaded.rules, world.readout, loaded.state)
    shown = Trials(current, change, np.int32(2))
    compiled = run_block.lower(*arguments, shown, options, 1)
    found = compiled.compile().memory_analysis()
    held = jax.tree.leaves((loaded.state, loaded.rules))
    used = found.temp_size_in_bytes + sum(leaf.nbytes for leaf in held)
    estimate = 128 * memory.bytes_per_lane(world)
    # The inputs and tiles of one core are counted apart from the lanes.
    assert used - current.nbytes < 1.5 * estimate
    assert estimate < 6 * used


def test_batches_are_equal_and_cover_all(world):
    for n, limit in ((1, 64), (18, 16), (50, 64), (200, 128), (7, 2)):
        found = schedule.batches(world, n, limit)
        covered = [i for part, _ in found for i in range(n)[part]]
        assert covered == list(range(n))
        widths = {width for _, width in found}
        assert len(widths) == 1
        assert widths.pop() * world.n_tasks <= max(limit, 2)


def groups(root, **files):
    root.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (root / name.replace("__", ".")).write_text(f"{text}\n")


def test_limits_of_control_groups_are_kept(tmp_path):
    inner = tmp_path / "job" / "step"
    groups(inner, memory__max="max", memory__current=5, memory__stat="inactive_file 0")
    stat = f"anon 1\ninactive_file {GIB}"
    groups(
        inner.parent, memory__max=6 * GIB, memory__current=4 * GIB, memory__stat=stat
    )
    membership = tmp_path / "cgroup"
    membership.write_text("0::/job/step\n")
    assert min(memory._left_in_groups(membership, tmp_path)) == 3 * GIB
    old = {
        "memory__limit_in_bytes": 9 * GIB,
        "memory__usage_in_bytes": 8 * GIB,
        "memory__stat": "inactive_file 0\ntotal_inactive_file 0",
    }
    groups(tmp_path / "memory" / "mine", **old)
    membership.write_text("4:cpu,memory:/mine\n1:name=systemd:/\n")
    assert min(memory._left_in_groups(membership, tmp_path)) == GIB
    assert memory._left_in_groups(tmp_path / "absent", tmp_path) == [2**62]


def test_jobs_share_the_memory_as_they_share_the_cores(monkeypatch, tmp_path):
    meminfo = tmp_path / "meminfo"
    meminfo.write_text("MemTotal: 9 kB\nMemAvailable:    8192 kB\n")
    assert memory._free_on_machine(meminfo) == 8192 * 1024
    monkeypatch.setattr(memory, "_free_on_machine", lambda: 8 * GIB)
    monkeypatch.setattr(memory, "_left_in_groups", lambda: [2**62])
    monkeypatch.setattr(memory.os, "cpu_count", lambda: 4)
    monkeypatch.setenv("NPROC", "1")
    assert memory.available_bytes() == 2 * GIB
    monkeypatch.setenv("NPROC", "9")
    assert memory.available_bytes() == 8 * GIB
