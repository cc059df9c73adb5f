"""What `pip install .` brings: dependencies, kernel sources, values, tables."""

import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROGRAM = """
import evoplast
from evoplast.configuration.defaults import default_config
from evoplast.evaluation import build_world, evaluate
from evoplast.rules import no_plasticity

config = default_config()
config["network"]["n_neurons"] = 60
config["task"]["balanced_stimuli"] = 0
world = build_world(config, instance=100)
still = no_plasticity(world.rule_space)[None]
found = evaluate(world, still, 3, n_training=2, n_scored=4, split="test")
print(evoplast.__file__, world.kernel.name, found.accuracy.shape)
"""


def run(*command, **options):
    done = subprocess.run(command, capture_output=True, text=True, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_every_file_that_is_no_module_is_named_as_package_data():
    library = ROOT / "workflow/evoplast"
    about = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    patterns = about["tool"]["setuptools"]["package-data"]["evoplast"]
    packed = {path for pattern in patterns for path in library.glob(pattern)}
    packed |= set((library / "resources").glob("*/*.csv"))
    skipped = {".py", ".pyc", ".so", ".md"}
    wanted = {path for path in library.rglob("*.*") if path.suffix not in skipped}
    assert {path for path in wanted if path.is_file()} <= packed


@pytest.mark.slow
def test_the_wheel_evaluates_a_rule_in_another_folder(tmp_path):
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check")
    # A copy, as a build leaves folders behind.
    checkout = tmp_path / "checkout"
    run("git", "clone", "-q", str(ROOT), str(checkout))
    build = ("wheel", "-q", "--no-deps", "--no-build-isolation", "-w", str(tmp_path))
    run(*pip, *build, str(checkout))
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (n for n in archive.namelist() if n.endswith("METADATA"))
        assert "Requires-Dist: jax" in archive.read(name).decode()
    site = tmp_path / "site"
    run(*pip, "install", "-q", "--no-deps", "--target", str(site), str(wheel))
    environment = {**os.environ, "PYTHONPATH": str(site)}
    said = run(sys.executable, "-c", PROGRAM, cwd=tmp_path, env=environment)
    assert said.startswith(str(site)) and "(1, 2)" in said
