"""From rules to numbers: the one function that every study calls.

In: a world, genomes, a seed for the trial sequences, numbers of trials. Out:
:class:`Evaluation`. P candidates, k tasks, T scored trials, M cell types, N neurons.
All candidates see the same stimuli and the same noise.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from itertools import chain

import numpy as np

from evoplast import objectives as scores
from evoplast.artefacts.errors import UserError
from evoplast.evaluation import lanes as batched
from evoplast.evaluation.drives import (
    TEST,
    TRAINING,
    check_drives,
    make_drives,
    make_part_of_training,
    task_sequence,
)
from evoplast.evaluation.racing import Racing, Stopped, race
from evoplast.evaluation.schedule import in_batches
from evoplast.evaluation.world import World
from evoplast.rules import complexity, decode, validate_genomes
from evoplast.stimuli import Drive
from evoplast.task import decision_margin

_NOT_PER_CANDIDATE = ("change", "recordings")
_PER_TASK = (
    *("accuracy", "balanced_accuracy", "smoothed_accuracy", "d_prime", "auc"),
    *("hit_rate", "false_alarm_rate", "pool_rate_hz"),
)


@dataclass(frozen=True)
class Evaluation:
    """What P candidates did (NumPy).

    Attributes:
        objectives: (P, 6) all minimised, order ``OBJECTIVE_NAMES``.
        accuracy, balanced_accuracy, d_prime, auc: (P, k). ``auc`` is that of the
            pool rate, change against repeat.
        smoothed_accuracy: (P, k) from the distributions of the pool's rate on change
            and repeat trials, at the rule's threshold.
        hit_rate, false_alarm_rate: (P, k).
        pool_rate_hz: (P, k) mean of the pool in the response window.
        mean_rate_hz, max_rate_hz: (P,) over neurons, scored phase, tasks averaged.
        rate_by_type: (P, M) Hz.
        neuron_rate_hz: (P, N), tasks averaged.
        synchrony: (P,) fraction of 2 ms bins with more than 20 % of neurons active.
        fraction_at_bound: (P,) synapses that have reached their upper bound.
        fraction_changed: (P,) synapses changed by more than 10 %.
        relative_weight_change: (P,) sum of absolute changes over initial sum.
        flag: (P,) 0 ok, 1 silent, 2 non-finite, 3 runaway.
        n_scored: (P,) scored trials that a candidate ran, T unless it was stopped
            early. What could not be measured is NaN.
        change: (k, T) bool, the truth of the scored trials.
        recordings: by name, (P, k, ...).
    """

    objectives: np.ndarray
    accuracy: np.ndarray
    balanced_accuracy: np.ndarray
    d_prime: np.ndarray
    auc: np.ndarray
    smoothed_accuracy: np.ndarray
    hit_rate: np.ndarray
    false_alarm_rate: np.ndarray
    pool_rate_hz: np.ndarray
    mean_rate_hz: np.ndarray
    max_rate_hz: np.ndarray
    rate_by_type: np.ndarray
    neuron_rate_hz: np.ndarray
    synchrony: np.ndarray
    fraction_at_bound: np.ndarray
    fraction_changed: np.ndarray
    relative_weight_change: np.ndarray
    flag: np.ndarray
    n_scored: np.ndarray
    change: np.ndarray
    recordings: dict[str, np.ndarray]


def evaluate(
    world: World,
    genomes: np.ndarray,
    sequence_seed: int,
    n_training: int,
    n_scored: int,
    split: str = TRAINING,
    record: Sequence[str] = (),
    plastic_test: bool = False,
    drives: Sequence[Drive] | None = None,
    racing: Racing | None = None,
) -> Evaluation:
    """Train every candidate from the initial weights, then score it.

    Args:
        world: network, input, settings.
        genomes: (P, D).
        sequence_seed: fixes trial sequences and noise, for all candidates alike.
        n_training: plastic trials, 0 for none.
        n_scored: scored trials; one more runs before them.
        split: images of the scored trials, "training" or "test".
        record: names out of ``RECORDINGS``; their arrays are over scored trials.
        plastic_test: leave plasticity on in the scored phase.
        drives: ready drives of n_training + 1 + n_scored trials, one per task;
            they replace seed and split.
        racing: which candidates are stopped early; none if not given.

    Raises:
        UserError: a genome outside the rule space, too few trials, an unknown
            recording, a recording of candidates that are stopped early, or drives
            that do not fit.
    """
    genomes = _checked(world, genomes, n_training, n_scored, record)
    if racing is not None and record:
        raise UserError(
            f"The recording {min(record)!r} of candidates that are stopped early would "
            "have gaps; evaluate without racing."
        )
    if drives is None:
        drives = make_drives(world, sequence_seed, n_training, n_scored, split)
    check_drives(world, drives, n_training + 1 + n_scored)
    if racing is not None:
        return _raced(world, genomes, drives, n_training, plastic_test, racing)
    order = batched.alike_together(world, genomes)

    def work(chosen: slice, width: int) -> batched.Scored:
        lanes = batched.start(world, genomes[order[chosen]], width)
        lanes = batched.train(world, lanes, drives, n_training)
        return batched.score(world, lanes, drives, n_training, plastic_test, record)

    parts = in_batches(world, len(genomes), work)
    return _assembled(world, genomes, parts, order, _truth(drives, n_training))


def evaluate_stages(
    world: World,
    genomes: np.ndarray,
    sequence_seed: int,
    stages: Sequence[int],
    n_scored: int,
    split: str = TEST,
    record: Sequence[str] = (),
) -> list[Evaluation]:
    """Train in stages and score after each, plasticity off, without disturbing it.

    ``stages`` are cumulative numbers of training trials, ascending, e.g. (0, 60,
    120). All stages are scored on the same sequence.

    Raises:
        UserError: as ``evaluate``, or stages that do not ascend from 0 or more.
    """
    _check_stages(stages)
    genomes = _checked(world, genomes, stages[-1], n_scored, record)
    test = make_drives(world, sequence_seed, 0, n_scored, split)
    training = [
        task_sequence(
            world, task, sequence_seed, "training", max(stages[-1], 1), TRAINING
        )
        for task in world.task_names
    ]
    order = batched.alike_together(world, genomes)

    def work(chosen: slice, width: int) -> list[batched.Scored]:
        lanes, done, seen = batched.start(world, genomes[order[chosen]], width), 0, []
        for stage in stages:
            if stage > done:
                part = make_part_of_training(
                    world, sequence_seed, training, done, stage
                )
                lanes = batched.train(world, lanes, part, stage - done)
            done, own = stage, batched.copied(lanes)
            seen.append(batched.score(world, own, test, 0, False, record))
        return seen

    by_batch = in_batches(world, len(genomes), work)
    return [
        _assembled(world, genomes, parts, order, _truth(test, 0))
        for parts in zip(*by_batch, strict=True)
    ]


def _raced(
    world: World,
    genomes: np.ndarray,
    drives: Sequence[Drive],
    n_training: int,
    plastic_test: bool,
    racing: Racing,
) -> Evaluation:
    order = batched.alike_together(world, genomes)

    def work(chosen: slice, width: int) -> list[Stopped]:
        own = order[chosen]
        found = race(
            world, genomes[own], drives, n_training, plastic_test, racing, width
        )
        return [replace(stop, candidates=own[stop.candidates]) for stop in found]

    truth, by_trials = _truth(drives, n_training), defaultdict(list)
    for stop in chain.from_iterable(in_batches(world, len(genomes), work)):
        n_scored = 0 if stop.scored is None else stop.scored.decision.shape[2]
        by_trials[n_scored].append(stop)
    numbers, results = [], []
    for n_scored, stops in by_trials.items():
        numbers.append(np.concatenate([stop.candidates for stop in stops]))
        own, here = genomes[numbers[-1]], np.arange(len(numbers[-1]))
        if n_scored:
            parts = [stop.scored for stop in stops if stop.scored is not None]
            results.append(_assembled(world, own, parts, here, truth[:, :n_scored]))
        else:
            results.append(_unscored(world, own, stops))
    return _merged(results, np.argsort(np.concatenate(numbers)), truth)


def _merged(
    results: Sequence[Evaluation], place: np.ndarray, change: np.ndarray
) -> Evaluation:
    """Join the candidates of evaluations of different lengths, in order ``place``."""
    names = [f.name for f in fields(Evaluation) if f.name not in _NOT_PER_CANDIDATE]
    joined = {
        name: np.concatenate([getattr(result, name) for result in results])[place]
        for name in names
    }
    return Evaluation(**joined, change=change, recordings={})


def _unscored(
    world: World, genomes: np.ndarray, stops: Sequence[Stopped]
) -> Evaluation:
    """Return what is known of candidates that were stopped while they trained."""
    p, k, n = len(genomes), world.n_tasks, world.network.n_neurons
    finite = np.concatenate([stop.finite for stop in stops])
    peak = np.concatenate([stop.peak_rate_hz for stop in stops])
    flag = _flags(world, finite, peak, np.full((p, k, n), np.nan))
    weights = {
        name: np.concatenate([stop.weights[name] for stop in stops]).mean(axis=1)
        for name in stops[0].weights
    }
    by_task = {name: np.full((p, k), np.nan) for name in _PER_TASK}
    plain = ("mean_rate_hz", "max_rate_hz", "synchrony")
    return Evaluation(
        objectives=np.tile(scores.WORST_OBJECTIVES, (p, 1)),
        **by_task,
        **{name: np.full(p, np.nan) for name in plain},
        rate_by_type=np.full((p, world.network.n_types), np.nan),
        neuron_rate_hz=np.full((p, n), np.nan),
        **weights,
        flag=flag,
        n_scored=np.zeros(p, int),
        change=np.zeros((k, 0), bool),
        recordings={},
    )


def _check_stages(stages: Sequence[int]) -> None:
    ascending = all(a < b for a, b in zip(stages, stages[1:], strict=False))
    if not stages or stages[0] < 0 or not ascending:
        raise UserError(
            f"The stages are {tuple(stages)}; give ascending numbers of training "
            "trials, 0 or more."
        )


def _checked(
    world: World,
    genomes: np.ndarray,
    n_training: int,
    n_scored: int,
    record: Sequence[str],
) -> np.ndarray:
    genomes = np.asarray(genomes, np.float32)
    validate_genomes(world.rule_space, genomes)
    if len(genomes) < 1 or n_training < 0 or n_scored < 1:
        raise UserError(
            f"An evaluation of {len(genomes)} candidates with {n_training} training "
            f"and {n_scored} scored trials is impossible; give at least one "
            "candidate and one scored trial."
        )
    unknown = set(record) - set(batched.RECORDINGS)
    if unknown:
        raise UserError(
            f"The recording {min(unknown)!r} is unknown; choose from "
            f"{', '.join(batched.RECORDINGS)}."
        )
    return genomes


def _truth(drives: Sequence[Drive], n_training: int) -> np.ndarray:
    return np.stack([np.asarray(d.change[n_training + 1 :], bool) for d in drives])


def _flags(
    world: World,
    finite: np.ndarray,
    peak_rate_hz: np.ndarray,
    rates_hz: np.ndarray,
) -> np.ndarray:
    """Return the flag of each candidate (P,) int8; any task can raise it."""
    runaway = (peak_rate_hz > world.settings.plasticity.runaway_rate_hz).any(axis=1)
    silent = (rates_hz.sum(axis=2) == 0).any(axis=1)
    flag = np.where(silent, scores.SILENT, scores.OK)
    flag = np.where(runaway, scores.RUNAWAY, flag)
    return np.where(finite.all(axis=1), flag, scores.NON_FINITE).astype(np.int8)


def _assembled(
    world: World,
    genomes: np.ndarray,
    parts: Sequence[batched.Scored],
    order: np.ndarray,
    change: np.ndarray,
) -> Evaluation:
    place = np.argsort(order)

    def joined(name: str) -> np.ndarray:
        return np.concatenate([getattr(part, name) for part in parts])[place]

    def joined_in(group: str, name: str) -> np.ndarray:
        return np.concatenate([getattr(part, group)[name] for part in parts])[place]

    by_task, pool = joined("neuron_rate_hz"), joined("pool_rate_hz")
    flag = _flags(world, joined("finite"), joined("peak_rate_hz"), by_task)
    rates, synchrony = by_task.mean(axis=1), joined("synchrony").mean(axis=1)
    # Time first, as the scores expect it: (T, P, k).
    decision = np.moveaxis(joined("decision"), -1, 0)
    truth = np.broadcast_to(change.T[:, None, :], decision.shape)
    accuracy = scores.accuracy(decision, truth)
    hits, false_alarms = scores.hit_and_false_alarm_rates(decision, truth)
    parameters, rate_hz = decode(world.rule_space, genomes), np.moveaxis(pool, -1, 0)
    margin = decision_margin(world.settings.task, parameters.phi[:, None], rate_hz)
    cross = accuracy.mean(axis=1)
    return Evaluation(
        objectives=scores.objectives(
            cross, complexity(parameters.gates), rates, synchrony, flag, world.mouse
        ),
        accuracy=accuracy,
        balanced_accuracy=scores.balanced_accuracy(decision, truth),
        d_prime=scores.d_prime(decision, truth),
        auc=scores.auc(rate_hz, truth),
        smoothed_accuracy=scores.smoothed_accuracy(margin, truth),
        hit_rate=hits,
        false_alarm_rate=false_alarms,
        pool_rate_hz=pool.mean(axis=-1),
        mean_rate_hz=rates.mean(axis=1),
        max_rate_hz=rates.max(axis=1),
        rate_by_type=_by_type(world, rates),
        neuron_rate_hz=rates,
        synchrony=synchrony,
        flag=flag,
        n_scored=np.full(len(genomes), change.shape[1]),
        change=change,
        recordings={
            name: joined_in("recordings", name) for name in parts[0].recordings
        },
        **{name: joined_in("weights", name).mean(axis=1) for name in parts[0].weights},
    )


def _by_type(world: World, rates_hz: np.ndarray) -> np.ndarray:
    kind, m = world.network.cells.cell_type, world.network.n_types
    count = np.maximum(np.bincount(kind, minlength=m), 1)
    # Row by row: a product of matrices rounds as the number of its rows decides.
    sums = [np.bincount(kind, weights=row, minlength=m) for row in rates_hz]
    return np.stack(sums) / count
