"""Several jobs on one machine keep to the threads that their rules ask for."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RULES = sorted((ROOT / "workflow/rules").glob("*.smk"))
SCRIPTS = sorted((ROOT / "workflow/scripts").rglob("*.py"))

# A script of the workflow, cut off once all is imported, says what it runs on.
PROGRAM = """
import json, sys
from pathlib import Path
from types import SimpleNamespace

class Cut(dict):
    def __getitem__(self, name):
        import jax
        jax.numpy.ones(3).sum().block_until_ready()
        names = [path.read_text() for path in Path("/proc/self/task").glob("*/comm")]
        workers = sum("XLAEigen" in name for name in names)
        print(json.dumps([workers, jax.config.jax_platforms, jax.default_backend()]))
        sys.stdout.flush()
        __import__("os")._exit(0)
    __getattr__ = get = items = __getitem__

snakemake = SimpleNamespace(
    threads=int(sys.argv[2]), log=[sys.argv[3]], rule="some_rule", wildcards={},
    resources={}, input=Cut(), output=Cut(),
    params=SimpleNamespace(settings=Cut(), source=""),
)
exec(compile(Path(sys.argv[1]).read_text(), sys.argv[1], "exec"))
"""
# One that simulates, one that evolves with EvoX, one that only compares tables.
IMPORTING = ("search/search_segment", "studies/run_search_benchmark")
IMPORTING += ("analysis/make_comparison",)


def rules_of(path):
    """Return the text of every rule of a file, by name."""
    parts = re.split(r"^rule (\w+):$", path.read_text(), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_every_rule_with_a_script_says_how_many_threads_it_uses():
    found = {name: text for path in RULES for name, text in rules_of(path).items()}
    with_script = {name for name, text in found.items() if "script:" in text}
    assert len(with_script) > 20
    assert [
        n for n in with_script if not re.search(r"threads: (\d|THREADS)", found[n])
    ] == []


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_every_script_is_limited_before_it_imports_and_computes(script):
    body = script.read_text().partition("with job(snakemake)")
    assert body[1], "the threads of this script are not limited"
    assert "snakemake." not in body[0]
    imported = re.findall(r"^(?:from|import) ([\w.]+)", body[0], flags=re.MULTILINE)
    ours = {name for name in imported if name not in sys.stdlib_module_names}
    assert ours == {"evoplast.jobs.script"}


@pytest.mark.skipif(
    not Path("/proc/self/task").is_dir(), reason="this system does not list threads"
)
@pytest.mark.parametrize("script", IMPORTING)
@pytest.mark.parametrize("threads", [1, 3])
def test_a_job_has_as_many_workers_as_its_rule_says(script, threads, tmp_path):
    path = ROOT / "workflow/scripts" / f"{script}.py"
    command = [sys.executable, "-c", PROGRAM, path, str(threads), tmp_path / "log"]
    environment = {k: v for k, v in os.environ.items() if k != "JAX_PLATFORMS"}
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, env=environment
    )
    # Without a GPU in its resources a job may not even look for one.
    assert json.loads(done.stdout) == [threads, "cpu", "cpu"]
