"""A plan with one's own rules: no line twice, and a mistake is one sentence."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
RULE = "a <b>rule</b>:\n  formula: {0}\n  coefficients: {{{0}: 1}}\n"


def plan(folder, formula):
    (folder / "mine.yaml").write_text(RULE.format(formula), encoding="utf-8")
    command = ["snakemake", "-n", "score_rules", "--logger", "stages"]
    command += ["--snakefile", str(ROOT / "Snakefile")]
    command += ["--configfile", str(ROOT / "config/smoke.yaml")]
    return subprocess.run(
        [sys.executable, "-m", *command, "--config", "rules=mine.yaml"],
        cwd=folder,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "workflow")},
        timeout=300,
    )


def test_snakemake_says_nothing_a_second_time(tmp_path):
    done = plan(tmp_path, "S_pre*X_post")
    assert done.returncode == 0, done.stderr
    assert "jobs in" in done.stderr
    assert "INFO:snakemake" not in done.stderr + done.stdout


def test_a_mistake_ends_the_plan_with_the_nearest_name(tmp_path):
    done = plan(tmp_path, "S_pre*X_pst")
    assert done.returncode != 0
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("Error in your rules: mine.yaml, rule 'a <b>rule</b>'")
    assert "nearest is 'S_pre·X_post'" in last
