"""Rules without parts of theirs: what an ablation does to a genome.

In: a genome (D,). Out: genomes, each with its kind and what it lacks. Nothing here
simulates.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from evoplast import rules
from evoplast.rules import RuleSpace
from evoplast.search import coefficients_of

INTACT = "intact"
NOTHING = "no plasticity"
PLASTIC_TEST = "plastic in the test"
REWARD_SHUFFLED = "reward shuffled"
NO_REWARD = "reward terms removed"
ONE_COEFFICIENT = "one coefficient for all types"
SAME_STRENGTH = "one coefficient, same strength"
SHUFFLED = "coefficients shuffled over types"
FRESH = "fresh coefficients"
FIXED_TAU = "time constants fixed"
TERM_REMOVED = "term removed"
KINDS = (
    *(INTACT, PLASTIC_TEST, NO_REWARD, REWARD_SHUFFLED, ONE_COEFFICIENT),
    *(SAME_STRENGTH, SHUFFLED, FRESH, FIXED_TAU, TERM_REMOVED, NOTHING),
)
"""Kinds of ablation in the order of tables and figures."""


@dataclass(frozen=True)
class Variant:
    """An ablated rule: its ``kind``, the ``term`` it lacks, the ``draw`` of chance."""

    kind: str
    genome: np.ndarray
    term: str = ""
    draw: int = 0


def variants_of(
    space: RuleSpace,
    genome: np.ndarray,
    draws: int,
    fixed_tau_ms: float,
    rng: np.random.Generator,
) -> list[Variant]:
    """List the ablations of ``genome`` (D,) that change it, itself first.

    Without plasticity it keeps its threshold, as do all others. ``PLASTIC_TEST`` and
    ``REWARD_SHUFFLED`` change the task, not the genome; the second is listed for rules
    with a reward term only.
    """
    rules.refuse_extra_terms(space, "the ablation of terms")
    active = rules.active_terms(_gates(space, genome))
    rewarded = [i for i in active if rules.TERM_HAS_REWARD[i]]
    found = [Variant(INTACT, genome), Variant(PLASTIC_TEST, genome)]
    if rewarded:
        found.append(Variant(NO_REWARD, without_terms(space, genome, rewarded)))
        found.append(Variant(REWARD_SHUFFLED, genome))
    found.append(Variant(ONE_COEFFICIENT, homogeneous(space, genome)))
    found.append(Variant(SAME_STRENGTH, homogeneous(space, genome, True)))
    for draw in range(draws):
        found.append(Variant(SHUFFLED, shuffled(space, genome, rng), draw=draw))
        found.append(Variant(FRESH, fresh(space, genome, rng), draw=draw))
    found.append(Variant(FIXED_TAU, with_tau(space, genome, fixed_tau_ms)))
    if len(active) > 1:
        found += [
            Variant(
                TERM_REMOVED, without_terms(space, genome, [i]), rules.TERM_NAMES[i]
            )
            for i in active
        ]
    found.append(Variant(NOTHING, without_terms(space, genome, active)))
    of_the_task = (INTACT, PLASTIC_TEST, REWARD_SHUFFLED)
    return [
        v
        for v in found
        if v.kind in of_the_task or not np.array_equal(v.genome, genome)
    ]


def _gates(space: RuleSpace, genome: np.ndarray) -> np.ndarray:
    return np.asarray(rules.decode(space, genome[None]).gates)[0]


def without_terms(space: RuleSpace, genome: np.ndarray, terms) -> np.ndarray:
    """Return ``genome`` with the gates of ``terms`` (indices) off."""
    changed = np.array(genome)
    changed[space.slices["gates"].start + np.asarray(terms, int)] = 0.0
    return changed


def homogeneous(
    space: RuleSpace, genome: np.ndarray, same_strength: bool = False
) -> np.ndarray:
    """Return ``genome`` with one coefficient for all types in each term: their mean.

    ``same_strength``: the root of their mean square, with the sign of their mean.
    """
    changed = np.array(genome)
    for part in _coefficients(space):
        mean = genome[part].mean(dtype=float)
        size = np.sqrt(np.mean(np.square(genome[part], dtype=float)))
        changed[part] = np.copysign(size, mean) if same_strength else mean
    return changed


def shuffled(
    space: RuleSpace, genome: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Return ``genome`` with the coefficients of each term dealt out to types anew."""
    changed = np.array(genome)
    for part in _coefficients(space):
        changed[part] = rng.permutation(genome[part])
    return changed


def fresh(space: RuleSpace, genome: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return ``genome`` with coefficients from the uniform prior in every term."""
    changed = np.array(genome)
    low, high = space.limits["pair"]
    for part in _coefficients(space):
        changed[part] = rng.uniform(low, high, part.stop - part.start)
    return changed


def with_tau(space: RuleSpace, genome: np.ndarray, tau_ms: float) -> np.ndarray:
    """Return ``genome`` with one time constant for all traces and types, ms."""
    changed = np.array(genome)
    for name in ("tau_E_ms", "tau_R_ms"):
        changed[space.slices[name]] = tau_ms
    return changed


def _coefficients(space: RuleSpace) -> Iterator[slice]:
    for term in range(rules.N_TERMS):
        yield coefficients_of(space, term)
