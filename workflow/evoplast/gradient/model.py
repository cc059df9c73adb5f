"""The network of the simulator, arranged so that gradients flow through it.

In: the simulator's model, strengths, external currents. Out: spikes, equal to those
of the simulator without plasticity. Membranes and synapses are the simulator's own
functions; only the spike gets a pseudo-derivative, and recurrent input is arranged
anew. N neurons, E edges, B lanes (independent trial sequences), K synaptic slots,
D longest delay in steps. A step is 1 ms.

Recurrent input is summed over the list of edges, not with dense matrices: on a CPU
that is two to three times faster than the product with matrices over (delay, source)
at 250 and at 1000 neurons, with the same sums. Its weights are constants inside the
time loop. Their gradient is taken outside it: the loss is differentiated with
respect to an additional input ``epsilon`` (zero) to each slot, and
dL/dw = sum over t of dL/d(epsilon_t) * S(t - delay), an exact identity that turns a
per-edge sum in every step into a few matrix products (``WeightBlock``).
"""

from dataclasses import dataclass, field

import jax
import jax.numpy as jnp
import numpy as np

from evoplast.gradient.surrogate import spike
from evoplast.simulator import (
    NeuronState,
    SimulationModel,
    membrane_step,
    resting_state,
    synapse_step,
)

Array = jax.Array


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class WeightBlock:
    """The edges of one slot and one delay (steps), as a small dense block.

    ``targets``, ``sources``: neurons that have such an edge; ``row``, ``column``:
    place of each edge among them; ``edge``: its index in the model's list.
    """

    targets: Array
    sources: Array
    row: Array
    column: Array
    edge: Array
    slot: int = field(metadata={"static": True})
    delay: int = field(metadata={"static": True})


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class GradientModel:
    """Constants of the forward pass.

    ``base``: the simulator's model, without padding edges. ``unit_pA`` (E,): signed
    current of an edge of strength 1. ``column`` (E,): (delay - 1) * N + source.
    ``width``, ``dampening``: the spike's pseudo-derivative.
    """

    base: SimulationModel
    unit_pA: Array
    column: Array
    blocks: tuple[WeightBlock, ...]
    longest_delay: int = field(metadata={"static": True})
    width: float = field(metadata={"static": True})
    dampening: float = field(metadata={"static": True})


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class GradientState:
    """State of B lanes: ``neuron``, and ``spikes`` (D * N, B), the newest first."""

    neuron: NeuronState
    spikes: Array


def gradient_model(
    base: SimulationModel, width: float, dampening: float
) -> GradientModel:
    """Return the differentiable form of ``base`` (built without padding edges)."""
    delay = np.asarray(base.delay_steps)
    scale = base.neuron.threshold_mV[base.target, 0]
    return GradientModel(
        base=base,
        unit_pA=jnp.sign(base.signed_gain_pA) * scale,
        column=(base.delay_steps - 1) * base.n_neurons + base.source,
        blocks=_blocks(base),
        longest_delay=int(delay.max()),
        width=width,
        dampening=dampening,
    )


def initial_strength(model: GradientModel) -> Array:
    """Return the published weights as strengths >= 0, (E,).

    Unit: peak current in pA, recurrent gain included, per mV between rest and
    threshold of the target; it is the scaling in which the learning rate of Chen,
    Scherr & Maass (2022) is meant.
    """
    return model.base.w_init * model.base.signed_gain_pA / model.unit_pA


def weight_pA(model: GradientModel, strength: Array) -> Array:
    """Return strengths (E,) as the simulator's weights: >= 0, in pA, without gain."""
    return strength * model.unit_pA / model.base.signed_gain_pA


def initial_state(model: GradientModel, n_lanes: int) -> GradientState:
    """Return ``n_lanes`` lanes at rest, without spikes."""
    shape = (model.longest_delay * model.base.n_neurons, n_lanes)
    return GradientState(resting_state(model.base.neuron, n_lanes), jnp.zeros(shape))


