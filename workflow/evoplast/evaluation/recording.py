"""Recordings: what a network does and how its weights move, rule by rule.

In: a world, genomes, a seed, when to look. Out: :class:`Trained`, the weights at each
look and how often plasticity met its limits, and every spike of the test afterwards. P
rules, k tasks, N neurons, E edges, J looks, T trials.

All rules see the same sequences. The test has a drive of its own, so that the same
trained networks can be tested with another input, the same images and the same noise.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from evoplast.artefacts.errors import UserError
from evoplast.evaluation import lanes as batched
from evoplast.evaluation.drives import (
    TRAINING,
    make_drives,
    make_part_of_training,
    task_sequence,
)
from evoplast.evaluation.lanes import Lanes
from evoplast.evaluation.schedule import in_batches
from evoplast.evaluation.world import World
from evoplast.rules import validate_genomes
from evoplast.simulator import (
    HISTORY_STEPS,
    counting_kernel,
    counting_state,
    limits_of,
    record_steps,
    with_long_history,
    with_long_past,
)
from evoplast.stimuli import Drive

TEST = "test"


@dataclass(frozen=True)
class Raster:
    """Every spike of one rule on one task in T trials; arrays (n_spikes,).

    Ordered by trial, time in the trial, neuron; ``ms`` counts from the trial's start.
    """

    trial: np.ndarray
    ms: np.ndarray
    neuron: np.ndarray


@dataclass(frozen=True)
class Trained:
    """What P rules did on one network.

    Attributes:
        looks: (J,) training trials done at each look.
        weights: (J, P, k, E) strengths in pA, in the order of the network's edges.
        limits: (J, P, k, 3) synapse steps in the trial after each look in which a
            strength changed, changed as much as the cap allows, stood at its bound.
        rasters: one entry per test, ``[rule][task]``.
        stimulus, change: (k, T) of the test's trials.
    """

    looks: np.ndarray
    weights: np.ndarray
    limits: np.ndarray
    rasters: tuple[list[list[Raster]], ...]
    stimulus: np.ndarray
    change: np.ndarray


@dataclass(frozen=True)
class _Part:
    weights: np.ndarray
    limits: np.ndarray
    rasters: tuple[list[list[Raster]], ...]


def record(
    world: World,
    genomes: np.ndarray,
    seed: int,
    looks: Sequence[int],
    n_tested: int,
    tests: Sequence[World],
) -> Trained:
    """Train rules on ``world`` and record their test in each of ``tests``.

    Args:
        world: network, input and settings of the training.
        genomes: (P, D).
        seed: fixes sequences and noise, for all rules and tests alike.
        looks: ascending numbers of training trials, from 0 to their total.
        n_tested: trials of each test; one more, not recorded, comes before them.
        tests: worlds of the same network; only their input may differ.

    Raises:
        UserError: a genome outside the rule space, looks that do not ascend from 0, or
            no trial to test.
    """
    genomes = np.asarray(genomes, np.float32)
    validate_genomes(world.rule_space, genomes)
    _check(looks, n_tested)
    training = _training_drives(world, seed, looks[-1])
    drives = [make_drives(test, seed, 0, n_tested, TEST) for test in tests]
    order = batched.alike_together(world, genomes)

    def work(chosen: slice, width: int) -> _Part:
        lanes = batched.start(world, genomes[order[chosen]], width)
        lanes, weights, limits = _followed(world, lanes, training, looks)
        rasters = tuple(_tested(world, lanes, drive) for drive in drives)
        return _Part(weights, limits, rasters)

    parts, place = in_batches(world, len(genomes), work), np.argsort(order)
    stimulus, change = (
        np.stack([getattr(drive, name)[1:] for drive in drives[0]])
        for name in ("stimulus", "change")
    )
    return Trained(
        looks=np.asarray(looks),
        weights=np.concatenate([p.weights for p in parts], axis=1)[:, place],
        limits=np.concatenate([p.limits for p in parts], axis=1)[:, place],
        rasters=tuple(_in_order(parts, place, index) for index, _ in enumerate(drives)),
        stimulus=stimulus,
        change=change,
    )


def _in_order(parts: Sequence[_Part], place: np.ndarray, test: int) -> list:
    joined = [rule for part in parts for rule in part.rasters[test]]
    return [joined[k] for k in place]


def _check(looks: Sequence[int], n_tested: int) -> None:
    ascending = all(a < b for a, b in zip(looks, looks[1:], strict=False))
    if not looks or looks[0] != 0 or not ascending or n_tested < 1:
        raise UserError(
            f"A recording with looks after {tuple(looks)} training trials and "
            f"{n_tested} tested trials is impossible; give looks that ascend from 0 "
            "and at least one trial."
        )


def _training_drives(world: World, seed: int, n_trials: int) -> tuple[Drive, ...]:
    """Return drives of one trial more than there are, for the look after the last."""
    sequences = [
        task_sequence(world, task, seed, "training", n_trials + 1, TRAINING)
        for task in world.task_names
    ]
    return make_part_of_training(world, seed, sequences, 0, n_trials + 1)


def _followed(
    world: World, lanes: Lanes, drives: Sequence[Drive], looks: Sequence[int]
) -> tuple[Lanes, np.ndarray, np.ndarray]:
    """Train lanes from look to look; return them, weights and limits (J, p, k, ...)."""
    weights, limits, done = [], [], 0
    for look in looks:
        lanes, _ = batched.advance(world, lanes, drives, range(done, look), True, False)
        weights.append(batched.weights_of(world, lanes))
        limits.append(_limits(world, batched.copied(lanes), drives, look))
        done = look
    return lanes, np.stack(weights), np.stack(limits)


def _limits(
    world: World, lanes: Lanes, drives: Sequence[Drive], trial: int
) -> np.ndarray:
    """Return the counts (p, k, 3) of one plastic trial; use up ``lanes``."""
    counting = replace(world, kernel=counting_kernel(world.kernel))
    simulation = counting_state(lanes.state.simulation)
    lanes = replace(lanes, state=replace(lanes.state, simulation=simulation))
    trials = range(trial, trial + 1)
    lanes, _ = batched.advance(counting, lanes, drives, trials, True, False)
    return batched.by_candidate(world, lanes, limits_of(lanes.state.simulation))


def _tested(world: World, lanes: Lanes, drives: Sequence[Drive]) -> list[list[Raster]]:
    """Return the spikes in all trials but the first, ``[rule][task]``."""
    model = with_long_history(world.model, HISTORY_STEPS)
    state = with_long_past(batched.copied(lanes).state.simulation, HISTORY_STEPS)
    n_trials, parts = len(drives[0].change), []
    for number in range(n_trials):
        current = np.stack([drive.current_pA[number] for drive in drives], axis=-1)
        state, spikes = record_steps(model, lanes.rules, state, current, world.kernel)
        if number:
            parts.append(_places(spikes, number - 1))
    columns = map(np.concatenate, zip(*parts, strict=True))
    trial, ms, neuron, lane = columns
    k = world.n_tasks
    return [
        [
            Raster(*(column[lane == rule * k + task] for column in (trial, ms, neuron)))
            for task in range(k)
        ]
        for rule in range(lanes.n_candidates)
    ]


def _places(spikes: np.ndarray, trial: int) -> tuple[np.ndarray, ...]:
    ms, neuron, lane = np.nonzero(spikes)
    return np.full(len(ms), trial), ms, neuron, lane
