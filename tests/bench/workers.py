"""One process for each case, so that its memory is its own; they run in turns.

In: how to prepare a case. Out: repeats of its phases, peak memory, or the reason why
there is none. A worker does nothing until it is asked.
"""

import multiprocessing
import resource
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from evoplast.jobs.threads import limit_threads


@dataclass(frozen=True)
class Worker:
    """A process that waits to measure ``case``."""

    case: object
    process: multiprocessing.Process
    pipe: Connection


def start(prepare, problem, case) -> Worker:
    """Start a process that calls ``prepare(problem, case)``."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(
        target=_serve, args=(prepare, problem, case, theirs), daemon=True
    )
    process.start()
    theirs.close()
    return Worker(case, process, ours)


def answer(worker: Worker, request=None):
    """Return the answer to a request, or a RuntimeError of the worker."""
    try:
        if request is not None:
            worker.pipe.send(request)
        return worker.pipe.recv()
    except (EOFError, BrokenPipeError):
        return RuntimeError("the process ended; was memory short?")


def finish(worker: Worker) -> float | RuntimeError:
    """End a worker and return its peak memory, MiB."""
    peak_mib = answer(worker, "end")
    worker.process.join()
    return peak_mib


def peak_mib() -> float:
    """Return the peak resident memory of this process."""
    status = Path("/proc/self/status")
    if status.exists():
        # What getrusage says is at least what the parent had when it started this.
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) / 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def _serve(prepare, problem, case, pipe: Connection) -> None:
    limit_threads(case.threads)
    try:
        start = time.perf_counter()
        runs = prepare(problem, case)
        share = (time.perf_counter() - start) / len(runs)
        pipe.send({phase: share + _first(run) for phase, run in runs.items()})
        while (request := pipe.recv()) != "end":
            pipe.send(runs[request]())
        own_peak = getattr(runs, "peak_mib", peak_mib)
        pipe.send(own_peak())
    except Exception as error:  # whatever happens to a peer becomes one line
        pipe.send(RuntimeError(f"{type(error).__name__}: {error}"))


def _first(run) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start
