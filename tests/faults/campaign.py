"""Break real runs of the workflow in every way that happens, and count what comes.

``python tests/faults/campaign.py --record FILE`` runs all kinds of faults on a cut of
the smoke run (networks, stimuli, two segments of a search, their history) and prints a
table. ``--only KIND`` and ``--times N`` run a part; every try is a line in FILE, so
that a campaign may run in pieces. ``--families`` kills family searches instead (in a
``--folder`` of its own). ``--table`` only prints what FILE holds.

A try ends as ``recovered`` (the same command, or after the cause is gone, and the same
data as a run that nobody disturbed), ``refused`` (an error in a sentence, no traceback,
no crash), ``untidy`` (an error that is neither) or ``wrong`` (success with other data,
or no recovery once the cause is gone).
"""

import argparse
import hashlib
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd
import yaml

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests/workflow"))
from data_digest import digests  # noqa: E402

RUN = "results/smoke"
HISTORY = f"{RUN}/search/seed0/history.parquet"
FAMILIES = f"{RUN}/search/seed0/families.parquet"
KINDS: dict[str, Callable] = {}


@dataclass(frozen=True)
class Try:
    """How one try ended: ``kind``, what was done, the outcome, the last sentence."""

    kind: str
    what: str
    outcome: str
    said: str


@dataclass
class Place:
    """A folder for runs; a run that nobody disturbed, its data and its seconds."""

    folder: Path
    rng: random.Random
    expected: dict[str, str]
    whole: Path | None = None
    seconds: float = 60.0
    target: str = HISTORY

    def fresh(self, name: str = "run") -> Path:
        """Return an empty folder to run in."""
        path = self.folder / name
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(parents=True)
        return path

    def copied(self, name: str = "run") -> Path:
        """Return a copy of the undisturbed run."""
        path = self.folder / name
        shutil.rmtree(path, ignore_errors=True)
        shutil.copytree(self.whole, path, symlinks=True)
        return path


# --- running ----------------------------------------------------------------------


def config_file(folder: Path, **changes: dict) -> Path:
    """Write the settings of a short run into ``folder``; ``changes`` by section."""
    config = yaml.safe_load((ROOT / "config/smoke.yaml").read_text())
    config["search"] |= {"generations_per_segment": 3, "segments": 2}
    # The figure of a history is drawn of the search that the config names.
    config["search"] |= {"algorithm": "swarm"}
    for section, values in changes.items():
        config[section] = config.get(section, {}) | values
    path = folder / "settings.yaml"
    path.write_text(yaml.safe_dump(config))
    return path


def start(
    folder: Path, *arguments: str, target: str = HISTORY, **environment: str
) -> subprocess.Popen:
    """Start the workflow in ``folder``, in a process group of its own."""
    settings = folder / "settings.yaml"
    if not settings.exists():
        config_file(folder)
    command = [sys.executable, "-m", "snakemake", target, *arguments]
    command += ["--cores", "1", "--snakefile", str(ROOT / "Snakefile")]
    command += ["--directory", str(folder), "--configfile", str(settings)]
    command += ["--workflow-profile", str(ROOT / "workflow/profiles/default")]
    library = {"PYTHONPATH": str(ROOT / "workflow")}
    return subprocess.Popen(
        command,
        env={**os.environ, **library, **environment},
        stdout=subprocess.DEVNULL,
        stderr=(folder.parent / f"{folder.name}.said").open("w"),
        start_new_session=True,
    )


def finish(process: subprocess.Popen, folder: Path) -> tuple[int, str]:
    """Wait for the workflow; return its status and what it said."""
    status = process.wait(timeout=1800)
    said = (folder.parent / f"{folder.name}.said").read_text(errors="replace")
    return status, said


def run(folder: Path, *arguments: str, **more: str) -> tuple[int, str]:
    """Run the workflow to its end."""
    return finish(start(folder, *arguments, **more), folder)


def jobs(folder: Path) -> list[int]:
    """Return the processes that run a script of ``folder``."""
    found = subprocess.run(
        ["pgrep", "-f", f"{folder}/.snakemake/scripts/"], capture_output=True, text=True
    )
    return [int(number) for number in found.stdout.split()]


