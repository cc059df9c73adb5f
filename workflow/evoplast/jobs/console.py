"""What a person sees while the workflow runs: one line for each stage.

In: the events of Snakemake's log, the logs of the jobs that run. Out: lines of at most
80 columns: when a stage begins, how far long jobs are, and what failed, why and where
its log is. Everything else stands in Snakemake's own log.
"""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

COLUMNS = 80
EVERY_S = 30.0
FEW = 6
"""A line for each job of a kind that has no more than these, else for the first."""
_PROGRESS = re.compile(r"^(?P<title>.+) (?P<done>\d+)/(?P<total>\d+): (?P<numbers>.*)$")
_NOTHING = "Nothing to be done"


@dataclass(frozen=True)
class _Job:
    rule: str
    message: str
    logs: tuple[str, ...]


class Console:
    """Turns events into lines on ``stream``; ``clock`` gives seconds."""

    def __init__(
        self, stream: TextIO, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._stream, self._clock, self._begin = stream, clock, clock()
        self._counts: dict[str, int] = {}
        self._begun: set[str] = set()
        self._running: dict[int, _Job] = {}
        self._told: dict[str, Sequence[str]] = {}
        self._steps = ""

    def handle(self, event: str | None, fields: Mapping, text: str, bad: bool) -> None:
        """Show one event; ``text`` is its message, ``bad``: a warning or an error."""
        known: dict[str, Callable[[Mapping], None]] = {
            "run_info": self._plan,
            "job_info": self._start,
            "job_finished": self._finish,
            "job_error": self._fail,
            "progress": self._count,
        }
        if event in known:
            known[event](fields)
        elif event is None and (bad or text.startswith(_NOTHING)):
            self._say(text.strip())

    def tick(self) -> None:
        """Say how far the running jobs are, where that has changed."""
        for job in list(self._running.values()):
            for path in job.logs:
                found = last_progress(path)
                if found and self._told.get(path) != found:
                    self._told[path] = found
                    for line in found:
                        self._say(f"  {line}")

    def _plan(self, fields: Mapping) -> None:
        stats = {k: v for k, v in fields.get("stats", {}).items() if k != "total"}
        if not self._counts:
            self._counts = stats
            self._say(f"{sum(stats.values())} jobs in {len(stats)} stages.")

    def _start(self, fields: Mapping) -> None:
        rule, message = fields["rule_name"], fields.get("rule_msg")
        logs = tuple(map(str, fields.get("log", ())))
        self._running[fields["jobid"]] = _Job(rule, message or rule, logs)
        n = self._counts.get(rule, 1)
        if not message or (rule in self._begun and n > FEW):
            return
        if not self._begun and logs:
            # logs/{run}/...
            self._say(f"What every job says: {Path(*Path(logs[0]).parts[:2])}")
        self._begun.add(rule)
        more = f" (the first of {n})" if n > FEW else ""
        self._say(f"{self._time()} {self._steps} {message}{more}")

    def _finish(self, fields: Mapping) -> None:
        self._running.pop(fields["job_id"], None)

    def _fail(self, fields: Mapping) -> None:
        job = self._running.pop(fields["jobid"], None)
        logs = job.logs if job else tuple(map(str, fields.get("log", ())))
        what = job.message if job else fields.get("rule_name", "a job")
        self._say(f"FAILED: {what}", whole=True)
        for path in logs:
            self._say(f"        {last_line(path)}", whole=True)
            self._say(f"        Its log: {path}", whole=True)

    def _count(self, fields: Mapping) -> None:
        self._steps = f"[{fields['done']}/{fields['total']}]"

    def _time(self) -> str:
        minutes, seconds = divmod(int(self._clock() - self._begin), 60)
        return f"{minutes:3d}:{seconds:02d}"

    def _say(self, line: str, whole: bool = False) -> None:
        if not whole and len(line) > COLUMNS:
            line = line[: COLUMNS - 1] + "…"
        print(line, file=self._stream, flush=True)


def last_line(path: str) -> str:
    """Return the last line that says something in a job's log, "" without a log."""
    lines = _lines(path)
    return lines[-1] if lines else ""


def last_progress(path: str) -> Sequence[str]:
    """Return how far the job of a log is, in lines; none if it does not say.

    The first has what matters (how far, the best so far, the control, the time left)
    and fits into 80 columns; a second has the rest.
    """
    for line in reversed(_lines(path)):
        found = _PROGRESS.match(line)
        if found:
            steps = f"{found['title']} {found['done']}/{found['total']}"
            first, more = _numbers(found["numbers"])
            lines = [", ".join([steps, *first]), "    " + ", ".join(more)]
            return lines if more else lines[:1]
    return []


def _lines(path: str) -> list[str]:
    try:
        text = Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return [line.strip() for line in text.splitlines() if line.strip()]


def _numbers(text: str) -> tuple[Sequence[str], Sequence[str]]:
    """Return what matters, and the rest."""
    values = dict(part.partition(" ")[::2] for part in text.split(", "))
    first, more = [], []
    for name in ("best_gain", "best_accuracy"):
        if name in values:
            error = values.get(f"{name}_se")
            sign = "+" if name == "best_gain" else ""
            best = f"best {float(values[name]):{sign}.3f}"
            first.append(best + (f" ± {float(error):.3f}" if error else ""))
    if "control" in values:
        first.append(f"control {float(values['control']):.3f}")
    if "left_s" in values:
        first.append(_left(float(values["left_s"])))
    if "families" in values:
        more.append(f"{values['families']} families")
    if "evaluations_per_s" in values:
        more.append(f"{float(values['evaluations_per_s']):.3g} evaluations/s")
    if "best" in values:
        more.append(values["best"].removeprefix("Δw = "))
    return first, more


def _left(seconds: float) -> str:
    return f"{seconds:.0f} s left" if seconds < 120 else f"{seconds / 60:.0f} min left"
