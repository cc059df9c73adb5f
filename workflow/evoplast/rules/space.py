"""The genome of a rule: a vector of natural units, and its named parts.

In: the number of cell types and the range of the readout threshold. Out: the
layout of the vector (2645 numbers for 17 types), its bounds, and the two
translations between the vector and :class:`RuleParameters`.

Source of the parts and ranges: Ye et al. 2026, section on the rule space; the lower
bound of the time constants is one simulation step.
"""

from dataclasses import dataclass, fields
from functools import cached_property

import jax
import jax.numpy as jnp
import numpy as np

from evoplast.artefacts.errors import UserError
from evoplast.rules.terms import (
    N_TERMS,
    OPTIONAL_TERMS,
    PAIR_TERMS,
    POST_TERMS,
    PRE_TERMS,
    extra_indices,
)

Array = np.ndarray | jax.Array

TAU_MIN_MS = 1.0
TAU_MAX_MS = 150.0
COEFFICIENT_LIMIT = 1.0
GATE_THRESHOLD = 0.5


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class RuleParameters:
    """Named parts of P rules for M cell types (a JAX pytree).

    gates (P, 25) 0 or 1; pre (P, 8, M), post (P, 8, M) and pair (P, 8, M_pre,
    M_post) coefficients in [-1, 1], rows in the order of ``PRE_TERMS``,
    ``POST_TERMS``, ``PAIR_TERMS``; reward_alone (P,); tau_E_ms and tau_R_ms
    (P, M), time constants of spike and reward traces; phi (P,), the readout
    threshold in Hz or, with a relative threshold, without unit.

    Where a space has extra terms, gates go on with one for each of the O
    ``OPTIONAL_TERMS``, and extra (P, O, M_pre, M_post) are their coefficients; those
    that the space does not have are off and 0.
    """

    gates: Array
    pre: Array
    post: Array
    pair: Array
    reward_alone: Array
    tau_E_ms: Array
    tau_R_ms: Array
    phi: Array
    extra: Array | None = None


