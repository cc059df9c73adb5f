"""The time loop in plain JAX: runs everywhere; the other kernels are compared with it.

In: model, rules, state, external current. Out: the state afterwards and what was
observed, in the order of ``kernels/contract.py``. N neurons, E edges, M types, L lanes,
D history slots; the lane axis is last, so that each gather reads whole rows.
"""

from dataclasses import replace

import jax
import jax.numpy as jnp

from evoplast.rules import OPTIONAL_TERMS, extra_indices
from evoplast.simulator.kernels.contract import Kernel, StepOptions
from evoplast.simulator.kernels.fusion import computed_once
from evoplast.simulator.lane_rules import LaneRules
from evoplast.simulator.model import PlasticitySettings, SimulationModel
from evoplast.simulator.neuron import DT_MS, membrane_step, synapse_step
from evoplast.simulator.state import (
    SYNCHRONY_BIN_STEPS,
    SYNCHRONY_FRACTION,
    Observed,
    SimulationState,
)

Array = jax.Array


def _rows(values: Array, index: Array) -> Array:
    # The index arrays are made by build_model and lie within bounds; checking
    # them again for every element halves the speed.
    return values.at[index].get(mode="promise_in_bounds", wrap_negative_indices=False)


def transmit(
    model: SimulationModel, weights: Array, history: Array, step: Array
) -> Array:
    """Return what arrives at each slot in this step (K, N, L), pA.

    ``history`` (slots, N, L) holds the spikes of step s at s modulo its length,
    those of this step included.
    """
    n_slots, n_neurons, n_lanes = history.shape
    when = (step - model.delay_steps) & (n_slots - 1)
    spikes = _rows(
        history.reshape(n_slots * n_neurons, n_lanes), when * n_neurons + model.source
    )
    arriving = jax.ops.segment_sum(
        weights * model.signed_gain_pA[:, None] * spikes,
        model.segment,
        model.n_slots * n_neurons + 1,
        indices_are_sorted=True,
        mode="promise_in_bounds",
    )
    return arriving[:-1].reshape(model.n_slots, n_neurons, n_lanes)


def _within(values: Array, low: Array | float, high: Array) -> Array:
    # As jnp.clip, NaN included, but one instruction instead of three for each bound.
    below = jnp.where(high < values, high, values)
    return jnp.where(low > below, low, below)


def _edge_tables(rules: LaneRules, reward: Array) -> Array:
    tables = rules.edge_base + rules.edge_reward * reward[None, :, None, :]
    return tables.reshape(len(tables), -1, tables.shape[-1])


def _post_side(
    rules: LaneRules, reward: Array, cell_type: Array, spikes: Array, trace: Array
) -> Array:
    tables = rules.post_base + rules.post_reward * reward[None]
    s, x, sx, xx = (_rows(table, cell_type) for table in tables)
    alone = _rows(rules.reward_alone[None] * reward, cell_type)
    return alone + spikes * (s + sx * trace) + trace * (x + xx * trace)


def relative_change(
    model: SimulationModel,
    rules: LaneRules,
    spikes: Array,
    trace: Array,
    reward: Array,
    always: Array,
) -> Array:
    """Return eta times the sum of all terms for every synapse (E, L)."""
    tables = computed_once(_edge_tables, always, rules, reward)
    post = computed_once(
        _post_side, always, rules, reward, model.cell_type, spikes, trace
    )
    a = [_rows(table, model.type_pair) for table in tables]
    s_pre, x_pre = _rows(spikes, model.source), _rows(trace, model.source)
    s_post, x_post = _rows(spikes, model.target), _rows(trace, model.target)
    on_spike = a[0] + a[1] * s_post + a[2] * x_post + a[6] * x_pre
    on_trace = a[3] + a[4] * s_post + a[5] * x_post + a[7] * x_pre
    return _rows(post, model.target) + s_pre * on_spike + x_pre * on_trace


