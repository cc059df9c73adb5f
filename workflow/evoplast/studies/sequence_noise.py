"""How much the order of trials adds to the noise of an evaluation.

In: worlds of training networks, random rules, orders of trials. Out: one row per
network, order and estimate of accuracy. All rules meet the same sequences; an order is
the number of balanced stimuli of the scored and of the training sequence, 0 being
random order.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from evoplast import rules
from evoplast.artefacts.progress import Progress
from evoplast.artefacts.seeds import jax_key, named_seed
from evoplast.configuration.sections.noise import SequenceNoiseSettings
from evoplast.evaluation import Evaluation, World, evaluate, make_drives
from evoplast.objectives import OK
from evoplast.search import SearchSettings

DECISIONS = "decisions"
ESTIMATES = {"counted": "accuracy", "smoothed": "smoothed_accuracy"}


def measure_sequence_noise(
    worlds: dict[int, World],
    search: SearchSettings,
    settings: SequenceNoiseSettings,
    seed: int,
    log_path: str | Path | None = None,
) -> pd.DataFrame:
    """Return one row per network, order and estimate; see ``noise_row``.

    ``alternates`` is the share of decisions that are the opposite of whether the trial
    before was a change, which a balanced order rewards; 0.5 says that no rule makes
    use of it. All rules are read out at ``settings.threshold``.
    """
    rows = []
    used = sorted(worlds)[: settings.networks]
    n = len(used) * len(settings.orders)
    with Progress(n, "noise of sequences", log_path) as progress:
        for instance in used:
            world = worlds[instance]
            genomes = drawn_rules(world, search, settings, seed)
            seeds = [
                named_seed(seed, "sequence noise", instance, i)
                for i in range(settings.sequences)
            ]
            for scored, training in settings.orders:
                ordered = in_order(world, scored, training)
                results = [_evaluated(ordered, genomes, s, search) for s in seeds]
                place = {"instance": instance, "balanced_stimuli": scored}
                place |= {"balanced_training_stimuli": training}
                rows += [place | row for row in _rows(results)]
                progress.step(**place)
    return pd.DataFrame(rows)


def drawn_rules(
    world: World, search: SearchSettings, settings: SequenceNoiseSettings, seed: int
) -> np.ndarray:
    """Return the random rules (P, D), all with the same threshold."""
    space = world.rule_space
    drawn = rules.random_genomes(
        space,
        settings.rules,
        jax_key(seed, "sequence noise"),
        search.initial_gate_probability,
        search.coefficient_prior,
    )
    genomes = np.array(drawn)
    genomes[:, space.slices["phi"]] = settings.threshold
    return genomes


def in_order(world: World, scored: int, training: int) -> World:
    """Return the world with another order of its sequences."""
    task = replace(
        world.settings.task,
        balanced_stimuli=scored,
        balanced_training_stimuli=training,
    )
    return replace(world, settings=replace(world.settings, task=task))


def _evaluated(
    ordered: World, genomes: np.ndarray, seed: int, search: SearchSettings
) -> Evaluation:
    trials = (search.training_trials, search.validation_trials)
    drives = make_drives(ordered, seed, *trials, "training")
    # The order is in the drives: one compiled program serves all of them.
    plain = in_order(ordered, 0, 0)
    return evaluate(plain, genomes, seed, *trials, record=(DECISIONS,), drives=drives)


def _rows(results: Sequence[Evaluation]) -> Iterable[dict]:
    intact = np.all([np.asarray(r.flag) == OK for r in results], axis=0)
    alternates = np.mean([_alternates(r)[intact] for r in results])
    for name, attribute in ESTIMATES.items():
        values = [np.asarray(getattr(r, attribute)).mean(axis=1) for r in results]
        row = noise_row(np.stack(values, axis=1)[intact])
        yield {"estimate": name} | row | {"alternates": alternates}


def _alternates(result: Evaluation) -> np.ndarray:
    """Return, by rule, how often a decision is the opposite of the flag before."""
    decision = np.asarray(result.recordings[DECISIONS], bool)
    before = np.asarray(result.change, bool)[None, :, :-1]
    return (decision[..., 1:] != before).mean(axis=(1, 2))


def noise_row(values: np.ndarray) -> dict[str, float]:
    """Return what accuracies (rules, sequences) say, by two-way analysis of variance.

    rule_sd: s.d. over sequences of a rule (root of the mean variance). common_sd: of
    the part that all rules share, a sequence being easy or hard. between_sd: of the
    rest, which is the noise of a comparison of rules. signal_sd: s.d. over rules of
    their true values. signal_to_noise: variances of signal and rest, of one evaluation.
    """
    n_rules, n_sequences = values.shape
    by_rule, by_sequence = values.mean(axis=1), values.mean(axis=0)
    rest = values - by_rule[:, None] - by_sequence + values.mean()
    between = (rest**2).sum() / ((n_rules - 1) * (n_sequences - 1))
    common = max(by_sequence.var(ddof=1) - between / n_rules, 0.0)
    signal = max(by_rule.var(ddof=1) - between / n_sequences, 0.0)
    return {
        "mean": float(values.mean()),
        "rule_sd": float(np.sqrt(values.var(axis=1, ddof=1).mean())),
        "common_sd": float(np.sqrt(common)),
        "between_sd": float(np.sqrt(between)),
        "signal_sd": float(np.sqrt(signal)),
        "signal_to_noise": float(signal / between) if between > 0 else np.nan,
        "n_rules": n_rules,
        "n_sequences": n_sequences,
    }
