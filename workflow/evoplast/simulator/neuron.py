"""One step of the GLIF3 neuron with alpha synapses, for many lanes at once.

In: parameters (:class:`NeuronParameters`), state, external current. Out: the state
one step (1 ms) later and the spikes. Axes: synaptic slot K, neuron N, lane L; the
lane axis is last, a lane is one independent copy of the network. The semantics are
those of NEST's ``glif_psc`` (see :mod:`evoplast.network.propagators`); voltages are
relative to the resting potential E_L.

A neuron has four receptor ports, but its synapses use only some of them (two in the
Allen model). Port currents are kept in K slots, K the largest number of ports that
any neuron uses: exact, and half the work of four.
"""

from collections.abc import Callable
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np

from evoplast.network import (
    Network,
    Propagators,
    glif3_propagators,
)

DT_MS = 1.0
Array = jax.Array


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class NeuronParameters:
    """Coefficients of one step, float32, ready to broadcast over lanes.

    (K, N, 1): ``P11``, ``P21``, ``P22``, ``P31``, ``P32``, ``psc_initial`` of the
    port in each slot. (2, N, 1): ``asc_stable``, ``asc_decay``,
    ``asc_refractory_decay``, ``asc_amp_pA``. (N, 1): ``P33``, ``P30``,
    ``refractory_steps`` (int32), ``threshold_mV`` and ``reset_mV`` above E_L.
    """

    P11: Array
    P21: Array
    P22: Array
    P31: Array
    P32: Array
    psc_initial: Array
    asc_stable: Array
    asc_decay: Array
    asc_refractory_decay: Array
    asc_amp_pA: Array
    P33: Array
    P30: Array
    refractory_steps: Array
    threshold_mV: Array
    reset_mV: Array


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class NeuronState:
    """State of N neurons in L lanes.

    ``voltage_mV`` (N, L) above E_L; ``asc_pA`` (2, N, L) after-spike currents;
    ``refractory`` (N, L) int32 steps left; ``y1`` (K, N, L) pA/ms and ``y2``
    (K, N, L) pA, the alpha synapses.
    """

    voltage_mV: Array
    asc_pA: Array
    refractory: Array
    y1: Array
    y2: Array


def port_slots(network: Network) -> tuple[np.ndarray, np.ndarray]:
    """Assign the ports that each neuron uses to slots.

    Returns:
        The port in each slot (K, N), 0 where a slot is not used, and the slot of
        each edge (E,), both int32.
    """
    n_ports = len(network.tau_syn_ms)
    used = np.zeros((network.n_neurons, n_ports), bool)
    used[network.edges.target, network.edges.receptor] = True
    slot_of_port = np.cumsum(used, axis=1) - 1
    n_slots = max(int(used.sum(axis=1).max(initial=1)), 1)
    ports = np.zeros((n_slots, network.n_neurons), np.int32)
    neuron, port = np.nonzero(used)
    ports[slot_of_port[neuron, port], neuron] = port
    slots = slot_of_port[network.edges.target, network.edges.receptor]
    return ports, slots.astype(np.int32)


def neuron_parameters(network: Network, ports: np.ndarray) -> NeuronParameters:
    """Return the step coefficients of a network for slots holding ``ports`` (K, N)."""
    cells = network.cells
    step = glif3_propagators(cells, network.tau_syn_ms, DT_MS)
    return NeuronParameters(
        **_per_slot(step, ports),
        asc_stable=_lanes(step.asc_stable.T),
        asc_decay=_lanes(step.asc_decay.T),
        asc_refractory_decay=_lanes(step.asc_refractory_decay.T),
        asc_amp_pA=_lanes(cells.asc_amp_pA.T),
        P33=_lanes(step.P33),
        P30=_lanes(step.P30),
        refractory_steps=jnp.asarray(step.refractory_steps, jnp.int32)[:, None],
        threshold_mV=_lanes(cells.V_th_mV - cells.E_L_mV),
        reset_mV=_lanes(cells.V_reset_mV - cells.E_L_mV),
    )


def _lanes(values: np.ndarray) -> Array:
    return jnp.asarray(values, jnp.float32)[..., None]


