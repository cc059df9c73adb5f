"""A competitive swarm for several noisy objectives, as an EvoX algorithm.

In: bounds, an optional mask of binary latents, settings. Out: an EvoX 0.9
``Algorithm`` for any EvoX problem with m >= 1 noisy objectives, all minimised.

Every generation evaluates the P offspring and, on fresh noise, the K survivors again
that have been evaluated least (all of them by default); the running statistics of a
genome pool all its evaluations. Selection keeps P of the 2P by probabilistic
dominance of the shrunk estimates and a tie-break.
Equations: :mod:`variation`, :mod:`statistics`, :mod:`dominance`.
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np

from evoplast.artefacts.errors import UserError
from evoplast.evox_compat import Algorithm, State
from evoplast.search.dominance import select_survivors
from evoplast.search.settings import SwarmSettings
from evoplast.search.statistics import (
    Statistics,
    add_evaluation,
    estimates,
    first_evaluation,
    join,
    take,
)
from evoplast.search.variation import make_offspring

Steps = Callable[[jax.Array, jax.Array], jax.Array]
# The arrays that make up the complete state between two generations.
# ``source`` says where a survivor stood before the selection: survivors first, then
# offspring.
STATE_ARRAYS = ("key", "population", "velocity", "count", "mean", "m2", "source")


class NoisySwarm(Algorithm):
    """The search algorithm; see the module's text.

    ``initial`` (P, D) is the first population; without it, uniform in the bounds.
    ``steps`` draws a direction (P, D) for each offspring (P, D), of which every one
    gets ``hierarchical_sigma`` times; None or 0 for none.
    """

    def __init__(
        self,
        lower: np.ndarray,
        upper: np.ndarray,
        n_objectives: int,
        settings: SwarmSettings,
        binary: np.ndarray | None = None,
        initial: np.ndarray | None = None,
        steps: Steps | None = None,
    ) -> None:
        super().__init__()
        self.settings = settings
        self.n_objectives = n_objectives
        mask = np.zeros(len(lower), bool) if binary is None else binary
        self.box = tuple(jnp.asarray(part) for part in (lower, upper, mask))
        self.initial = initial
        self.steps = steps if settings.hierarchical_sigma > 0 else None

    def setup(self, key: jax.Array) -> State:
        """Return the state before the first evaluation."""
        if jnp.issubdtype(key.dtype, jax.dtypes.prng_key):
            key = jax.random.key_data(key)
        next_key, draw_key = jax.random.split(jax.random.wrap_key_data(key))
        population = self._first_population(draw_key)
        zeros = jnp.zeros((population.shape[0], self.n_objectives), jnp.float32)
        return State(
            key=jax.random.key_data(next_key),
            population=population,
            velocity=jnp.zeros_like(population),
            count=jnp.zeros(population.shape[0], jnp.float32),
            mean=zeros,
            m2=zeros,
            source=jnp.arange(population.shape[0]),
            refreshed=jnp.arange(self.settings.n_refreshed),
            offspring=population,
            offspring_velocity=jnp.zeros_like(population),
        )

    def _first_population(self, key: jax.Array) -> jax.Array:
        if self.initial is not None:
            return jnp.asarray(self.initial, jnp.float32)
        lower, upper, _ = self.box
        shape = (self.settings.population, lower.shape[0])
        return lower + jax.random.uniform(key, shape) * (upper - lower)

    def init_ask(self, state: State) -> tuple[jax.Array, State]:
        """Return the first population (P, D) to be evaluated."""
        return state.population, state

    def init_tell(self, state: State, fitness: jax.Array) -> State:
        """Take the first population's objectives (P, m)."""
        _refuse_all_nan(fitness)
        statistics = first_evaluation(fitness)
        return self._keep(state, state.population, state.velocity, statistics)

    def ask(self, state: State) -> tuple[jax.Array, State]:
        """Return K survivors and the offspring (K + P, D), survivors first."""
        next_key, key = jax.random.split(jax.random.wrap_key_data(state.key))
        score, _ = self.scores(state)
        offspring, velocity = make_offspring(
            key, state.population, state.velocity, score, self.box, self.settings
        )
        if self.steps is not None:
            lower, upper, _ = self.box
            # A key of its own: without steps, a search is what it was.
            drawn = self.steps(offspring, jax.random.fold_in(key, 1))
            moved = offspring + self.settings.hierarchical_sigma * drawn
            offspring = jnp.clip(moved, lower, upper)
        refreshed = least_evaluated(state.count, self.settings.n_refreshed)
        state = state.replace(
            key=jax.random.key_data(next_key),
            offspring=offspring,
            offspring_velocity=velocity,
            refreshed=refreshed,
        )
        return jnp.concatenate([state.population[refreshed], offspring]), state

    def tell(self, state: State, fitness: jax.Array) -> State:
        """Take the objectives (K + P, m) of survivors and offspring; select P."""
        _refuse_all_nan(fitness)
        k, index = len(state.refreshed), state.refreshed
        survivors = add_evaluation(statistics_of(state), fitness[:k], index)
        statistics = join(survivors, first_evaluation(fitness[k:]))
        population = jnp.concatenate([state.population, state.offspring])
        velocity = jnp.concatenate([state.velocity, state.offspring_velocity])
        return self._keep(state, population, velocity, statistics)

    def _keep(
        self,
        state: State,
        population: jax.Array,
        velocity: jax.Array,
        statistics: Statistics,
    ) -> State:
        n = state.population.shape[0]
        settings = self.settings
        score, se = self._estimates(statistics)
        chosen = select_survivors(
            score,
            se,
            n,
            settings.alpha,
            settings.tie_break,
            settings.indicator_scale,
            settings.n_preferred,
        )
        statistics = take(statistics, chosen)
        return state.replace(
            population=population[chosen],
            velocity=velocity[chosen],
            count=statistics.count,
            mean=statistics.mean,
            m2=statistics.m2,
            source=chosen,
        )

    def scores(self, state: State) -> tuple[jax.Array, jax.Array]:
        """Return the shrunk scores (P, m) and standard errors (P, m) of survivors."""
        return self._estimates(statistics_of(state))

    def _estimates(self, statistics: Statistics) -> tuple[jax.Array, jax.Array]:
        settings = self.settings
        return estimates(statistics, settings.shrinkage, settings.variance_prior)


def least_evaluated(count: jax.Array, k: int) -> jax.Array:
    """Return, in their order, the k rows with the lowest ``count`` (P,).

    Among equals those that come first: the better fronts.
    """
    return jnp.sort(jnp.argsort(count, stable=True)[:k])


def statistics_of(state: State) -> Statistics:
    """Return the running statistics held in the algorithm's state."""
    return Statistics(state.count, state.mean, state.m2)


def _refuse_all_nan(fitness: jax.Array) -> None:
    # Under jit the values are not known; selection then keeps what it has.
    if isinstance(fitness, jax.core.Tracer):
        return
    if not np.isfinite(np.asarray(fitness)).all(axis=1).any():
        raise UserError(
            f"All {len(fitness)} candidates of this generation have objectives that "
            "are not finite; the state of the previous generation is kept, so look "
            "into the log for the candidates, mend the cause and run again."
        )
