"""The time loop in C++, sixteen lanes in a vector register: the kernel for CPUs.

In and out as in ``kernels/reference.py``; the work is done in ``cpu.cpp``, which XLA
calls once for all steps. The same numbers come out but for rounding: the compiler
orders products and sums differently, and a recurrent network amplifies that.
"""

import os
from functools import cache

import jax
import jax.numpy as jnp
import numpy as np

from evoplast.simulator.kernels.build import loaded_library
from evoplast.simulator.lane_rules import LaneRules
from evoplast.simulator.model import PlasticitySettings, SimulationModel
from evoplast.simulator.neuron import NeuronState
from evoplast.simulator.state import SYNCHRONY_FRACTION, Observed, SimulationState

Array = jax.Array
TARGET = "evoplast_run_steps"
CACHE_BYTES = 8 * 2**20
"""Strengths of a tile beyond this are updated several steps at once."""


@cache
def prepare() -> None:
    """Build the kernel if need be and make it known to XLA.

    Raises:
        UserError: there is no compiler or it fails.
    """
    library = loaded_library("cpu")
    handler = jax.ffi.pycapsule(getattr(library, TARGET))
    jax.ffi.register_ffi_target(TARGET, handler, platform="cpu")


def thread_count() -> int:
    """Return the number of threads this process may use (``NPROC``, else all)."""
    return int(os.environ.get("NPROC", os.cpu_count() or 1))


def _network_arrays(model: SimulationModel) -> list[Array]:
    p = model.neuron
    coefficients = (
        *(p.P11, p.P21, p.P22, p.P31, p.P32, p.psc_initial),
        *(p.asc_stable, p.asc_decay, p.asc_refractory_decay, p.asc_amp_pA),
        *(p.P33, p.P30, p.threshold_mV, p.reset_mV, p.refractory_steps),
    )
    wiring = (
        *(model.cell_type, model.source, model.target, model.segment),
        *(model.type_pair, model.signed_gain_pA, model.w_ref, model.w_max),
        *(model.out_edge, model.out_start, model.in_start),
    )
    return [array[..., 0] for array in coefficients] + list(wiring)


def _rule_arrays(rules: LaneRules) -> list[Array]:
    return [
        *(rules.edge_base, rules.edge_reward, rules.post_base, rules.post_reward),
        *(rules.reward_alone, rules.trace_keep, rules.reward_keep),
    ]


def _state_arrays(state: SimulationState) -> list[Array]:
    neuron = state.neuron
    return [
        *(neuron.voltage_mV, neuron.asc_pA, neuron.y1, neuron.y2, state.history),
        *(state.trace, state.reward, state.weights, neuron.refractory, state.step),
    ]


def _state_of(arrays: list[Array]) -> SimulationState:
    voltage, asc, y1, y2, history, trace, reward, weights, refractory, step = arrays
    neuron = NeuronState(voltage, asc, refractory, y1, y2)
    return SimulationState(neuron, history, trace, reward, weights, step)


def run_steps(
    model: SimulationModel,
    rules: LaneRules,
    state: SimulationState,
    current_pA: Array,
    readout: Array,
    plasticity: PlasticitySettings,
    plastic: bool,
    measure_synchrony: bool = False,
) -> tuple[SimulationState, Observed]:
    """Run T steps; arguments and results as in the reference."""
    before = _state_arrays(state)
    fixed = _network_arrays(model) + _rule_arrays(rules)
    steps, lanes = current_pA.shape[0], state.weights.shape[1]
    observed = [(model.n_neurons, lanes), (steps, lanes), (lanes,)]
    results = [jax.ShapeDtypeStruct(array.shape, array.dtype) for array in before]
    results += [jax.ShapeDtypeStruct(shape, jnp.float32) for shape in observed]
    in_place = {len(fixed) + i: i for i in range(len(before))}
    call = jax.ffi.ffi_call(TARGET, results, input_output_aliases=in_place)
    after = call(
        *fixed,
        *before,
        current_pA,
        readout,
        plastic=np.int64(plastic),
        measure_synchrony=np.int64(measure_synchrony),
        n_threads=np.int64(thread_count()),
        cache_bytes=np.int64(CACHE_BYTES),
        max_relative_change=np.float32(plasticity.max_relative_change),
        synchrony_fraction=np.float32(SYNCHRONY_FRACTION),
    )
    return _state_of(after[: len(before)]), Observed(*after[len(before) :])