def edge_current(model: GradientModel, strength: Array) -> Array:
    """Return the signed current (E, 1) in pA that a spike of each edge causes."""
    return (model.unit_pA * strength)[:, None]


def step(
    model: GradientModel,
    current_pA: Array,
    state: GradientState,
    external_pA: Array,
    epsilon: Array | float = 0.0,
) -> tuple[GradientState, Array]:
    """Advance B lanes by 1 ms; return the state and the spikes (N, B).

    ``current_pA`` (E, 1): signed current of a spike of each edge; ``external_pA``
    (N, B); ``epsilon`` (K, N, B): pA added to what arrives at each slot.
    """
    threshold = model.base.neuron.threshold_mV

    def surrogate(above_mV: Array) -> Array:
        return spike(above_mV / threshold, model.width, model.dampening)

    neuron, spikes = membrane_step(
        model.base.neuron, state.neuron, external_pA, surrogate
    )
    arriving = _arriving(model, current_pA, state.spikes) + epsilon
    neuron = synapse_step(model.base.neuron, neuron, arriving)
    kept = state.spikes[: -model.base.n_neurons]
    return GradientState(neuron, jnp.concatenate([spikes, kept])), spikes


def scaled_voltage(model: GradientModel, state: GradientState) -> Array:
    """Return the voltage (N, B): 0 at rest, 1 at threshold."""
    return state.neuron.voltage_mV / model.base.neuron.threshold_mV


def strength_gradient(
    model: GradientModel, felt: Array, before: Array, spikes: Array
) -> Array:
    """Return dL/dstrength (E,).

    ``felt`` (T, K, N, B) is dL/depsilon; ``before`` (D * N, B) the spikes before
    the first step, newest first; ``spikes`` (T, N, B) those of the steps.
    """
    past = before.reshape(model.longest_delay, *spikes.shape[1:])[::-1]
    line = jnp.concatenate([past, spikes])
    gradient = jnp.zeros_like(model.unit_pA)
    for block in model.blocks:
        dense = _correlation(block, felt, line, model.longest_delay)
        gradient = gradient.at[block.edge].set(dense[block.row, block.column])
    return gradient * model.unit_pA


def _correlation(block: WeightBlock, felt: Array, line: Array, longest: int) -> Array:
    start = longest - block.delay
    sent = line[start : start + felt.shape[0], block.sources]
    return jnp.einsum("tib,tjb->ij", felt[:, block.slot, block.targets], sent)


def _arriving(model: GradientModel, current_pA: Array, spikes: Array) -> Array:
    shape = (model.base.n_slots, model.base.n_neurons, spikes.shape[1])
    # Both index arrays were made above and lie within bounds.
    sent = spikes.at[model.column].get(mode="promise_in_bounds")
    summed = jax.ops.segment_sum(
        current_pA * sent,
        model.base.segment,
        shape[0] * shape[1],
        indices_are_sorted=True,
        mode="promise_in_bounds",
    )
    return summed.reshape(shape)


def _blocks(base: SimulationModel) -> tuple[WeightBlock, ...]:
    slot = np.asarray(base.segment) // base.n_neurons
    delay = np.asarray(base.delay_steps)
    pairs = sorted(set(zip(slot.tolist(), delay.tolist(), strict=True)))
    return tuple(_block(base, slot, delay, pair) for pair in pairs)


def _block(
    base: SimulationModel, slot: np.ndarray, delay: np.ndarray, pair: tuple[int, int]
) -> WeightBlock:
    edge = np.flatnonzero((slot == pair[0]) & (delay == pair[1]))
    targets, row = np.unique(np.asarray(base.target)[edge], return_inverse=True)
    sources, column = np.unique(np.asarray(base.source)[edge], return_inverse=True)
    return WeightBlock(
        targets=jnp.asarray(targets),
        sources=jnp.asarray(sources),
        row=jnp.asarray(row),
        column=jnp.asarray(column),
        edge=jnp.asarray(edge),
        slot=pair[0],
        delay=pair[1],
    )
