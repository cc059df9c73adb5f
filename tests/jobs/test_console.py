import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from evoplast.jobs.console import COLUMNS, Console, last_progress

ROOT = Path(__file__).parents[2]
FAMILIES = (
    "families 0, round 3, part 0 4/6: generation 16, families 4, best_gain 0.0368, "
    "best_gain_se 0.0035, control 0.561, best Δw = S_pre·X_pre + X_post²·R, "
    "evaluations 1800, evaluations_per_s 22.75, elapsed_s 79.1, left_s 40"
)


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def console():
    return Console(io.StringIO(), Clock())


def lines(console):
    return console._stream.getvalue().splitlines()


def plan(console, **counts):
    stats = {**counts, "total": sum(counts.values())}
    console.handle("run_info", {"stats": stats}, "", False)


def start(console, jobid, rule, message, log="logs/demo/a.log"):
    fields = {"jobid": jobid, "rule_name": rule, "rule_msg": message, "log": [log]}
    console.handle("job_info", fields, "", False)


def test_a_stage_of_many_jobs_is_one_line_and_one_of_few_a_line_for_each(console):
    plan(console, build=24, search=2)
    for i in range(24):
        start(console, i, "build", f"Building network {i}")
    console.handle("progress", {"done": 24, "total": 26}, "", False)
    console._clock.now = 125.0
    start(console, 30, "search", "Round 0")
    start(console, 31, "search", "Round 1")
    assert lines(console) == [
        "26 jobs in 2 stages.",
        "What every job says: logs/demo",
        "  0:00  Building network 0 (the first of 24)",
        "  2:05 [24/26] Round 0",
        "  2:05 [24/26] Round 1",
    ]


def test_running_jobs_say_how_far_they_are_what_matters_first(console, tmp_path):
    log = tmp_path / "search.log"
    log.write_text(f"first\n{FAMILIES}\n", encoding="utf-8")
    start(console, 1, "search", "Searching", str(log))
    console.tick()
    console.tick()
    told = [line for line in lines(console) if "families 0" in line]
    best = "best +0.037 ± 0.004, control 0.561, 40 s left"
    first = f"families 0, round 3, part 0 4/6, {best}"
    second = "    4 families, 22.8 evaluations/s, S_pre·X_pre + X_post²·R"
    assert list(last_progress(str(log))) == [first, second]
    assert told == [f"  {first}"]
    assert f"  {second}" in lines(console)
    assert max(map(len, lines(console))) <= COLUMNS
    console.handle("job_finished", {"job_id": 1}, "", False)
    log.write_text(FAMILIES.replace("4/6", "5/6"), encoding="utf-8")
    console.tick()
    assert sum("families 0" in line for line in lines(console)) == 1


def test_a_failure_says_what_why_and_where(console, tmp_path):
    log = tmp_path / "score.log"
    log.write_text("starting\nThe file x.nc is truncated; delete it.\n")
    start(console, 7, "score", "Scoring random rules", str(log))
    console.handle("job_error", {"jobid": 7, "rule_name": "score"}, "", True)
    assert lines(console)[-3:] == [
        "FAILED: Scoring random rules",
        "        The file x.nc is truncated; delete it.",
        f"        Its log: {log}",
    ]


def test_warnings_and_nothing_to_be_done_are_shown_and_the_rest_is_not(console):
    console.handle(None, {}, "Config file config.yaml is extended", False)
    console.handle(None, {}, "Nothing to be done (all requested files ...).", False)
    console.handle(None, {}, "A lock was taken away.", True)
    assert lines(console) == [
        "Nothing to be done (all requested files ...).",
        "A lock was taken away.",
    ]


def test_a_job_without_a_log_or_numbers_is_silent(console, tmp_path):
    start(console, 1, "draw", "Drawing", str(tmp_path / "none.log"))
    console.tick()
    assert lines(console)[-1].endswith("Drawing")
    assert not last_progress(str(tmp_path / "none.log"))


OUTER = """
rule good:
    output: "good.txt"
    message: "Writing one"
    shell: "touch {output}"

rule bad:
    input: "good.txt"
    output: "bad.txt"
    log: "logs/demo/bad.log"
    message: "Failing"
    shell: "echo 'No such rule.' > {log}; exit 1"
"""


def test_snakemake_finds_the_logger_and_shows_a_failure_through_it(tmp_path):
    (tmp_path / "Snakefile").write_text(OUTER)
    command = ["snakemake", "--cores", "1", "--logger", "stages", "--", "bad.txt"]
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "workflow")},
        timeout=120,
    )
    assert done.returncode == 1
    said = done.stderr.splitlines()
    assert any(line.endswith("Writing one") for line in said)
    at = said.index("FAILED: Failing")
    assert said[at + 1].strip() == "No such rule."
    assert said[at + 2].strip() == "Its log: logs/demo/bad.log"
    assert len(said) < 12
