"""How fast the engine runs: one repeat of a case, the table, ratios and targets.

In: a network as data (:class:`Problem`) and what to measure (:class:`Case`). Out:
:class:`Repeat`, single measurements; from many of them tables with one row per case
and phase. Every repeat starts from the same state and does the same work.
"""

import dataclasses
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd

from evoplast.artefacts.seeds import jax_key, numpy_rng
from evoplast.network import Network
from evoplast.rules import RuleSpace, decode, no_plasticity, random_genomes
from evoplast.simulator import (
    LaneRules,
    PlasticitySettings,
    SimulationModel,
    SimulationSettings,
    SimulationState,
    StepOptions,
    build_model,
    initial_state,
    kernel_named,
    lane_rules,
)

SPARSE, DENSE, FROZEN = "plastic, sparse", "plastic, dense", "frozen"
GATE_PROBABILITY = {SPARSE: 0.12, DENSE: 0.5}
REFERENCE, CPU = "reference", "cpu"
BRIAN2, NEST = "Brian2 C++", "NEST"
PLASTICITY = PlasticitySettings.default()
SIMULATION = SimulationSettings.default()
# A float32 weight is read and written in every step; indices are shared by lanes.
BYTES_PER_SYNAPSE = 8
SETTLING_STEPS = 500
# The bias of a neuron in units of its rheobase: rates like those of the mouse.
BIAS_RANGE = (0.0, 1.3)
# Arrays as large as the weights that live together in a step.
_COPIES = {REFERENCE: 4, CPU: 3}
_PROCESS_BYTES = 400 * 2**20
_BANDWIDTH_BYTES = 256 * 2**20
# Fewer steps would measure the beginning and end of a call more than the steps.
_STEPS = (50, 500)


@dataclass(frozen=True)
class Problem:
    """What every program simulates.

    Attributes:
        network: neurons and connections.
        bias_pA: (N,) float32, constant external current.
        genomes: by plastic phase, (P, D) for the largest P.
        settled: state of one lane after ``SETTLING_STEPS`` steps without plasticity.
    """

    network: Network
    bias_pA: np.ndarray
    genomes: Mapping[str, np.ndarray]
    settled: SimulationState


@dataclass(frozen=True)
class Case:
    """One process to measure: a program, candidates side by side, threads, steps."""

    program: str
    candidates: int
    threads: int
    n_steps: int


@dataclass(frozen=True)
class Repeat:
    """One measurement.

    Attributes:
        seconds: by the clock on the wall.
        cpu_seconds: processor time of all threads.
        rate_hz: mean rate of all neurons and candidates in these steps.
        fraction_at_bound: synapses that have reached their bound at the end.
    """

    seconds: float
    cpu_seconds: float
    rate_hz: float
    fraction_at_bound: float


def make_problem(network: Network, n_candidates: int, seed: int) -> Problem:
    """Draw bias and rules for a network and let it settle."""
    space = RuleSpace(network.n_types)
    cells = network.cells
    level = numpy_rng(seed, "bench", "bias").uniform(*BIAS_RANGE, network.n_neurons)
    bias_pA = level * cells.g_nS * (cells.V_th_mV - cells.E_L_mV)
    genomes = {
        phase: random_genomes(
            space, n_candidates, jax_key(seed, "bench", phase), probability
        )
        for phase, probability in GATE_PROBABILITY.items()
    }
    bias_pA = bias_pA.astype(np.float32)
    return Problem(network, bias_pA, genomes, _settled(network, bias_pA))


def _settled(network: Network, bias_pA: np.ndarray) -> SimulationState:
    model = build_model(network, SIMULATION, PLASTICITY)
    step = _stepper("auto", plastic=False)
    state = initial_state(model, 1)
    rules = rules_in_lanes(network, no_plasticity(RuleSpace(network.n_types))[None])
    state, _ = step(model, rules, state, _current(bias_pA, SETTLING_STEPS), _READOUT)
    return jax.tree.map(np.asarray, state)


_READOUT = np.arange(1, dtype=np.int32)


def _current(bias_pA: np.ndarray, n_steps: int) -> jax.Array:
    return jnp.asarray(np.broadcast_to(bias_pA[:, None], (n_steps, len(bias_pA), 1)))