@dataclass(frozen=True)
class RuleSpace:
    """All rules for ``n_types`` cell types with a threshold in [phi_min, phi_max].

    ``extra_terms`` names the ``OPTIONAL_TERMS`` that rules may have besides the 25;
    their gates and coefficients follow phi in the vector.

    Raises:
        UserError: no cell type, an empty range of phi, or an unknown term.
    """

    n_types: int
    phi_min: float = 0.0
    phi_max: float = 10.0
    extra_terms: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        extra_indices(self.extra_terms)
        if self.n_types < 1:
            raise UserError(
                f"n_types is {self.n_types}; a rule needs at least one cell type."
            )
        if not self.phi_min < self.phi_max:
            raise UserError(
                f"task.phi_min is {self.phi_min} and task.phi_max {self.phi_max}; "
                "phi_min must be the smaller one."
            )

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape of every part for one rule, in the order of the vector."""
        m, extra = self.n_types, len(self.extra_terms)
        more = {"extra_gates": (extra,), "extra": (extra, m, m)} if extra else {}
        return {
            "gates": (N_TERMS,),
            "pre": (len(PRE_TERMS), m),
            "post": (len(POST_TERMS), m),
            "pair": (len(PAIR_TERMS), m, m),
            "reward_alone": (),
            "tau_E_ms": (m,),
            "tau_R_ms": (m,),
            "phi": (),
            **more,
        }

    @cached_property
    def slices(self) -> dict[str, slice]:
        """Where every part lies in the vector."""
        sizes = [int(np.prod(shape)) for shape in self.shapes.values()]
        ends = np.cumsum(sizes)
        starts = ends - sizes
        return {
            name: slice(int(a), int(b))
            for name, a, b in zip(self.shapes, starts, ends, strict=True)
        }

    @property
    def n_parameters(self) -> int:
        """Length D of the vector."""
        return max(part.stop for part in self.slices.values())

    @property
    def limits(self) -> dict[str, tuple[float, float]]:
        """Smallest and largest legal value of every part."""
        coefficient = (-COEFFICIENT_LIMIT, COEFFICIENT_LIMIT)
        tau = (TAU_MIN_MS, TAU_MAX_MS)
        return {
            "gates": (0.0, 1.0),
            "pre": coefficient,
            "post": coefficient,
            "pair": coefficient,
            "reward_alone": coefficient,
            "tau_E_ms": tau,
            "tau_R_ms": tau,
            "phi": (self.phi_min, self.phi_max),
            "extra_gates": (0.0, 1.0),
            "extra": coefficient,
        }

    @cached_property
    def lower(self) -> np.ndarray:
        """Smallest legal vector, shape (D,), float32."""
        return self._bound(0)

    @cached_property
    def upper(self) -> np.ndarray:
        """Largest legal vector, shape (D,), float32."""
        return self._bound(1)

    @cached_property
    def is_gate(self) -> np.ndarray:
        """Mask of the gate latents in the vector, shape (D,), bool."""
        mask = np.zeros(self.n_parameters, bool)
        for name in {"gates", "extra_gates"} & set(self.slices):
            mask[self.slices[name]] = True
        return mask

    def _bound(self, side: int) -> np.ndarray:
        bound = np.empty(self.n_parameters, np.float32)
        for name, part in self.slices.items():
            bound[part] = self.limits[name][side]
        return bound


def decode(space: RuleSpace, genomes: Array) -> RuleParameters:
    """Split genomes (P, D) into named parts; a gate is on if its latent is > 0.5.

    NumPy in gives NumPy out, JAX in gives JAX out (float32).

    Raises:
        UserError: the vectors do not have the space's length.
    """
    check_length(space, genomes)
    n = genomes.shape[0]
    parts = {
        name: genomes[:, part].reshape((n, *space.shapes[name]))
        for name, part in space.slices.items()
    }
    parts["gates"] = (parts["gates"] > GATE_THRESHOLD).astype(np.float32)
    if space.extra_terms:
        on = (parts.pop("extra_gates") > GATE_THRESHOLD).astype(np.float32)
        parts["gates"] = _joined(parts["gates"], _all_optional(space, on))
        parts["extra"] = _all_optional(space, parts["extra"])
    return RuleParameters(**parts)


def _joined(*arrays: Array) -> Array:
    kind = jnp if any(isinstance(array, jax.Array) for array in arrays) else np
    return kind.concatenate(arrays, axis=1)


def _all_optional(space: RuleSpace, values: Array) -> Array:
    """Spread (P, extra terms, ...) over all optional terms, zeros between."""
    chosen = extra_indices(space.extra_terms)
    padded = _joined(values, np.zeros((len(values), 1, *values.shape[2:]), np.float32))
    where = [chosen.index(o) if o in chosen else -1 for o in range(len(OPTIONAL_TERMS))]
    return padded[:, np.array(where)]


def encode(space: RuleSpace, parameters: RuleParameters) -> np.ndarray:
    """Join named parts into genomes (P, D), float32; gate latents become 0 or 1."""
    n = np.shape(parameters.phi)[0]
    given = {f.name: getattr(parameters, f.name) for f in fields(RuleParameters)}
    extra, given["gates"] = given.pop("extra"), np.asarray(given["gates"])[:, :N_TERMS]
    parts = [np.asarray(v, np.float32).reshape(n, -1) for v in given.values()]
    if space.extra_terms:
        chosen = np.array(extra_indices(space.extra_terms))
        if extra is None:
            parts.append(np.zeros((n, space.n_parameters - space.slices["phi"].stop)))
        else:
            on = np.asarray(parameters.gates)[:, N_TERMS + chosen]
            parts += [on, np.asarray(extra, np.float32)[:, chosen].reshape(n, -1)]
    genomes = np.concatenate(parts, axis=1).astype(np.float32)
    check_length(space, genomes)
    return genomes


def refuse_extra_terms(space: RuleSpace, what: str) -> None:
    """Raise UserError if ``space`` has terms that ``what`` knows nothing of."""
    if space.extra_terms:
        raise UserError(
            f"plasticity.extra_terms is {', '.join(space.extra_terms)}; {what} works "
            "with the 25 terms alone, so leave the list empty for it."
        )


def coefficients_of_term(rule: RuleParameters, index: int) -> np.ndarray:
    """Return the coefficients of the term ``ALL_TERMS[index]`` of the first rule.

    (M,) by type, (M_pre, M_post) by pair, () for the reward alone.
    """
    if index >= N_TERMS:
        return np.asarray(rule.extra)[0, index - N_TERMS]
    for rows, values in (
        (PRE_TERMS, rule.pre),
        (POST_TERMS, rule.post),
        (PAIR_TERMS, rule.pair),
    ):
        if index in rows:
            return np.asarray(values)[0, rows.index(index)]
    return np.asarray(rule.reward_alone)[0]


def check_length(space: RuleSpace, genomes: Array) -> None:
    """Raise UserError unless ``genomes`` has the shape (P, D) of ``space``."""
    shape = np.shape(genomes)
    if len(shape) != 2 or shape[1] != space.n_parameters:
        raise UserError(
            f"Genomes have the shape {shape}; {space.n_types} cell types need "
            f"(candidates, {space.n_parameters})."
        )


def validate_genomes(space: RuleSpace, genomes: Array) -> None:
    """Raise UserError naming the first candidate with an illegal value.

    Illegal: NaN or infinite, a coefficient outside [-1, 1], a gate latent outside
    [0, 1], a time constant below 1 or above 150 ms, phi outside its range.
    """
    check_length(space, genomes)
    genomes = np.asarray(genomes)
    legal = (genomes >= space.lower) & (genomes <= space.upper)
    if legal.all():
        return
    candidate, position = np.argwhere(~legal)[0]
    name = next(n for n, part in space.slices.items() if position < part.stop)
    low, high = space.limits[name]
    raise UserError(
        f"Candidate {candidate} has {name} = {genomes[candidate, position]} at "
        f"position {position}; allowed are finite values from {low:g} to {high:g}."
    )
