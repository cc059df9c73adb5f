"""What changes in a simulation, and what is observed of it.

N neurons, E edges, M types, L lanes, D history slots, T steps.
"""

from dataclasses import dataclass

import jax
import jax.numpy as jnp

from evoplast.simulator.model import SimulationModel
from evoplast.simulator.neuron import NeuronState, resting_state

Array = jax.Array

# Synchrony: fraction of 2 ms bins in which more than 20 % of the neurons fire.
SYNCHRONY_BIN_STEPS = 2
SYNCHRONY_FRACTION = 0.2


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class SimulationState:
    """Everything that changes.

    Attributes:
        neuron: membranes and synapses.
        history: (D, N, L) spikes of the last D steps; step s lies at s modulo D.
        trace: (N, L) spike traces X.
        slow: (1, N, L) slow traces B, (0, N, L) where no term has them.
        reward: (M, L) reward traces R.
        weights: (E, L) strengths, pA.
        step: int32, steps done.
    """

    neuron: NeuronState
    history: Array
    trace: Array
    slow: Array
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


def initial_state(model: SimulationModel, n_lanes: int) -> SimulationState:
    """Return the state before the first step: at rest, with initial strengths."""
    n, m = model.n_neurons, model.n_types
    weights = jnp.broadcast_to(model.w_init[:, None], (*model.w_init.shape, n_lanes))
    return SimulationState(
        neuron=resting_state(model.neuron, n_lanes),
        history=jnp.zeros((model.n_delay_slots, n, n_lanes), jnp.float32),
        trace=jnp.zeros((n, n_lanes), jnp.float32),
        slow=jnp.zeros((model.n_slow_traces, n, n_lanes), jnp.float32),
        reward=jnp.zeros((m, n_lanes), jnp.float32),
        weights=jnp.array(weights),
        step=jnp.array(0, jnp.int32),
    )
