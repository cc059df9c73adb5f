"""What stopping candidates early saves, and whether it changes what is selected.

In: a world, settings, a seed. Out: a table with one row per policy. Random rules are
evaluated in full, again on another sequence, and with racing on the first sequence.
The second evaluation gives the accuracy that the best need, as earlier generations
would, and says how far two selections differ by chance alone.

:func:`expected_table` says without a simulation what can be expected, from the table
of random rules of a run (``python tests/bench/racing.py RULES``). Whatever order the
trials of a rule come in, it has as many correct ones; orders are drawn and raced.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

from evoplast.artefacts.progress import Progress
from evoplast.artefacts.seeds import jax_key, named_seed, numpy_rng
from evoplast.configuration.sections.studies import RacingSection
from evoplast.evaluation import (
    Evaluation,
    Racing,
    World,
    evaluate,
    highest_accuracy,
)
from evoplast.objectives import OK
from evoplast.rules import random_genomes

FULL, AGAIN, FLAGS, NEEDED = "full", "other sequence", "flags", "needed accuracy"


@dataclass(frozen=True)
class RacingStudySettings(RacingSection):
    """How many random rules, how many of them are selected, how they race.

    rules; keep: the best by accuracy; check_every: trials between two looks;
    confidences: s.e. below the needed accuracy at which a candidate is stopped.

    Raises:
        UserError: more rules are to be kept than there are.
    """

    SECTIONS: ClassVar[tuple[str, ...]] = ("search", "task")

    initial_gate_probability: float
    training_trials: int
    validation_trials: int


def racing_study(
    world: World,
    settings: RacingStudySettings,
    seed: int,
    clock: Callable[[], float] = time.process_time,
    log_path: str | None = None,
) -> pd.DataFrame:
    """Return one row per policy; see ``compared`` for the columns.

    ``seconds`` are those of ``clock``, processor time by default, without compiling.
    """
    genomes = random_genomes(
        world.rule_space,
        settings.rules,
        jax_key(seed, "racing study", "rules"),
        settings.initial_gate_probability,
    )
    trials = (settings.training_trials, settings.validation_trials)
    policies = _policies(settings)
    log = Progress(len(policies) + 2, "racing study", log_path)

    def timed(name: str, racing: Racing | None = None) -> tuple[Evaluation, float]:
        sequence = named_seed(seed, "racing study", name == AGAIN)
        # Compiles what is timed next.
        evaluate(world, genomes, sequence, 1, 2, racing=racing)
        begin = clock()
        result = evaluate(world, genomes, sequence, *trials, racing=racing)
        log.step(policy=name)
        return result, clock() - begin

    with log:
        again, full = timed(AGAIN), timed(FULL)
        needed = needed_accuracy(again[0], settings.keep)
        results = [(FULL, np.nan, *full), (AGAIN, np.nan, *again)]
        for name, confidence in policies:
            wanted = needed if name == NEEDED else None
            racing = Racing(settings.check_every, wanted, np.nan_to_num(confidence))
            results.append((name, confidence, *timed(name, racing)))
    rows = [
        compared(name, result, full[0], again[0], settings)
        | {"confidence": confidence, "seconds": seconds}
        for name, confidence, result, seconds in results
    ]
    table = pd.DataFrame(rows).assign(needed_accuracy=needed)
    return table.assign(seconds_saved=1 - table["seconds"] / full[1])


def _policies(settings: RacingStudySettings) -> list[tuple[str, float]]:
    return [(FLAGS, np.nan), *((NEEDED, float(z)) for z in settings.confidences)]


def needed_accuracy(result: Evaluation, keep: int) -> float:
    """Return the mean accuracy of the tasks of the ``keep``-th best."""
    return float(np.sort(_accuracy(result))[-keep])


def _accuracy(result: Evaluation) -> np.ndarray:
    """Return the mean accuracy of the tasks, 0 for what failed, (P,)."""
    accuracy = np.nan_to_num(np.asarray(result.accuracy).mean(axis=1))
    return np.where(np.asarray(result.flag) == OK, accuracy, 0.0)


def selected(result: Evaluation, keep: int) -> np.ndarray:
    """Return the indices of the ``keep`` best; among equals the earlier ones."""
    return np.argsort(-_accuracy(result), kind="stable")[:keep]


def compared(
    name: str,
    result: Evaluation,
    full: Evaluation,
    again: Evaluation,
    settings: RacingStudySettings,
) -> dict:
    """Return how one policy compares with the full evaluation.

    policy; flagged and stopped candidates; scored_saved, the share of scored trials
    not run; rank_correlation of the accuracies with the full evaluation's; overlap,
    the share of its selection that is selected here, too; accuracy_again, the mean
    accuracy of the selected on the other sequence, with its s.e.
    """
    chosen, whole = selected(result, settings.keep), selected(full, settings.keep)
    elsewhere = _accuracy(again)[chosen]
    seen = np.asarray(result.n_scored)
    return {
        "policy": name,
        "rules": len(seen),
        "flagged": int((np.asarray(result.flag) != OK).sum()),
        "stopped": int((seen < settings.validation_trials).sum()),
        "scored_saved": 1 - seen.mean() / settings.validation_trials,
        "rank_correlation": spearmanr(_accuracy(result), _accuracy(full))[0],
        "overlap": np.isin(chosen, whole).mean(),
        "accuracy_again": elsewhere.mean(),
        "accuracy_again_se": elsewhere.std(ddof=1) / np.sqrt(len(chosen)),
    }


def study_text(table: pd.DataFrame) -> str:
    """Return the table as text."""
    return table.to_string(index=False, float_format=lambda value: f"{value:.3f}")


def expected_race(
    accuracy: np.ndarray,
    trials: int,
    looks: Sequence[int],
    keep: int,
    confidence: float,
    rng: np.random.Generator,
    repeats: int = 20,
) -> tuple[float, float]:
    """Return the share of ``trials`` saved, and how many of the ``keep`` best stop.

    ``accuracy`` (P,) is that of all ``trials``; the ``keep``-th best is what is
    needed. The trials of a rule come in random order, ``repeats`` times.
    """
    needed = np.sort(accuracy)[-keep]
    correct = np.arange(trials) < np.round(accuracy * trials)[:, None]
    best = np.argsort(-accuracy, kind="stable")[:keep]
    saved, lost = [], []
    for _ in range(repeats):
        ran = rng.permuted(correct, axis=1).cumsum(axis=1)
        length = np.full(len(accuracy), trials)
        for seen in sorted(looks, reverse=True):
            highest = highest_accuracy(
                ran[:, seen - 1] / seen, seen, trials, confidence
            )
            length = np.where(highest < needed, seen, length)
        saved.append(1 - length.mean() / trials)
        lost.append((length[best] < trials).sum())
    return float(np.mean(saved)), float(np.mean(lost))


def expected_table(
    rules: pd.DataFrame,
    trials: int,
    check_every: int,
    keep: int,
    confidences: Sequence[float],
) -> pd.DataFrame:
    """Return one row per confidence for the intact rules of a table."""
    intact = rules["screening_flag"] == OK
    accuracy = rules.loc[intact, "screening_cross_accuracy"].to_numpy()
    looks = range(check_every, trials, check_every)
    rows = []
    for confidence in confidences:
        rng = numpy_rng(0, "expected race", str(confidence))
        saved, lost = expected_race(accuracy, trials, looks, keep, confidence, rng)
        rows.append({"confidence": confidence, "saved": saved, "best stopped": lost})
    return pd.DataFrame(rows)
