"""The time loop: steps of 1 ms over many lanes.

In: model, rules, state, external current. Out: the state afterwards and what was
observed. In each step: membranes, threshold, spikes that arrive after their delay,
plasticity, traces. N neurons, E edges, M types, L lanes, D history slots.
"""

from dataclasses import dataclass
from types import ModuleType

import jax
import jax.numpy as jnp

from evoplast.artefacts.errors import UserError
from evoplast.simulator.kernels import reference
from evoplast.simulator.kernels.fusion import computed_once
from evoplast.simulator.lane_rules import LaneRules
from evoplast.simulator.model import PlasticitySettings, SimulationModel
from evoplast.simulator.neuron import (
    NeuronState,
    membrane_step,
    resting_state,
    synapse_step,
)

Array = jax.Array

# Synchrony: fraction of 2 ms bins in which more than 20 % of the neurons fire.
SYNCHRONY_BIN_STEPS = 2
SYNCHRONY_FRACTION = 0.2

KERNELS = {"reference": reference}


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class SimulationState:
    """Everything that changes.

    Attributes:
        neuron: membranes and synapses.
        history: (D, N, L) spikes of the last D steps; step s lies at s modulo D.
        trace: (N, L) spike traces X.
        reward: (M, L) reward traces R.
        weights: (E, L) strengths, pA.
        step: int32, steps done.
    """

    neuron: NeuronState
    history: Array
    trace: Array
    reward: Array
    weights: Array
    step: Array


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Observed:
    """What happened in T steps.

    Attributes:
        spike_counts: (N, L) spikes of each neuron.
        readout_by_step: (T, L) spikes of all readout neurons together.
        synchronous_bins: (L,) 2 ms bins with more than 20 % of the neurons active;
            zero unless measured.
    """

    spike_counts: Array
    readout_by_step: Array
    synchronous_bins: Array


def kernel_named(name: str) -> ModuleType:
    """Return the kernel called ``name``.

    Raises:
        UserError: there is none of that name.
    """
    if name not in KERNELS:
        known = ", ".join(KERNELS)
        raise UserError(f"simulation.kernel is {name!r}; choose one of: {known}.")
    return KERNELS[name]


def initial_state(model: SimulationModel, n_lanes: int) -> SimulationState:
    """Return the state before the first step: at rest, with initial strengths."""
    n, m = model.n_neurons, model.n_types
    weights = jnp.broadcast_to(model.w_init[:, None], (*model.w_init.shape, n_lanes))
    return SimulationState(
        neuron=resting_state(model.neuron, n_lanes),
        history=jnp.zeros((model.n_delay_slots, n, n_lanes), jnp.float32),
        trace=jnp.zeros((n, n_lanes), jnp.float32),
        reward=jnp.zeros((m, n_lanes), jnp.float32),
        weights=jnp.array(weights),
        step=jnp.array(0, jnp.int32),
    )


def simulation_step(
    model: SimulationModel,
    rules: LaneRules,
    state: SimulationState,
    external_pA: Array,
    plasticity: PlasticitySettings,
    plastic: bool,
    kernel: ModuleType = reference,
) -> tuple[SimulationState, Array]:
    """Advance everything by one step; return the state and the spikes (N, L).

    Args:
        model, rules, state: the network, the rules, where it stands.
        external_pA: (N, L), current that is constant over the step.
        plasticity: bounds on the change of weights.
        plastic: whether weights and traces change; traces rest if not.
        kernel: implementation of the synapses.
    """
    neuron, spikes = computed_once(
        membrane_step, state.step >= 0, model.neuron, state.neuron, external_pA
    )
    slot = state.step & (model.n_delay_slots - 1)
    # History first: if it were read before it is written, it would be copied.
    history = jax.lax.dynamic_update_index_in_dim(state.history, spikes, slot, 0)
    arriving = kernel.transmit(model, state.weights, history, state.step)
    neuron = synapse_step(model.neuron, neuron, arriving)
    weights, trace, reward = state.weights, state.trace, state.reward
    if plastic:
        weights = kernel.update_weights(
            model,
            rules,
            weights,
            spikes,
            trace,
            reward,
            _always(state.step, arriving),
            plasticity.max_relative_change,
        )
        trace = trace * rules.trace_keep[model.cell_type] + spikes
        reward = reward * rules.reward_keep
    after = SimulationState(neuron, history, trace, reward, weights, state.step + 1)
    return after, spikes


def _always(step: Array, arriving: Array) -> Array:
    """Return True, in a way that XLA cannot know before ``arriving`` is there.

    What depends on it runs after the weights have been read, and so can overwrite
    them in place; without it they are copied in every step.
    """
    return (step >= 0) | jnp.isnan(arriving[0, 0, 0])


def run_steps(
    model: SimulationModel,
    rules: LaneRules,
    state: SimulationState,
    current_pA: Array,
    readout: Array,
    plasticity: PlasticitySettings,
    plastic: bool,
    measure_synchrony: bool = False,
    kernel: ModuleType = reference,
) -> tuple[SimulationState, Observed]:
    """Run T steps.

    Args:
        model, rules, state: the network, the rules, where it stands.
        current_pA: (T, N, n_tasks), external current; lane l sees task l modulo
            n_tasks.
        readout: (n,) int32 indices of the readout neurons.
        plasticity: bounds on the change of weights.
        plastic: whether weights and traces change.
        measure_synchrony: whether to count synchronous bins. Bins start at even
            steps since the beginning of the state.
        kernel: implementation of the synapses.
    """
    n_lanes = state.weights.shape[1]
    repeats = n_lanes // current_pA.shape[2]

    def body(carry: tuple, current: Array) -> tuple[tuple, Array]:
        before, counts, bins = carry
        external = jnp.tile(current, (1, repeats))
        after, spikes = simulation_step(
            model, rules, before, external, plasticity, plastic, kernel
        )
        if measure_synchrony:
            bins = bins + _ends_synchronous_bin(after, spikes)
        return (after, counts + spikes, bins), spikes[readout].sum(axis=0)

    empty = (
        jnp.zeros((model.n_neurons, n_lanes), jnp.float32),
        jnp.zeros(n_lanes, jnp.float32),
    )
    (after, counts, bins), readout_spikes = jax.lax.scan(
        body, (state, *empty), current_pA
    )
    return after, Observed(counts, readout_spikes, bins)


def _ends_synchronous_bin(after: SimulationState, spikes: Array) -> Array:
    n_slots = after.history.shape[0]
    last = after.history[(after.step - 2) & (n_slots - 1)]
    active = jnp.maximum(spikes, last).sum(axis=0)
    ends = (after.step & (SYNCHRONY_BIN_STEPS - 1)) == 0
    return (ends & (active > SYNCHRONY_FRACTION * spikes.shape[0])).astype(jnp.float32)