def _stepper(kernel: str, plastic: bool) -> Callable:
    run = kernel_named(kernel).run_steps
    function = partial(run, options=StepOptions(PLASTICITY, plastic))
    return jax.jit(function, donate_argnums=2)


def rules_in_lanes(network: Network, genomes: np.ndarray) -> LaneRules:
    """Return the rules of genomes (P, D) in as many lanes."""
    return lane_rules(decode(RuleSpace(network.n_types), genomes), 1, PLASTICITY)


def engine_runs(problem: Problem, case: Case) -> dict[str, Callable[[], Repeat]]:
    """Return by phase a function that does one repeat with one of our kernels."""
    model = build_model(problem.network, SIMULATION, PLASTICITY)
    current = _current(problem.bias_pA, case.n_steps)
    steppers = {p: _stepper(case.program, plastic=p) for p in (True, False)}
    runs: dict[str, Callable[[], Repeat]] = {}
    for phase in (SPARSE, DENSE, FROZEN):
        genomes = problem.genomes[SPARSE if phase == FROZEN else phase]
        rules = rules_in_lanes(problem.network, genomes[: case.candidates])
        step = steppers[phase != FROZEN]
        runs[phase] = partial(_repeat, problem, case, model, rules, step, current)
    return runs


def _repeat(
    problem: Problem,
    case: Case,
    model: SimulationModel,
    rules: LaneRules,
    step: Callable,
    current: jax.Array,
) -> Repeat:
    state = jax.block_until_ready(_in_lanes(problem.settled, case.candidates))
    wall, cpu = time.perf_counter(), time.process_time()
    state, seen = jax.block_until_ready(step(model, rules, state, current, _READOUT))
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    rate_hz = float(seen.spike_counts.mean()) / case.n_steps * 1000.0
    return Repeat(wall, cpu, rate_hz, float(_fraction_at_bound(model, state.weights)))


def _in_lanes(settled: SimulationState, n_lanes: int) -> SimulationState:
    def copied(leaf: np.ndarray) -> jax.Array:
        if leaf.ndim == 0 or leaf.shape[-1] != 1:
            return jnp.array(leaf)
        return jnp.repeat(jnp.asarray(leaf), n_lanes, axis=-1)

    return jax.tree.map(copied, settled)


@jax.jit
def _fraction_at_bound(model: SimulationModel, weights: jax.Array) -> jax.Array:
    initial, bound = model.w_init[:, None], model.w_max[:, None]
    # Synapses that start at their bound say nothing about the rule.
    return ((weights >= bound) & (initial < bound)).mean()


def steps_for(n_edges: int, candidates: int, synapse_steps: float) -> int:
    """Return how many steps make about ``synapse_steps`` updates, 50 to 500."""
    return int(np.clip(synapse_steps / (n_edges * candidates), *_STEPS))


def estimated_bytes(case: Case, n_edges: int) -> int:
    """Return about how much memory the process of a case of ours takes."""
    weights = 4 * n_edges * case.candidates
    return _PROCESS_BYTES + _COPIES[case.program] * weights


