"""What an evaluation found, joined from its batches.

In: what lanes scored. Out: :class:`Evaluation`, candidate by candidate.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evoplast import objectives as scores
from evoplast.evaluation import lanes as batched
from evoplast.evaluation.world import World
from evoplast.rules import complexity, decode
from evoplast.task import decision_margin

NOT_PER_CANDIDATE = ("change", "recordings")
PER_TASK = (
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


def flags_of(
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


def assembled(
    world: World,
    genomes: np.ndarray,
    parts: Sequence[batched.Scored],
    order: np.ndarray,
    change: np.ndarray,
) -> Evaluation:
    """Join what all batches scored; ``order`` is that in which candidates ran."""
    place = np.argsort(order)

    def joined(name: str) -> np.ndarray:
        return np.concatenate([getattr(part, name) for part in parts])[place]

    def joined_in(group: str, name: str) -> np.ndarray:
        return np.concatenate([getattr(part, group)[name] for part in parts])[place]

    by_task, pool = joined("neuron_rate_hz"), joined("pool_rate_hz")
    flag = flags_of(world, joined("finite"), joined("peak_rate_hz"), by_task)
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
