"""From one round's families to the next: who stays, who is bred.

In: the families of a round with their records, settings, a seed. Out: the families of
the next round. Deterministic: every job of a round makes the same.

Families compete by the pooled estimates of their last round, with standard errors:
probabilistic dominance over all objectives, a share of the places by accuracy alone
(:mod:`dominance`). The accuracy of a family whose mean violates the limits of biology
is lowered by multiplier x violation. Children inherit coefficients: a union has the
terms of its parents, the others add, swap or drop one term.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from evoplast.artefacts.seeds import numpy_rng
from evoplast.rules import N_TERMS, RuleSpace, formula
from evoplast.search.dominance import select_survivors
from evoplast.search.families.family import (
    Family,
    allowed_terms,
    coefficients_of,
    family_key,
)
from evoplast.search.families.rounds import FamilySearch
from evoplast.search.families.settings import FamilySettings

# Draws after which a child whose formula is new is not looked for any longer.
_TRIES = 200


def estimates(
    families: Sequence[Family], settings: FamilySettings
) -> tuple[np.ndarray, np.ndarray]:
    """Return pooled objectives (F, m) relative to no plasticity, and their s.e.

    Every generation gives an estimate: the average of samples and mean, minus no
    plasticity on the same network. The estimate of a family is its mean over
    generations. What all families of a generation have in common is its network's and
    cancels between them; the variance of the rest, pooled over families, divided by
    the number of generations is the squared s.e. Complexity is exact.
    """
    by_generation = np.stack([_relative(f, settings) for f in families])
    n_families, n_generations, _ = by_generation.shape
    mean = by_generation.mean(axis=1)
    rest = by_generation - mean[:, None]
    rest = rest - rest.mean(axis=0)
    freedom = max((n_families - 1) * (n_generations - 1), 1)
    variance = (rest**2).sum(axis=(0, 1)) / freedom
    se = np.tile(np.sqrt(variance / n_generations), (n_families, 1))
    se[:, 1] = 0.0
    return mean, se


def _relative(family: Family, settings: FamilySettings) -> np.ndarray:
    record = family.measured
    values = 0.5 * (record.of_samples + record.of_mean)
    relative = values - record.of_control
    relative[:, 0] += settings.smallest_multiplier * record.violation
    relative[:, 0] -= settings.optimism * record.spread
    relative[:, 1] = values[:, 1]
    return relative


def ranking(families: Sequence[Family], settings: FamilySettings, n: int) -> list[int]:
    """Return the indices of the ``n`` families that stay, the most accurate first."""
    mean, se = estimates(families, settings)
    chosen = select_survivors(
        mean,
        se,
        n,
        settings.alpha,
        n_preferred=round(settings.preferred_share * n),
    )
    unique = dict.fromkeys(int(i) for i in np.asarray(chosen))
    return sorted(unique, key=lambda i: mean[i, 0])


def next_families(
    search: FamilySearch,
    round_number: int,
    families: Sequence[Family],
    known_formulas: frozenset[str],
    next_number: int,
) -> list[Family]:
    """Return the families of round ``round_number``: those that stay, then children.

    ``known_formulas`` were families of this search already and are not bred again.
    """
    space, settings = search.space, search.settings
    seed, search_seed = search.seed, search.search_seed
    n = settings.rounds[round_number][0]
    n_kept = min(max(round(settings.kept_share * n), 1), len(families))
    kept = [families[i] for i in ranking(families, settings, n_kept)]
    rng = numpy_rng(seed, "families", search_seed, "breeding", round_number)
    children: list[Family] = []
    formulas = set(known_formulas)
    for child in _children(kept, space, settings, round_number, rng):
        if len(kept) + len(children) == n:
            break
        if child.formula not in formulas:
            formulas.add(child.formula)
            number = next_number + len(children)
            key = family_key(seed, search_seed, number)
            children.append(replace(child, number=number, key=key))
    return [*kept, *children]


def _children(
    kept: Sequence[Family],
    space: RuleSpace,
    settings: FamilySettings,
    round_number: int,
    rng: np.random.Generator,
) -> Iterator[Family]:
    """Draw children; parents by rank, the first most often."""
    place = np.arange(len(kept), 0, -1.0)
    shares = np.array(settings.operators, float)
    n_parents = settings.parents[min(round_number, len(settings.parents)) - 1]
    for _ in range(_TRIES):
        operator = rng.choice(len(shares), p=shares / shares.sum())
        count = min(n_parents if operator == 0 else 1, len(kept))
        drawn = rng.choice(len(kept), count, replace=False, p=place / place.sum())
        parents = [kept[i] for i in sorted(drawn)]
        if operator == 0 and len(parents) > 1:
            child = united(parents, space, settings.inherited_scale)
        else:
            child = mutated(parents[0], kept, space, settings, max(operator, 1), rng)
        if 1 <= child.n_terms <= settings.max_terms:
            yield child


def united(parents: Sequence[Family], space: RuleSpace, scale: float) -> Family:
    """Return a family with the terms of all ``parents``, the first the best.

    Terms that only a later parent has are inherited times ``scale``, so that together
    the parts do not change weights by more than the limits bear; of shared terms the
    average is inherited. Time constants and threshold are the first's.
    """
    first = parents[0]
    mean, velocity, gates = first.mean.copy(), 0.5 * first.velocity, first.gates.copy()
    for other in parents[1:]:
        for term in np.flatnonzero(other.gates):
            part = coefficients_of(space, int(term))
            theirs = other.mean[part]
            mean[part] = 0.5 * (mean[part] + theirs) if gates[term] else scale * theirs
        gates = np.maximum(gates, other.gates)
    numbers = tuple(parent.number for parent in parents)
    return _child(first, space, "union", numbers, gates, mean, velocity)


def mutated(
    parent: Family,
    kept: Sequence[Family],
    space: RuleSpace,
    settings: FamilySettings,
    operator: int,
    rng: np.random.Generator,
) -> Family:
    """Return a copy with a term added (1), swapped (2) or dropped (3).

    What leaves is the term with the smallest coefficients; what comes is drawn from
    all others that are allowed, if there are any, and inherits coefficients from the
    best family that has it, else 0.
    """
    mean, gates = parent.mean.copy(), parent.gates.copy()
    if operator in (2, 3) and gates.sum() > 1:
        gates[_weakest(parent, space)] = 0.0
    if operator in (1, 2):
        free = (parent.gates == 0) & allowed_terms(settings.excluded_terms)
        for term in rng.choice(np.flatnonzero(free), min(1, free.sum())):
            gates[term] = 1.0
            part = coefficients_of(space, int(term))
            source = next((f for f in kept if f.gates[term] and f is not parent), None)
            mean[part] = settings.inherited_scale * source.mean[part] if source else 0.0
    for term in np.flatnonzero(gates == 0):
        mean[coefficients_of(space, int(term))] = 0.0
    name = ("union", "add", "swap", "drop")[operator]
    velocity = np.where(mean == 0, 0.0, 0.5 * parent.velocity).astype(np.float32)
    return _child(parent, space, name, (parent.number,), gates, mean, velocity)


def _weakest(family: Family, space: RuleSpace) -> int:
    def size(term: int) -> float:
        part = family.mean[coefficients_of(space, term)]
        return float(np.sqrt(np.mean(part**2)))

    return min((int(t) for t in np.flatnonzero(family.gates)), key=size)


def _child(
    first: Family,
    space: RuleSpace,
    operator: str,
    parents: tuple[int, ...],
    gates: np.ndarray,
    mean: np.ndarray,
    velocity: np.ndarray,
) -> Family:
    mean[space.slices["gates"]] = gates
    return replace(
        first,
        parents=parents,
        operator=operator,
        gates=gates,
        mean=mean.astype(np.float32),
        velocity=velocity.astype(np.float32),
        age=0,
        evaluations=0,
        record=None,
    )


def formulas_of(families: Sequence[Family]) -> frozenset[str]:
    """Return the formulas of families."""
    return frozenset(formula(family.gates[:N_TERMS]) for family in families)
