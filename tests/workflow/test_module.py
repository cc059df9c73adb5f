"""Another workflow takes this one in as a module, even twice under other settings."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from checkout import job_counts

from evoplast.artefacts.netcdf import read_provenance

ROOT = Path(__file__).parents[2]
OUTER = """
import yaml
from pathlib import Path

EVOPLAST = Path({root!r})
SMOKE = yaml.safe_load((EVOPLAST / "config/smoke.yaml").read_text())

module first:
    snakefile: str(EVOPLAST / "Snakefile")
    config: SMOKE | {{"run": "first"}}

use rule * from first as first_*

module second:
    snakefile: str(EVOPLAST / "Snakefile")
    config: SMOKE | {{"run": "second", "seed": 2}}

use rule * from second as second_*

rule both:
    default_target: True
    input:
        rules.first_make_comparison.output,
        rules.second_make_comparison.output,
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("outer")
    (folder / "Snakefile").write_text(OUTER.format(root=str(ROOT)), encoding="utf-8")
    return folder


def snakemake(folder, *arguments):
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "workflow")},
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_two_runs_are_planned_at_once_each_under_its_name(folder):
    counts = job_counts(snakemake(folder, "--quiet", "host", "--dry-run"))
    for run in ("first", "second"):
        assert counts[f"{run}_score_random_rules"] == 1
        assert counts[f"{run}_make_comparison"] == 1
    assert counts["both"] == 1


def test_both_are_made_with_their_own_settings_in_the_folder_of_the_other(folder):
    files = [f"results/{run}/stimuli/gratings.nc" for run in ("first", "second")]
    snakemake(folder, "--cores", "1", *files)
    seeds = [read_provenance(folder / path)["settings"]["seed"] for path in files]
    assert seeds == [1, 2]
    assert (folder / "logs/first").is_dir() and not (ROOT / "results/first").exists()
