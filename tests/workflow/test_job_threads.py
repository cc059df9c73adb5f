"""Several jobs on one machine keep to the threads that their rules ask for."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RULES = sorted((ROOT / "workflow/rules").glob("*.smk"))
SCRIPTS = sorted((ROOT / "workflow/scripts").glob("*.py"))

PROGRAM = """
import json, sys
from pathlib import Path
from types import SimpleNamespace
from evoplast.jobs.script import job
snakemake = SimpleNamespace(
    threads=int(sys.argv[1]), log=[sys.argv[2]], rule="some_rule", wildcards={},
    params=SimpleNamespace(settings={}, source=""),
)
with job(snakemake):
    import jax.numpy as jnp
    from evoplast.simulator.kernels import cpu
    jnp.ones(3).sum().block_until_ready()
    names = [path.read_text() for path in Path("/proc/self/task").glob("*/comm")]
    workers = sum("XLAEigen" in name for name in names)
    print(json.dumps([workers, cpu.thread_count()]))
"""


def rules_of(path):
    """Return the text of every rule of a file, by name."""
    parts = re.split(r"^rule (\w+):$", path.read_text(), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_every_rule_with_a_script_says_how_many_threads_it_uses():
    found = {name: text for path in RULES for name, text in rules_of(path).items()}
    with_script = {name for name, text in found.items() if "script:" in text}
    assert len(with_script) > 20
    assert [n for n in with_script if not re.search(r"threads: \d", found[n])] == []


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_every_script_is_limited_before_it_computes(script):
    body = script.read_text().partition("with job(snakemake)")
    assert body[1], "the threads of this script are not limited"
    assert "snakemake." not in body[0]


@pytest.mark.skipif(
    not Path("/proc/self/task").is_dir(), reason="this system does not list threads"
)
@pytest.mark.parametrize("threads", [1, 2])
def test_a_job_has_as_many_workers_as_its_rule_says(threads, tmp_path):
    command = [sys.executable, "-c", PROGRAM, str(threads), str(tmp_path / "log")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [threads, threads]
