"""Does a change leave the data of the smoke run as they were, byte by byte?

``python tests/bench/smoke_bytes.py --base v1.0 --new HEAD`` takes both revisions out of
git, runs ``config/smoke.yaml`` with each and prints the table of
``tests/workflow/data_digest.py``: data that differ end it with 1. With ``--folder``
what was computed is kept, and a second start goes on where the first one ended.
"""

import argparse
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
COMPARE = ROOT / "tests/workflow/data_digest.py"


def main() -> None:
    """Run both revisions and compare their results."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="evoplast_smoke_") as temporary:
        folder = Path(options.folder or temporary).resolve()
        results = [
            _computed(folder / name, revision, options.cores)
            for name, revision in (("base", options.base), ("new", options.new))
        ]
        compared = subprocess.run([sys.executable, str(COMPARE), *map(str, results)])
    sys.exit(compared.returncode)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--base", default="HEAD~1", help="revision to compare with")
    parser.add_argument("--new", default="HEAD", help="revision that is compared")
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--folder", help="keep the results here")
    return parser.parse_args()


def _computed(place: Path, revision: str, cores: int) -> Path:
    """Return the results of the smoke run of ``revision``, computed in ``place``."""
    tree, run = place / "tree", place / "run"
    run.mkdir(parents=True, exist_ok=True)
    if not tree.exists():
        _extract(revision, tree)
    command = [sys.executable, "-m", "snakemake", "--cores", str(cores), "--quiet"]
    command += ["all", "--snakefile", str(tree / "Snakefile"), "--directory", str(run)]
    command += ["--configfile", str(tree / "config/smoke.yaml")]
    library = {"PYTHONPATH": str(tree / "workflow")}
    subprocess.run(command, check=True, env=os.environ | library)
    return run / "results"


def _extract(revision: str, tree: Path) -> None:
    archive = tree.with_suffix(".tar")
    command = ["git", "-C", str(ROOT), "archive", revision, "-o", str(archive)]
    subprocess.run(command, check=True)
    with tarfile.open(archive) as content:
        content.extractall(tree, filter="data")
    archive.unlink()


if __name__ == "__main__":
    main()
