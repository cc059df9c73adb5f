"""A driver or a job killed in the middle: the same command goes on, and says why."""

import os
import signal
import subprocess
import sys
import time

import pytest
from checkout import Checkout

TARGET = "results/smoke/network/network.nc"
COMMAND = (TARGET, "--cores", "1", "--configfile", "config/smoke.yaml")


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return Checkout(tmp_path_factory.mktemp("killed"))


def jobs(folder):
    """Return the numbers of the processes that run a script of ``folder``."""
    found = subprocess.run(
        ["pgrep", "-f", f"{folder}/.snakemake/scripts/"], capture_output=True, text=True
    )
    return [int(number) for number in found.stdout.split()]


def start(place):
    """Start the workflow; return the driver once its job is at work."""
    command = [sys.executable, "-m", "snakemake", *COMMAND]
    library = {"PYTHONPATH": str(place.folder / "workflow")}
    driver = subprocess.Popen(
        command,
        cwd=place.folder,
        env={**os.environ, **library},
        stderr=subprocess.PIPE,
        text=True,
    )
    end = time.monotonic() + 120
    while not jobs(place.folder):
        assert time.monotonic() < end and driver.poll() is None
        time.sleep(0.05)
    return driver


def test_killed_job_is_explained_and_killed_driver_is_no_obstacle(place):
    driver = start(place)
    for number in jobs(place.folder):
        os.kill(number, signal.SIGKILL)
    _, said = driver.communicate()
    assert driver.returncode != 0
    assert "A job was killed from outside" in said and "mem_mb" in said
    assert not (place.folder / TARGET).exists()

    driver = start(place)
    driver.kill()
    driver.communicate()
    done = place.snakemake(*COMMAND)
    assert "The run before was killed: its lock is taken away" in done.stderr
    assert (place.folder / TARGET).exists() and not jobs(place.folder)
