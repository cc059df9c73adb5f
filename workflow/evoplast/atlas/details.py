"""What the atlas shows of one rule when it is opened.

In: an entry of the catalogue, the settings of its run, the long training of the leading
rules. Out: dictionaries for the page's script, with lists of numbers and text.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType, SimpleNamespace

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from evoplast.atlas.catalogue import Catalogue, Entry
from evoplast.atlas.typeset import typeset
from evoplast.rules import (
    ALL_TERMS,
    RuleParameters,
    active_terms,
    as_script,
    brian2_equations,
    coefficients_of_term,
    decode,
)

DIGITS = 4
"""Significant digits of what is drawn; the code to copy has all nine."""

CURVES = {
    "cross_accuracy": "accuracy, both tasks",
    "mean_rate_hz": "mean rate (Hz)",
    "fraction_at_bound": "share of synapses at a bound",
}


def rule_details(
    catalogue: Catalogue,
    entry: Entry,
    plasticity: Mapping[str, float],
    horizon: xr.Dataset | None = None,
    network: Mapping = MappingProxyType({}),
) -> dict:
    """Return coefficients, time constants, learning curve and code of one rule.

    ``network``: the section of the config, which names the types of other circuits.
    """
    rule = decode(catalogue.space, entry.genome[None])
    return {
        "formula": typeset(entry.gates, coefficients=True),
        "terms": [_term(rule, index) for index in active_terms(entry.gates)],
        "tau_E_ms": _rounded(rule.tau_E_ms[0]),
        "tau_R_ms": _rounded(rule.tau_R_ms[0]),
        "curve": learning_curve(entry, horizon),
        "brian2": brian2_code(catalogue, entry, plasticity, network),
    }


def brian2_code(
    catalogue: Catalogue,
    entry: Entry,
    plasticity: Mapping[str, float],
    network: Mapping = MappingProxyType({}),
) -> str:
    """Return the rule as a complete Brian2 script with the constants of its run."""
    names = catalogue.type_names
    constants = SimpleNamespace(**plasticity)
    rule = brian2_equations(catalogue.space, entry.genome, names, constants)
    return as_script(rule, [excites(name, network) for name in names])


def excites(name: str, network: Mapping) -> bool:
    """Return whether a type is excitatory; ``network``: the section of the config."""
    # In the Allen tables e is the first letter of all excitatory types and of no other.
    sonata = network.get("sonata") or {} if network.get("source") == "sonata" else {}
    told = {
        kind["name"]: bool(kind["excitatory"]) for kind in sonata.get("types") or ()
    }
    return told.get(name, name.startswith("e"))


def _term(rule: RuleParameters, index: int) -> dict:
    values = coefficients_of_term(rule, index)
    kind = ALL_TERMS[index].kind
    return {
        "name": ALL_TERMS[index].name,
        "kind": "pair" if kind == "extra" else kind,
        "values": _rounded(values),
    }


def _rounded(values: ArrayLike) -> list | float | None:
    """Return ``values`` as nested lists of few digits; what is not finite is None."""
    if np.ndim(values) == 0:
        number = float(np.asarray(values))
        return float(f"{number:.{DIGITS}g}") if np.isfinite(number) else None
    return [_rounded(part) for part in np.asarray(values)]


def learning_curve(entry: Entry, horizon: xr.Dataset | None) -> dict | None:
    """Return means and errors against training trials, if the rule was followed."""
    if horizon is None:
        return None
    names = [str(name) for name in horizon["name"].values]
    groups = [str(group) for group in horizon["group"].values]
    found = [k for k, pair in enumerate(zip(names, groups, strict=True))]
    found = [k for k in found if (names[k], groups[k]) == (entry.name, entry.group)]
    if not found:
        return None
    rule = horizon.isel(rule=found[0])
    panels = [
        {
            "label": label,
            "mean": _rounded(rule[f"{name}_mean"].values),
            "se": _rounded(rule[f"{name}_se"].values),
        }
        for name, label in CURVES.items()
    ]
    return {
        "trials": [int(n) for n in horizon["training_trials"].values],
        "searched": int(horizon.attrs["search_training_trials"]),
        "n_networks": int(horizon.sizes["instance"]),
        "panels": panels,
    }


def prior_density(prior: str, edges: Sequence[float] | np.ndarray) -> list[float]:
    """Return the share of coefficients that a prior puts between ``edges`` in [-1, 1].

    ``uniform``, ``shared`` (the same marginal) or ``normal`` (s.d. 1/3, clipped).
    """
    from scipy.stats import norm

    from evoplast.rules import NORMAL_SD

    limits = np.asarray(edges, float)
    if prior != "normal":
        return list(np.diff(limits) / (limits[-1] - limits[0]))
    below = norm.cdf(limits, scale=NORMAL_SD)
    below[0], below[-1] = 0.0, 1.0
    return list(np.diff(below))
