"""Two revisions of the engine in one run: the same bits? How many times as fast?

``python tests/bench/revisions.py --base v1.0`` compares this working tree with a
revision of git. Both evaluate the same rules in processes of their own that take
turns, so that whatever else the machine does disturbs them alike. Seconds are those
of the processor, one thread; the ratio is the median of the ratios of the turns.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
WORKER = Path(__file__).parent / "revision_worker.py"
# Older revisions have all they need in the first.
CONFIGS = ("config.yaml", "circuit.yaml")
# neurons, candidates
SIZES = ("250x64", "1000x32", "3000x16")


def main() -> None:
    """Compare what the command line asks for."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="evoplast_base_") as folder:
        _extract(options.base, folder)
        # Either has the keys that its settings need.
        found = [
            tree / "config" / name for tree in (ROOT, Path(folder)) for name in CONFIGS
        ]
        configs = [str(path) for path in found if path.exists()]
        trees = Path(folder), ROOT
        workers = [_start(tree, options.threads) for tree in trees]
        print("| N | P | rule | old s | new s | ratio | same bits | rate Hz |")
        print("|" + "---|" * 8)
        for case in _cases(options, configs):
            print(_row(case, [_turn(workers, case) for _ in range(options.turns + 1)]))
        for worker in workers:
            worker.stdin.close()
            worker.wait()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--base", default="HEAD", help="revision to compare with")
    add("--sizes", nargs="+", default=SIZES, help="neurons x candidates")
    add("--rules", nargs="+", default=["six spike terms", "all terms"])
    add("--training", type=int, default=60, help="plastic trials")
    add("--scored", type=int, default=100, help="scored trials")
    add("--turns", type=int, default=5)
    add("--threads", type=int, default=1)
    add("--with-drive", action="store_true", help="make the input in each turn, too")
    return parser.parse_args()


def _extract(revision: str, folder: str) -> None:
    archive = Path(folder) / "tree.tar"
    command = ["git", "-C", str(ROOT), "archive", revision, "-o", str(archive)]
    subprocess.run(command, check=True)
    with tarfile.open(archive) as tree:
        tree.extractall(folder, filter="data")


def _start(tree: Path, threads: int) -> subprocess.Popen:
    environment = os.environ | {"PYTHONPATH": str(tree / "workflow")}
    environment |= {"NPROC": str(threads), "OMP_NUM_THREADS": str(threads)}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    command = [sys.executable, str(WORKER)]
    return subprocess.Popen(command, **pipes, env=environment, text=True, cwd=tree)


def _cases(options: argparse.Namespace, configs: list[str]):
    for size in options.sizes:
        neurons, candidates = map(int, size.split("x"))
        for rule in options.rules:
            yield {
                "configs": configs,
                "neurons": neurons,
                "candidates": candidates,
                "rule": rule,
                "training": options.training,
                "scored": options.scored,
                "with_drive": options.with_drive,
            }


def _turn(workers: list[subprocess.Popen], case: dict) -> list[dict]:
    """Let one worker after the other do a case; return what each says."""
    answers = []
    for worker in workers:
        worker.stdin.write(json.dumps(case) + "\n")
        worker.stdin.flush()
        line = worker.stdout.readline()
        if not line:
            sys.exit("A worker ended; its message is above.")
        answers.append(json.loads(line))
    return answers


def _row(case: dict, turns: list[list[dict]]) -> str:
    # The first turn compiles.
    old, new = zip(*turns[1:], strict=True)
    seconds = [statistics.median(a["cpu_s"] for a in side) for side in (old, new)]
    ratio = statistics.median(
        a["cpu_s"] / b["cpu_s"] for a, b in zip(old, new, strict=True)
    )
    # A revision may know arrays of which the other does not.
    before, after = old[0]["digests"], new[0]["digests"]
    different = [
        name for name in before if after.get(name, before[name]) != before[name]
    ]
    same = "no" if different else "yes"
    place = f"| {case['neurons']} | {case['candidates']} | {case['rule']} "
    return (
        f"{place}| {seconds[0]:.3f} | {seconds[1]:.3f} | {ratio:.2f} | {same} "
        f"| {new[0]['rate_hz']:.1f} |"
    )


if __name__ == "__main__":
    main()
