"""How often plasticity meets its limits, counted step by step beside any kernel.

In: a kernel, a state. Out: a kernel that does the same and counts, for each lane, the
steps in which a synapse changed, in which its change was as large as
``max_relative_change`` allows, and in which it stood at its upper bound afterwards. The
counts travel in the state, so that the loop over trials need not know of them. Every
step is a call of its own, which is slow: it is meant for single trials. N neurons, E
edges, L lanes, T steps.
"""

from dataclasses import dataclass, fields
from functools import cache
from typing import cast

import jax
import jax.numpy as jnp
import numpy as np

from evoplast.simulator.kernels.contract import Kernel, StepOptions
from evoplast.simulator.lane_rules import LaneRules
from evoplast.simulator.model import SimulationModel
from evoplast.simulator.state import Observed, SimulationState

LIMITS = ("changed", "capped", "at_bound")
# A capped change is the difference of two rounded strengths.
_TOLERANCE = 1e-3


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class CountingState(SimulationState):
    """A state with ``counts`` (3, L) int32 of synapse steps, rows ``LIMITS``."""

    counts: jax.Array


def counting_state(state: SimulationState) -> CountingState:
    """Return the state with counts of zero."""
    n_lanes = state.weights.shape[1]
    counts = jnp.zeros((len(LIMITS), n_lanes), jnp.int32)
    return CountingState(**_plain(state), counts=counts)


def limits_of(state: SimulationState) -> np.ndarray:
    """Return the counts (3, L) of a state, rows ``LIMITS``.

    Raises:
        TypeError: the state counts nothing.
    """
    if not isinstance(state, CountingState):
        raise TypeError("only a CountingState has counts; make one: counting_state")
    return np.asarray(state.counts)


def _plain(state: SimulationState) -> dict:
    return {f.name: getattr(state, f.name) for f in fields(SimulationState)}


def count_limits(
    model: SimulationModel,
    before: jax.Array,
    after: jax.Array,
    max_relative_change: float,
) -> jax.Array:
    """Return the counts (3, L) of one step from strengths (E, L) around it.

    A change that the upper bound cut short counts as at the bound, not as capped.
    Synapses that began at their bound say nothing about a rule and do not count there.
    """
    real = (model.edge_index >= 0)[:, None]
    change, cap = jnp.abs(after - before), max_relative_change * before
    capped = (change >= (1 - _TOLERANCE) * cap) & (cap > 0)
    bound = model.w_max[:, None]
    reached = (after >= bound) & (model.w_init[:, None] < bound)
    found = (change > 0, capped, reached)
    return jnp.stack([(real & each).sum(axis=0, dtype=jnp.int32) for each in found])


@cache
def counting_kernel(kernel: Kernel) -> Kernel:
    """Return a kernel that does what ``kernel`` does to a :class:`CountingState`."""

    def run_steps(
        model: SimulationModel,
        rules: LaneRules,
        state: SimulationState,
        current_pA: jax.Array,
        readout: jax.Array,
        options: StepOptions,
    ) -> tuple[SimulationState, Observed]:
        rest = (readout, options)

        def step(before: CountingState, current: jax.Array) -> tuple:
            plain = SimulationState(**_plain(before))
            after, seen = kernel.run_steps(model, rules, plain, current[None], *rest)
            found = count_limits(
                *(model, before.weights, after.weights),
                options.plasticity.max_relative_change,
            )
            return CountingState(**_plain(after), counts=before.counts + found), seen

        seen: Observed
        after, seen = jax.lax.scan(step, cast(CountingState, state), current_pA)
        return after, Observed(
            spike_counts=seen.spike_counts.sum(axis=0),
            readout_by_step=seen.readout_by_step[:, 0],
            synchronous_bins=seen.synchronous_bins.sum(axis=0),
        )

    return Kernel(f"{kernel.name}, counting", run_steps, kernel.prepare, 2.0)
