"""What a killed run leaves: its lock is released when, and only when, it is dead."""

import json
import subprocess
import sys
import time

import pytest

from evoplast.jobs import driver


@pytest.fixture
def folder(tmp_path):
    """A folder as a run of this machine left it when it was killed."""
    for name in (driver.LOCKS, driver.JOBS):
        (tmp_path / name).mkdir(parents=True)
    for name in ("0.input.lock", "0.output.lock"):
        (tmp_path / driver.LOCKS / name).write_text("a.txt\n")
    driver.note_driver(tmp_path, local=True)
    return tmp_path


def locked(folder):
    return len(list((folder / driver.LOCKS).iterdir())) > 0


def start(folder, *words, program="import time; time.sleep(60)"):
    """Start a process in ``folder`` whose command has ``words`` in it."""
    command = [sys.executable, "-c", program, *map(str, words)]
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE)
    time.sleep(0.5)
    return process


def test_lock_of_a_dead_run_is_taken_away(folder):
    assert "its lock is taken away." in driver.release_stale_lock(folder)
    assert not locked(folder)
    assert driver.release_stale_lock(folder) is None


@pytest.mark.parametrize("word", ["/usr/bin/snakemake", "snakemake"])
def test_lock_of_a_living_run_stays(folder, word):
    process = start(folder, word)
    try:
        assert driver.release_stale_lock(folder) is None
        assert locked(folder)
    finally:
        process.kill()
        process.communicate()


def test_run_in_another_folder_does_not_count(folder, tmp_path_factory):
    process = start(tmp_path_factory.mktemp("other"), "snakemake")
    try:
        assert driver.release_stale_lock(folder)
    finally:
        process.kill()
        process.communicate()


def test_jobs_that_were_left_are_ended_first(folder):
    process = start(folder, folder / driver.JOBS / "tmp1.search_segment.py")
    assert "and 1 of its jobs ended" in driver.release_stale_lock(folder)
    process.communicate()
    assert process.returncode == -15 and not locked(folder)


def test_lock_stays_while_a_job_does_not_end(folder, monkeypatch):
    monkeypatch.setattr(driver, "SECONDS_TO_END", 1.0)
    deaf = (
        "import signal, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
    )
    process = start(folder, folder / driver.JOBS / "tmp1.a.py", program=deaf)
    try:
        assert driver.release_stale_lock(folder) is None
        assert locked(folder)
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(
    "change",
    [
        {"machine": ["elsewhere", "pid:[1]"]},
        {"machine": None},
        {"local": False},
        {"locks": {"0.input.lock": 1, "0.output.lock": 2}},
        {"locks": {}},
    ],
)
def test_lock_that_nobody_here_noted_stays(folder, change):
    note = json.loads((folder / driver.NOTE).read_text())
    (folder / driver.NOTE).write_text(json.dumps(note | change))
    assert driver.release_stale_lock(folder) is None
    assert locked(folder)


@pytest.mark.parametrize("content", [None, "", "[]", "{"])
def test_lock_without_a_readable_note_stays(folder, content):
    (folder / driver.NOTE).unlink()
    if content is not None:
        (folder / driver.NOTE).write_text(content)
    assert driver.release_stale_lock(folder) is None
    assert locked(folder)


def test_lock_made_again_by_another_run_stays(folder):
    (folder / driver.LOCKS / "0.input.lock").unlink()
    (folder / driver.LOCKS / "0.input.lock").write_text("b.txt\n")
    assert driver.release_stale_lock(folder) is None
    assert locked(folder)


@pytest.mark.parametrize(
    ("line", "killed"),
    [
        ("died with <Signals.SIGKILL: 9>.", True),
        ("returned non-zero exit status 137.", True),
        ("returned non-zero exit status 1.", False),
    ],
)
def test_killed_job_is_explained(tmp_path, line, killed):
    (tmp_path / "log").write_text(f"Error in rule a:\n{line}\n")
    advice = driver.memory_advice([tmp_path / "log"])
    assert (advice is not None) == killed
    if killed:
        assert "memory" in advice and "mem_mb" in advice


def test_place_that_cannot_be_written_is_named(tmp_path, monkeypatch):
    (tmp_path / "logs").mkdir()
    assert driver.fault_of_places(tmp_path) is None
    monkeypatch.setattr(
        driver.os, "access", lambda path, mode: path != tmp_path / "logs"
    )
    assert f"{tmp_path / 'logs'} cannot be written" in driver.fault_of_places(tmp_path)


def test_missing_log_is_nothing_to_explain(tmp_path):
    assert driver.memory_advice([]) is None
    assert driver.memory_advice([tmp_path / "none"]) is None


@pytest.mark.parametrize("methods", [[], ["apptainer"]])
def test_one_environment_for_all_jobs_is_no_fault(methods):
    assert driver.fault_of_deployment(methods) is None


def test_an_environment_for_each_rule_is_refused():
    assert "leave --sdm conda out" in driver.fault_of_deployment(["apptainer", "conda"])