def extra_change(
    model: SimulationModel,
    rules: LaneRules,
    state: SimulationState,
    spikes: Array,
    extra_terms: tuple[str, ...],
) -> Array:
    """Return eta times the sum of the extra terms for every synapse (E, L).

    ``state`` has the voltage after this step's ``spikes`` (N, L), and strengths and
    traces of before.
    """
    relative = jnp.where(model.w_ref > 0, 1.0 / model.w_ref, 0.0)[:, None]
    by_neuron = {
        "S": spikes,
        "X": state.trace,
        "V": state.neuron.voltage_mV / model.neuron.threshold_mV,
        "B": state.slow.sum(axis=0),
    }

    def signal(name: str) -> Array:
        if name == "w":
            return state.weights * relative
        if name == "R":
            return _rows(_rows(state.reward, model.cell_type), model.target)
        side = model.source if name.endswith("pre") else model.target
        return _rows(by_neuron[name[0]], side)

    total = jnp.zeros_like(state.weights)
    for row, index in enumerate(extra_indices(extra_terms)):
        table = rules.extra[row].reshape(-1, total.shape[-1])
        product = _rows(table, model.type_pair)
        for factor in OPTIONAL_TERMS[index].factors:
            product = product * signal(factor)
        total = total + product
    return total


def update_weights(
    model: SimulationModel,
    rules: LaneRules,
    state: SimulationState,
    spikes: Array,
    always: Array,
    plasticity: PlasticitySettings,
) -> Array:
    """Return the strengths (E, L) after one step of plasticity.

    ``spikes`` (N, L) of this step; ``state`` as in ``extra_change``; ``always`` is
    True, but unknown when the program is compiled.
    """
    weights = state.weights
    relative = relative_change(model, rules, spikes, state.trace, state.reward, always)
    if plasticity.extra_terms:
        extra_terms = plasticity.extra_terms
        relative = relative + extra_change(model, rules, state, spikes, extra_terms)
    change = model.w_ref[:, None] * relative
    cap = plasticity.max_relative_change * weights
    limited = _within(change, -cap, cap)
    return _within(state.weights + limited, 0.0, model.w_max[:, None])


def simulation_step(
    model: SimulationModel,
    rules: LaneRules,
    state: SimulationState,
    external_pA: Array,
    plasticity: PlasticitySettings,
    plastic: bool,
) -> tuple[SimulationState, Array]:
    """Advance everything by one step; return the state and the spikes (N, L).

    Args:
        model, rules, state: the network, the rules, where it stands.
        external_pA: (N, L), current that is constant over the step.
        plasticity: bounds on the change of weights.
        plastic: whether weights and traces change; traces rest if not.
    """
    neuron, spikes = computed_once(
        membrane_step, state.step >= 0, model.neuron, state.neuron, external_pA
    )
    slot = state.step & (model.n_delay_slots - 1)
    # History first: if it were read before it is written, it would be copied.
    history = jax.lax.dynamic_update_index_in_dim(state.history, spikes, slot, 0)
    arriving = transmit(model, state.weights, history, state.step)
    neuron = synapse_step(model.neuron, neuron, arriving)
    moved = replace(state, neuron=neuron, history=history, step=state.step + 1)
    if not plastic:
        return moved, spikes
    always = _always(state.step, arriving)
    return replace(
        moved,
        weights=update_weights(model, rules, moved, spikes, always, plasticity),
        trace=state.trace * rules.trace_keep[model.cell_type] + spikes,
        slow=state.slow * (1.0 - DT_MS / plasticity.slow_trace_ms) + spikes[None],
        reward=state.reward * rules.reward_keep,
    ), spikes


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
    options: StepOptions,
) -> tuple[SimulationState, Observed]:
    """Run T steps; arguments and results as in the contract."""
    n_lanes = state.weights.shape[1]
    repeats = n_lanes // current_pA.shape[2]

    def body(carry: tuple, current: Array) -> tuple[tuple, Array]:
        before, counts, bins = carry
        external = jnp.tile(current, (1, repeats))
        after, spikes = simulation_step(
            model, rules, before, external, options.plasticity, options.plastic
        )
        if options.measure_synchrony:
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


def prepare() -> None:
    """Do nothing: JAX is there."""


# The loop keeps gathered rows of all synapses besides the state.
KERNEL = Kernel("reference", run_steps, prepare, working_copies=2.0)
