"""One update: some trials forward, the loss, its gradient, a step of the optimiser.

In: parameters, the lanes' state, the external current of T trials. Out: both after
the update, and what the loss was. Gradients stop at the start of the update; the
state itself is carried on (truncated back-propagation through time). Each trial is
one checkpoint segment: its steps are computed again in the backward pass, so memory
grows with the length of a trial and not of an update.
"""

from dataclasses import dataclass, field
from functools import partial

import jax
import jax.numpy as jnp
import optax

from evoplast.configuration.sections.gradient import GradientSettings
from evoplast.gradient.losses import (
    BIN_MS,
    cross_entropy,
    log_odds,
    rate_loss,
    synchrony_loss,
    voltage_loss,
)
from evoplast.gradient.model import (
    GradientModel,
    GradientState,
    edge_current,
    initial_state,
    initial_strength,
    scaled_voltage,
    step,
    strength_gradient,
)
from evoplast.gradient.readout import (
    PoolHistory,
    empty_history,
    extend,
    threshold_hz,
    window_rate_hz,
)
from evoplast.gradient.surrogate import undamped
from evoplast.simulator import SYNCHRONY_FRACTION
from evoplast.task import TaskSettings

Array = jax.Array
ADAM_EPSILON = 1e-11
"""Chen, Scherr & Maass (2022): gradients of single weights are tiny."""


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Parameters:
    """What is trained: ``strength`` (E,) >= 0 and ``scale_bias`` ().

    The readout's scale is 1 + softplus(scale_bias).
    """

    strength: Array
    scale_bias: Array


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Lanes:
    """Where B lanes stand: neurons and the pool's history."""

    state: GradientState
    history: PoolHistory


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Trials:
    """T trials of B lanes.

    ``current_pA`` (T, trial_ms, N, B); ``change`` and ``scored`` (T, B), 0 or 1.
    """

    current_pA: Array
    change: Array
    scored: Array


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Problem:
    """What stays the same in a run.

    ``pool`` (n,) indices of the readout neurons; ``target_per_ms`` (N,) ascending
    reference rates, spikes per ms.
    """

    model: GradientModel
    pool: Array
    target_per_ms: Array
    task: TaskSettings = field(metadata={"static": True})
    settings: GradientSettings = field(metadata={"static": True})


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Report:
    """What an update saw: scalars, and whether loss and gradient are finite."""

    loss: Array
    cross_entropy: Array
    mean_rate_hz: Array
    gradient_norm: Array
    finite: Array


def initial_parameters(problem: Problem) -> Parameters:
    """Return the published weights and the readout's initial scale."""
    above = problem.settings.initial_scale - 1.0
    return Parameters(initial_strength(problem.model), jnp.log(jnp.expm1(above)))


def initial_lanes(problem: Problem, n_lanes: int) -> Lanes:
    """Return ``n_lanes`` lanes at rest, without history."""
    history = empty_history(problem.task.history_trials, n_lanes)
    return Lanes(initial_state(problem.model, n_lanes), history)


def transformation(name: str, clip_norm: float) -> optax.GradientTransformation:
    """Return clipping by global norm, then Adam's scaling or none."""
    scaling = {
        "adam": optax.scale_by_adam(eps=ADAM_EPSILON),
        "sgd": optax.identity(),
    }
    return optax.chain(optax.clip_by_global_norm(clip_norm), scaling[name])


def readout_scale(scale_bias: Array) -> Array:
    """Return the factor from relative excess rate to log odds, above 1."""
    return 1.0 + jax.nn.softplus(scale_bias)


@jax.jit
def loss_and_gradient(
    problem: Problem, parameters: Parameters, lanes: Lanes, trials: Trials
) -> tuple[Parameters, Lanes, Report]:
    """Return the gradient, the lanes after the trials and a report."""
    epsilon = jnp.zeros(_epsilon_shape(problem, trials))
    differentiate = jax.value_and_grad(_loss, argnums=(0, 1), has_aux=True)
    (loss, (after, spikes, entropy)), (felt, by_bias) = differentiate(
        epsilon, parameters.scale_bias, problem, parameters.strength, lanes, trials
    )
    flat = (_flatten(felt), lanes.state.spikes, _flatten(spikes))
    gradient = Parameters(strength_gradient(problem.model, *flat), by_bias)
    norm = optax.tree.norm(gradient)
    finite = jnp.isfinite(loss) & jnp.isfinite(norm)
    rate = 1000.0 * jnp.mean(spikes)
    return gradient, after, Report(loss, entropy, rate, norm, finite)


