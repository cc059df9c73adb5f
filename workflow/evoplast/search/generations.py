"""Run some generations of a search from a state, safely against interruption.

In: a task, the state before (or none), a number of generations. Out: the state
after them, with the history. After every generation the state is saved; a run that
is killed goes on from there and ends with the same bytes.
"""

import json
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import xarray as xr

from evoplast.artefacts.errors import UserError
from evoplast.artefacts.netcdf import read_dataset, write_dataset
from evoplast.artefacts.seeds import jax_key
from evoplast.evox_compat import State, StdWorkflow
from evoplast.search.history import generation_row, history_rows
from evoplast.search.problem import ControlledProblem
from evoplast.search.state import dataset_to_state, state_digest, state_to_dataset
from evoplast.search.swarm import NoisySwarm
from evoplast.search.task import SearchTask

# Exit status of a process ended by SIGTERM.
SIGTERM_STATUS = 128 + signal.SIGTERM


@dataclass(frozen=True)
class SegmentResult:
    """State after a segment, and the seconds of its generations by number."""

    state: xr.Dataset
    seconds: dict[int, float]


def run_generations(
    task: SearchTask,
    previous: xr.Dataset | None,
    n_generations: int,
    autosave_folder: str | Path | None = None,
    on_generation: Callable[[dict], None] | None = None,
    own_inputs: str = "",
) -> SegmentResult:
    """Run ``n_generations`` from ``previous``; None starts the search.

    With ``autosave_folder`` the state is saved there after every generation, and a
    state found there that belongs to the same start and ``own_inputs`` (what these
    generations alone depend on) is continued. ``on_generation`` gets every new row of
    the history, with ``seconds``.

    Raises:
        UserError: ``previous`` was made with other settings, or no candidate of a
            generation has finite objectives (the last saved state stays).
        SystemExit: SIGTERM; what was saved stays.
    """
    workflow, algorithm = _workflow(task)
    start = 0 if previous is None else previous.sizes["generation"]
    save = _Autosave(autosave_folder, state_digest(task, previous, own_inputs))
    dataset, seconds = save.load(start + n_generations) or (previous, {})
    state = workflow.init(jax_key(task.root_seed, "search", task.search_seed))
    rows: list[dict] = []
    if dataset is not None:
        state, rows = dataset_to_state(task, state, dataset), history_rows(dataset)
    with exit_on_sigterm():
        while len(rows) < start + n_generations:
            begin = time.monotonic()
            state = workflow.step(state)
            rows.append(_row(task, algorithm, state, rows))
            seconds[rows[-1]["generation"]] = time.monotonic() - begin
            dataset = state_to_dataset(task, state, rows, dataset)
            save.write(dataset, seconds)
            if on_generation:
                on_generation({**rows[-1], "seconds": time.monotonic() - begin})
    if dataset is None:
        raise ValueError("no generation was run and there is no state before")
    return SegmentResult(dataset, seconds)


def _workflow(task: SearchTask) -> tuple[StdWorkflow, NoisySwarm]:
    algorithm = NoisySwarm(
        task.lower,
        task.upper,
        len(task.objective_names),
        task.settings,
        task.binary,
        task.initial,
        task.steps,
    )
    problem = ControlledProblem(
        task.measure, task.controls, task.corrected, task.flag_names
    )
    # The measurement runs on the host, so the step as a whole cannot be traced.
    return StdWorkflow(algorithm, problem, jit_step=False), algorithm


def _row(
    task: SearchTask, algorithm: NoisySwarm, state: State, rows: list[dict]
) -> dict:
    return generation_row(
        task,
        algorithm,
        state.get_child_state("algorithm"),
        state.get_child_state("problem"),
        rows[-1]["evaluations"] if rows else 0,
    )


class _Autosave:
    """The last finished generation of one segment, in a file of its own."""

    def __init__(self, folder: str | Path | None, digest: str) -> None:
        self._path = Path(folder) / f"{digest}.nc" if folder else None

    def load(self, end: int) -> tuple[xr.Dataset, dict[int, float]] | None:
        """Return state and seconds, or None: nothing usable, or beyond ``end``."""
        if self._path is None or not self._path.exists():
            return None
        try:
            dataset = read_dataset(self._path)
        except UserError:
            return None
        if dataset.sizes["generation"] > end:
            return None
        stored = json.loads(dataset.attrs.pop("seconds"))
        dataset.attrs.pop("provenance")
        return dataset, {int(name): value for name, value in stored.items()}

    def write(self, dataset: xr.Dataset, seconds: dict[int, float]) -> None:
        """Replace the saved state; atomic, so a kill leaves the old or the new."""
        if self._path is not None:
            marked = dataset.assign_attrs(seconds=json.dumps(seconds))
            write_dataset(self._path, marked, {})


def discard_autosaves(folder: str | Path, stem: str = "*") -> None:
    """Remove the saved states in ``folder``, once the segment itself is written.

    Also what a process that was killed in the middle of writing left behind. ``stem``
    names the one state to remove where jobs share the folder.
    """
    for pattern in (f"{stem}.nc", f".{stem}.*.part"):
        for path in Path(folder).glob(pattern):
            path.unlink()


@contextmanager
def exit_on_sigterm() -> Iterator[None]:
    """Turn SIGTERM into an orderly exit with a status that is not zero."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def leave(number: int, frame: FrameType | None) -> None:
        raise SystemExit(SIGTERM_STATUS)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