def _per_slot(step: Propagators, ports: np.ndarray) -> dict[str, Array]:
    shared = ("P11", "P21", "P22", "psc_initial")
    coefficients = {name: _lanes(getattr(step, name)[ports]) for name in shared}
    neurons = np.arange(ports.shape[1])
    for name in ("P31", "P32"):
        coefficients[name] = _lanes(getattr(step, name)[neurons[None, :], ports])
    return coefficients


def resting_state(parameters: NeuronParameters, n_lanes: int) -> NeuronState:
    """Return every neuron at rest: V = E_L, no currents, not refractory."""
    n_slots, n_neurons, _ = parameters.P11.shape

    # Each leaf its own buffer: donated states must not share memory.
    def zeros(*shape: int) -> Array:
        return jnp.zeros((*shape, n_neurons, n_lanes), jnp.float32)

    return NeuronState(
        voltage_mV=zeros(),
        asc_pA=zeros(2),
        refractory=jnp.zeros((n_neurons, n_lanes), jnp.int32),
        y1=zeros(n_slots),
        y2=zeros(n_slots),
    )


def hard_spike(above_threshold_mV: Array) -> Array:
    """Return 1 where the voltage lies above threshold, else 0 (float32)."""
    return (above_threshold_mV > 0).astype(jnp.float32)


def membrane_step(
    parameters: NeuronParameters,
    state: NeuronState,
    external_pA: Array,
    spike_function: Callable[[Array], Array] = hard_spike,
) -> tuple[NeuronState, Array]:
    """Advance voltage, after-spike currents and refractory counters by one step.

    Args:
        parameters: coefficients of the step.
        state: state at the start of the step.
        external_pA: (N, L) or (N, 1), current that is constant over the step.
        spike_function: maps voltage above threshold (N, L), mV, to spikes in
            [0, 1]; training by gradient passes one with a surrogate derivative.

    Returns:
        The state with the synapses untouched, and the spikes (N, L), float32.
    """
    p = parameters
    current = external_pA + _sum_of_rows(p.asc_stable * state.asc_pA)
    synaptic = _sum_of_rows(p.P31 * state.y1 + p.P32 * state.y2)
    free = p.P33 * state.voltage_mV + p.P30 * current + synaptic
    waiting = state.refractory > 0
    spikes = jnp.where(waiting, 0.0, spike_function(free - p.threshold_mV))
    asc = _after_spike_currents(p, state.asc_pA, spikes, waiting)
    clamped = jnp.where(waiting, state.voltage_mV, free)
    # Exact for spikes of 0 and 1, and a surrogate derivative passes through.
    voltage = (1.0 - spikes) * clamped + spikes * p.reset_mV
    counting = jnp.maximum(state.refractory - 1, 0)
    refractory = jnp.where(spikes > 0, p.refractory_steps, counting)
    return NeuronState(voltage, asc, refractory, state.y1, state.y2), spikes


def _sum_of_rows(values: Array) -> Array:
    # Two or three terms: added one by one they stay in the loop over neurons,
    # which a reduction would leave.
    return sum(values[1:], start=values[0])


def _after_spike_currents(
    p: NeuronParameters, asc_pA: Array, spikes: Array, waiting: Array
) -> Array:
    decayed = jnp.where(waiting, asc_pA, p.asc_decay * asc_pA)
    jumped = p.asc_amp_pA + p.asc_refractory_decay * decayed
    return (1.0 - spikes)[None] * decayed + spikes[None] * jumped


def synapse_step(
    parameters: NeuronParameters, state: NeuronState, arriving_pA: Array
) -> NeuronState:
    """Advance the alpha synapses by one step.

    ``arriving_pA`` (K, N, L) is the sum of the effective weights of the spikes that
    arrive at each slot at the end of this step.
    """
    p = parameters
    y2 = p.P21 * state.y1 + p.P22 * state.y2
    y1 = p.P11 * state.y1 + p.psc_initial * arriving_pA
    return NeuronState(state.voltage_mV, state.asc_pA, state.refractory, y1, y2)
