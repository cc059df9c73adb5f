"""One round of the family search: some generations of some of its families.

In: families, the worlds of the round's generations, settings, seeds. Out: the families
after the round, with their records.

Every generation has a network and a sequence of its own, the same for all families, so
that families are compared on equal terms and none can fit a network. A family's
samples depend on its own key alone: the families of a round can be split over jobs in
any way.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import jax.numpy as jnp
import numpy as np

from evoplast.artefacts.seeds import named_seed
from evoplast.configuration.sections.search import ExtraObjectives
from evoplast.evaluation import NO_EXTRAS, World
from evoplast.evox_compat import State
from evoplast.rules import RuleSpace, no_plasticity, refuse_extra_terms
from evoplast.search.directions import hierarchical_directions
from evoplast.search.families.evolution import FamilyEvolution
from evoplast.search.families.family import Family, Record
from evoplast.search.families.measure import (
    ACCURACY,
    Measured,
    intact,
    measure,
    thresholds,
)
from evoplast.search.families.settings import FamilySettings

# Share of the last generation in the running accuracy at every threshold.
_NEWEST = 0.3


@dataclass(frozen=True)
class FamilySearch:
    """One search: its space, settings and seeds, and what measures a generation."""

    space: RuleSpace
    settings: FamilySettings
    seed: int
    search_seed: int
    measure: Callable[..., Measured] = measure
    extras: ExtraObjectives = NO_EXTRAS

    def __post_init__(self) -> None:
        refuse_extra_terms(self.space, "the family search")

    def first_generation(self, round_number: int) -> int:
        """Return the number of the first generation of a round."""
        return sum(part[1] for part in self.settings.rounds[:round_number])

    def sequence_seed(self, generation: int) -> int:
        """Return the seed of the trial sequences of a generation."""
        return named_seed(self.seed, "families", self.search_seed, "trials", generation)


def run_round(
    search: FamilySearch,
    families: Sequence[Family],
    round_number: int,
    worlds: Mapping[int, World],
    on_generation: Callable[[int, Sequence[Family]], None] | None = None,
) -> list[Family]:
    """Return ``families`` after a round; those that have begun it are continued.

    ``worlds`` by generation. ``on_generation`` gets the number of every generation
    and the families after it, a state from which the round can be continued.
    """
    _, n_generations, n_samples = search.settings.rounds[round_number]
    first = search.first_generation(round_number)
    families = [_without_record(f, first) for f in families]
    done = families[0].record.generation if families[0].record else ()
    for generation in range(first + len(done), first + n_generations):
        families = _generation(
            search, families, generation, n_samples, worlds[generation]
        )
        if on_generation:
            on_generation(generation, families)
    return families


def _without_record(family: Family, first_generation: int) -> Family:
    record = family.record
    if record is None or record.generation[0] >= first_generation:
        return family
    return replace(family, record=None)


def _generation(
    search: FamilySearch,
    families: Sequence[Family],
    generation: int,
    n_samples: int,
    world: World,
) -> list[Family]:
    evolutions = [_evolution(search, family, n_samples) for family in families]
    asked = [e.ask(_state(e, f)) for e, f in zip(evolutions, families, strict=True)]
    genomes = np.concatenate([np.asarray(samples) for samples, _ in asked])
    control = no_plasticity(search.space)[None]
    found = search.measure(
        world,
        np.concatenate([genomes, control]),
        search.sequence_seed(generation),
        search.settings,
        search.extras,
    )
    after = []
    for i, (family, evolution) in enumerate(zip(families, evolutions, strict=True)):
        part = slice(i * (n_samples + 1), (i + 1) * (n_samples + 1))
        own = Measured(
            found.objectives[part],
            found.by_threshold[part],
            found.violation[part],
            found.flag[part],
        )
        state = evolution.tell(asked[i][1], _fitness(own))
        record = _recorded(family.record, own, found.objectives[-1], generation)
        after.append(_moved(search.space, family, state, own, record))
    return after


def _evolution(search: FamilySearch, family: Family, n_samples: int) -> FamilyEvolution:
    space, settings = search.space, search.settings

    def directions(key, n):
        scale = settings.time_constant_sigma_ms / settings.sigma
        return hierarchical_directions(space, family.gates, key, n, scale)

    return FamilyEvolution(
        family.mean, space.lower, space.upper, directions, n_samples, settings
    )


def _state(evolution: FamilyEvolution, family: Family) -> State:
    return evolution.setup(jnp.asarray(family.key)).replace(
        velocity=jnp.asarray(family.velocity),
        multiplier=jnp.float32(family.multiplier),
        age=jnp.int32(family.age),
    )


def _fitness(own: Measured) -> np.ndarray:
    value = np.where(intact(own), own.objectives[:, ACCURACY], np.inf)
    return np.stack([value, own.violation], axis=1)


def _recorded(
    record: Record | None, own: Measured, control: np.ndarray, generation: int
) -> Record:
    values = own.objectives.copy()
    # A broken network has learned nothing, whatever its last trials look like.
    values[~intact(own), ACCURACY] = control[ACCURACY]
    new = Record(
        generation=np.array([generation]),
        of_mean=values[-1:],
        of_samples=values.mean(axis=0, keepdims=True),
        spread=values[:-1, ACCURACY].std(keepdims=True),
        of_control=control[None],
        violation=own.violation[-1:],
        flag=own.flag[-1:].astype(np.int8),
        n_broken=np.array([np.sum(~intact(own)[:-1])]),
    )
    if record is None:
        return new
    joined = {
        name: np.concatenate([getattr(record, name), getattr(new, name)])
        for name in vars(new)
    }
    return Record(**joined)


def _moved(
    space: RuleSpace, family: Family, state: State, own: Measured, record: Record
) -> Family:
    newest = own.by_threshold[-1]
    before = np.where(np.isfinite(family.by_threshold), family.by_threshold, newest)
    by_threshold = (1.0 - _NEWEST) * before + _NEWEST * newest
    mean = np.array(state.mean, np.float32)
    mean[space.slices["phi"]] = thresholds(space)[int(np.argmax(by_threshold))]
    return replace(
        family,
        mean=mean,
        velocity=np.array(state.velocity, np.float32),
        multiplier=float(state.multiplier),
        key=np.array(state.key, np.uint32),
        age=int(state.age),
        evaluations=family.evaluations + len(own.flag),
        by_threshold=by_threshold,
        record=record,
    )
