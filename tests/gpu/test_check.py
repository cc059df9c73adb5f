"""The logic of check.sh, on the CPU: the same source of the kernel, emulated."""

import os
import subprocess
import sys
from pathlib import Path

import check
import pytest

from evoplast.simulator.kernels import build

SCRIPT = Path(__file__).with_name("check.sh")


def run(*arguments):
    environment = {**os.environ, "PYTHON": sys.executable}
    return subprocess.run(
        ["sh", str(SCRIPT), *arguments],
        capture_output=True,
        text=True,
        env=environment,
        timeout=600,
    )


def test_a_part_that_fails_is_a_row_and_the_others_still_run():
    def broken():
        yield "first", "fine"
        raise ValueError("no\n device")

    rows, ok, _ = check._measured("broken", broken, check.time.monotonic())
    assert rows == [("broken", "FAILED: ValueError: no device")] and not ok


def test_a_part_that_would_end_too_late_is_left_out():
    long_ago = check.time.monotonic() - check.LATEST_START_S - 1
    rows, ok, _ = check._measured("late", lambda: iter([]), long_ago)
    assert rows == [("late", "left out: no time left")] and not ok


@pytest.mark.slow
@pytest.mark.skipif(build.find_compiler() is None, reason="there is no C++ compiler")
def test_every_part_runs_and_holds_in_emulation():
    done = run("--emulate")
    assert done.returncode == 0, done.stdout + done.stderr
    for text in ("circuits: 1", "Gsyn/s", "smoke search", "T-maze", "0 failed"):
        assert text in done.stdout


@pytest.mark.slow
def test_without_a_device_it_says_so_and_fails():
    done = run()
    assert done.returncode == 1
    assert "not on a CUDA device" in done.stdout
