"""The container's recipe: what it copies is there, what is needed is copied.

It is not built here: that needs a container engine and a registry.
"""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
RECIPE = (ROOT / "Containerfile").read_text(encoding="utf-8")


def copied():
    lines = re.findall(r"^COPY (.+)$", RECIPE, flags=re.MULTILINE)
    return [name for line in lines for name in line.split()[:-1]]


def test_everything_that_is_copied_exists():
    assert len(copied()) >= 8
    assert not [name for name in copied() if not (ROOT / name).exists()]


def test_nothing_that_is_copied_is_left_out_of_the_context():
    ignored = (ROOT / ".containerignore").read_text(encoding="utf-8").split()
    assert not set(ignored) & set(copied())
    assert {".git", ".venv", "results"} <= set(ignored)


def test_what_the_workflow_reads_is_copied():
    needed = {"Snakefile", "config", "workflow", "resources", "pyproject.toml"}
    assert needed <= set(copied())


def test_what_pip_reads_is_copied():
    named = re.findall(r"-[rc] (\S+)", RECIPE)
    assert named and set(named) <= set(copied())


def test_no_package_index_is_named():
    assert "index-url" not in RECIPE
    steps = [line for line in RECIPE.splitlines() if not line.startswith("#")]
    assert "http" not in "".join(steps)


def test_the_version_of_python_is_one_that_the_package_allows():
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    used = re.search(r"python:3\.(\d+)", RECIPE)
    allowed = re.search(r'requires-python = ">=3\.(\d+)"', project)
    assert used and allowed and int(used[1]) >= int(allowed[1])


def test_what_it_runs_is_a_target():
    target = re.findall(r'CMD \["(\w+)"\]', RECIPE)
    assert len(target) == 1
    snakefile = (ROOT / "Snakefile").read_text(encoding="utf-8")
    assert re.search(rf"^rule {target[0]}:", snakefile, flags=re.MULTILINE)
