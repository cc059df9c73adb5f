"""Genomes as a dataset of named parts (the content of ``parameters.nc``) and back.

In: genomes (P, D) and the names of the cell types. Out: an ``xarray.Dataset`` with
the dimensions candidate, term, pre_term, post_term, pair_term, pre_type and
post_type, from which the genomes are recovered bit for bit.
"""

from collections.abc import Sequence

import numpy as np
import xarray as xr

from evoplast.artefacts.errors import UserError
from evoplast.rules.formula import complexity, formula
from evoplast.rules.space import RuleSpace, decode
from evoplast.rules.terms import PAIR_TERMS, POST_TERMS, PRE_TERMS, TERM_NAMES

# Part of the genome -> dimensions and attributes of its variable.
_VARIABLES = {
    "gates": ("gate_latent", ("term",), "gate latent; on if above 0.5", "1"),
    "pre": ("coefficient_pre", ("pre_term", "pre_type"), "coefficient", "1"),
    "post": ("coefficient_post", ("post_term", "post_type"), "coefficient", "1"),
    "pair": (
        "coefficient_pair",
        ("pair_term", "pre_type", "post_type"),
        "coefficient",
        "1",
    ),
    "reward_alone": ("coefficient_reward", (), "coefficient of R alone", "1"),
    "tau_E_ms": ("tau_E", ("cell_type",), "time constant of the spike trace", "ms"),
    "tau_R_ms": ("tau_R", ("cell_type",), "time constant of the reward trace", "ms"),
    "phi": ("phi", (), "readout threshold; Hz if absolute, 1 if relative", ""),
    "extra_gates": ("extra_gate_latent", ("extra_term",), "gate latent", "1"),
    "extra": (
        "coefficient_extra",
        ("extra_term", "pre_type", "post_type"),
        "coefficient",
        "1",
    ),
}
_OPTIONAL = ("extra_gates", "extra")


def genomes_to_dataset(
    space: RuleSpace, genomes: np.ndarray, type_names: Sequence[str]
) -> xr.Dataset:
    """Return genomes (P, D) as a dataset of named parts, formula and complexity.

    Raises:
        UserError: the genomes' length or the number of names is not the space's.
    """
    if len(type_names) != space.n_types:
        raise UserError(
            f"{len(type_names)} names of cell types were given; the rule space has "
            f"{space.n_types} types."
        )
    gates = decode(space, genomes).gates
    variables: dict[str, tuple] = {
        name: (("candidate", *dims), _part(space, genomes, part), _attributes(*about))
        for part, (name, dims, *about) in _VARIABLES.items()
        if part in space.slices
    }
    variables["formula"] = ("candidate", np.array([formula(g) for g in gates], object))
    variables["complexity"] = ("candidate", complexity(gates))
    return xr.Dataset(
        variables,
        coords=_coordinates(type_names, space.extra_terms),
        attrs={"phi_min": space.phi_min, "phi_max": space.phi_max},
    )


def dataset_to_genomes(dataset: xr.Dataset) -> tuple[RuleSpace, np.ndarray]:
    """Return the rule space and the genomes (P, D) stored in ``dataset``.

    Raises:
        UserError: a part is missing.
    """
    extra_terms = _extra_terms(dataset)
    parts = [p for p in _VARIABLES if extra_terms or p not in _OPTIONAL]
    names = [_VARIABLES[part][0] for part in parts]
    for name in names:
        if name not in dataset:
            raise UserError(
                f"The parameter file lacks the variable {name!r}; make it again with "
                "the stage that writes rules."
            )
    space = RuleSpace(
        dataset.sizes["cell_type"],
        float(dataset.attrs["phi_min"]),
        float(dataset.attrs["phi_max"]),
        extra_terms,
    )
    n = dataset.sizes["candidate"]
    values = [dataset[name].values.astype(np.float32).reshape(n, -1) for name in names]
    return space, np.concatenate(values, axis=1)


def _extra_terms(dataset: xr.Dataset) -> tuple[str, ...]:
    if "extra_term" not in dataset.dims:
        return ()
    return tuple(map(str, dataset["extra_term"].values))


def _part(space: RuleSpace, genomes: np.ndarray, part: str) -> np.ndarray:
    values = np.asarray(genomes, np.float32)[:, space.slices[part]]
    return values.reshape((len(genomes), *space.shapes[part]))


def _attributes(long_name: str, units: str) -> dict[str, str]:
    return {"long_name": long_name, **({"units": units} if units else {})}


def _coordinates(
    type_names: Sequence[str], extra_terms: Sequence[str]
) -> dict[str, list[str]]:
    names = list(type_names)
    terms = {"pre_term": PRE_TERMS, "post_term": POST_TERMS, "pair_term": PAIR_TERMS}
    return {
        "term": list(TERM_NAMES),
        **{dim: [TERM_NAMES[i] for i in rows] for dim, rows in terms.items()},
        **{dim: names for dim in ("cell_type", "pre_type", "post_type")},
        **({"extra_term": list(extra_terms)} if extra_terms else {}),
    }