def in_place_bandwidth(n_threads: int, n_bytes: int = _BANDWIDTH_BYTES) -> float:
    """Measure reading and writing a large array in place, GB/s of both together."""
    parts = np.array_split(np.ones(n_bytes // 4, np.float32), n_threads)
    scale = np.float32(1.0)
    with ThreadPoolExecutor(n_threads) as pool:
        list(pool.map(lambda part: np.multiply(part, scale, out=part), parts))
        start = time.perf_counter()
        list(pool.map(lambda part: np.multiply(part, scale, out=part), parts))
        seconds = time.perf_counter() - start
    return 2 * n_bytes / seconds / 1e9


def gsyn_per_s(
    n_edges: int, candidates: int, n_steps: int, seconds: float | np.ndarray
) -> float | np.ndarray:
    """Return synapses x candidates x steps per time, 1e9/s.

    Where synapses are not touched in every step this is an equivalent.
    """
    return n_edges * candidates * n_steps / seconds / 1e9


def roofline_fraction(speed_gsyn_per_s: float, bandwidth_gb_per_s: float) -> float:
    """Return the speed over what the memory would allow an exact kernel."""
    return speed_gsyn_per_s * BYTES_PER_SYNAPSE / bandwidth_gb_per_s


def summarise(
    network: Network, case: Case, phase: str, repeats: Sequence[Repeat]
) -> dict[str, float | str]:
    """Return one row: medians over repeats, with the extremes of the time."""
    found = pd.DataFrame([dataclasses.asdict(repeat) for repeat in repeats])
    ms = found["seconds"] * 1000.0 / case.n_steps
    cpu_ms = found["cpu_seconds"] * 1000.0 / case.n_steps
    speed = gsyn_per_s(
        network.n_edges, case.candidates, case.n_steps, found["seconds"].median()
    )
    return {
        **dataclasses.asdict(case),
        "n_neurons": network.n_neurons,
        "n_edges": network.n_edges,
        "phase": phase,
        "repeats": len(found),
        "ms_per_step": ms.median(),
        "ms_per_step_min": ms.min(),
        "ms_per_step_max": ms.max(),
        "ms_per_candidate": ms.median() / case.candidates,
        "cpu_ms_per_candidate": cpu_ms.median() / case.candidates,
        "gsyn_per_s": speed,
        "rate_hz": found["rate_hz"].median(),
        "fraction_at_bound": found["fraction_at_bound"].median(),
    }


_PLACE = ["n_neurons", "candidates", "threads", "phase"]


def ratios(table: pd.DataFrame) -> pd.DataFrame:
    """Return how many times faster per candidate: kernels, peers, the frozen phase.

    Columns: ``comparison``, where, ``ratio`` by the clock and ``cpu_ratio`` by
    processor time.
    """
    reference, cpu, brian2 = (
        table[table["program"] == name] for name in (REFERENCE, CPU, BRIAN2)
    )
    still = table["phase"] == FROZEN
    frozen, plastic = table[still], table[~still]
    same = ["n_neurons", "candidates", "threads"]
    parts = [
        _faster("cpu / reference", reference, cpu, _PLACE),
        _faster("cpu / Brian2", brian2, cpu, ["n_neurons", "threads", "phase"]),
        _faster("frozen / plastic", plastic, frozen, [*same, "program"]),
    ]
    return pd.concat(parts, ignore_index=True)


def _faster(
    comparison: str, slow: pd.DataFrame, fast: pd.DataFrame, on: list[str]
) -> pd.DataFrame:
    pairs = slow.merge(fast, on=on, suffixes=("_slow", ""))
    phase = pairs["phase_slow"] if "phase_slow" in pairs else pairs["phase"]
    names = {"ratio": "ms_per_candidate", "cpu_ratio": "cpu_ms_per_candidate"}
    return pd.DataFrame(
        {"comparison": comparison, "program": pairs.get("program", CPU), "phase": phase}
        | {name: pairs[name] for name in ("n_neurons", "candidates", "threads")}
        | {to: pairs[f"{name}_slow"] / pairs[name] for to, name in names.items()}
    )


@dataclass(frozen=True)
class Target:
    """What is wanted of one ratio at one place."""

    comparison: str
    n_neurons: int
    candidates: int
    at_least: float


TARGETS = (
    Target("cpu / reference", 1000, 32, 15.0),
    Target("cpu / Brian2", 1000, 32, 10.0),
    Target("fraction of the roofline", 3000, 32, 0.45),
    Target("frozen / plastic", 1000, 32, 5.0),
)


def targets(table: pd.DataFrame) -> pd.DataFrame:
    """Return the targets beside what was measured, hit or missed.

    One thread is judged by processor time where there is one.
    """
    roofline = table[(table["program"] == CPU) & (table["phase"] != FROZEN)].assign(
        comparison="fraction of the roofline", ratio=table["roofline_fraction"]
    )
    measured = pd.concat([ratios(table), roofline], ignore_index=True)
    wanted = pd.DataFrame([dataclasses.asdict(target) for target in TARGETS])
    of_cpu = measured[(measured["program"] == CPU) & (measured["phase"] != FROZEN)]
    found = wanted.merge(of_cpu, on=["comparison", "n_neurons", "candidates"])
    # With one thread, processor time is free of what else the machine does.
    alone = (found["threads"] == 1) & found["cpu_ratio"].notna()
    judged = found["cpu_ratio"].where(alone, found["ratio"])
    verdict = np.where(judged >= found["at_least"], "hit", "missed")
    columns = [*wanted, "threads", "phase", "ratio", "cpu_ratio"]
    return found[columns].assign(verdict=verdict)
