"""The sides of the proof and the rules of each that are measured again.

In: what a search, or the screening of random rules, ended with, as a ``Population``.
Out: rows of the population to measure again, chosen by its own estimates alone, in the
same way for every side ("arm").
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from evoplast import rules
from evoplast.analysis import OBJECTIVES, shrunken
from evoplast.artefacts.errors import UserError
from evoplast.artefacts.seeds import named_seed
from evoplast.configuration.section import Settings
from evoplast.search import Population

FAMILIES, FREE, SWARM, RANDOM, KNOWN = "families", "free", "swarm", "random", "known"
FAMILY_ARMS = (FAMILIES, FREE)
"""The family search with limits of biology, and without."""
REWARD_FREE = "reward-free"
"""The family search with limits of biology and without terms of the reward."""
FRONT_ARMS = (*FAMILY_ARMS, REWARD_FREE)
"""The sides of which the best rule with at most so many terms is measured, too."""

ACCURACY, MAX_RATE, WASSERSTEIN = (
    OBJECTIVES.index(name)
    for name in ("cross_accuracy", "max_rate_hz", "wasserstein_hz")
)


@dataclass(frozen=True)
class ProofSettings(Settings):
    """Which rules are measured again, what is within biology, the fronts' limits.

    ``shrinkage`` is the search's: it pulls means of few evaluations to the average.
    """

    SECTIONS: ClassVar[tuple[str, ...]] = ("search_proof", "search")

    rules: int
    rules_within: int
    thresholds: tuple[float, ...]
    max_rate_hz: float
    complexities: tuple[int, ...]
    wasserstein_limits_hz: tuple[float, ...]
    shrinkage: float


def proof_seed(seed: int, search_seed: int) -> int:
    """Return the root of all draws of one search's proof."""
    return named_seed(seed, "search proof", search_seed)


def screened_population(
    genomes: np.ndarray, screening: pd.DataFrame, search_seed: int
) -> Population:
    """Return random rules (P, D) with what their single evaluation showed.

    ``screening`` is the table of ``baselines.screen``. Accuracy is relative to the
    mean of the random rules on the same network, as networks differ.
    """
    table = screening.sort_values("rule")
    means = np.array(table[[f"screening_{name}" for name in OBJECTIVES]], float)
    means[:, ACCURACY] = -table["screening_relative_accuracy"].to_numpy(float)
    return Population(
        search_seed=search_seed,
        genomes=np.asarray(genomes),
        means=means,
        counts=np.ones(len(table)),
        flags=table["screening_flag"].to_numpy(),
    )


def own_accuracy(population: Population, shrinkage: float) -> np.ndarray:
    """Return the search's own estimates of accuracy (P,), shrunken."""
    return shrunken(
        -np.asarray(population.means, float)[:, ACCURACY],
        population.counts,
        np.asarray(population.flags) == 0,
        shrinkage,
    )


def own_ranking(
    space: rules.RuleSpace, population: Population, settings: ProofSettings
) -> np.ndarray:
    """Return rows of the population, the most accurate by its own estimate first.

    Intact rules with a term only, equal genomes once.

    Raises:
        UserError: fewer than ``rules`` are left.
    """
    gates = np.asarray(rules.decode(space, population.genomes).gates)
    _, first = np.unique(population.genomes, axis=0, return_index=True)
    fit = (np.asarray(population.flags) == 0) & (gates.sum(axis=1) > 0)
    fit &= np.isin(np.arange(len(gates)), first)
    if fit.sum() < settings.rules:
        raise UserError(
            f"search_proof.rules is {settings.rules}, but a side of search "
            f"{population.search_seed} ended with {fit.sum()} different intact rules; "
            "lower it or search longer."
        )
    value = own_accuracy(population, settings.shrinkage)
    return np.argsort(np.where(fit, -value, np.inf), kind="stable")[: fit.sum()]


def candidates(
    space: rules.RuleSpace,
    population: Population,
    settings: ProofSettings,
    max_wasserstein_hz: float,
    with_fronts: bool,
) -> np.ndarray:
    """Return the rows of a population that are measured again, in ascending order.

    The ``rules`` best by its own estimate, the ``rules_within`` best of those that
    its own estimates hold within biology and, ``with_fronts``, the best with at most
    each of ``complexities`` terms: of all, and within biology.
    """
    order = own_ranking(space, population, settings)
    means = np.asarray(population.means, float)[order]
    within = (means[:, WASSERSTEIN] <= max_wasserstein_hz) & (
        means[:, MAX_RATE] <= settings.max_rate_hz
    )
    n_terms = np.asarray(rules.decode(space, population.genomes[order]).gates).sum(1)
    chosen = [order[: settings.rules], order[within][: settings.rules_within]]
    for most in settings.complexities if with_fronts else ():
        small = n_terms <= most
        chosen += [order[small][:1], order[small & within][:1]]
    return np.unique(np.concatenate(chosen))
