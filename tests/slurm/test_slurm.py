"""The smoke search through a real SLURM: job and driver killed, the same bytes."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest
from checkout import Checkout
from controller import one_node, why_not
from data_digest import compared

pytestmark = pytest.mark.slurm

TARGET = "results/smoke/search/seed0/families.parquet"
SMOKE = ("--configfile", "config/smoke.yaml")
PROFILE = ("--workflow-profile", "workflow/profiles/slurm-cpu")
# Looks in quick succession; the profile's own pace would make this test long.
QUICK = ("--slurm-init-seconds-before-status-checks", "5")
PATIENCE_S = 900


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    """The search computed without a cluster."""
    checkout = Checkout(tmp_path_factory.mktemp("here"))
    checkout.snakemake(TARGET, "--cores", "2", *SMOKE)
    return checkout


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """A checkout whose jobs a controller on this machine runs."""
    if reason := why_not():
        pytest.skip(reason)
    with one_node(tmp_path_factory.mktemp("controller")):
        yield Checkout(tmp_path_factory.mktemp("cluster"))


@contextmanager
def driver(place):
    """Start Snakemake on the cluster; it does not outlive the block."""
    command = [sys.executable, "-m", "snakemake", TARGET, *SMOKE, *PROFILE, *QUICK]
    library = {"PYTHONPATH": str(place.folder / "workflow")}
    with open(place.folder / "said.txt", "w") as said:
        process = subprocess.Popen(
            command,
            cwd=place.folder,
            env={**os.environ, **library},
            stdout=said,
            stderr=subprocess.STDOUT,
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def said(place):
    return (place.folder / "said.txt").read_text()


def queue():
    """Return (number, name, state, processors, comment) of all unfinished jobs."""
    asked = ["squeue", "--noheader", "--states=PD,R,CG", "--format=%i|%j|%T|%C|%k"]
    found = subprocess.run(asked, capture_output=True, text=True, check=True)
    return [line.split("|") for line in found.stdout.splitlines()]


def running_round(place, process):
    """Wait for a round of the search to run; return its number and its run's name."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end and process.poll() is None:
        for number, name, state, _, comment in queue():
            if state == "RUNNING" and "family_round" in comment:
                return number, name
        time.sleep(0.2)
    pytest.fail(f"No round of the search runs:\n{said(place)}")


def wait_for_an_empty_queue():
    end = time.monotonic() + PATIENCE_S
    while queue():
        assert time.monotonic() < end, queue()
        time.sleep(0.5)


def test_cancelled_job_and_killed_driver_end_with_the_same_bytes(here, cluster):
    with driver(cluster) as process:
        number, _ = running_round(cluster, process)
        subprocess.run(["scancel", number], check=True)
        assert process.wait(PATIENCE_S) != 0
    first = said(cluster)
    assert first.count("has been submitted with SLURM jobid") == 2  # group, round
    assert "Invalid generic resource" not in first
    assert not (cluster.folder / TARGET).exists()

    with driver(cluster) as process:
        _, run = running_round(cluster, process)
        process.send_signal(signal.SIGKILL)
        process.wait()
    # What README says to do before the same command is given again.
    subprocess.run(["scancel", f"--name={run}"], check=True)
    wait_for_an_empty_queue()
    with driver(cluster) as process:
        assert process.wait(PATIENCE_S) != 0
    assert "--unlock" in said(cluster)
    cluster.snakemake("--unlock", *SMOKE)

    with driver(cluster) as process:
        assert process.wait(PATIENCE_S) == 0, said(cluster)
    assert "build_network" not in said(cluster)  # done before, not done again
    results = [place.folder / "results" for place in (here, cluster)]
    rows = compared(*results, {}, pictures=False)
    assert len(rows) > 5
    assert {verdict for _, verdict, _ in rows} == {"same data"}, rows