def data_of(folder: Path) -> dict[str, str]:
    """Return the digest of the data of every result in ``folder``."""
    found = sorted((folder / RUN).rglob("*"))
    wanted = [p for p in found if p.suffix in (".nc", ".parquet") and p.is_file()]
    wanted = [p for p in wanted if ".state" not in p.parts]
    return {str(path.relative_to(folder)): _data(path) for path in wanted}


def _data(path: Path) -> str:
    """Return the digest of a file's data; of a history without its seconds."""
    if path.name != "history.parquet":
        return digests(path)[0]
    table = pd.read_parquet(path).drop(columns="seconds")
    return hashlib.sha256(table.to_json(double_precision=15).encode()).hexdigest()


# Lines that stand in every run, whatever happened.
_OF_SNAKEMAKE = ("Complete log", "Using workflow", "Exiting", "At least one job")
_OF_SNAKEMAKE += ("Rules claiming", "Assuming unrestricted", "Config file", "Logfile")
_OF_SNAKEMAKE += ("Removing output files", "A job was killed", "Reason:", "input:")


def sentence_of(said: str) -> str:
    """Return the last line of what was said that is a sentence of ours."""
    lines = [line.strip() for line in said.splitlines()]
    ends = [x for x in lines if x.endswith((".", "again")) and len(x.split()) > 5]
    ours = [line for line in ends if not line.startswith(_OF_SNAKEMAKE)]
    return ours[-1][:300] if ours else ""


def refused(said: str) -> str:
    """Return ``refused`` if what was said is a sentence and no crash."""
    crash = ("Traceback (most recent call last)", "SIGSEGV", "Segmentation", "SIGABRT")
    tidy = not any(word in said for word in crash) and sentence_of(said)
    return "refused" if tidy else "untidy"


def judged(place: Place, folder: Path, status: int, said: str) -> str:
    """Return the outcome of a run that should have come to its end."""
    if status:
        return refused(said)
    return "recovered" if data_of(folder) == place.expected else "wrong"


def kind(name: str, times: int) -> Callable:
    """Register a kind of fault with its usual number of tries."""

    def register(function: Callable) -> Callable:
        KINDS[name] = function
        function.times = times
        return function

    return register


# --- kills --------------------------------------------------------------------------


def _kill(process: subprocess.Popen, folder: Path, whom: str) -> bool:
    """Kill the driver, a job or the whole group; say if there was anything to kill."""
    if process.poll() is not None:
        return False
    if whom == "group":
        os.killpg(process.pid, 9)
    elif whom == "driver":
        process.kill()
    else:
        found = jobs(folder)
        if not found:
            return False
        os.kill(found[-1], 9)
    process.wait()
    return True


def _killed_runs(place: Place, whom: str, times: int) -> Iterator[Try]:
    """Kill runs at random moments, going on each time, until ``times`` were killed.

    The moments lie between the first job's start and a quarter of the run.
    """
    done = 0
    while done < times:
        folder, hits = place.fresh(), 0
        while True:
            process = start(folder, target=place.target)
            while not jobs(folder) and process.poll() is None:
                time.sleep(0.1)
            time.sleep(place.rng.uniform(0.0, place.seconds / 4))
            if done + hits < times and _kill(process, folder, whom):
                hits += 1
                continue
            status, said = finish(process, folder)
            break
        done += hits
        # What did not recover is no refusal: nothing was left to refuse.
        fine = judged(place, folder, status, said) == "recovered"
        what = f"SIGKILL on the way to {Path(place.target).name}"
        for _ in range(hits):
            outcome = "recovered" if fine else "wrong"
            yield Try(f"kill {whom}", what, outcome, sentence_of(said))


@kind("kill driver", 18)
def kill_driver(place: Place, times: int) -> Iterator[Try]:
    """SIGKILL of Snakemake alone: its job goes on without it."""
    return _killed_runs(place, "driver", times)


@kind("kill job", 18)
def kill_job(place: Place, times: int) -> Iterator[Try]:
    """SIGKILL of the job at work."""
    return _killed_runs(place, "job", times)


@kind("kill group", 18)
def kill_group(place: Place, times: int) -> Iterator[Try]:
    """SIGKILL of driver and jobs together."""
    return _killed_runs(place, "group", times)


