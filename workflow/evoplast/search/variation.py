r"""How the swarm makes offspring: pairs, the move to the teacher, mutation.

In: a JAX key, positions (P, D), velocities, scores (P, m). Out: P offspring, two per
pair. JAX, traceable.

* Pairs are random; one objective drawn per pair makes the lower score the teacher,
  ties by a coin (Ye et al. 2026); with ``preferred_share`` q, a pair competes in the
  first objective with probability q + (1 - q) / m.
* Student: v' = r1 v + r2 (x_teacher - x_student) + w r3 (centre - x_student),
  x' = clip(x + v') (Cheng & Jin 2015, IEEE T. Cybern. 45:191; w = 0.2 for D >= 2000
  there). r1, r2, r3 are uniform in [0, 1], one per particle by default: the move
  then stays on the line to the teacher (Tian et al. 2020, IEEE T. Cybern. 50:3696).
* Both the moved student and a copy of the teacher then undergo polynomial mutation
  (Deb & Agrawal 1999; one coordinate in any case, so that no offspring is its parent
  again, and each with a probability of 1/D by default); binary latents also flip,
  x -> 1 - x.
"""

from functools import partial

import jax
import jax.numpy as jnp

from evoplast.search.settings import SwarmSettings


@partial(jax.jit, static_argnames="settings")
def make_offspring(
    key: jax.Array,
    population: jax.Array,
    velocity: jax.Array,
    score: jax.Array,
    box: tuple[jax.Array, jax.Array, jax.Array],
    settings: SwarmSettings,
) -> tuple[jax.Array, jax.Array]:
    """Return offspring (P, D) and their velocities (P, D).

    ``box`` holds the lower and upper bounds (D,) and the mask (D,) of binary
    latents. The first half are students, the second half their teachers' copies.
    """
    pair_key, move_key, mutate_key, flip_key = jax.random.split(key, 4)
    lower, upper, binary = box
    teacher, student = compete(pair_key, score, settings.preferred_share)
    centre = jnp.mean(population, axis=0)
    moved = move(
        move_key,
        population[student],
        velocity[student],
        population[teacher],
        centre,
        settings,
    )
    moved = jnp.clip(moved, lower - upper, upper - lower)
    position = jnp.clip(population[student] + moved, lower, upper)
    children = jnp.concatenate([position, population[teacher]])
    children = mutate(
        mutate_key,
        children,
        lower,
        upper,
        settings.mutation_index,
        settings.mutations_per_offspring,
    )
    flip = jax.random.bernoulli(
        flip_key, settings.gate_flip_probability, children.shape
    )
    children = jnp.where(flip & binary, lower + upper - children, children)
    return children, jnp.concatenate([moved, velocity[teacher]])


def compete(
    key: jax.Array, score: jax.Array, preferred_share: float = 0.0
) -> tuple[jax.Array, jax.Array]:
    """Return the teachers' and the students' indices (P/2,) of random pairs.

    A share of the pairs competes in the first objective, the others in one drawn from
    all. A score that is NaN loses against any number.
    """
    pair_key, objective_key, coin_key = jax.random.split(key, 3)
    n, m = score.shape
    first, second = jax.random.permutation(pair_key, n).reshape(2, n // 2)
    objective = jax.random.randint(objective_key, (n // 2,), 0, m)
    preferred = jax.random.bernoulli(
        jax.random.fold_in(objective_key, 1), preferred_share, (n // 2,)
    )
    objective = jnp.where(preferred, 0, objective)
    safe = jnp.where(jnp.isfinite(score), score, jnp.inf)
    a, b = safe[first, objective], safe[second, objective]
    coin = jax.random.bernoulli(coin_key, shape=(n // 2,))
    first_wins = jnp.where(a == b, coin, a < b)
    teacher = jnp.where(first_wins, first, second)
    return teacher, jnp.where(first_wins, second, first)


def move(
    key: jax.Array,
    student: jax.Array,
    velocity: jax.Array,
    teacher: jax.Array,
    centre: jax.Array,
    settings: SwarmSettings,
) -> jax.Array:
    """Return the students' new velocities (S, D)."""
    width = student.shape[1] if settings.random_factors == "dimension" else 1
    r1, r2, r3 = jax.random.uniform(key, (3, student.shape[0], width))
    pull = r2 * (teacher - student)
    return r1 * velocity + pull + settings.centre_weight * r3 * (centre - student)


def mutate(
    key: jax.Array,
    x: jax.Array,
    lower: jax.Array,
    upper: jax.Array,
    index: float,
    mutations: float = 1.0,
) -> jax.Array:
    """Return ``x`` (n, D) after bounded polynomial mutation.

    Each coordinate changes with probability ``mutations`` / D and one in any case.
    """
    where_key, sure_key, size_key = jax.random.split(key, 3)
    n, dimension = x.shape
    chosen = jax.random.bernoulli(where_key, min(mutations / dimension, 1.0), x.shape)
    sure = jax.random.randint(sure_key, (n, 1), 0, dimension)
    chosen |= jnp.arange(dimension) == sure
    u = jax.random.uniform(size_key, x.shape)
    width = upper - lower
    below, above = (x - lower) / width, (upper - x) / width
    power = index + 1.0
    down = (2 * u + (1 - 2 * u) * (1 - below) ** power) ** (1 / power) - 1
    up = 1 - (2 * (1 - u) + (2 * u - 1) * (1 - above) ** power) ** (1 / power)
    step = jnp.where(u < 0.5, down, up) * width
    return jnp.clip(jnp.where(chosen, x + step, x), lower, upper)
