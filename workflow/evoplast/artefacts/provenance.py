"""What every artefact carries about its making, independent of host and time."""

import json
import platform
import subprocess
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("jax", "evox", "numpy", "pandas", "xarray", "optax", "snakemake")


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"


@cache
def git_revision() -> str:
    """Return the commit of the checkout, or ``unknown`` outside of one."""
    folder = Path(__file__).resolve().parent
    command = ["git", "-C", str(folder), "rev-parse", "HEAD"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return answer.stdout.strip()


def describe(provenance: dict) -> str:
    """Return ``provenance`` with versions and revision added, as sorted JSON."""
    versions = {package: _version(package) for package in PACKAGES}
    versions["python"] = platform.python_version()
    record = {"evoplast_revision": git_revision(), "versions": versions, **provenance}
    return json.dumps(record, sort_keys=True)
