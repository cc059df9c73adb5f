"""Single-unit tasks: integrate-and-fire and spike-timing-dependent plasticity.

In: a key and a number of sequences. Out: a ``Batch`` of inputs (T, E, I) and
targets (T, E) shared by all offspring, and the fitness (P, E) of outputs (T, P, E).
Time counts network steps. Definitions: Bertens and Lee (2020) and their released
code; the complex STDP target is published as a caption only, its form is our choice.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import jax
import jax.numpy as jnp

from evoplast.artefacts.errors import UserError

STEPS = 100
IAF_SEGMENT = 25
IAF_THRESHOLD = 0.5
SPIKE_OUTPUT = 0.05
STDP_AMPLITUDE = 0.5
STDP_TIME_CONSTANT = 10.0
COMPLEX_TIME_CONSTANT = 20.0
SPIKE_TIME_MEAN, SPIKE_TIME_SD = 50.0, 7.0


class Batch(NamedTuple):
    """Sequences of a generation.

    inputs (T, E, I); target (T, E); and per sequence (E,): presynaptic and
    postsynaptic spike step, neuromodulator 0 or 1, relative weight change. The last
    four are zero where a task has no such thing.
    """

    inputs: jax.Array
    target: jax.Array
    pre_step: jax.Array
    post_step: jax.Array
    modulator: jax.Array
    change: jax.Array


def _delayed(drawn: jax.Array, first: jax.Array) -> jax.Array:
    """Shift draws (T, E) by one step: step t + 1 sees what was drawn for t."""
    return jnp.concatenate([first[None], drawn[:-1]])


# --- integrate and fire ---------------------------------------------------------


def _integrate(v: jax.Array, current: jax.Array) -> tuple[jax.Array, jax.Array]:
    v = v + current
    spike = v > IAF_THRESHOLD
    return jnp.where(spike, 0.0, v), spike.astype(jnp.float32)


def draw_iaf(key: jax.Array, n_sequences: int, n_steps: int = STEPS) -> Batch:
    """Draw input currents and the spikes of the target neuron.

    Each step draws U(0.01, 0.02) times an integer gain from 1 to 9, redrawn every 25
    steps. The target adds its input up and fires above 0.5, without leak.
    """
    gain_key, current_key = jax.random.split(key)
    n_segments = -(-n_steps // IAF_SEGMENT)
    gains = jax.random.randint(gain_key, (n_segments, n_sequences), 1, 10)
    gains = jnp.repeat(gains, IAF_SEGMENT, axis=0)[:n_steps]
    return iaf_batch(current_key, gains, n_steps)


def iaf_batch(key: jax.Array, gains: jax.Array, n_steps: int = STEPS) -> Batch:
    """Draw currents for given gains, (T, E) or constant in time (E,)."""
    gains = jnp.broadcast_to(gains, (n_steps, gains.shape[-1]))
    drawn = jax.random.uniform(key, gains.shape, minval=0.01, maxval=0.02)
    none = jnp.zeros(gains.shape[-1])
    seen = _delayed(drawn * gains, none)
    target = jax.lax.scan(_integrate, none, seen)[1]
    return Batch(seen[..., None], target, none, none, none, none)


def _steps_since_spike(spikes: jax.Array) -> jax.Array:
    """Steps since the last spike along axis 0; before the first, since step -1."""
    steps = jnp.arange(spikes.shape[0]).reshape(-1, *([1] * (spikes.ndim - 1)))
    last = jax.lax.cummax(jnp.where(spikes, steps, -1), axis=0)
    return (steps - last).astype(jnp.float32)


def iaf_fitness(outputs: jax.Array, batch: Batch) -> jax.Array:
    """Return fitness (P, E): distance of spike times, and of spike heights from 1."""
    spikes = outputs > SPIKE_OUTPUT
    wanted = _steps_since_spike(batch.target > 0.5)[:, None]
    distance = jnp.square(_steps_since_spike(spikes) - wanted)
    height = jnp.where(spikes, jnp.square(outputs - 1.0), 0.0)
    return -jnp.mean(distance + height, axis=0)


# --- spike-timing-dependent plasticity ------------------------------------------


def modulated_change(interval: jax.Array, modulator: jax.Array) -> jax.Array:
    """Weight change of the classical window, present only with the modulator."""
    return plain_change(interval, modulator) * modulator


def plain_change(interval: jax.Array, modulator: jax.Array) -> jax.Array:
    """Weight change 0.5 sign(dt) exp(-abs(dt)/10), dt = post minus pre, in steps."""
    decay = jnp.exp(-jnp.abs(interval) / STDP_TIME_CONSTANT)
    return STDP_AMPLITUDE * jnp.sign(interval) * decay


def complex_change(interval: jax.Array, modulator: jax.Array) -> jax.Array:
    """Weight change of complex STDP: symmetric with, two peaks without modulator.

    The published caption says: symmetric with the modulator; without it largest at 0
    and about 10 ms and nearly zero at 5 ms. The functions are our choice.
    """
    distance = jnp.abs(interval)
    symmetric = jnp.exp(-distance / STDP_TIME_CONSTANT)
    peaks = jnp.square(jnp.cos(jnp.pi * distance / 10.0))
    peaks = peaks * jnp.exp(-distance / COMPLEX_TIME_CONSTANT)
    return STDP_AMPLITUDE * jnp.where(modulator > 0.5, symmetric, peaks)


def _draw_spike_steps(key: jax.Array, n_sequences: int) -> tuple[jax.Array, jax.Array]:
    times = jax.random.normal(key, (2, n_sequences)) * SPIKE_TIME_SD + SPIKE_TIME_MEAN
    pre, post = jnp.clip(jnp.floor(times), 0, STEPS - 1)
    return pre, jnp.where(pre == post, post + 1, post)


def stdp_batch(
    potential: jax.Array,
    pre_step: jax.Array,
    post_step: jax.Array,
    modulator: jax.Array,
    window: Callable[[jax.Array, jax.Array], jax.Array],
) -> Batch:
    """Build sequences from given potentials, spike steps and modulators.

    Args:
        potential: graded presynaptic potential (T, E).
        pre_step: step of the presynaptic spike (E,); it is seen one step later.
        post_step: step of the postsynaptic spike (E,).
        modulator: 0 or 1 (E,); hidden in the first step.
        window: weight change as a function of interval and modulator.
    """
    steps = jnp.arange(potential.shape[0])[:, None]
    seen = _delayed(potential, potential[0])
    pre_seen = (steps == pre_step + 1).astype(jnp.float32)
    post_seen = (steps == post_step + 1).astype(jnp.float32)
    modulator_seen = jnp.where(steps == 0, 0.0, modulator)
    change = window(post_step - pre_step, modulator)
    later = jnp.maximum(pre_step, post_step)
    weight = jnp.where(steps >= later + 2, 1.0 + change, 1.0)
    inputs = jnp.stack([seen, pre_seen, post_seen, modulator_seen], axis=-1)
    return Batch(inputs, seen * weight, pre_step, post_step, modulator, change)


def _draw_stdp(
    window: Callable[[jax.Array, jax.Array], jax.Array],
    key: jax.Array,
    n_sequences: int,
    n_steps: int = STEPS,
) -> Batch:
    potential_key, time_key, modulator_key = jax.random.split(key, 3)
    shape = (n_steps, n_sequences)
    potential = jax.random.uniform(potential_key, shape, minval=0.45, maxval=0.55)
    pre, post = _draw_spike_steps(time_key, n_sequences)
    modulator = jax.random.bernoulli(modulator_key, 0.5, (n_sequences,))
    return stdp_batch(potential, pre, post, modulator.astype(jnp.float32), window)


def stdp_fitness(outputs: jax.Array, batch: Batch) -> jax.Array:
    """Return fitness (P, E): minus the mean squared difference from the target."""
    return -jnp.mean(jnp.square(outputs - batch.target[:, None]), axis=0)


# --- the four tasks -------------------------------------------------------------


@dataclass(frozen=True)
class UnitTask:
    """A task of one unit: its inputs, how to draw sequences and how to score.

    ``window`` is the weight change as a function of interval and modulator; None
    for integrate-and-fire.
    """

    name: str
    n_inputs: int
    spiking: bool
    fitness: Callable[[jax.Array, Batch], jax.Array]
    window: Callable[[jax.Array, jax.Array], jax.Array] | None = None

    def draw(self, key: jax.Array, n_sequences: int, n_steps: int = STEPS) -> Batch:
        """Draw sequences; at least 100 steps.

        Raises:
            UserError: ``n_steps`` is shorter than the task.
        """
        check_steps(self.name, n_steps, STEPS)
        if self.window is None:
            return draw_iaf(key, n_sequences, n_steps)
        return _draw_stdp(self.window, key, n_sequences, n_steps)


def check_steps(name: str, n_steps: int, shortest: int) -> None:
    """Refuse a lifetime that ends before the task does.

    Raises:
        UserError: ``n_steps`` is below ``shortest``.
    """
    if n_steps < shortest:
        raise UserError(
            f"steps = {n_steps} is shorter than the task {name}, which needs "
            f"{shortest}; set steps to {shortest} or more."
        )


UNIT_TASKS = {
    "iaf": UnitTask("iaf", 1, True, iaf_fitness),
    "stdp": UnitTask("stdp", 4, False, stdp_fitness, modulated_change),
    "stdp_plain": UnitTask("stdp_plain", 4, False, stdp_fitness, plain_change),
    "complex_stdp": UnitTask("complex_stdp", 4, False, stdp_fitness, complex_change),
}
