"""What a killed run leaves behind, and what the next one does about it.

In: the folder that Snakemake works in. Out: the lock of a run that is dead is taken
away, so that the same command goes on; the jobs it left are ended first. A lock is
touched only if it is the very one that a run noted on this machine, and no run is
alive in the folder.
"""

import json
import os
import re
import signal
import socket
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from evoplast.artefacts.atomic import atomic_path

NOTE = ".snakemake/evoplast_driver.json"
LOCKS = ".snakemake/locks"
JOBS = ".snakemake/scripts"
# A search saves its last generation when it is asked to end.
SECONDS_TO_END = 60.0
_KILLED = re.compile(r"SIGKILL|exit status 137|exit code 137|status -9")


def note_driver(folder: Path, local: bool) -> None:
    """Note whose the locks in ``folder`` are; to be called once they are made.

    ``local``: all jobs run on this machine, so that none outlives it unseen.
    """
    note = {"machine": _machine(), "local": local, "locks": _locks(folder)}
    with atomic_path(folder / NOTE) as temporary:
        temporary.write_text(json.dumps(note))


def fault_of_places(folder: Path) -> str | None:
    """Return a sentence if a folder that a run writes to cannot be written."""
    for name in ("results", "logs", "benchmarks", ".snakemake"):
        place = folder / name
        found = place if place.exists() else folder
        if not os.access(found, os.W_OK | os.X_OK):
            return (
                f"{found} cannot be written, but a run keeps its {name} there; change "
                "its permissions, or work in another folder (--directory)."
            )
    return None


def fault_of_deployment(methods: Iterable[str]) -> str | None:
    """Return a sentence if Snakemake is asked for an environment for each rule."""
    if "conda" not in methods:
        return None
    return (
        "--sdm conda makes environments in which jobs do not find this library; make "
        "one for all (make environment, or conda env create -f envs/evoplast.yaml) and "
        "leave --sdm conda out."
    )


def release_stale_lock(folder: Path) -> str | None:
    """Take away the locks of a run that is dead; return what was done, if anything.

    Jobs of that run that are still at work are asked to end: their results would not
    be taken. Where anything is in doubt, nothing is done.
    """
    locks = _locks(folder)
    if not locks or not _is_ours(folder, locks) or any(_drivers(folder)):
        return None
    left = list(_jobs(folder))
    for process in left:
        os.kill(process, signal.SIGTERM)
    if not _have_ended(folder):
        return None
    for name in locks:
        (folder / LOCKS / name).unlink(missing_ok=True)
    ended = f" and {len(left)} of its jobs ended" if left else ""
    return f"The run before was killed: its lock is taken away{ended}."


def memory_advice(logs: Iterable[str | Path]) -> str | None:
    """Return what to do if the logs of Snakemake tell of a job that was killed."""
    paths = [path for path in map(Path, logs) if path.is_file()]
    text = "".join(path.read_text(errors="replace") for path in paths)
    if not _KILLED.search(text):
        return None
    return (
        "A job was killed from outside, most likely because the machine or the limit "
        "of the job ran out of memory; the rule's mem_mb says what it is planned to "
        "need: run fewer jobs at once (--cores, or --resources mem_mb=...), lower "
        "simulation.lanes, or allow the job more."
    )


def say(sentence: str | None) -> None:
    """Print a sentence for the user, if there is one."""
    if sentence:
        print(sentence, file=sys.stderr, flush=True)


def _locks(folder: Path) -> dict[str, int]:
    """Return the time of every lock file, by name."""
    try:
        paths = list((folder / LOCKS).iterdir())
        return {path.name: path.stat().st_mtime_ns for path in paths}
    except OSError:
        return {}


def _is_ours(folder: Path, locks: dict[str, int]) -> bool:
    """Say whether a run noted just these locks, with all its jobs on this machine."""
    try:
        note = json.loads((folder / NOTE).read_text())
    except (OSError, ValueError):
        return False
    machine = _machine()
    known = isinstance(note, dict) and machine is not None
    return known and (machine, True, locks) == tuple(
        note.get(name) for name in ("machine", "local", "locks")
    )


def _machine() -> list[str] | None:
    """Return what tells machines and containers apart; None if it is not known."""
    try:
        return [socket.gethostname(), os.readlink("/proc/self/ns/pid")]
    except OSError:
        return None


def _processes(folder: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield the number and the command of every other process in ``folder``."""
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            where = Path(os.readlink(entry / "cwd"))
            command = (entry / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        number = int(entry.name)
        if where == folder.resolve() and number != os.getpid() and command:
            yield number, command.split("\0")


def _drivers(folder: Path) -> Iterator[int]:
    for number, command in _processes(folder):
        if any(Path(word).name == "snakemake" for word in command[:4]):
            yield number


def _jobs(folder: Path) -> Iterator[int]:
    scripts = str(folder.resolve() / JOBS)
    for number, command in _processes(folder):
        if any(word.startswith(scripts) for word in command):
            yield number


def _have_ended(folder: Path) -> bool:
    end = time.monotonic() + SECONDS_TO_END
    while any(_jobs(folder)):
        if time.monotonic() > end:
            return False
        time.sleep(0.2)
    return True
