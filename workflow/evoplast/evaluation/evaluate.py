"""From rules to numbers: the one function that every study calls.

In: a world, genomes, a seed for the trial sequences, numbers of trials. Out:
:class:`Evaluation`. P candidates, k tasks, T scored trials, M cell types, N neurons.
All candidates see the same stimuli and the same noise.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import fields, replace
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
from evoplast.evaluation.result import (
    NOT_PER_CANDIDATE,
    PER_TASK,
    Evaluation,
    assembled,
    flags_of,
)
from evoplast.evaluation.schedule import in_batches
from evoplast.evaluation.world import World
from evoplast.rules import validate_genomes
from evoplast.stimuli import Drive


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
    return assembled(world, genomes, parts, order, _truth(drives, n_training))


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
        assembled(world, genomes, parts, order, _truth(test, 0))
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
            results.append(assembled(world, own, parts, here, truth[:, :n_scored]))
        else:
            results.append(_unscored(world, own, stops))
    return _merged(results, np.argsort(np.concatenate(numbers)), truth)


def _merged(
    results: Sequence[Evaluation], place: np.ndarray, change: np.ndarray
) -> Evaluation:
    """Join the candidates of evaluations of different lengths, in order ``place``."""
    names = [f.name for f in fields(Evaluation) if f.name not in NOT_PER_CANDIDATE]
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
    flag = flags_of(world, finite, peak, np.full((p, k, n), np.nan))
    weights = {
        name: np.concatenate([stop.weights[name] for stop in stops]).mean(axis=1)
        for name in stops[0].weights
    }
    by_task = {name: np.full((p, k), np.nan) for name in PER_TASK}
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
