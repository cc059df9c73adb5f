"""How far rules are apart: formula, coefficients, weight change, decisions, rates.

In: worlds that chose nothing, genomes of P rules. Out: a dataset of distance matrices
by measure and network, dimensions measure, network, rule and other. All rules meet the
same sequences on a network; every network has its own.
"""

from collections.abc import Sequence

import numpy as np
import xarray as xr

from evoplast import rules
from evoplast.artefacts.progress import Progress
from evoplast.behaviour import CellPlan, jaccard
from evoplast.evaluation import Evaluation, World
from evoplast.search import coefficients_of

FORMULA, COEFFICIENTS, WEIGHTS = "formula", "coefficients", "weight change"
DECISIONS, RATES = "decisions", "rates"
MEASURES = (FORMULA, COEFFICIENTS, WEIGHTS, DECISIONS, RATES)
BEHAVIOUR = (DECISIONS, RATES)


def formula_distances(gates: np.ndarray) -> np.ndarray:
    """Return 1 minus the share of terms in common (Jaccard), (P, P), of gates (P, 25).

    Two rules without any term are alike.
    """
    on = np.asarray(gates) > 0
    empty = ~np.any(on, axis=1)
    both_empty = empty[:, None] & empty
    return np.where(both_empty, 0.0, 1.0 - jaccard(on, on))


def effective_coefficients(space: rules.RuleSpace, genomes: np.ndarray) -> np.ndarray:
    """Return every coefficient (P, C) as it acts: 0 where the term is off."""
    rules.refuse_extra_terms(space, "the measure of degeneracy")
    gates = np.asarray(rules.decode(space, genomes).gates)
    blocks = [
        gates[:, term, None] * genomes[:, coefficients_of(space, term)]
        for term in range(rules.N_TERMS)
    ]
    return np.concatenate(blocks, axis=1)


def relative_distances(values: np.ndarray) -> np.ndarray:
    """Return |a - b| / sqrt(|a|² + |b|²) of all pairs of ``values`` (P, C), (P, P).

    0 for equals, 1 for rules that share nothing, the square root of 2 for opposites.
    """
    squares = (values**2).sum(axis=1)
    total = np.sqrt(squares[:, None] + squares)
    apart = np.linalg.norm(values[:, None] - values[None], axis=2)
    return np.divide(apart, total, out=np.zeros_like(apart), where=total > 0)


def root_mean_squares(values: np.ndarray) -> np.ndarray:
    """Return the root mean square difference (P, P) of ``values`` (P, C)."""
    return np.sqrt(((values[:, None] - values[None]) ** 2).mean(axis=2))


def behaviour_distances(plan: CellPlan, genomes: np.ndarray) -> xr.Dataset:
    """Return how far ``genomes`` (P, D) are apart on every network of ``plan``.

    ``distance`` (measure, network, rule, other): formula (1 - Jaccard), coefficients
    (``relative_distances`` of those that act), weight change (root mean square
    difference of ln(strength after / before) by pair of types), decisions (share of
    test trials decided differently), rates (root mean square difference of the square
    root of the mean rate in Hz by type, in the test); tasks and sequences averaged.
    ``chance`` (network, rule, other): share of trials decided differently if both
    decided as often for a change, separately where there was one, but independently.
    ``accuracy`` (network, rule).
    """
    space = next(iter(plan.worlds.values())).rule_space
    gates = np.asarray(rules.decode(space, genomes).gates)
    effective = effective_coefficients(space, genomes)
    fixed = np.stack([formula_distances(gates), relative_distances(effective)])
    cells = plan.cells()
    found: dict[int, list] = {}
    with Progress(len(cells), plan.stage, plan.log_path) as progress:
        for instance, world, _, sequence in cells:
            result = plan.evaluate(
                world,
                genomes,
                sequence,
                plan.n_training,
                plan.n_scored,
                "test",
                record=("decisions", "weights"),
            )
            found.setdefault(instance, []).append(_network_distances(world, result))
            progress.step(instance=instance)
    parts = [
        {k: np.mean([one[k] for one in same], axis=0) for k in same[0]}
        for same in found.values()
    ]
    measured = np.stack([part["distance"] for part in parts], axis=1)
    static = np.repeat(fixed[:, None], len(parts), axis=1)
    pairs = ("network", "rule", "other")
    return xr.Dataset(
        {
            "distance": (("measure", *pairs), np.concatenate([static, measured])),
            "chance": (pairs, np.stack([part["chance"] for part in parts])),
            "accuracy": (pairs[:2], np.stack([part["accuracy"] for part in parts])),
        },
        coords={"measure": list(MEASURES), "network": list(found)},
    )


def _network_distances(world: World, result: Evaluation) -> dict[str, np.ndarray]:
    decisions = np.asarray(result.recordings["decisions"]) > 0
    change = np.broadcast_to(np.asarray(result.change), decisions.shape[1:])
    p = len(decisions)
    flat = decisions.reshape(p, -1)
    different = (flat[:, None] != flat[None]).mean(axis=2)
    weights = np.asarray(result.recordings["weights"])
    by_pair = log_changes(world, weights.reshape(-1, weights.shape[-1]))
    return {
        "distance": np.stack(
            [
                root_mean_squares(by_pair.reshape(p, -1)),
                different,
                root_mean_squares(np.sqrt(np.asarray(result.rate_by_type, float))),
            ]
        ),
        "chance": expected_disagreement(decisions, change),
        "accuracy": np.asarray(result.accuracy).mean(axis=1),
    }


def log_changes(world: World, weights: np.ndarray) -> np.ndarray:
    """Return ln(strength after / before) (n, B) of the B pairs of types with synapses.

    ``weights`` (n, E) in the order of the network's edges.
    """
    edges, kind = world.network.edges, world.network.cells.cell_type
    m = world.network.n_types
    pair = kind[edges.source] * m + kind[edges.target]
    there = np.flatnonzero(np.bincount(pair, minlength=m * m))
    before = np.bincount(pair, np.abs(edges.weight_pA), m * m)[there]
    after = [np.bincount(pair, np.abs(row), m * m)[there] for row in weights]
    return np.log(np.maximum(np.stack(after), 1e-12 * before) / before)


def expected_disagreement(decisions: np.ndarray, change: np.ndarray) -> np.ndarray:
    """Return the share of trials (P, P) on which independent deciders would differ.

    ``decisions`` (P, k, T) and ``change`` (k, T) bool; each decides for a change as
    often as it did, apart for trials with and without one, task by task.
    """
    total = np.zeros((len(decisions),) * 2)
    for task, truth in enumerate(change):
        for kind in (True, False):
            trials = decisions[:, task, truth == kind]
            if trials.shape[1]:
                share = trials.mean(axis=1)
                apart = share[:, None] * (1 - share) + share * (1 - share[:, None])
                total += apart * trials.shape[1]
    return total / change.size


def joined_distance(dataset: xr.Dataset, measures: Sequence[str]) -> np.ndarray:
    """Return the mean (networks, P, P) of ``measures``, each in units of its mean."""
    parts = []
    for name in measures:
        own = dataset["distance"].sel(measure=name).values
        upper = own.mean(axis=0)[np.triu_indices(own.shape[-1], 1)]
        parts.append(own / max(float(upper.mean()), 1e-12))
    return np.mean(parts, axis=0)
