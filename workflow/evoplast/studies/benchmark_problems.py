r"""Noisy test problems with many objectives, for searches that are to be compared.

In: a name, a dimension, a level of noise. Out: an EvoX problem that can be traced,
its bounds, its true objectives, and points of its Pareto front.

* ``dtlz2``: f = (1 + g) h(x_1..x_5), g = sum_i (x_i - o_i)^2, h on the unit sphere,
  box [0, 1] (Deb et al. 2005). The optimum o is drawn in [0.1, 0.9], each coordinate
  for itself: with the published o = 0.5 every operator that averages is right at once.
* ``lsmop1``: f_i = (1 + g_i) h_i, h on the plane sum f = 1; g_i is the mean square of
  y = (1 + j / n) x_j - 10 x_1 over every sixth of the n distance variables, which lie
  in [0, 10] (Cheng, Jin, Olhofer & Sendhoff 2017, IEEE T. Cybern. 47:4108; there the
  groups are unequal in size, hence "of the type of").
* ``dtlz7``: f_i = x_i for five objectives, that of the rest (1 + g) (6 - sum_i
  phi(f_i)), phi(f) = f / (1 + g) (1 + sin(3 pi f)), g = 1 + 9 times the mean of the
  other variables, box [0, 1] (Deb et al. 2005). One objective alone depends on the many
  variables, as accuracy does among the objectives of rules; it comes first, as
  accuracy does, in the paper last.

The noise is Gaussian and new in every evaluation. Its unit is, per objective, the
standard deviation among random points.
"""

from collections.abc import Callable
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np

from evoplast.artefacts.errors import UserError
from evoplast.artefacts.seeds import numpy_rng
from evoplast.evox_compat import Problem, State

N_OBJECTIVES = 6
PROBLEMS = ("dtlz2", "lsmop1", "dtlz7")

_N_POSITIONS = N_OBJECTIVES - 1
_FRONT_POINTS = 1000
_SPREAD_POINTS = 500
_GRID = 10_001


@dataclass(frozen=True)
class Benchmark:
    """A problem without its noise.

    lower, upper (D,); true_objectives: (n, D) -> (n, 6), traceable; front (1000, 6)
    random points of the Pareto front; spread (6,) standard deviations of the
    objectives among random points.
    """

    lower: np.ndarray
    upper: np.ndarray
    true_objectives: Callable[[jax.Array], jax.Array]
    front: np.ndarray
    spread: np.ndarray


class NoisyProblem(Problem):
    """A benchmark whose objectives carry Gaussian noise of ``noise`` spreads."""

    def __init__(self, benchmark: Benchmark, noise: float) -> None:
        super().__init__()
        self.true_objectives = benchmark.true_objectives
        self.deviation = jnp.asarray(noise * benchmark.spread, jnp.float32)

    def setup(self, key: jax.Array) -> State:
        """Return the state before the first evaluation."""
        return State(key=key)

    def evaluate(self, state: State, population: jax.Array) -> tuple[jax.Array, State]:
        """Return noisy objectives (n, 6) of ``population`` (n, D)."""
        key, now = jax.random.split(state.key)
        true = self.true_objectives(population)
        noise = self.deviation * jax.random.normal(now, true.shape)
        return true + noise, state.replace(key=key)


def make_benchmark(name: str, dimension: int) -> Benchmark:
    """Return the problem ``name`` with ``dimension`` variables.

    Raises:
        UserError: unknown name, or too few variables for six objectives.
    """
    if name not in PROBLEMS:
        raise UserError(f"{name} is no test problem; known are {', '.join(PROBLEMS)}.")
    if dimension < 2 * N_OBJECTIVES:
        raise UserError(
            f"search_benchmark.dimensions has {dimension}; six objectives need "
            f"{2 * N_OBJECTIVES} variables or more."
        )
    make = {"dtlz2": _dtlz2, "lsmop1": _lsmop1, "dtlz7": _dtlz7}[name]
    return make(dimension)


