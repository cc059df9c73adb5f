"""The synapses in plain JAX: runs everywhere and defines the semantics.

In: the model, strengths (E, L), the last spikes and traces. Out: what arrives at the
neurons, and the strengths one step later. E edges, L lanes, lane axis last, so that
each gather reads whole rows.
"""

import jax
import jax.numpy as jnp

from evoplast.simulator.kernels.fusion import computed_once
from evoplast.simulator.lane_rules import LaneRules
from evoplast.simulator.model import SimulationModel

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
    tables = rules.edge_base + rules.edge_reward * reward[:, None, :]
    return tables.reshape(len(tables), -1, tables.shape[-1])


def _post_side(
    rules: LaneRules, reward: Array, cell_type: Array, spikes: Array, trace: Array
) -> Array:
    tables = rules.post_base + rules.post_reward * reward
    s, x, sx, xx = (_rows(table, cell_type) for table in tables)
    alone = _rows(rules.reward_alone * reward, cell_type)
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
    a = computed_once(_edge_tables, always, rules, reward)
    post = computed_once(
        _post_side, always, rules, reward, model.cell_type, spikes, trace
    )
    a = [_rows(table, model.type_pair) for table in a]
    s_pre, x_pre = _rows(spikes, model.source), _rows(trace, model.source)
    s_post, x_post = _rows(spikes, model.target), _rows(trace, model.target)
    on_spike = a[0] + a[1] * s_post + a[2] * x_post + a[6] * x_pre
    on_trace = a[3] + a[4] * s_post + a[5] * x_post + a[7] * x_pre
    return _rows(post, model.target) + s_pre * on_spike + x_pre * on_trace


def update_weights(
    model: SimulationModel,
    rules: LaneRules,
    weights: Array,
    spikes: Array,
    trace: Array,
    reward: Array,
    always: Array,
    max_relative_change: float,
) -> Array:
    """Return the strengths (E, L) after one step of plasticity.

    ``spikes`` of this step and ``trace`` before them, (N, L); ``reward`` (M, L);
    ``always`` is True, but unknown when the program is compiled.
    """
    change = model.w_ref[:, None] * relative_change(
        model, rules, spikes, trace, reward, always
    )
    cap = max_relative_change * weights
    limited = _within(change, -cap, cap)
    return _within(weights + limited, 0.0, model.w_max[:, None])
