"""Every spike of a network whose weights do not change any more.

In: a network, settings, external currents block by block. Out: spikes of all neurons
in every step, which the kernels otherwise only count. N neurons, L lanes, T steps.
The kernels keep the spikes of the last steps for the delays; a longer such history
is all that is needed to read every spike.
"""

from dataclasses import replace
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from evoplast import rules
from evoplast.network import Network
from evoplast.simulator.kernels.contract import Kernel, StepOptions
from evoplast.simulator.lane_rules import LaneRules, lane_rules
from evoplast.simulator.model import (
    NOT_PLASTIC,
    PlasticitySettings,
    SimulationModel,
    SimulationSettings,
    build_model,
)
from evoplast.simulator.run import kernel_named
from evoplast.simulator.state import SimulationState, initial_state

HISTORY_STEPS = 64


def with_long_history(model: SimulationModel, n_slots: int) -> SimulationModel:
    """Return the model with a spike history of ``n_slots`` steps, a power of two."""
    missing = (n_slots - model.n_delay_slots) * model.n_neurons
    if missing <= 0:
        return model
    out_start = jnp.pad(model.out_start, (0, missing), mode="edge")
    return replace(model, out_start=out_start, n_delay_slots=n_slots)


def with_long_past(state: SimulationState, n_slots: int) -> SimulationState:
    """Return a state whose spike history (D, N, L) is ``n_slots`` steps long.

    It goes on as the old one does; steps that were forgotten are silent.
    """
    old = np.asarray(state.history)
    if len(old) >= n_slots:
        return state
    past = int(state.step) - 1 - np.arange(len(old))
    history = np.zeros((n_slots, *old.shape[1:]), old.dtype)
    history[past & (n_slots - 1)] = old[past & (len(old) - 1)]
    return replace(state, history=jnp.asarray(history))


def unplastic_rules(n_types: int, n_lanes: int) -> LaneRules:
    """Return the tables of rules that do nothing."""
    space = rules.RuleSpace(n_types, 0.0, 1.0)
    nothing = np.repeat(rules.no_plasticity(space)[None], n_lanes, axis=0)
    return lane_rules(rules.decode(space, nothing), 1, NOT_PLASTIC)


@partial(jax.jit, static_argnames=("plasticity", "kernel"), donate_argnames="state")
def _run(
    model: SimulationModel,
    tables: LaneRules,
    state: SimulationState,
    current_pA: jax.Array,
    plasticity: PlasticitySettings,
    kernel: Kernel,
) -> tuple[SimulationState, jax.Array]:
    nobody = jnp.zeros(1, jnp.int32)
    after, _ = kernel.run_steps(
        *(model, tables, state, current_pA, nobody),
        StepOptions(plasticity, plastic=False),
    )
    steps = after.step - current_pA.shape[0] + jnp.arange(current_pA.shape[0])
    return after, after.history[steps & (model.n_delay_slots - 1)] > 0


def record_steps(
    model: SimulationModel,
    tables: LaneRules,
    state: SimulationState,
    current_pA: np.ndarray,
    kernel: Kernel,
) -> tuple[SimulationState, np.ndarray]:
    """Run T steps with frozen weights; return the state and the spikes (T, N, L).

    Args:
        model, state: with a history of at least ``HISTORY_STEPS`` steps.
        tables: the rules of the lanes; frozen, they do nothing.
        current_pA: (T, N, n_tasks) as the kernels take it.
        kernel: what runs the steps.
    """
    parts = []
    for start in range(0, len(current_pA), HISTORY_STEPS):
        block = jnp.asarray(current_pA[start : start + HISTORY_STEPS])
        state, spikes = _run(
            *(model, tables, state, block), plasticity=NOT_PLASTIC, kernel=kernel
        )
        parts.append(np.asarray(spikes))
    return state, np.concatenate(parts)


class SpikeRecorder:
    """An unplastic network in L lanes that runs on from call to call."""

    def __init__(
        self, network: Network, settings: SimulationSettings, n_lanes: int
    ) -> None:
        model = build_model(network, settings, NOT_PLASTIC)
        self._model = with_long_history(model, HISTORY_STEPS)
        self._rules = unplastic_rules(network.n_types, n_lanes)
        self._state = initial_state(self._model, n_lanes)
        self._kernel = kernel_named(settings.kernel)

    def advance(self, current_pA: np.ndarray) -> np.ndarray:
        """Run T steps with the currents (T, N, L) and return the spikes, bool alike."""
        self._state, spikes = record_steps(
            *(self._model, self._rules, self._state, current_pA), self._kernel
        )
        return spikes
