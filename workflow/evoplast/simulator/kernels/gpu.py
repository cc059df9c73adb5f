"""The time loop as one fused kernel for CUDA devices.

In and out as in ``kernels/contract.py``. The work is done in ``gpu.cu``, compiled for
the device on first use and launched once per step by ``gpu.cpp``, which XLA calls once
for all steps. Spikes are kept as one bit for each lane; turning them from and into the
history of the state, and whatever else is done once per call, is left to XLA. The same
source also runs on a CPU, for tests (:func:`prepare_emulation`).
"""

import ctypes
import hashlib
from functools import cache

import jax
import jax.numpy as jnp
import numpy as np

from evoplast.artefacts.atomic import atomic_path
from evoplast.artefacts.errors import UserError
from evoplast.simulator.kernels import gpu_check
from evoplast.simulator.kernels.arguments import (
    FIXED,
    STATE,
    declared,
    in_order,
    names,
)
from evoplast.simulator.kernels.build import cache_folder, loaded_library
from evoplast.simulator.kernels.contract import Kernel, StepOptions
from evoplast.simulator.kernels.nvrtc import compiled_kernel
from evoplast.simulator.lane_rules import LaneRules
from evoplast.simulator.model import SimulationModel
from evoplast.simulator.neuron import NeuronState
from evoplast.simulator.state import SYNCHRONY_FRACTION, Observed, SimulationState

Array = jax.Array
TARGET = "evoplast_gpu_steps"
HEADER = "gpu_arrays.h"
WARP = 32


def cuda_device() -> jax.Device | None:
    """Return the first CUDA device if JAX computes on one by default, else None."""
    if jax.default_backend() != "gpu":
        return None
    try:
        return jax.devices("cuda")[0]
    except RuntimeError:  # a GPU of another maker
        return None


@cache
def prepare() -> None:
    """Compile the kernel for the device if need be and make it known to XLA.

    Before its first use on a kind of device it is compared with the reference there.

    Raises:
        UserError: there is no CUDA device or no compiler, a compiler fails, or the
            kernel and the reference differ.
    """
    device = cuda_device()
    if device is None:
        raise UserError(
            "simulation.kernel is gpu, but JAX finds no CUDA device; install "
            "envs/requirements-gpu.txt on a machine that has one, or set it to auto."
        )
    image = compiled_kernel(device.compute_capability)
    library = _library()
    library.evoplast_gpu_program(image, ctypes.c_int64(len(image)))
    _register(library, "evoplast_gpu_on_device", "CUDA")
    _check_once(image, device.device_kind)


def _check_once(image: bytes, device_kind: str) -> None:
    parts = (image, device_kind.encode(), jax.__version__.encode())
    digest = hashlib.sha256(b"".join(parts)).hexdigest()[:16]
    passed = cache_folder() / f"gpu-{digest}.checked"
    if not passed.exists():
        gpu_check.check(run_steps)
        with atomic_path(passed) as temporary:
            temporary.write_text(device_kind, encoding="utf-8")


@cache
def prepare_emulation() -> ctypes.CDLL:
    """Let XLA run the same kernel on the CPU, for tests; return the library.

    Raises:
        UserError: there is no compiler or it fails.
    """
    library = _library()
    _register(library, "evoplast_gpu_on_cpu", "cpu")
    return library


def _library() -> ctypes.CDLL:
    return loaded_library("gpu")


def _register(library: ctypes.CDLL, handler: str, platform: str) -> None:
    capsule = jax.ffi.pycapsule(getattr(library, handler))
    jax.ffi.register_ffi_target(TARGET, capsule, platform=platform)