@partial(jax.jit, static_argnames=("name", "clip_norm"))
def apply_gradient(
    parameters: Parameters,
    gradient: Parameters,
    memory: optax.OptState,
    learning_rate: Array,
    name: str,
    clip_norm: float,
) -> tuple[Parameters, optax.OptState]:
    """Take one step of the optimiser; strengths stay at or above zero (Dale).

    Only that bound holds: an upper bound as in the rules' weights would tie the
    baseline to a number that the gradient literature does not use.
    """
    direction, memory = transformation(name, clip_norm).update(gradient, memory)
    moved = jax.tree.map(lambda p, d: p - learning_rate * d, parameters, direction)
    return Parameters(jnp.maximum(moved.strength, 0.0), moved.scale_bias), memory


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Seen:
    """What T trials showed: ``rate_hz`` and ``threshold_hz`` of the pool (T, B),
    ``neuron_rate_hz`` (N,) and ``synchrony``, the share of synchronous 2 ms bins.
    """

    rate_hz: Array
    threshold_hz: Array
    neuron_rate_hz: Array
    synchrony: Array


@jax.jit
def observe(
    problem: Problem, strength: Array, lanes: Lanes, current_pA: Array
) -> tuple[Lanes, Seen]:
    """Run T trials without gradients; ``current_pA`` (T, trial_ms, N, B)."""
    model = problem.model
    current = edge_current(model, strength)

    def trial(state: GradientState, external: Array) -> tuple[GradientState, tuple]:
        state, (spikes, _) = _run_steps(model, current, state, external)
        rate = window_rate_hz(problem.task, spikes[None], problem.pool)[0]
        return state, (rate, spikes.mean(axis=(0, 2)), _synchronous(spikes))

    state, (rate_hz, mean, bins) = jax.lax.scan(trial, lanes.state, current_pA)
    threshold = _threshold(problem, lanes.history, rate_hz)
    after = Lanes(state, extend(lanes.history, rate_hz))
    seen = Seen(rate_hz, threshold, 1000.0 * mean.mean(axis=0), bins.mean())
    return after, seen


def _synchronous(spikes: Array) -> Array:
    """Return the share of 2 ms bins of a trial (ms, N, B) with over 20 % active."""
    n_bins = spikes.shape[0] // BIN_MS
    whole = spikes[: n_bins * BIN_MS].reshape(n_bins, BIN_MS, *spikes.shape[1:])
    return jnp.mean(whole.max(axis=1).mean(axis=1) > SYNCHRONY_FRACTION)


def _loss(
    epsilon: Array,
    scale_bias: Array,
    problem: Problem,
    strength: Array,
    lanes: Lanes,
    trials: Trials,
) -> tuple[Array, tuple[Lanes, Array, Array]]:
    settings, model = problem.settings, problem.model
    state, spikes, voltage = _run_trials(model, strength, lanes.state, trials, epsilon)
    seen = undamped(spikes, settings.surrogate_dampening)
    rate_hz = window_rate_hz(problem.task, seen, problem.pool)
    threshold = _threshold(problem, lanes.history, rate_hz)
    odds = log_odds(rate_hz, threshold, readout_scale(scale_bias))
    entropy = cross_entropy(odds, trials.change, trials.scored)
    per_ms = jnp.mean(spikes, axis=(0, 1, 3))
    loss = (
        entropy
        + settings.rate_weight
        * rate_loss(per_ms, problem.target_per_ms, settings.rate_kappa)
        + settings.synchrony_weight * synchrony_loss(spikes)
        + settings.voltage_weight * voltage
    )
    after = Lanes(state, extend(lanes.history, jax.lax.stop_gradient(rate_hz)))
    return loss, (after, spikes, entropy)


def _threshold(problem: Problem, history: PoolHistory, rate_hz: Array) -> Array:
    return threshold_hz(problem.task, problem.settings.phi, history, rate_hz)


def _epsilon_shape(problem: Problem, trials: Trials) -> tuple[int, ...]:
    n_trials, trial_ms, n, lanes = trials.current_pA.shape
    return (n_trials, trial_ms, problem.model.base.n_slots, n, lanes)


def _flatten(values: Array) -> Array:
    """Join the axes of trials and steps."""
    return values.reshape(-1, *values.shape[2:])


def _run_trials(
    model: GradientModel,
    strength: Array,
    state: GradientState,
    trials: Trials,
    epsilon: Array,
) -> tuple[GradientState, Array, Array]:
    """Return the state, the spikes (T, trial_ms, N, B) and the voltage loss."""
    current = edge_current(model, strength)

    @jax.checkpoint
    def trial(state: GradientState, inputs: tuple) -> tuple[GradientState, tuple]:
        return _run_steps(model, current, state, *inputs)

    state, (spikes, voltage) = jax.lax.scan(trial, state, (trials.current_pA, epsilon))
    return state, spikes, jnp.mean(voltage)


def _run_steps(
    model: GradientModel,
    current_pA: Array,
    state: GradientState,
    external_pA: Array,
    epsilon: Array | None = None,
) -> tuple[GradientState, tuple[Array, Array]]:
    """Run the steps of one trial; return spikes (ms, N, B), voltage loss (ms,)."""

    def body(state: GradientState, inputs: tuple) -> tuple[GradientState, tuple]:
        state, spikes = step(model, current_pA, state, *inputs)
        return state, (spikes, voltage_loss(scaled_voltage(model, state)))

    inputs = (external_pA,) if epsilon is None else (external_pA, epsilon)
    return jax.lax.scan(body, state, inputs)