# --- settings -----------------------------------------------------------------------

OTHER_SETTINGS = (
    ("plasticity", "eta", 0.5),
    ("input", "drive_target_hz", 6.0),
    ("search", "alpha", 0.7),
    ("task", "validation_trials", 8),
)
SEGMENT = f"{RUN}/search/seed0/segment_000.nc"


@kind("mixed settings", 8)
def mixed_settings(place: Place, times: int) -> Iterator[Try]:
    """Kill a search between generations, change a setting, give the same command.

    By turns the next segment is asked for by dates alone, and must be refused.
    """
    for number in range(times):
        section, key, value = OTHER_SETTINGS[number // 2 % len(OTHER_SETTINGS)]
        do = _go_on_with if number % 2 == 0 else _continue_by_dates
        yield do(place, section, key, value)


def _go_on_with(place: Place, section: str, key: str, value: object) -> Try:
    other = place.fresh("other")
    config_file(other, **{section: {key: value}})
    run(other, target=SEGMENT)
    folder = place.fresh()
    process = start(folder, target=SEGMENT)
    state = folder / RUN / "search/seed0/.state"
    while not list(state.glob("*.nc")) and process.poll() is None:
        time.sleep(0.05)
    caught = _kill(process, folder, "group")
    config_file(folder, **{section: {key: value}})
    status, said = run(folder, target=SEGMENT)
    if status:
        outcome = refused(said)
    else:
        same = digests(folder / SEGMENT)[0] == digests(other / SEGMENT)[0]
        outcome = "recovered" if same else "wrong"
    what = f"killed, then {section}.{key}" if caught else f"done, then {section}.{key}"
    return Try("mixed settings", what, outcome, sentence_of(said))


def _continue_by_dates(place: Place, section: str, key: str, value: object) -> Try:
    folder = place.copied()
    for path in (folder / RUN / "search/seed0").glob("segment_001.nc"):
        path.unlink()
    config_file(folder, **{section: {key: value}})
    target = f"{RUN}/search/seed0/segment_001.nc"
    status, said = run(folder, "--rerun-triggers", "mtime", target=target)
    outcome = refused(said) if status else "wrong"
    what = f"next segment by dates with another {section}.{key}"
    return Try("mixed settings", what, outcome, sentence_of(said))


# --- disks and places ---------------------------------------------------------------


def _mounted(folder: Path, size: str) -> bool:
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    return subprocess.run(command, capture_output=True).returncode == 0


def _remount(folder: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", str(folder)], check=True)


@kind("full disk", 8)
def full_disk(place: Place, times: int) -> Iterator[Try]:
    """Run in a small file system (root only); then enlarge it and run again."""
    for _ in range(times):
        folder, size_kb = place.fresh(), place.rng.randrange(200, 1600)
        if not _mounted(folder, f"{size_kb}k"):
            yield Try("full disk", "no file system can be mounted", "skipped", "")
            return
        try:
            status, said = run(folder)
            _remount(folder, "size=200m")
            outcome = judged(place, folder, status, said) if status else "recovered"
            if outcome == "refused":
                status, after = run(folder)
                again = judged(place, folder, status, after)
                outcome = outcome if again == "recovered" else "wrong"
        finally:
            subprocess.run(["umount", "-l", str(folder)])
        what = f"{size_kb} kB, then enough"
        yield Try("full disk", what, outcome, sentence_of(said))


def _a_file(folder: Path, name: str) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text("a file where a folder should be")


READ_ONLY = ("results", "logs", "benchmarks", f"{RUN}/network", "everything", "kernel")


@kind("read-only places", 6)
def read_only(place: Place, times: int) -> Iterator[Try]:
    """Places that cannot be written: files for folders, a read-only file system."""
    for number in range(times):
        name, folder = READ_ONLY[number % len(READ_ONLY)], place.fresh()
        config_file(folder)
        mounted = False
        environment = {}
        if name == "everything":
            mounted = _mounted(folder, "50m")
            config_file(folder)
            if not mounted:
                continue
            _remount(folder, "ro")
        elif name == "kernel":
            # Ours alone: without a cache of its own Snakemake does not start.
            _a_file(folder, "cache/evoplast")
            environment = {"XDG_CACHE_HOME": str(folder / "cache")}
        else:
            _a_file(folder, name)
        try:
            status, said = run(folder, **environment)
        finally:
            if mounted:
                subprocess.run(["umount", "-l", str(folder)])
        # Without a compiled kernel the reference computes other roundings, and says so.
        told = name == "kernel" and status == 0 and "Using the slower" in _logs(folder)
        outcome = "recovered" if told else judged(place, folder, status, said)
        yield Try("read-only places", name, outcome, sentence_of(said))


def _logs(folder: Path) -> str:
    return "".join(p.read_text(errors="replace") for p in folder.rglob("logs/**/*.log"))


@kind("two drivers", 4)
def two_drivers(place: Place, times: int) -> Iterator[Try]:
    """Two runs of the same command at once: one waits or is turned away."""
    for _ in range(times):
        folder = place.fresh()
        first = start(folder)
        while not jobs(folder) and first.poll() is None:
            time.sleep(0.1)
        time.sleep(place.rng.uniform(0.0, 5.0))
        second = subprocess.run(
            first.args,
            env={**os.environ, "PYTHONPATH": str(ROOT / "workflow")},
            capture_output=True,
            text=True,
        )
        status, said = finish(first, folder)
        outcome = judged(place, folder, status, said)
        turned_away = second.returncode != 0 and "cannot be locked" in second.stderr
        if outcome == "recovered" and turned_away:
            outcome = "refused"
        elif status:
            outcome = "wrong"
        what = "second run while the first is at work"
        yield Try("two drivers", what, outcome, sentence_of(second.stderr))


# --- damage -------------------------------------------------------------------------

# A file, and what is made from it anew after it was damaged.
DAMAGED = (
    (f"{RUN}/network/network.nc", f"{RUN}/stimuli/gratings.nc"),
    (
        f"{RUN}/search/seed0/networks/segment_000/network_000.nc",
        f"{RUN}/search/seed0/segment_000.nc",
    ),
    (f"{RUN}/stimuli/gratings.nc", f"{RUN}/search/seed0/segment_000.nc"),
    (f"{RUN}/stimuli/natural.nc", f"{RUN}/search/seed0/segment_000.nc"),
    (f"{RUN}/search/seed0/segment_000.nc", f"{RUN}/search/seed0/segment_001.nc"),
    (f"{RUN}/search/seed0/segment_001.nc", HISTORY),
    (f"{RUN}/search/seed0/.state/segment_001.seconds.json", HISTORY),
    (HISTORY, f"{RUN}/figures/search_history.png"),
    ("cache/kernel", f"{RUN}/search/seed0/segment_000.nc"),
)


def _damage(path: Path, how: str, rng: random.Random) -> str:
    """Change a file and keep its date; return what was done."""
    content, times = bytearray(path.read_bytes()), path.stat()
    position = rng.randrange(len(content))
    if how == "bit":
        content[position] ^= 1 << rng.randrange(8)
    elif how == "zeros":
        position -= position % 512
        end = min(position + 512, len(content))
        content[position:end] = bytes(end - position)
    else:
        del content[position:]
    path.write_bytes(content)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    return f"{how} at {position} of {path.name}"


@kind("damaged files", 54)
def damaged_files(place: Place, times: int) -> Iterator[Try]:
    """Bit flips, zero blocks and cuts in every kind of file, met through Snakemake."""
    for number in range(times):
        name, target = DAMAGED[number % len(DAMAGED)]
        how = ("bit", "zeros", "cut")[number // len(DAMAGED) % 3]
        yield _damaged_file(place, name, target, how)


def _damaged_file(place: Place, name: str, target: str, how: str) -> Try:
    folder, environment = place.copied(), {}
    victim = folder / name
    if name == "cache/kernel":
        environment = {"XDG_CACHE_HOME": str(folder / "cache")}
        shutil.copytree(kernels(), folder / "cache/evoplast")
        victim = used_kernel(environment)
    before = digests(folder / target)[0] if (folder / target).exists() else None
    what = _damage(victim, how, place.rng)
    (folder / target).unlink(missing_ok=True)
    status, said = run(
        folder, "--rerun-triggers", "mtime", target=target, **environment
    )
    outcome = refused(said) if status else "recovered"
    if not status and before is not None and digests(folder / target)[0] != before:
        outcome = "wrong"
    # What was read although it is damaged must hold the same data.
    if not status and victim.suffix in (".nc", ".parquet"):
        outcome = outcome if _same_data(victim, place.whole / name) else "wrong"
    return Try("damaged files", what, outcome, sentence_of(said))


def _same_data(path: Path, other: Path) -> bool:
    try:
        return digests(path)[0] == digests(other)[0]
    except Exception:
        return False


def used_kernel(environment: dict[str, str]) -> Path:
    """Return the compiled kernel that runs use, made if it is not there."""
    program = "from evoplast.simulator.kernels.build import built_library as built\n"
    command = [sys.executable, "-c", f"{program}print(built())"]
    library = {"PYTHONPATH": str(ROOT / "workflow")}
    found = subprocess.run(
        command,
        env={**os.environ, **library, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return Path(found.stdout.strip())


def kernels() -> Path:
    """Return the folder of the compiled kernels of this user."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "evoplast"


# --- the campaign -------------------------------------------------------------------


def prepared(folder: Path, seed: int, target: str = HISTORY) -> Place:
    """Run the workflow undisturbed and keep its data."""
    whole = folder / "whole"
    if not (whole / target).exists():
        shutil.rmtree(whole, ignore_errors=True)
        whole.mkdir(parents=True)
        status, said = run(whole, target=target)
        if status:
            raise SystemExit(f"The undisturbed run failed:\n{said}")
    said = (folder / "whole.said").read_text(errors="replace")
    hours, minutes, seconds = re.search(
        r"Elapsed time: (\d+):(\d+):(\S+)", said
    ).groups()
    took = int(hours) * 3600 + int(minutes) * 60 + float(seconds)
    return Place(folder, random.Random(seed), data_of(whole), whole, took, target)


def table(tries: list[Try]) -> str:
    """Return the counts as a table in Markdown."""
    outcomes = ("refused", "recovered", "untidy", "wrong", "skipped")
    lines = [
        f"| fault | tried | {' | '.join(outcomes[:4])} |",
        "|---|---|---|---|---|---|",
    ]
    for name in dict.fromkeys(each.kind for each in tries):
        own = [each.outcome for each in tries if each.kind == name]
        counts = [own.count(outcome) for outcome in outcomes]
        tried = len(own) - counts[4]
        lines.append(f"| {name} | {tried} | {' | '.join(map(str, counts[:4]))} |")
    return "\n".join(lines)


def recorded(path: Path) -> list[Try]:
    """Return the tries that a file holds."""
    if not path.exists():
        return []
    return [Try(**json.loads(line)) for line in path.read_text().splitlines()]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--record", type=Path, default=Path("faults.jsonl"))
    parser.add_argument("--only", choices=[*KINDS], action="append")
    parser.add_argument("--times", type=int, help="tries of each kind")
    parser.add_argument("--families", action="store_true", help="kill family searches")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder", type=Path, help="keep the runs here")
    parser.add_argument("--table", action="store_true", help="only print the table")
    return parser.parse_args()


def main() -> int:
    """Run the campaign or a part of it; return 1 if anything was wrong or untidy."""
    chosen = _arguments()
    if not chosen.table:
        folder = chosen.folder or Path(tempfile.mkdtemp(prefix="faults-"))
        target = FAMILIES if chosen.families else HISTORY
        place = prepared(folder.resolve(), chosen.seed, target)
        kills = [name for name in KINDS if name.startswith("kill")]
        for name in chosen.only or (kills if chosen.families else KINDS):
            times = chosen.times or KINDS[name].times
            for each in KINDS[name](place, times):
                with open(chosen.record, "a") as file:
                    file.write(json.dumps(asdict(each)) + "\n")
                print(each, flush=True)
    tries = recorded(chosen.record)
    print(table(tries))
    return int(any(each.outcome in ("wrong", "untidy") for each in tries))


if __name__ == "__main__":
    sys.exit(main())
