"""Which synapses: coefficients by type over independent searches, beside their prior.

In: the front of each search, and what its rules would be without selection. Out: a
table with a row for every coefficient and time constant. S searches, F rules on a
front, R draws of the prior, D parameters, M types.

A search's own front counts as one: a value is the mean over searches of the mean over
the front's rules whose formula uses the parameter. The prior is treated alike, on the
same fronts, so that the kinship of rules is in its spread. For the family search it is
a neutral replay of the search (``neutral_replays``), for the swarm the draws it starts
with.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
import pandas as pd
from scipy import stats

from evoplast import rules
from evoplast.artefacts.errors import UserError
from evoplast.artefacts.seeds import named_seed
from evoplast.behaviour import own_front
from evoplast.search import (
    Family,
    FamilySettings,
    Population,
    coefficients_of,
    neutral_replays,
)

TIME_CONSTANTS = {"tau_E_ms": "tau_E", "tau_R_ms": "tau_R"}
_HAS_TRACE = np.array(["X_" in name for name in rules.TERM_NAMES])


@dataclass(frozen=True)
class SearchEnd:
    """The front of one search: ``value`` (D,), NaN where no rule uses a parameter.

    ``prior`` (R, D) is the same of draws without selection, ``n_rules`` (D,) how many
    rules of the front use the parameter.
    """

    value: np.ndarray
    prior: np.ndarray
    n_rules: np.ndarray


def used_parameters(space: rules.RuleSpace, gates: np.ndarray) -> np.ndarray:
    """Return which parameters (F, D) bool the formulas ``gates`` (F, 25) use."""
    on = np.asarray(gates) > 0
    used = np.zeros((len(on), space.n_parameters), bool)
    for term in range(rules.N_TERMS):
        used[:, coefficients_of(space, term)] = on[:, term, None]
    for name, needs in (
        ("tau_E_ms", _HAS_TRACE),
        ("tau_R_ms", rules.TERM_HAS_REWARD),
    ):
        used[:, space.slices[name]] = (on & needs).any(axis=1)[:, None]
    return used


def mean_of_users(values: np.ndarray, used: np.ndarray) -> np.ndarray:
    """Return the mean (..., D) of ``values`` (..., F, D) over rules that use it."""
    count = used.sum(axis=0)
    total = np.where(used, values, 0.0).sum(axis=-2)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def family_end(
    space: rules.RuleSpace,
    rounds: Sequence[Sequence[Family]],
    population: Population,
    settings: FamilySettings,
    seed: int,
    n_replays: int,
) -> SearchEnd:
    """Return the front of a family search and its neutral replays.

    ``population`` is that of ``read_populations``; ``rounds`` the families at the end
    of each round.
    """
    own = own_front(space, population)
    drawn = neutral_replays(space, rounds, settings, seed, n_replays)
    numbers = [population.origins[i][0] for i in own]
    prior = np.stack([drawn[number] for number in numbers], axis=1)
    return _end(space, population.genomes[own], prior)


def swarm_end(
    space: rules.RuleSpace,
    population: Population,
    coefficient_prior: str,
    seed: int,
    n_draws: int,
) -> SearchEnd:
    """Return the front of a swarm and as many rules as drawn at its start."""
    own = population.genomes[own_front(space, population)]
    key = jax.random.key(named_seed(seed, "prior", population.search_seed))
    n = len(own) * n_draws
    drawn = rules.random_genomes(space, n, key, 0.5, coefficient_prior)
    return _end(space, own, drawn.reshape(n_draws, len(own), -1))


def _end(space: rules.RuleSpace, own: np.ndarray, prior: np.ndarray) -> SearchEnd:
    used = used_parameters(space, np.asarray(rules.decode(space, own).gates))
    value, drawn = mean_of_users(own, used), mean_of_users(prior, used)
    return SearchEnd(value, drawn, used.sum(axis=0))


def heterogeneity(
    space: rules.RuleSpace,
    type_names: Sequence[str],
    ends: Sequence[SearchEnd],
    n_synapses: np.ndarray,
) -> pd.DataFrame:
    """Return one row per coefficient and time constant that a front uses.

    ``n_synapses`` (M_pre, M_post): a pair without synapses cannot have been selected.

    Columns: parameter (coefficient, tau_E, tau_R), term, kind (pre, post, pair,
    reward, or empty), pre_type, post_type (empty where there is none), n_searches,
    n_rules, n_synapses, value, se (over searches; NaN for one), prior_mean, prior_sd, z
    (value minus prior_mean over prior_sd), p_value (two-sided, normal), p_fdr
    (Benjamini & Hochberg 1995, J. R. Stat. Soc. B 57:289, over all rows with synapses;
    NaN without).

    Raises:
        UserError: no front, or one of no rule.
    """
    if not ends or all(np.isnan(end.value).all() for end in ends):
        raise UserError(
            "No rule is left for the heterogeneity; run a search (search.seeds) that "
            "ends with at least one rule."
        )
    table = parameter_table(space, type_names, n_synapses)
    values, place = np.stack([end.value for end in ends]), table["position"]
    table = table.assign(**{k: v[place] for k, v in _summaries(values, ends).items()})
    table = table[table["n_searches"] > 0].reset_index(drop=True)
    spread = table["prior_sd"].to_numpy()
    shift = (table["value"] - table["prior_mean"]).to_numpy()
    z = np.divide(shift, spread, out=np.full(len(table), np.nan), where=spread > 0)
    table["z"], table["p_value"] = z, 2 * stats.norm.sf(np.abs(z))
    tested = table["p_value"].notna() & (table["n_synapses"] > 0)
    table["p_fdr"] = np.nan
    if tested.any():
        corrected = stats.false_discovery_control(table.loc[tested, "p_value"])
        table.loc[tested, "p_fdr"] = corrected
    return table


def prior_means(ends: Sequence[SearchEnd]) -> np.ndarray:
    """Return the prior (R, D) of the mean over searches."""
    return known_mean(np.stack([end.prior for end in ends]))


def _summaries(values: np.ndarray, ends: Sequence[SearchEnd]) -> dict[str, np.ndarray]:
    n = np.isfinite(values).sum(axis=0)
    mean, prior = known_mean(values), prior_means(ends)
    squares = np.nansum((values - mean) ** 2, axis=0)
    variance = squares / np.maximum(n - 1, 1) / np.maximum(n, 1)
    return {
        "n_searches": n,
        "n_rules": sum(end.n_rules for end in ends),
        "value": mean,
        "se": np.where(n > 1, np.sqrt(variance), np.nan),
        "prior_mean": prior.mean(axis=0),
        "prior_sd": prior.std(axis=0, ddof=1),
    }


def known_mean(values: np.ndarray) -> np.ndarray:
    """Return the mean over the first axis of what is known, NaN where nothing is."""
    n = np.isfinite(values).sum(axis=0)
    return np.where(n > 0, np.nansum(values, axis=0) / np.maximum(n, 1), np.nan)


def parameter_table(
    space: rules.RuleSpace, type_names: Sequence[str], n_synapses: np.ndarray
) -> pd.DataFrame:
    """Return where each coefficient and time constant stands in the genome.

    Columns: position, parameter, term, kind, pre_type, post_type, n_synapses (of the
    pair, of the type on its side, or of all).
    """
    names, by_pair = np.array(type_names), np.asarray(n_synapses)
    blocks = [
        _block(term.name, term.kind, coefficients_of(space, i), names, by_pair)
        for i, term in enumerate(rules.TERMS)
    ]
    both = by_pair.sum(axis=0) + by_pair.sum(axis=1)
    for part, name in TIME_CONSTANTS.items():
        place = space.slices[part]
        rows: dict[str, Any] = {
            "position": range(place.start, place.stop),
            "parameter": name,
        }
        rows |= {"term": "", "kind": "", "pre_type": names, "post_type": ""}
        blocks.append(pd.DataFrame({**rows, "n_synapses": both}))
    return pd.concat(blocks, ignore_index=True)


def _block(
    term: str, kind: str, place: slice, names: np.ndarray, by_pair: np.ndarray
) -> pd.DataFrame:
    m = len(names)
    sides: Mapping[str, tuple] = {
        "pre": (names, "", by_pair.sum(axis=1)),
        "post": ("", names, by_pair.sum(axis=0)),
        "pair": (np.repeat(names, m), np.tile(names, m), by_pair.ravel()),
        "reward": ("", "", by_pair.sum()),
    }
    pre, post, count = sides[kind]
    rows = {"position": range(place.start, place.stop), "parameter": "coefficient"}
    rows |= {"term": term, "kind": kind, "pre_type": pre, "post_type": post}
    return pd.DataFrame({**rows, "n_synapses": count})
