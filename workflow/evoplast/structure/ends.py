"""What searches ended with, beside what they would end with without selection.

In: the files of searches, the config, networks. Out: one :class:`SearchEnd` for each
search, numbers of synapses and classes of cell types.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from evoplast import rules
from evoplast.artefacts.seeds import named_seed
from evoplast.configuration.settings import filled
from evoplast.network import CellTypes, Network
from evoplast.search import (
    FamilySettings,
    family_population,
    files_by_search,
    read_families,
    read_populations,
)
from evoplast.structure.heterogeneity import SearchEnd, family_end, swarm_end


def search_ends(
    space: rules.RuleSpace, paths: Sequence[str | Path], config: Mapping[str, Any]
) -> list[SearchEnd]:
    """Return the front of every search with its prior.

    ``paths``: of a swarm its last segment, of a family search all files of all rounds.
    ``config``: with seed, search.coefficient_prior, heterogeneity.replays, families and
    task.

    Raises:
        UserError: a file is missing, truncated or of neither search.
    """
    seed, n = config["seed"], config["heterogeneity"]["replays"]
    swarms, families = files_by_search(paths)
    prior = config["search"]["coefficient_prior"]
    found = [swarm_end(space, own, prior, seed, n) for own in read_populations(swarms)]
    settings = filled(FamilySettings, config["families"], config["task"])
    for search_seed, files in families.items():
        population = family_population(search_seed, files)
        rounds = [read_families(part).families for part in files]
        own_seed = named_seed(seed, "heterogeneity", search_seed)
        found.append(family_end(space, rounds, population, settings, own_seed, n))
    return found


def synapse_counts(networks: Sequence[Network]) -> np.ndarray:
    """Return the synapses (M_pre, M_post) of each pair of types, mean over networks."""
    m = networks[0].n_types
    total = np.zeros((m, m))
    for network in networks:
        kind, edges = network.cells.cell_type, network.edges
        np.add.at(total, (kind[edges.source], kind[edges.target]), 1)
    return total / len(networks)


def classes_of(types: CellTypes) -> dict[str, np.ndarray]:
    """Return the class (M,) int of every type: excitatory or inhibitory, and layer."""
    return {
        "excitatory or inhibitory": np.asarray(types.excitatory).astype(int),
        "layer": np.unique(types.layer, return_inverse=True)[1],
    }
