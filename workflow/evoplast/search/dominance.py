r"""Selection under noise: probabilistic dominance, fronts, tie-breaks.

In: estimated means (n, m) and standard errors (n, m) of m objectives, all
minimised. Out: ranks, tie-breaking merits, indices of survivors. JAX, traceable.

a dominates b if P_k = Phi((mu_bk - mu_ak) / sqrt(se_ak^2 + se_bk^2)) >= alpha in
every objective k and > alpha in at least one (Gaussian probability of one noisy
value beating another: Hughes 2001, LNCS 1993). It is evaluated as
mu_bk - mu_ak >= z sqrt(se_ak^2 + se_bk^2), z = Phi^-1(alpha), which also says what
happens without noise: two exactly known values are compared as numbers, so equal
complexities never prevent dominance at any alpha.

Cycles: with z >= 0 the relation implies mu_a <= mu_b in every objective and < in at
least one, so it has none, and it is transitive because
sqrt(a^2 + b^2) + sqrt(b^2 + c^2) >= a + c. It is a strict partial order like plain
dominance, with larger fronts; ranks are therefore always defined.

A row with a value that is not finite is dominated by every finite row and comes
last.
"""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from scipy.special import ndtri

from evoplast.artefacts.errors import UserError

Array = jax.Array | np.ndarray

# Rows of the dominance matrix made at a time: 256 x 8000 x 6 floats are 49 MB.
_BLOCK = 256

# Scale of the epsilon indicator (Zitzler & Kuenzli 2004), in ranges of objectives.
INDICATOR_SCALE = 0.05


def dominance_probability(
    mean_a: jax.Array, se_a: jax.Array, mean_b: jax.Array, se_b: jax.Array
) -> jax.Array:
    """Return P_k that a's true value is below b's; 0.5 for equal exact values."""
    spread = jnp.sqrt(se_a**2 + se_b**2)
    difference = mean_b - mean_a
    exact = jnp.sign(difference) * jnp.inf
    z = jnp.where(spread > 0, difference / jnp.where(spread > 0, spread, 1.0), exact)
    return jax.scipy.special.ndtr(jnp.where(difference == 0, 0.0, z))


def check_alpha(alpha: float) -> None:
    """Raise UserError unless ``alpha`` lies in [0.5, 1)."""
    if not 0.5 <= alpha < 1.0:
        raise UserError(f"search.alpha is {alpha}; it must be in [0.5, 1).")


def dominance_matrix(mean: Array, se: Array, alpha: float = 0.5) -> jax.Array:
    """Return D (n, n), bool: D[i, j] says that i dominates j.

    Raises:
        UserError: alpha outside [0.5, 1).
    """
    check_alpha(alpha)
    return _matrix(jnp.asarray(mean), jnp.asarray(se), float(ndtri(alpha)))


@partial(jax.jit, static_argnames="z")
def _matrix(mean: jax.Array, se: jax.Array, z: float) -> jax.Array:
    n = mean.shape[0]
    valid = finite_rows(mean, se)

    def row(i: jax.Array) -> jax.Array:
        needed = z * jnp.sqrt(se[i] ** 2 + se**2) if z > 0 else 0.0
        gain = mean - mean[i]
        better = jnp.all(gain >= needed, axis=1) & jnp.any(gain > needed, axis=1)
        return valid[i] & jnp.where(valid, better, True)

    return lax.map(row, jnp.arange(n), batch_size=min(_BLOCK, n))


def finite_rows(mean: jax.Array, se: jax.Array) -> jax.Array:
    """Return which rows (n,) are finite in mean and standard error."""
    return jnp.all(jnp.isfinite(mean) & jnp.isfinite(se), axis=1)


def non_dominated_ranks(
    mean: Array, se: Array | None = None, alpha: float = 0.5
) -> jax.Array:
    """Return the front (n,), int32, that each row belongs to; 0 is the best.

    Raises:
        UserError: alpha outside [0.5, 1).
    """
    mean = jnp.asarray(mean)
    se = jnp.zeros_like(mean) if se is None else jnp.asarray(se)
    return _peel(dominance_matrix(mean, se, alpha), n_needed=mean.shape[0])


