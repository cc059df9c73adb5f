"""The evolution strategy of Bertens and Lee (2020) as an EvoX algorithm.

In: a centre genome (G,). Out, generation by generation: a population (P, G) of
mirrored Gaussian perturbations of the centre, and a new centre from the ranks of
their costs. Follows the EvoX convention: ``tell`` receives costs, lower is better.
"""

import jax
import jax.numpy as jnp

from evoplast.artefacts.errors import UserError
from evoplast.evox_compat import Algorithm, State, jit_class


def rank_weights(costs: jax.Array, power: float) -> jax.Array:
    """Return weights (P,), summing to 1, of costs (P,): ((rank / P) ** power).

    The worst has rank 0, the best P - 1. Ties are ranked by position, so that a
    population of equals makes the centre walk at random (the released code does so).
    """
    n = costs.shape[0]
    ranks = jnp.argsort(jnp.argsort(-costs))
    weights = (ranks / n) ** power
    return weights / jnp.sum(weights)


@jit_class
class RankWeightedES(Algorithm):
    """Mirrored Gaussian search around one centre with momentum.

    The first pair is not perturbed: members 0 and P/2 are the centre itself. With
    weights w and perturbations e (standard deviation ``sigma``):
    g = sum(w e), velocity = momentum * velocity + g, centre = centre + velocity.
    """

    def __init__(
        self,
        centre: jax.Array,
        population: int = 512,
        sigma: float = 0.01,
        momentum: float = 0.9,
        rank_power: float = 5.0,
    ) -> None:
        super().__init__()
        check_population(population)
        self.centre = centre
        self.population = population
        self.sigma = sigma
        self.momentum = momentum
        self.rank_power = rank_power

    def setup(self, key: jax.Array) -> State:
        """Return the state before the first generation."""
        noise = jnp.zeros((self.population // 2, self.centre.shape[0]))
        return State(
            centre=self.centre,
            velocity=jnp.zeros_like(self.centre),
            noise=noise,
            generation=jnp.int32(0),
            key=key,
        )

    def ask(self, state: State) -> tuple[jax.Array, State]:
        """Return the population (P, G) of this generation.

        Its noise depends on the key and the generation alone, so that a restarted
        run continues with the same numbers.
        """
        key = jax.random.fold_in(state.key, state.generation)
        shape = (self.population // 2, self.centre.shape[0])
        noise = self.sigma * jax.random.normal(key, shape)
        noise = noise.at[0].set(0.0)
        offspring = jnp.concatenate([state.centre + noise, state.centre - noise])
        return offspring, state.replace(noise=noise)

    def tell(self, state: State, fitness: jax.Array) -> State:
        """Move the centre, given the costs (P,) of the population."""
        weights = rank_weights(fitness, self.rank_power)
        half = self.population // 2
        gradient = (weights[:half] - weights[half:]) @ state.noise
        velocity = self.momentum * state.velocity + gradient
        return state.replace(
            centre=state.centre + velocity,
            velocity=velocity,
            generation=state.generation + 1,
        )


def check_population(population: int) -> None:
    """Refuse a population that cannot be made of mirrored pairs.

    Raises:
        UserError: ``population`` is odd or below 2.
    """
    if population < 2 or population % 2:
        raise UserError(
            f"population = {population} cannot be split into mirrored pairs; "
            "set population to an even number of at least 2."
        )
