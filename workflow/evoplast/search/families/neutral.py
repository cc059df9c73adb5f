"""What coefficients look like where selection did not act: neutral replays.

In: the families of every round of a search, its settings, a seed. Out: the means that
the same families, bred from the same parents, would have had if chance alone had ranked
their samples. Shape (R, D) for R replays.

The mean of a family starts at 0 and moves by all samples, so that it drifts without
selection, too, and all rules of a front drift together as they inherit from each other.
A replay keeps the pedigree, the generations, the samples and the hierarchy of
directions, and draws the ranks of samples anew: of a mirrored pair one rank by chance,
the other its opposite. So it is where something else in the family is selected cleanly,
and a coefficient that is not drifts as far as it can. Ranks by noise alone pull less;
tests against the replay are then conservative.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from evoplast.artefacts.seeds import named_seed
from evoplast.rules import RuleSpace, no_plasticity
from evoplast.search.directions import hierarchical_directions
from evoplast.search.families.evolution import centred_ranks
from evoplast.search.families.family import Family, coefficients_of
from evoplast.search.families.settings import FamilySettings


@dataclass(frozen=True)
class Drifted:
    """R neutral copies of a family: mean and velocity (R, D)."""

    family: Family
    mean: np.ndarray
    velocity: np.ndarray


def neutral_replays(
    space: RuleSpace,
    rounds: Sequence[Sequence[Family]],
    settings: FamilySettings,
    seed: int,
    n_replays: int,
) -> dict[int, np.ndarray]:
    """Return the means (R, D) of every family of a search, by its number.

    ``rounds``: the families at the end of each round, in the order of their files.
    """
    before: dict[int, Drifted] = {}
    done: dict[int, np.ndarray] = {}
    for number, families in enumerate(rounds):
        n_samples = settings.rounds[number][2]
        kept = [family.number for family in families if family.number in before]
        after = {}
        for family in families:
            start = _start(space, family, before, kept, settings, n_replays)
            root = jax.random.key(named_seed(seed, "neutral", family.number, number))
            after[family.number] = drifted(space, start, settings, n_samples, root)
        before = after
        done |= {key: own.mean for key, own in after.items()}
    return done


def _start(
    space: RuleSpace,
    family: Family,
    before: Mapping[int, Drifted],
    kept: Sequence[int],
    settings: FamilySettings,
    n_replays: int,
) -> Drifted:
    if family.number in before:
        return before[family.number]
    if family.parents:
        return inherited(space, family, before, kept, settings.inherited_scale)
    mean = np.tile(np.asarray(no_plasticity(space), np.float32), (n_replays, 1))
    return Drifted(family, mean, np.zeros_like(mean))


def inherited(
    space: RuleSpace,
    child: Family,
    before: Mapping[int, Drifted],
    kept: Sequence[int],
    scale: float,
) -> Drifted:
    """Return what a child begins with, by the rules of the search's succession.

    ``kept``: numbers of the families that stayed, the best first.
    """
    first = before[child.parents[0]]
    mean, velocity = first.mean.copy(), 0.5 * first.velocity
    if child.operator == "union":
        _unite(space, mean, [before[number] for number in child.parents], scale)
        return Drifted(child, mean, velocity)
    others = [before[number] for number in kept if number != child.parents[0]]
    for term in np.flatnonzero(child.gates > first.family.gates):
        part = coefficients_of(space, int(term))
        source = next((o for o in others if o.family.gates[term]), None)
        mean[:, part] = scale * source.mean[:, part] if source else 0.0
    for term in np.flatnonzero(child.gates == 0):
        mean[:, coefficients_of(space, int(term))] = 0.0
    return Drifted(child, mean, np.where(mean == 0, 0.0, velocity))


def _unite(
    space: RuleSpace, mean: np.ndarray, parents: Sequence[Drifted], scale: float
) -> None:
    """Lay the terms of all parents into ``mean`` (R, D) of the first, in place."""
    gates = parents[0].family.gates.copy()
    for other in parents[1:]:
        for term in np.flatnonzero(other.family.gates):
            part = coefficients_of(space, int(term))
            theirs = other.mean[:, part]
            shared = 0.5 * (mean[:, part] + theirs)
            mean[:, part] = shared if gates[term] else scale * theirs
        gates = np.maximum(gates, other.family.gates)


def drifted(
    space: RuleSpace,
    start: Drifted,
    settings: FamilySettings,
    n_samples: int,
    root: jax.Array,
) -> Drifted:
    """Return the replays after the generations of the family's round."""
    record = start.family.record
    n_generations = 0 if record is None else len(record.generation)
    mean, velocity = jnp.asarray(start.mean), jnp.asarray(start.velocity)
    scale = settings.time_constant_sigma_ms / settings.sigma
    bounds = (jnp.asarray(space.lower), jnp.asarray(space.upper))
    for k in range(n_generations):
        age = start.family.age - n_generations + k
        sigma = settings.sigma / (1.0 + settings.sigma_decay * age)
        along, ranks = jax.random.split(jax.random.fold_in(root, k))
        n = len(mean) * n_samples // 2
        drawn = hierarchical_directions(space, start.family.gates, along, n, scale)
        step = sigma * drawn.reshape(len(mean), n_samples // 2, -1)
        mean, velocity = _moved(mean, velocity, step, ranks, bounds, settings)
    return Drifted(start.family, np.asarray(mean), np.asarray(velocity))


@partial(jax.jit, static_argnames="settings")
def _moved(
    mean: jax.Array,
    velocity: jax.Array,
    step: jax.Array,
    key: jax.Array,
    bounds: tuple[jax.Array, jax.Array],
    settings: FamilySettings,
) -> tuple[jax.Array, jax.Array]:
    """Return mean and velocity after a generation whose ranks say nothing.

    As ``FamilyEvolution.tell``; ``step`` (R, n / 2, D) is mirrored, its cost opposite.
    """
    both = jnp.concatenate([mean[:, None] + step, mean[:, None] - step], axis=1)
    samples = jnp.clip(both, *bounds)
    half = jax.random.normal(key, step.shape[:2])
    weight = jax.vmap(centred_ranks)(jnp.concatenate([half, -half], axis=1))
    pull = (weight[:, :, None] * (samples - mean[:, None])).sum(axis=1)
    velocity = settings.momentum * velocity + pull
    return jnp.clip(mean + settings.learning_rate * velocity, *bounds), velocity