@partial(jax.jit, static_argnames="n_needed")
def _peel(dominates: jax.Array, n_needed: int) -> jax.Array:
    """Rank by peeling fronts until ``n_needed`` rows have one; the rest get n.

    Each row of the matrix is visited once, when its owner's front is peeled.
    """
    n = dominates.shape[0]

    def unfinished(loop: tuple) -> jax.Array:
        rank, front, _, level = loop
        return (jnp.sum(rank < level) < n_needed) & jnp.any(front)

    def peel(loop: tuple) -> tuple:
        rank, front, dominators, level = loop
        rank = jnp.where(front, level, rank)
        order = jnp.argsort(~front)
        dominators = lax.fori_loop(
            0,
            jnp.sum(front),
            lambda i, count: count - dominates[order[i]].astype(jnp.int32),
            dominators,
        )
        return rank, (dominators == 0) & (rank == n), dominators, level + 1

    dominators = jnp.sum(dominates, axis=0, dtype=jnp.int32)
    start = (jnp.full(n, n, jnp.int32), dominators == 0, dominators, jnp.int32(0))
    return lax.while_loop(unfinished, peel, start)[0]


@jax.jit
def crowding_distance(values: jax.Array, members: jax.Array) -> jax.Array:
    """Return the crowding distance (n,) within the rows of the mask ``members``.

    Sum over objectives of the gap between a row's neighbours, divided by the
    front's range (Deb et al. 2002); the ends of an objective get infinity; an
    objective that is constant in the front tells nothing and adds nothing. Rows
    outside get -infinity.
    """
    count = jnp.sum(members)
    distances = jax.vmap(_gaps, in_axes=(1, None, None))(values, members, count)
    return jnp.where(members, jnp.sum(distances, axis=0), -jnp.inf)


def _gaps(value: jax.Array, members: jax.Array, count: jax.Array) -> jax.Array:
    n = value.shape[0]
    order = jnp.argsort(jnp.where(members, value, jnp.inf))
    ordered = value[order]
    position = jnp.arange(n)
    before = ordered[jnp.maximum(position - 1, 0)]
    after = ordered[jnp.minimum(position + 1, n - 1)]
    width = ordered[count - 1] - ordered[0]
    is_end = (position == 0) | (position == count - 1)
    gap = jnp.where(is_end, jnp.inf, (after - before) / width)
    gap = jnp.where((width > 0) & (position < count), gap, 0.0)
    return jnp.zeros(n).at[order].set(gap)


@jax.jit
def indicator_order(
    values: jax.Array, members: jax.Array, scale: float = INDICATOR_SCALE
) -> jax.Array:
    """Return, within the rows of the mask ``members``, how late each is given up.

    The additive epsilon indicator eps(j, i) is the smallest amount by which j has to
    improve in every objective to be as good as i. Row i loses
    sum_j exp(-eps(j, i) / scale); the row that loses most is given up, the sums are
    corrected, and so on (IBEA, Zitzler & Kuenzli 2004). Unlike crowding it does not
    reward a row for being last in an objective. Objectives are divided by their
    range up to the 90th percentile, so that one outlier does not set the scale.
    Rows outside get -infinity.
    """
    n = values.shape[0]
    unit = _in_ranges(values, members)

    def losses_to(j: jax.Array) -> jax.Array:
        exponent = -jnp.max(unit[j] - unit, axis=1) / scale
        counts = members & members[j] & (jnp.arange(n) != j)
        return jnp.where(counts, jnp.exp(jnp.minimum(exponent, 10.0)), 0.0)

    loss = lax.map(losses_to, jnp.arange(n), batch_size=min(_BLOCK, n))
    total = jnp.where(members, jnp.sum(loss, axis=0), -jnp.inf)

    def give_up(step: jax.Array, carry: tuple) -> tuple:
        total, order = carry
        worst = jnp.argmax(total)
        order = order.at[worst].set(step.astype(jnp.float32))
        return (total - loss[worst]).at[worst].set(-jnp.inf), order

    start = (total, jnp.full(n, -jnp.inf))
    return lax.fori_loop(0, jnp.sum(members), give_up, start)[1]


def _in_ranges(values: jax.Array, members: jax.Array) -> jax.Array:
    """Return ``values`` in the members' ranges from their best to 90th percentile."""
    inside = jnp.where(members[:, None], values, jnp.nan)
    low = jnp.nanmin(inside, axis=0)
    width = jnp.nanquantile(inside, 0.9, axis=0) - low
    return (values - low) / jnp.where(width > 0, width, 1.0)


