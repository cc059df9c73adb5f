"""Does the GPU kernel compute on this device what the reference computes?

In: the kernel's function ``run_steps``. Out: nothing, or a sentence that says how the
two differ. The case is a small made-up circuit with four dozen rules: all terms in the
first 32 lanes, in the others only terms that need a spike.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from evoplast.artefacts.errors import UserError
from evoplast.artefacts.seeds import numpy_rng
from evoplast.simulator.kernels import reference
from evoplast.simulator.kernels.contract import StepOptions
from evoplast.simulator.lane_rules import EDGE_ROWS, POST_ROWS, LaneRules
from evoplast.simulator.model import PlasticitySettings, SimulationModel
from evoplast.simulator.neuron import NeuronParameters
from evoplast.simulator.state import SimulationState, initial_state

N_NEURONS, N_TYPES, N_SLOTS, N_DELAY_SLOTS = 24, 3, 2, 8
N_LANES, N_EDGES, PLASTIC_STEPS, FROZEN_STEPS = 48, 200, 41, 20
N_EVENT_LANES = 16
SAME_SPIKES, TOLERANCE = 0.9, 1e-5
_PLASTICITY = PlasticitySettings(
    eta=0.003,
    max_relative_change=0.01,
    bound_factor=4.0,
    continuous_term_scale=1 / 75,
    extra_terms=(),
    slow_trace_ms=1000.0,
    runaway_rate_hz=60.0,
)
_READOUT = np.arange(0, N_NEURONS, 5)


def _neurons(rng: np.random.Generator) -> NeuronParameters:
    def about(value: float, *shape: int) -> jax.Array:
        spread = rng.uniform(0.9, 1.1, (*shape, N_NEURONS, 1))
        return jnp.asarray(value * spread, jnp.float32)

    return NeuronParameters(
        P11=about(0.8, N_SLOTS),
        P21=about(0.8, N_SLOTS),
        P22=about(0.8, N_SLOTS),
        P31=about(0.002, N_SLOTS),
        P32=about(0.005, N_SLOTS),
        psc_initial=about(0.5, N_SLOTS),
        asc_stable=about(0.8, 2),
        asc_decay=about(0.8, 2),
        asc_refractory_decay=about(0.7, 2),
        asc_amp_pA=about(-20.0, 2),
        P33=about(0.85),
        P30=about(0.01),
        refractory_steps=jnp.asarray(rng.integers(1, 4, (N_NEURONS, 1)), jnp.int32),
        threshold_mV=about(15.0),
        reset_mV=about(-1.0),
    )


def _model(rng: np.random.Generator) -> SimulationModel:
    kind = np.sort(np.arange(N_NEURONS) % N_TYPES)
    chosen = rng.choice(N_NEURONS**2, N_EDGES, replace=False)
    source, target = chosen % N_NEURONS, chosen // N_NEURONS
    pair = kind[target] * N_TYPES + kind[source]
    segment = kind[source] % N_SLOTS * N_NEURONS + target
    order = np.lexsort((source, pair, segment))
    w_ref = rng.uniform(30.0, 60.0, N_TYPES**2)[pair]
    w_init = rng.uniform(0.2, 2.0, N_EDGES) * w_ref
    gain = np.where(kind[source] == 1, -2.0, 2.0)
    starts = np.searchsorted(segment[order], np.arange(N_SLOTS * N_NEURONS + 1))

    def integers(values: np.ndarray) -> jax.Array:
        return jnp.asarray(values[order], jnp.int32)

    def floats(values: np.ndarray) -> jax.Array:
        return jnp.asarray(values[order], jnp.float32)

    return SimulationModel(
        neuron=_neurons(rng),
        cell_type=jnp.asarray(kind, jnp.int32),
        source=integers(source),
        target=integers(target),
        segment=integers(segment),
        delay_steps=integers(rng.integers(1, N_DELAY_SLOTS, N_EDGES)),
        type_pair=integers(pair),
        signed_gain_pA=floats(gain),
        w_init=floats(w_init),
        w_ref=floats(w_ref),
        w_max=floats(2.5 * w_ref),
        edge_index=jnp.arange(N_EDGES, dtype=jnp.int32),
        # Neither kernel delivers spikes source by source.
        out_edge=jnp.zeros(N_EDGES, jnp.int32),
        out_start=jnp.zeros(N_DELAY_SLOTS * N_NEURONS + 1, jnp.int32),
        in_start=jnp.asarray(starts, jnp.int32),
        n_types=N_TYPES,
        n_delay_slots=N_DELAY_SLOTS,
        n_slow_traces=0,
    )


def _rules(rng: np.random.Generator) -> LaneRules:
    def table(rows: tuple[str, ...], *shape: int) -> jax.Array:
        values = rng.normal(0.0, 0.003, (len(rows), *shape, N_LANES))
        silent = [i for i, row in enumerate(rows) if "S_" not in row]
        values[silent] *= np.arange(N_LANES) < N_LANES - N_EVENT_LANES
        return jnp.asarray(values, jnp.float32)

    def keep() -> jax.Array:
        return jnp.asarray(rng.uniform(0.9, 0.99, (N_TYPES, N_LANES)), jnp.float32)

    return LaneRules(
        edge_base=table(EDGE_ROWS, N_TYPES, N_TYPES),
        edge_reward=table(EDGE_ROWS, N_TYPES, N_TYPES),
        post_base=table(POST_ROWS, N_TYPES),
        post_reward=table(POST_ROWS, N_TYPES),
        reward_alone=table(("R",))[0],
        trace_keep=keep(),
        reward_keep=keep(),
        phi=jnp.zeros(N_LANES, jnp.float32),
        extra=jnp.zeros((0, N_TYPES, N_TYPES, N_LANES), jnp.float32),
    )


def _results(run_steps: Callable, seed: int) -> tuple[np.ndarray, ...]:
    """Return spike counts (N, L) of the two phases, strengths (E, L), their bounds."""
    rng = numpy_rng(0, "gpu check", seed)
    model, rules = _model(rng), _rules(rng)
    steps = PLASTIC_STEPS + FROZEN_STEPS
    drive = rng.gamma(1.0, 300.0, (steps, N_NEURONS, 2))
    current = jnp.asarray(drive, jnp.float32)
    state = initial_state(model, N_LANES)
    state = replace(state, reward=state.reward + 0.5)

    @partial(jax.jit, static_argnames="plastic")
    def run(state: SimulationState, current: jax.Array, plastic: bool) -> tuple:
        options = StepOptions(_PLASTICITY, plastic, measure_synchrony=True)
        return run_steps(model, rules, state, current, _READOUT, options)

    after, first = run(state, current[:PLASTIC_STEPS], plastic=True)
    _, second = run(after, current[PLASTIC_STEPS:], plastic=False)
    spikes = [np.asarray(seen.spike_counts) for seen in (first, second)]
    return *spikes, np.asarray(after.weights), np.asarray(model.w_max)


def check(run_steps: Callable, seed: int = 0) -> None:
    """Compare a kernel with the reference on the default device.

    A spike may flip by rounding, so a few lanes may differ in their spikes; in all
    others the strengths must agree.

    Raises:
        UserError: the two differ by more than rounding explains.
    """
    # The choice of a kernel may be made while JAX traces a program.
    with jax.ensure_compile_time_eval():
        *expected, weights, bound = _results(reference.run_steps, seed)
        *found, learned, _ = _results(run_steps, seed)
    same = np.logical_and(
        *((a == b).all(axis=0) for a, b in zip(expected, found, strict=True))
    )
    error = np.abs(learned - weights)[:, same] / bound[:, None]
    if same.mean() >= SAME_SPIKES and (error <= TOLERANCE).all():
        return
    raise UserError(
        f"The GPU kernel does not agree with the reference on this device (same spikes "
        f"in {100 * same.mean():.0f} % of the lanes, strengths differ by up to "
        f"{error.max(initial=0.0):.1g} of their bound); set simulation.kernel to "
        "reference and report it."
    )
