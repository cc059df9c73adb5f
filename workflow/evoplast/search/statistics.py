r"""What repeated evaluations say about each genome: running moments and estimates.

In: objectives of one generation. Out: running statistics per genome (Welford 1962)
and, from them, estimates that do not mistake luck for quality.

For genome i with n_i evaluations of mean m_i and squared deviations M2_i:

* pooled variance  s^2 = sum_i M2_i / sum_i (n_i - 1), per objective;
* own variance     s_i^2 = (d0 s^2 + M2_i) / (d0 + n_i - 1): the pooled one for a
  newcomer, its own in the long run (moderated variance, Smyth 2004);
* score            t + n_i / (n_i + c) (m_i - t), t = the median of the means: a
  newcomer's lucky draw counts for little until it is repeated;
* standard error   s_i / sqrt(n_i + c), the spread of the truth around the score if
  genomes spread with variance s^2 / c.

An objective whose evaluations never vary (complexity) is exact: it is not shrunk and
its standard error is zero.
"""

from dataclasses import dataclass
from functools import partial

import jax
import jax.numpy as jnp

# Degrees of freedom that the pooled variance counts for in a genome's own, d0.
PRIOR_DEGREES = 4.0


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Statistics:
    """Running statistics of n genomes: count (n,), mean and m2 (n, m)."""

    count: jax.Array
    mean: jax.Array
    m2: jax.Array


def first_evaluation(objectives: jax.Array) -> Statistics:
    """Return the statistics after one evaluation with ``objectives`` (n, m)."""
    count = jnp.ones(objectives.shape[0], jnp.float32)
    return Statistics(count, objectives, jnp.zeros_like(objectives))


@jax.jit
def add_evaluation(
    statistics: Statistics, objectives: jax.Array, index: jax.Array | None = None
) -> Statistics:
    """Return the statistics after one more evaluation of the genomes ``index``.

    ``objectives`` (k, m) are those of the genomes ``index`` (k,), or of all.
    """
    old = statistics if index is None else take(statistics, index)
    count = old.count + 1.0
    before = objectives - old.mean
    mean = old.mean + before / count[:, None]
    new = Statistics(count, mean, old.m2 + before * (objectives - mean))
    if index is None:
        return new
    return jax.tree.map(lambda x, y: x.at[index].set(y), statistics, new)


def join(a: Statistics, b: Statistics) -> Statistics:
    """Return the statistics of the genomes of ``a`` followed by those of ``b``."""
    return jax.tree.map(lambda x, y: jnp.concatenate([x, y]), a, b)


def take(statistics: Statistics, index: jax.Array) -> Statistics:
    """Return the statistics of the genomes ``index``."""
    return jax.tree.map(lambda x: x[index], statistics)


def pooled_variance(statistics: Statistics) -> jax.Array:
    """Return the variance (m,) between evaluations of one genome, over all genomes.

    Zero where no genome has been evaluated twice.
    """
    usable = jnp.isfinite(statistics.m2) & jnp.isfinite(statistics.mean)
    degrees = jnp.where(usable, (statistics.count - 1.0)[:, None], 0.0)
    squares = jnp.where(usable, statistics.m2, 0.0)
    return squares.sum(axis=0) / jnp.maximum(degrees.sum(axis=0), 1.0)


@partial(jax.jit, static_argnames=("shrinkage", "prior_degrees"))
def estimates(
    statistics: Statistics, shrinkage: float, prior_degrees: float = PRIOR_DEGREES
) -> tuple[jax.Array, jax.Array]:
    """Return scores (n, m) and standard errors (n, m); NaN where a mean is NaN."""
    pooled = pooled_variance(statistics)
    count = statistics.count[:, None]
    own = (prior_degrees * pooled + statistics.m2) / (prior_degrees + count - 1.0)
    weight = jnp.where(pooled > 0, count / (count + shrinkage), 1.0)
    finite = jnp.where(jnp.isfinite(statistics.mean), statistics.mean, jnp.nan)
    target = jnp.nanmedian(finite, axis=0)
    # In this form a weight of 1 returns the mean itself, to the last bit: equal exact
    # objectives stay equal.
    score = statistics.mean + (1.0 - weight) * (target - statistics.mean)
    return score, jnp.sqrt(own / (count + shrinkage))
