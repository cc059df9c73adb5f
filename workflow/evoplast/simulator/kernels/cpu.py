"""The time loop in C++, a lane in each place of a vector register: the kernel for CPUs.

In and out as in ``kernels/contract.py``; the work is done in ``cpu.cpp``, which XLA
calls once for all steps with the arrays that ``cpu_arrays.h`` names. The same numbers
come out but for rounding: the compiler orders products and sums differently, and a
recurrent network amplifies that.
"""

import os
from dataclasses import fields
from functools import cache

import jax
import jax.numpy as jnp
import numpy as np

from evoplast.rules import OPTIONAL_TERMS, SIGNALS, extra_indices
from evoplast.simulator.kernels.arguments import (
    FIXED,
    RESULT,
    STATE,
    declared,
    in_order,
    names,
)
from evoplast.simulator.kernels.build import loaded_library
from evoplast.simulator.kernels.contract import Kernel, StepOptions
from evoplast.simulator.lane_rules import LaneRules
from evoplast.simulator.model import SimulationModel
from evoplast.simulator.neuron import DT_MS, NeuronState
from evoplast.simulator.state import SYNCHRONY_FRACTION, Observed, SimulationState

Array = jax.Array
TARGET = "evoplast_run_steps"
HEADER = "cpu_arrays.h"
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


def _arrays(
    model: SimulationModel, rules: LaneRules, state: SimulationState
) -> dict[str, Array]:
    """Return model, rules and state by the names that ``cpu_arrays.h`` uses."""
    neuron = {name: array[..., 0] for name, array in vars(model.neuron).items()}
    changing = {**vars(state.neuron), **vars(state)}
    return {**neuron, **vars(model), **vars(rules), **changing}


def _state_of(values: dict[str, Array]) -> SimulationState:
    def part(kind: type, **given: NeuronState) -> dict:
        wanted = [f.name for f in fields(kind) if f.name not in given]
        return {**{name: values[name] for name in wanted}, **given}

    neuron = NeuronState(**part(NeuronState))
    return SimulationState(**part(SimulationState, neuron=neuron))


def extra_powers(extra_terms: tuple[str, ...]) -> np.ndarray:
    """Return how often each of ``SIGNALS`` is a factor of each term, (X, 9) int32."""
    factors = [OPTIONAL_TERMS[index].factors for index in extra_indices(extra_terms)]
    powers = [[term.count(signal) for signal in SIGNALS] for term in factors]
    return np.array(powers, np.int32).reshape(len(factors), len(SIGNALS))


def run_steps(
    model: SimulationModel,
    rules: LaneRules,
    state: SimulationState,
    current_pA: Array,
    readout: Array,
    options: StepOptions,
) -> tuple[SimulationState, Observed]:
    """Run T steps; arguments and results as in the contract."""
    arrays = declared(HEADER)
    values = _arrays(model, rules, state)
    values |= {"current_pA": current_pA, "readout": readout}
    values |= {
        "extra_powers": jnp.asarray(extra_powers(options.plasticity.extra_terms)),
        "slow_keep": jnp.float32(1.0 - DT_MS / options.plasticity.slow_trace_ms),
    }
    fixed, before = (in_order(arrays, role, values) for role in (FIXED, STATE))
    steps, lanes = current_pA.shape[0], state.weights.shape[1]
    shapes = {
        "spike_counts": (model.n_neurons, lanes),
        "readout_by_step": (steps, lanes),
        "synchronous_bins": (lanes,),
    }
    results = [jax.ShapeDtypeStruct(array.shape, array.dtype) for array in before]
    results += [
        jax.ShapeDtypeStruct(shape, jnp.float32)
        for shape in in_order(arrays, RESULT, shapes)
    ]
    in_place = {len(fixed) + i: i for i in range(len(before))}
    call = jax.ffi.ffi_call(TARGET, results, input_output_aliases=in_place)
    after = call(
        *fixed,
        *before,
        arrays=names(arrays),
        plastic=np.int64(options.plastic),
        measure_synchrony=np.int64(options.measure_synchrony),
        n_threads=np.int64(thread_count()),
        cache_bytes=np.int64(CACHE_BYTES),
        max_relative_change=np.float32(options.plasticity.max_relative_change),
        synchrony_fraction=np.float32(SYNCHRONY_FRACTION),
    )
    found = dict(zip(names(arrays, STATE, RESULT).split(), after, strict=True))
    return _state_of(found), Observed(**{name: found[name] for name in shapes})


KERNEL = Kernel("cpu", run_steps, prepare)
