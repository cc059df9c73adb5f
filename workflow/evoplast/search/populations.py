"""What a search ends with, whichever algorithm it was: rules with mean objectives.

In: the files of searches. Out: one :class:`Population` for each search. Of the swarm
it is the last population, of the family search the mean of every family, also of those
that left early: they are the rules of few terms.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from evoplast.artefacts.netcdf import read_dataset
from evoplast.search.families import Family, collect_families
from evoplast.search.families.files import ALGORITHM
from evoplast.search.segments import Population, read_population


def read_populations(paths: Sequence[str | Path]) -> list[Population]:
    """Return the population of every search from the files that ended it.

    ``paths``: of a swarm its last segment, of a family search all files of all rounds.

    Raises:
        UserError: a file is missing, truncated or of neither search.
    """
    swarms, families = files_by_search(paths)
    found = [read_population(path) for path in swarms]
    return [*found, *(family_population(*search) for search in families.items())]


def files_by_search(
    paths: Sequence[str | Path],
) -> tuple[list[str | Path], dict[int, list[list[str | Path]]]]:
    """Return the files of swarms, and those of family searches by seed and round."""
    swarms: list[str | Path] = []
    families: dict[int, dict[int, list[str | Path]]] = {}
    for path in paths:
        attributes = read_dataset(path).attrs
        if attributes.get("algorithm") != ALGORITHM:
            swarms.append(path)
            continue
        rounds = families.setdefault(int(attributes["search_seed"]), {})
        rounds.setdefault(int(attributes["round"]), []).append(path)
    in_order = {
        seed: [rounds[n] for n in sorted(rounds)] for seed, rounds in families.items()
    }
    return swarms, in_order


def family_population(
    search_seed: int, rounds: Sequence[Sequence[str | Path]]
) -> Population:
    """Return the means of all families of a search and what was measured of them."""
    families = collect_families(rounds)
    by_generation = _control_by_generation(families)
    common = np.mean(list(by_generation.values()), axis=0)
    return Population(
        search_seed=search_seed,
        genomes=np.stack([family.mean for family in families]),
        means=np.stack([_means(family, common) for family in families]),
        counts=np.array([len(family.measured.generation) for family in families]),
        flags=np.array([family.measured.flag[-1] for family in families]),
        origins=tuple((f.number, f.operator, f.parents) for f in families),
    )


def _control_by_generation(families: Sequence[Family]) -> dict[int, np.ndarray]:
    return {
        int(generation): family.measured.of_control[i]
        for family in families
        for i, generation in enumerate(family.measured.generation)
    }


def _means(family: Family, common: np.ndarray) -> np.ndarray:
    """Return objectives (m,) of a mean, as on the average network of the search.

    Families of different rounds met different networks; what no plasticity did on
    these is replaced by its average over all networks of the search.
    """
    record = family.measured
    means = (record.of_mean - record.of_control).mean(axis=0) + common
    means[1] = record.of_mean[0, 1]
    return means
