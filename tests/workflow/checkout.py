"""Running Snakemake on a copy of the checkout, in a folder of its own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HOUSE = ("Snakefile", "config", "workflow", "resources", "envs", "profiles")


class Checkout:
    """A copy of what Snakemake reads, whose modules a test may edit."""

    def __init__(self, folder: Path):
        self.folder = folder
        skip = shutil.ignore_patterns("__pycache__", "*.egg-info")
        for name in HOUSE:
            source, target = ROOT / name, folder / name
            if source.is_symlink():
                target.symlink_to(os.readlink(source))
            elif source.is_dir():
                shutil.copytree(source, target, ignore=skip)
            else:
                shutil.copy(source, target)

    def snakemake(self, *arguments, check=True):
        """Run Snakemake there; return the finished process."""
        command = [sys.executable, "-m", "snakemake", *arguments]
        library = {"PYTHONPATH": str(self.folder / "workflow")}
        done = subprocess.run(
            command,
            cwd=self.folder,
            capture_output=True,
            text=True,
            env={**os.environ, **library},
            timeout=900,
        )
        if check and done.returncode:
            pytest.fail(f"{' '.join(arguments)} failed:\n{done.stdout}\n{done.stderr}")
        return done

    def planned(self, *arguments):
        """Return how many jobs of each rule a dry run plans."""
        done = self.snakemake("--quiet", "host", "--dry-run", *arguments)
        return job_counts(done.stdout + done.stderr)


def job_counts(text):
    """Return the counts of the last table of jobs in Snakemake's output."""
    _, _, table = text.rpartition("Job stats:")
    rows = [line.split() for line in table.splitlines()]
    pairs = [row for row in rows if len(row) == 2 and row[1].isdigit()]
    return {name: int(count) for name, count in pairs if name != "total"}