@jax.jit
def reference_order(values: jax.Array, members: jax.Array) -> jax.Array:
    """Return, within the rows of the mask ``members``, how early each is taken.

    As many fixed directions as there are rows are spread evenly at random over the
    positive orthant. Each row belongs to the direction with the smallest angle; of
    every direction the row nearest to the ideal point is taken first, then the second
    of every direction, and so on (after the niches of RVEA, Cheng et al. 2016, IEEE
    T. Evol. Comput. 20:773). Objectives are scaled as in ``indicator_order``. Rows
    outside get -infinity.
    """
    n, m = values.shape
    unit = jnp.maximum(_in_ranges(values, members), 0.0)
    drawn = jnp.abs(jax.random.normal(jax.random.key(0), (n, m)))
    directions = drawn / jnp.linalg.norm(drawn, axis=1, keepdims=True)
    length = jnp.linalg.norm(unit, axis=1)

    def nearest(row: jax.Array) -> jax.Array:
        return jnp.argmax(directions @ row)

    niche = lax.map(nearest, unit, batch_size=min(_BLOCK, n))
    niche = jnp.where(members, niche, n)
    order = jnp.lexsort((length, niche))
    ordered, place = niche[order], jnp.arange(n)
    first = jnp.searchsorted(ordered, ordered, side="left")
    turn = jnp.zeros(n, jnp.int32).at[order].set((place - first).astype(jnp.int32))
    # Within a turn the row nearest to the ideal point comes first.
    return jnp.where(members, -(turn + length / (1.0 + length)), -jnp.inf)


def _merit(
    values: jax.Array, members: jax.Array, tie_break: str, indicator_scale: float
) -> jax.Array:
    if tie_break == "indicator":
        return indicator_order(values, members, indicator_scale)
    orders = {"crowding": crowding_distance, "reference": reference_order}
    return orders[tie_break](values, members)


@partial(
    jax.jit,
    static_argnames=("n_survivors", "z", "tie_break", "indicator_scale", "n_preferred"),
)
def _select(
    mean: jax.Array,
    se: jax.Array,
    n_survivors: int,
    z: float,
    tie_break: str,
    indicator_scale: float,
    n_preferred: int,
) -> jax.Array:
    valid = finite_rows(mean, se)
    place = jnp.argsort(jnp.argsort(jnp.where(valid, mean[:, 0], jnp.inf)))
    preferred = (place < n_preferred) & valid
    rank = _peel(_matrix(mean, se, z), n_needed=n_survivors)
    # Fronts are those of all rows; preferred ones have their place already.
    rank = jnp.where(preferred, -1, rank)
    last = jnp.sort(rank)[n_survivors - 1]
    merit = _merit(mean, (rank == last) & valid, tie_break, indicator_scale)
    merit = jnp.where(preferred, -place, merit)
    order = jnp.lexsort((-merit, rank, ~valid))
    # With fewer finite rows than places the finite ones are taken again in turn.
    n_usable = jnp.clip(jnp.sum(valid), 1, n_survivors)
    return order[jnp.arange(n_survivors) % n_usable]


def select_survivors(
    mean: Array,
    se: Array,
    n_survivors: int,
    alpha: float = 0.5,
    tie_break: str = "crowding",
    indicator_scale: float = INDICATOR_SCALE,
    n_preferred: int = 0,
) -> jax.Array:
    """Return the indices (n_survivors,) of the rows that live, best fronts first.

    The first ``n_preferred`` places go to the rows with the lowest first objective,
    whatever their front; the rest to the other rows by their fronts. The last front
    that fits only in part is cut by the means' ``crowding`` distance, by the epsilon
    ``indicator`` or by ``reference`` vectors. A row that is not finite never lives as
    long as one row is finite.

    Raises:
        UserError: alpha outside [0.5, 1).
    """
    check_alpha(alpha)
    mean, se = jnp.asarray(mean), jnp.asarray(se)
    return _select(
        mean,
        se,
        n_survivors,
        float(ndtri(alpha)),
        tie_break,
        indicator_scale,
        n_preferred,
    )