def words_for(n_lanes: int) -> int:
    """Return the number of 32-bit words with a bit for each lane."""
    return -(-n_lanes // WARP)


def packed(flags: Array) -> Array:
    """Return (..., words) uint32 with a bit for each lane of ``flags`` (..., L)."""
    n_words = words_for(flags.shape[-1])
    missing = n_words * WARP - flags.shape[-1]
    padding = [(0, 0)] * (flags.ndim - 1) + [(0, missing)]
    lanes = jnp.pad(flags, padding).reshape(*flags.shape[:-1], n_words, WARP)
    bits = lanes.astype(jnp.uint32) << _places(flags.ndim)
    return bits.sum(axis=-1, dtype=jnp.uint32)


def unpacked(words: Array, n_lanes: int) -> Array:
    """Return (..., L) float32, 0 or 1, from the bits of ``words`` (..., words)."""
    bits = words[..., None] >> _places(words.ndim) & 1
    return bits.reshape(*words.shape[:-1], -1)[..., :n_lanes].astype(jnp.float32)


def _places(n_axes: int) -> Array:
    """Return the places of the bits in a word, behind ``n_axes`` axes of length 1."""
    places = jnp.arange(WARP, dtype=jnp.uint32)
    return places.reshape((1,) * n_axes + (WARP,))


def ring_of_spikes(history: Array, step: Array) -> Array:
    """Return the spikes before ``step`` as the kernel keeps them (2 D, N, words).

    The kernel counts steps from zero in each call, and its ring is twice as long as
    the history (D, N, L): the spikes of the next step are written while those of the
    longest delay are read.
    """
    slots = len(history)
    order = (step + jnp.arange(2 * slots)) & (slots - 1)
    return packed(history != 0)[order]


def history_of_ring(ring: Array, step: Array, n_steps: int, n_lanes: int) -> Array:
    """Return the history (D, N, L) after ``n_steps`` steps that began at ``step``."""
    slots = len(ring) // 2
    last = n_steps - 1
    back = (step + last - jnp.arange(slots)) & (slots - 1)
    return unpacked(ring[(last - back) & (2 * slots - 1)], n_lanes)


def rows_in_use(rules: LaneRules) -> Array:
    """Return (words,) uint32: which rows of the tables some of 32 lanes need.

    From the lowest bit: the edge rows, those of them with reward, the post rows, those
    with reward, the reward alone (the order of ``gpu.cu``).
    """
    edge, edge_reward, post, post_reward = (
        (table != 0).any(axis=tuple(range(1, table.ndim - 1)))
        for table in (
            *(rules.edge_base, rules.edge_reward),
            *(rules.post_base, rules.post_reward),
        )
    )
    alone = (rules.reward_alone != 0)[None]
    parts = (edge | edge_reward, edge_reward, post | post_reward, post_reward, alone)
    in_use = packed(jnp.concatenate(parts)) != 0
    bits = (
        in_use.astype(jnp.uint32) << jnp.arange(len(in_use), dtype=jnp.uint32)[:, None]
    )
    return bits.sum(axis=0, dtype=jnp.uint32)


def _by_type_pair(model: SimulationModel, values: Array) -> Array:
    # One value for all synapses of a pair of types; zero for padding edges.
    empty = jnp.zeros(model.n_types**2, jnp.float32)
    index = model.type_pair
    return empty.at[index].max(values) + empty.at[index].min(values)


def _network_arrays(model: SimulationModel) -> dict[str, Array]:
    w_max = jax.lax.bitcast_convert_type(model.w_max, jnp.int32)
    edge = (model.source, model.delay_steps, model.type_pair, w_max)
    neuron = {name: array[..., 0] for name, array in vars(model.neuron).items()}
    return {
        **neuron,
        **vars(model),
        "edges": jnp.stack(edge, axis=1),
        "pair_w_ref": _by_type_pair(model, model.w_ref),
        "pair_gain_pA": _by_type_pair(model, model.signed_gain_pA),
    }


def _changing_arrays(
    state: SimulationState, n_steps: int, measure_synchrony: bool
) -> dict[str, Array]:
    n_lanes = state.weights.shape[1]
    observed_steps = n_steps if measure_synchrony else 1
    return {
        **vars(state.neuron),
        "weights": state.weights,
        "trace_even": state.trace,
        "trace_odd": jnp.zeros_like(state.trace),
        "reward_even": state.reward,
        "reward_odd": jnp.zeros_like(state.reward),
        "spikes": ring_of_spikes(state.history, state.step),
        "spike_counts": jnp.zeros_like(state.trace),
        "readout_by_step": jnp.zeros((n_steps, n_lanes), jnp.float32),
        "active_by_step": jnp.zeros((observed_steps, n_lanes), jnp.float32),
    }


def run_steps(
    model: SimulationModel,
    rules: LaneRules,
    state: SimulationState,
    current_pA: Array,
    readout: Array,
    options: StepOptions,
) -> tuple[SimulationState, Observed]:
    """Run T steps; arguments and results as in the contract."""
    if extra_terms := options.plasticity.extra_terms:
        raise UserError(
            f"plasticity.extra_terms is {', '.join(extra_terms)}, which the "
            'CUDA kernel does not know; set simulation.kernel to "cpu" or "reference".'
        )
    n_steps, n_lanes = current_pA.shape[0], state.weights.shape[1]
    arrays = declared(HEADER)
    values = {
        **_network_arrays(model),
        **vars(rules),
        "rows_in_use": rows_in_use(rules),
    }
    values |= {"step": state.step, "current_pA": current_pA}
    values["in_readout"] = jnp.zeros(model.n_neurons, jnp.float32).at[readout].add(1.0)
    fixed = in_order(arrays, FIXED, values)
    changing = in_order(
        arrays, STATE, _changing_arrays(state, n_steps, options.measure_synchrony)
    )
    results = jax.ffi.ffi_call(
        TARGET,
        [jax.ShapeDtypeStruct(array.shape, array.dtype) for array in changing],
        input_output_aliases={len(fixed) + i: i for i in range(len(changing))},
    )(
        *fixed,
        *changing,
        arrays=names(arrays),
        plastic=np.int64(options.plastic),
        measure_synchrony=np.int64(options.measure_synchrony),
        max_relative_change=np.float32(options.plasticity.max_relative_change),
    )
    after = dict(zip(names(arrays, STATE).split(), results, strict=True))
    last = "odd" if options.plastic and n_steps % 2 else "even"
    many = after["active_by_step"] > SYNCHRONY_FRACTION * model.n_neurons
    return SimulationState(
        neuron=NeuronState(**{name: after[name] for name in vars(state.neuron)}),
        history=history_of_ring(after["spikes"], state.step, n_steps, n_lanes),
        trace=after[f"trace_{last}"],
        slow=state.slow,
        reward=after[f"reward_{last}"],
        weights=after["weights"],
        step=state.step + n_steps,
    ), Observed(
        after["spike_counts"],
        after["readout_by_step"],
        many.sum(axis=0, dtype=jnp.float32),
    )


KERNEL = Kernel("gpu", run_steps, prepare)