def _dtlz2(dimension: int) -> Benchmark:
    rng = numpy_rng(0, "search benchmark", "dtlz2", dimension)
    optimum = rng.uniform(0.1, 0.9, dimension - _N_POSITIONS).astype(np.float32)

    def objectives(x: jax.Array) -> jax.Array:
        g = jnp.sum((x[:, _N_POSITIONS:] - optimum) ** 2, axis=1)
        angle = x[:, :_N_POSITIONS] * (jnp.pi / 2)
        return (1 + g)[:, None] * _products(jnp.cos(angle), jnp.sin(angle))

    directions = np.abs(rng.normal(size=(_FRONT_POINTS, N_OBJECTIVES)))
    front = directions / np.linalg.norm(directions, axis=1, keepdims=True)
    return _benchmark(objectives, front, np.ones(dimension, np.float32), rng)


def _lsmop1(dimension: int) -> Benchmark:
    rng = numpy_rng(0, "search benchmark", "lsmop1", dimension)
    n = dimension - _N_POSITIONS
    linkage = (1 + np.arange(1, n + 1) / n).astype(np.float32)
    group = np.arange(n) % N_OBJECTIVES
    shares = np.equal.outer(group, np.arange(N_OBJECTIVES)).astype(np.float32)
    shares /= shares.sum(axis=0)

    def objectives(x: jax.Array) -> jax.Array:
        y = linkage * x[:, _N_POSITIONS:] - 10 * x[:, :1]
        position = x[:, :_N_POSITIONS]
        return (1 + jnp.asarray(y**2 @ shares)) * _products(position, 1 - position)

    front = rng.dirichlet(np.ones(N_OBJECTIVES), _FRONT_POINTS)
    upper = np.repeat([1.0, 10.0], [_N_POSITIONS, n]).astype(np.float32)
    return _benchmark(objectives, front, upper, rng)


def _dtlz7(dimension: int) -> Benchmark:
    rng = numpy_rng(0, "search benchmark", "dtlz7", dimension)

    def objectives(x: jax.Array) -> jax.Array:
        position = x[:, :_N_POSITIONS]
        g = 1 + 9 * x[:, _N_POSITIONS:].mean(axis=1, keepdims=True)
        hard = (1 + g) * N_OBJECTIVES - _waves(position).sum(axis=1, keepdims=True)
        return jnp.concatenate([hard, position], axis=1)

    front = rng.choice(_rising(), (_FRONT_POINTS, _N_POSITIONS))
    hard = 2 * N_OBJECTIVES - np.asarray(_waves(jnp.asarray(front))).sum(
        axis=1, keepdims=True
    )
    front = np.concatenate([hard, front], axis=1)
    return _benchmark(objectives, front, np.ones(dimension, np.float32), rng)


def _waves(position: jax.Array) -> jax.Array:
    """Return (1 + g) phi of DTLZ7, in which g cancels."""
    return position * (1 + jnp.sin(3 * jnp.pi * position))


def _rising() -> np.ndarray:
    """Return where the waves of DTLZ7 pass all that was before: there lies the front.

    The sum falls into one term for each coordinate, and a point is dominated as soon as
    a smaller coordinate has at least as large a term.
    """
    grid = np.linspace(0, 1, _GRID)
    waves = grid * (1 + np.sin(3 * np.pi * grid))
    highest = np.maximum.accumulate(waves)
    return grid[np.append(True, waves[1:] > highest[:-1])]


def _products(first: jax.Array, last: jax.Array) -> jax.Array:
    """Return h (n, 6): products of ``first``, the last factor replaced by ``last``."""
    ones = jnp.ones((len(first), 1), first.dtype)
    heads = jnp.concatenate([ones, jnp.cumprod(first, axis=1)], axis=1)[:, ::-1]
    return heads * jnp.concatenate([ones, last[:, ::-1]], axis=1)


def _benchmark(
    objectives: Callable[[jax.Array], jax.Array],
    front: np.ndarray,
    upper: np.ndarray,
    rng: np.random.Generator,
) -> Benchmark:
    points = rng.random((_SPREAD_POINTS, len(upper)), dtype=np.float32) * upper
    spread = np.asarray(objectives(jnp.asarray(points))).std(axis=0)
    return Benchmark(np.zeros_like(upper), upper, objectives, front, spread)
