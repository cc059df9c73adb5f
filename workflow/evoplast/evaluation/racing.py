"""Candidates that are stopped early because their verdict is known.

In: a world, genomes, drives, what is hopeless. Out: what each candidate showed until
it was stopped. Every candidate is looked at after the same numbers of trials and
judged by its own lanes alone, so verdicts do not depend on how candidates are split.
The lanes of those that go on are packed into batches of the same size: fewer batches,
the same compiled program.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import jax
import jax.numpy as jnp
import numpy as np

from evoplast.artefacts.errors import UserError
from evoplast.evaluation import lanes as batched
from evoplast.evaluation.lanes import Lanes, Scored
from evoplast.evaluation.sharding import lane_unit
from evoplast.evaluation.world import World
from evoplast.stimuli import Drive
from evoplast.task import TrialRecord

_BATCHES_ON_ACCELERATOR = 8
_DONE = -1
_BY_NAME = ("weights", "recordings")


@dataclass(frozen=True)
class Racing:
    """When a candidate is stopped.

    Attributes:
        check_every: trials between two looks. Candidates that ran away or are not
            finite are stopped at the next look: their objectives are the worst ones
            whatever follows. So are those that were silent in the scored phase so
            far.
        needed_accuracy: mean accuracy of the tasks below which a candidate does not
            matter; None if every accuracy does.
        confidence: a candidate is stopped if its accuracy would have to rise by more
            than this many standard errors in the trials that are left.

    Raises:
        UserError: fewer than one trial between looks, or a negative confidence.
    """

    check_every: int = 20
    needed_accuracy: float | None = None
    confidence: float = 3.0

    def __post_init__(self) -> None:
        if self.check_every < 1 or not self.confidence >= 0:
            raise UserError(
                f"Racing with a look every {self.check_every} trials at a confidence "
                f"of {self.confidence} s.e. is impossible; use at least 1 trial and 0."
            )


@dataclass(frozen=True)
class Stopped:
    """Candidates that ended at the same look.

    Attributes:
        candidates: (p,) their places in the genomes given.
        peak_rate_hz, finite: (p, k), see ``Scored``.
        weights: summary of the weights, each (p, k).
        scored: of the scored trials they ran; None if they did not get there.
    """

    candidates: np.ndarray
    peak_rate_hz: np.ndarray
    finite: np.ndarray
    weights: dict[str, np.ndarray]
    scored: Scored | None


@dataclass(frozen=True)
class _Runner:
    """A batch: its lanes, its records of the scored phase, who sits in it."""

    lanes: Lanes
    records: tuple[TrialRecord, ...]
    candidates: np.ndarray


def highest_accuracy(accuracy: np.ndarray, seen: int, total: int, confidence: float):
    """Return the accuracy after ``total`` trials that is still to be expected.

    The accuracies after n and after N trials differ by at most sqrt(1/n - 1/N) / 2
    standard deviations of a coin's, that is for independent trials.
    """
    spread = 0.5 * np.sqrt(max(1.0 / seen - 1.0 / total, 0.0))
    return accuracy + confidence * spread


def race(
    world: World,
    genomes: np.ndarray,
    drives: Sequence[Drive],
    n_training: int,
    plastic_test: bool,
    racing: Racing,
    width: int,
) -> list[Stopped]:
    """Run genomes (p, D), all in memory at once, until each is stopped or done.

    ``width`` candidates fit into memory; ``n_training`` trials of the drives are
    training.
    """
    per_batch = _batch_width(world, width)
    runners = _first_runners(world, genomes, per_batch)
    truth = np.stack([d.change[n_training + 1 :] for d in drives])
    n_trials = len(drives[0].change)
    stopped = []
    for trials in _looks(n_training, n_trials, racing.check_every):
        plastic = plastic_test or trials.start < n_training
        runners = [
            _advanced(world, runner, drives, trials, plastic, n_training)
            for runner in runners
        ]
        last = trials.stop == n_trials
        looked = [_look(world, r, truth, racing, last) for r in runners]
        stopped += [found for found, _ in looked if len(found.candidates)]
        runners = _packed(world, [runner for _, runner in looked], per_batch)
        if not runners:
            break
    return stopped


def _batch_width(world: World, width: int) -> int:
    """Return the candidates of a batch, of which ``width`` fit into memory together.

    Small batches are packed well; a processor needs one tile of lanes per thread, an
    accelerator as many lanes as possible.
    """
    unit = lane_unit(world.n_tasks)
    tiles = width * world.n_tasks // unit
    if jax.default_backend() == "cpu":
        cores = os.cpu_count() or 1
        wanted = max(int(os.environ.get("NPROC", cores)), jax.local_device_count())
    else:
        devices = jax.local_device_count()
        wanted = max(tiles // (_BATCHES_ON_ACCELERATOR * devices), 1) * devices
    return min(wanted, tiles) * unit // world.n_tasks or width


def _first_runners(world: World, genomes: np.ndarray, width: int) -> list[_Runner]:
    number = np.arange(len(genomes))
    parts = [number[i : i + width] for i in range(0, len(genomes), width)]
    return [
        _Runner(batched.start(world, genomes[part], width), (), part) for part in parts
    ]


def _looks(n_training: int, n_trials: int, every: int) -> Iterator[range]:
    """Yield the trials between looks; the first scored trial comes on top."""
    for start in range(0, n_training, every):
        yield range(start, min(start + every, n_training))
    ends = [*range(n_training + 1 + every, n_trials, every), n_trials]
    starts = [n_training, *ends[:-1]]
    yield from map(range, starts, ends)


def _advanced(
    world: World,
    runner: _Runner,
    drives: Sequence[Drive],
    trials: range,
    plastic: bool,
    n_training: int,
) -> _Runner:
    scored = trials.start >= n_training
    lanes, new = batched.advance(world, runner.lanes, drives, trials, plastic, scored)
    records = (*runner.records, *new) if scored else ()
    return replace(runner, lanes=lanes, records=records)


def _look(
    world: World, runner: _Runner, truth: np.ndarray, racing: Racing, last: bool
) -> tuple[Stopped, _Runner]:
    """Return those that end here, and the batch with their places marked."""
    lanes, scored = runner.lanes, None
    if runner.records:
        scored = batched.summary(world, lanes, runner.records)
        finite, weights = scored.finite, scored.weights
    else:
        finite, weights = batched.condition(world, lanes)
    peak = batched.by_candidate(world, lanes, lanes.peak_rate_hz)
    ends = ~finite.all(axis=1)
    ends |= (peak > world.settings.plasticity.runaway_rate_hz).any(axis=1)
    if scored is not None:
        ends |= last | _is_lost(scored, truth, racing)
    ends &= runner.candidates != _DONE
    found = Stopped(
        runner.candidates[ends],
        peak[ends],
        finite[ends],
        {name: values[ends] for name, values in weights.items()},
        None if scored is None else _rows(scored, ends),
    )
    candidates = np.where(ends, _DONE, runner.candidates)
    return found, replace(runner, candidates=candidates)


def _is_lost(scored: Scored, truth: np.ndarray, racing: Racing) -> np.ndarray:
    """Return who is silent so far, or cannot reach the accuracy needed; (p,)."""
    silent = (scored.neuron_rate_hz.sum(axis=2) == 0).any(axis=1)
    if racing.needed_accuracy is None:
        return silent
    seen = scored.decision.shape[2]
    accuracy = (scored.decision == truth[:, :seen]).mean(axis=(1, 2))
    highest = highest_accuracy(
        accuracy, seen * len(truth), truth.size, racing.confidence
    )
    return silent | (highest < racing.needed_accuracy)


def _rows(scored: Scored, chosen: np.ndarray) -> Scored:
    arrays = {k: v[chosen] for k, v in vars(scored).items() if k not in _BY_NAME}
    weights = {name: values[chosen] for name, values in scored.weights.items()}
    return Scored(**arrays, weights=weights, recordings={})


def _packed(world: World, runners: list[_Runner], width: int) -> list[_Runner]:
    """Return the candidates that go on in as few batches as possible."""
    going = [np.flatnonzero(runner.candidates != _DONE) for runner in runners]
    total = sum(map(len, going))
    if -(-total // width) == len(runners):
        return runners
    if not total:
        return []
    n_tasks = world.n_tasks
    columns = [(g[:, None] * n_tasks + np.arange(n_tasks)).ravel() for g in going]
    candidates = np.concatenate(
        [runner.candidates[g] for runner, g in zip(runners, going, strict=True)]
    )

    def joined(*leaves: jax.Array) -> np.ndarray:
        if not np.ndim(leaves[0]):
            return np.asarray(leaves[0])
        parts = zip(leaves, columns, strict=True)
        return np.concatenate([np.asarray(leaf)[..., c] for leaf, c in parts], axis=-1)

    trees = [
        (r.lanes.rules, r.lanes.state, r.lanes.peak_rate_hz, r.records) for r in runners
    ]
    together = jax.tree.map(joined, *trees)
    return [
        _part(world, together, candidates, slice(start, start + width), width)
        for start in range(0, total, width)
    ]


def _part(
    world: World, tree: tuple, candidates: np.ndarray, part: slice, width: int
) -> _Runner:
    """Return a batch of ``width`` with some of the candidates; the first fills up."""
    n_tasks, chosen = world.n_tasks, candidates[part]
    first = np.arange(part.start, part.start + len(chosen))
    places = np.concatenate([first, np.repeat(first[:1], width - len(chosen))])
    columns = (places[:, None] * n_tasks + np.arange(n_tasks)).ravel()
    rules, state, peak, records = jax.tree.map(
        lambda leaf: leaf[..., columns] if np.ndim(leaf) else leaf, tree
    )
    lanes = Lanes(
        rules=jax.tree.map(jnp.asarray, rules),
        state=jax.tree.map(jnp.asarray, state),
        peak_rate_hz=peak,
        n_candidates=len(chosen),
    )
    return _Runner(lanes, records, chosen)
