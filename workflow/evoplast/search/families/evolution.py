r"""The evolution of one family's mean, as an EvoX algorithm.

In: a start, bounds, a function that draws directions, settings. Out: an EvoX 0.9
``Algorithm`` for any problem whose fitness has two columns: the value to minimise and
the amount (0 or more) by which a limit is violated.

A generation evaluates n mirrored samples mean ± sigma d and, last, the mean itself.
All samples move the mean: with u the centred ranks of value + multiplier x violation,
scaled so that their sizes sum to 2, the velocity becomes
momentum v + sum u_i (x_i - mean) and the mean moves by learning_rate v (evolution
strategy with mirrored, ranked samples: Wierstra et al. 2014, JMLR 15:949; Salimans et
al. 2017, arXiv:1703.03864). The
multiplier grows while the mean itself violates the limit and shrinks while it does
not: samples, which scatter, do not hold the mean far inside of the limit. A sample
whose value is not finite ranks last.
"""

from collections.abc import Callable
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from evoplast.artefacts.errors import UserError
from evoplast.evox_compat import Algorithm, State
from evoplast.search.families.settings import EvolutionSettings

# (key, n) -> directions (n, D).
Directions = Callable[[jax.Array, int], jax.Array]

# What makes up the complete state between two generations.
STATE_ARRAYS = ("key", "mean", "velocity", "multiplier", "age")


class FamilyEvolution(Algorithm):
    """The algorithm of one family; see the module's text.

    ``start`` (D,) is the first mean, ``lower`` and ``upper`` (D,) its bounds.
    ``n_samples`` is even.

    Raises:
        UserError: an odd number of samples, or less than two.
    """

    def __init__(
        self,
        start: np.ndarray,
        lower: np.ndarray,
        upper: np.ndarray,
        directions: Directions,
        n_samples: int,
        settings: EvolutionSettings,
    ) -> None:
        super().__init__()
        check_samples(n_samples)
        self.start = jnp.asarray(start, jnp.float32)
        self.bounds = (jnp.asarray(lower), jnp.asarray(upper))
        self.directions = directions
        self.n_samples = n_samples
        self.settings = settings

    def setup(self, key: jax.Array) -> State:
        """Return the state before the first generation."""
        if jnp.issubdtype(key.dtype, jax.dtypes.prng_key):
            key = jax.random.key_data(key)
        return State(
            key=key,
            mean=self.start,
            velocity=jnp.zeros_like(self.start),
            multiplier=jnp.float32(self.settings.first_multiplier),
            age=jnp.int32(0),
            samples=jnp.zeros((self.n_samples, len(self.start)), jnp.float32),
        )

    def ask(self, state: State) -> tuple[jax.Array, State]:
        """Return the samples and the mean, (n + 1, D), the mean last."""
        next_key, key = jax.random.split(jax.random.wrap_key_data(state.key))
        settings = self.settings
        sigma = settings.sigma / (1.0 + settings.sigma_decay * state.age)
        step = sigma * self.directions(key, self.n_samples // 2)
        both = jnp.concatenate([state.mean + step, state.mean - step])
        samples = jnp.clip(both, *self.bounds).astype(jnp.float32)
        state = state.replace(key=jax.random.key_data(next_key), samples=samples)
        return jnp.concatenate([samples, state.mean[None]]), state

    def tell(self, state: State, fitness: jax.Array | np.ndarray) -> State:
        """Take value and violation (n + 1, 2) of the samples and the mean."""
        now = (state.mean, state.velocity, state.multiplier, state.samples)
        mean, velocity, multiplier = _moved(
            now, jnp.asarray(fitness, jnp.float32), self.bounds, self.settings
        )
        return state.replace(
            mean=mean, velocity=velocity, multiplier=multiplier, age=state.age + 1
        )


@partial(jax.jit, static_argnames="settings")
def _moved(
    now: tuple[jax.Array, jax.Array, jax.Array, jax.Array],
    fitness: jax.Array,
    bounds: tuple[jax.Array, jax.Array],
    settings: EvolutionSettings,
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Return mean, velocity and multiplier after a generation."""
    mean, velocity, multiplier, samples = now
    value, violation = fitness.T
    cost = jnp.where(jnp.isfinite(value), value + multiplier * violation, jnp.inf)
    weight = centred_ranks(cost[:-1])
    pull = (weight[:, None] * (samples - mean)).sum(axis=0)
    velocity = settings.momentum * velocity + pull
    mean = jnp.clip(mean + settings.learning_rate * velocity, *bounds)
    grows = settings.multiplier_factor
    factor = jnp.where(violation[-1] > 0, grows, 1.0 / grows)
    smallest, largest = settings.smallest_multiplier, settings.largest_multiplier
    return mean, velocity, jnp.clip(multiplier * factor, smallest, largest)


def check_samples(n_samples: int) -> None:
    """Raise UserError unless the samples can be mirrored."""
    if n_samples < 2 or n_samples % 2:
        raise UserError(
            f"families.rounds asks for {n_samples} samples of a family; samples are "
            "mirrored, so give an even number of at least 2."
        )


def centred_ranks(cost: jax.Array) -> jax.Array:
    """Return weights (n,) that sum to 0, the largest for the lowest cost (n,).

    Equal costs share their ranks; the absolute weights sum to 2.
    """
    below = (cost[None, :] < cost[:, None]).sum(axis=1)
    equal = (cost[None, :] == cost[:, None]).sum(axis=1)
    rank = below + 0.5 * (equal - 1)
    weight = 0.5 * (len(cost) - 1) - rank
    total = jnp.abs(weight).sum()
    return jnp.where(total > 0, 2.0 * weight / jnp.where(total > 0, total, 1.0), 0.0)
