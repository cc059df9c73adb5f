"""Random rules: the start of a search and the baseline it has to beat.

In: a rule space, a number, a JAX key. Out: genomes (n, D), float32. Candidate i
depends on the key and on i alone, not on how many others are drawn. NumPy draws
them, because a traced version would be compiled anew for every n.
"""

import jax
import numpy as np

from evoplast.artefacts.errors import UserError
from evoplast.rules.space import RuleSpace

COEFFICIENT_PRIORS = ("uniform", "normal", "shared")
NORMAL_SD = 1 / 3
"""S.d. of the normal prior: its limits are then three standard deviations away."""


def random_genomes(
    space: RuleSpace,
    n: int,
    key: jax.Array,
    gate_probability: float = 0.5,
    coefficient_prior: str = "uniform",
) -> np.ndarray:
    """Draw ``n`` genomes (n, D): every part uniform over its range.

    A gate is on with ``gate_probability``; its latent is uniform over the half of
    [0, 1] that says so. ``coefficient_prior``: coefficients ``uniform``; ``normal``
    with a mean of 0 and an s.d. of a third of the limit; ``shared``, one uniform
    number for all cell types of a term. The other parts do not depend on it.

    Raises:
        UserError: the probability is outside [0, 1], or an unknown prior.
    """
    if coefficient_prior not in COEFFICIENT_PRIORS:
        raise UserError(
            f"The coefficient prior is {coefficient_prior!r}; choose one of "
            f"{', '.join(COEFFICIENT_PRIORS)}."
        )
    if not 0.0 <= gate_probability <= 1.0:
        raise UserError(
            f"The gate probability is {gate_probability}; it must lie in [0, 1]."
        )
    words = [int(word) for word in np.ravel(jax.random.key_data(key))]
    genomes = np.empty((n, space.n_parameters), np.float32)
    for i in range(n):
        rng = np.random.default_rng([*words, i])
        genomes[i] = _draw(space, gate_probability, rng)
        _redraw_coefficients(space, genomes[i], coefficient_prior, rng)
    return genomes


def _redraw_coefficients(
    space: RuleSpace, genome: np.ndarray, prior: str, rng: np.random.Generator
) -> None:
    """Replace, in place, the uniform coefficients by those of another prior."""
    for name in ("pre", "post", "pair", "reward_alone", "extra"):
        if name not in space.slices:
            continue
        part, (low, high) = space.slices[name], space.limits[name]
        if prior == "normal":
            drawn = rng.normal(0.0, NORMAL_SD * high, part.stop - part.start)
            genome[part] = np.clip(drawn, low, high)
        elif prior == "shared" and space.shapes[name]:
            values = genome[part].reshape(space.shapes[name][0], -1)
            genome[part] = np.repeat(values[:, 0], values.shape[1])


def _draw(
    space: RuleSpace, gate_probability: float, rng: np.random.Generator
) -> np.ndarray:
    uniform = rng.random(space.n_parameters, dtype=np.float32)
    value = np.clip(
        space.lower + uniform * (space.upper - space.lower), space.lower, space.upper
    )
    # The gates of the 25 terms come first, so those of extra terms draw after them.
    gates = np.flatnonzero(space.is_gate)
    on = rng.random(len(gates)) < gate_probability
    # 1 - u lies in (0, 1]: a latent that should be on is never exactly 0.5.
    value[gates] = np.where(
        on, 0.5 + 0.5 * (1.0 - uniform[gates]), 0.5 * uniform[gates]
    )
    return value
