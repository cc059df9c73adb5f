"""SIGKILL at random moments; the segment's file must not show that it happened."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

TOYS = Path(__file__).parent
PROGRAM = """
import sys, time
import numpy as np
import search_toys
from pathlib import Path
from types import SimpleNamespace
from evoplast.artefacts import provenance
from evoplast.rules import RuleSpace
from evoplast.search import segments

# The commit is part of a file; another one while the test runs is not its subject.
provenance.git_revision = lambda: "unknown"
space = RuleSpace(2, 0.0, 1.0)
settings = segments.SearchSettings.default(
    population=6,
    control_rules=2,
    generations_per_segment={n},
    accuracy_estimate="counted",
)

def evaluate(world, genomes, seed, n_training, n_scored, split, racing=None):
    time.sleep(0.05)
    noise = search_toys.row_noise(genomes, seed % 2**32, 6)
    flag = np.zeros(len(genomes), np.int64)
    return SimpleNamespace(objectives=genomes[:, :6] + noise, flag=flag)

segments.evaluate = evaluate
Path(sys.argv[1]).parent.mkdir(exist_ok=True)
print("ready", flush=True)
search = segments.SwarmSearch(space, settings, 3, 0)
files = segments.StageFiles(sys.argv[1])
segments.run_segment(search, {{0: 0, 1: 1}}, 0, files, {{}})
"""
GENERATIONS = 12


def _start(state):
    command = [sys.executable, "-c", PROGRAM.format(n=GENERATIONS), str(state)]
    paths = [str(TOYS), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )


def _finish(state):
    process = _start(state)
    process.communicate()
    assert process.returncode == 0
    return state.read_bytes()


def _kill_after(state, seconds):
    """Kill a run ``seconds`` after it has begun; say if it was still running."""
    process = _start(state)
    process.stdout.readline()
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    return process.returncode == -signal.SIGKILL


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The bytes of a segment that nobody killed, and the seconds it took."""
    begin = time.monotonic()
    state = tmp_path_factory.mktemp("undisturbed") / "run" / "segment_000.nc"
    return _finish(state), time.monotonic() - begin


def _check_killed(undisturbed, folder, kills, seed):
    expected, seconds = undisturbed
    rng, state = random.Random(seed), folder / "run" / "segment_000.nc"
    killed = [_kill_after(state, rng.uniform(0, seconds)) for _ in range(kills)]
    assert any(killed)
    assert _finish(state) == expected
    left = [path.name for path in (state.parent / ".state").iterdir()]
    assert left == ["segment_000.seconds.json"]


def test_a_killed_segment_ends_with_the_same_bytes(undisturbed, tmp_path):
    _check_killed(undisturbed, tmp_path, kills=1, seed=1)


@pytest.mark.slow
def test_five_kills_at_random_moments_leave_no_trace(undisturbed, tmp_path):
    _check_killed(undisturbed, tmp_path, kills=5, seed=2)
