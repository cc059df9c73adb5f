"""What the GPU kernel should cost on devices it has not been run on: arithmetic only.

In: the size of a network, the rate of its neurons, figures of a device. Out: seconds
per step and the hours of a search. Four limits are worked out for each phase and the
slowest one counts: bytes to and from memory, bytes through the L2 cache, instructions,
and look-ups in the L1 cache. What the kernel moves and does is counted in its source
(``simulator/kernels/gpu.cu``) and its machine code; nothing here is measured.

``snakemake gpu_projection --configfile config/paper.yaml`` writes the table.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from evoplast.cost.plan_cost import (
    SECONDS_PER_HOUR,
    search_evaluations,
    trials_with_extras,
)

MS_PER_S = 1000.0
# What a kernel reaches of its slowest limit: the target of the engine.
FRACTION = 0.5

_FLOAT, _SECTOR, _SECTOR_LANES, _WARP = 4, 32, 8, 32
# Of the 16 rows of a rule's tables with a presynaptic factor, those that some rule of
# a warp needs: an assumption, half of them.
_TABLE_ROWS = 8
# Per synapse and warp, counted in the machine code for sm_90: all synapses learn, or
# 32 are looked at together and those with a spike in the warp one by one.
_PLASTIC, _PLASTIC_SPIKE = 75.0, 25.0
_FROZEN, _FROZEN_SPIKE = 1.5, 40.0
# Of these, loads and stores: the edge, the strength twice, the trace, the bits that
# arrive and those of now; without plasticity the bits that arrive.
_PLASTIC_LOADS, _FROZEN_LOADS, _FROZEN_SPIKE_LOADS = 6.0, 1.2, 3.0
_WARPS_PER_CLOCK = 4


@dataclass(frozen=True)
class Gpu:
    """Figures of a device: data sheets, but ``l2_bytes_per_s`` is an assumption.

    memory_bytes_per_s, l2_bytes_per_s; multiprocessors; clock_hz under load;
    memory_bytes.
    """

    name: str
    memory_bytes_per_s: float
    l2_bytes_per_s: float
    multiprocessors: int
    clock_hz: float
    memory_bytes: float


@dataclass(frozen=True)
class Size:
    """A network: neurons, synapses, cell types, synaptic slots, mean rate in Hz."""

    n_neurons: int
    n_edges: int
    n_types: int = 17
    n_slots: int = 2
    rate_hz: float = 5.0


GPUS = (
    Gpu("H200", 4.8e12, 5.5e12, 132, 1.75e9, 141e9),
    Gpu("A100 80 GB", 2.04e12, 4.0e12, 108, 1.41e9, 80e9),
    Gpu("RTX 4090, 24 GB", 1.01e12, 5.0e12, 128, 2.5e9, 24e9),
)
# Mean in-degrees of 68 and 140.
SIZES = (Size(1000, 68_000), Size(3000, 420_000))


def _state_bytes(size: Size, plastic: bool) -> float:
    # Voltage, two after-spike currents, waiting steps and two numbers for each slot
    # are read and written, so is the trace where there is plasticity.
    numbers = 4 + 2 * size.n_slots + (1 if plastic else 0)
    return 2.0 * _FLOAT * numbers * size.n_neurons


def touched_share(rate_hz: float, n_lanes: int = _SECTOR_LANES) -> float:
    """Return the share of synapses with a spike in at least one of ``n_lanes`` lanes.

    Of 8 lanes: the share of the 32-byte sectors of the strengths that are needed.
    Lanes are taken as independent; they share their input, so it is less.
    """
    return 1.0 - (1.0 - rate_hz / MS_PER_S) ** n_lanes


def memory_bytes(size: Size, plastic: bool) -> float:
    """Return the bytes to and from memory in a step, for one lane."""
    strengths = 2.0 if plastic else touched_share(size.rate_hz)
    return strengths * _FLOAT * size.n_edges + _state_bytes(size, plastic)


def l2_bytes(size: Size, plastic: bool) -> float:
    """Return the bytes through the L2 cache in a step, for one lane.

    Besides what goes to memory: the trace of each source, and the coefficients for
    each target and type of source; without plasticity one bit for each synapse.
    """
    if not plastic:
        return memory_bytes(size, plastic) + size.n_edges / 8.0
    return memory_bytes(size, plastic) + _FLOAT * (size.n_edges + _coefficients(size))


def _coefficients(size: Size) -> float:
    groups = min(size.n_edges, size.n_neurons * size.n_types)
    return float(_TABLE_ROWS * groups)


def instructions(size: Size, plastic: bool) -> float:
    """Return the instructions of warps in a step of 32 lanes."""
    spiking = touched_share(size.rate_hz, _WARP)
    each = _PLASTIC + _PLASTIC_SPIKE * spiking
    return size.n_edges * (each if plastic else _FROZEN + _FROZEN_SPIKE * spiking)


def lookups(size: Size, plastic: bool) -> float:
    """Return the look-ups of warps in the L1 cache in a step of 32 lanes."""
    if plastic:
        return _PLASTIC_LOADS * size.n_edges + _coefficients(size)
    spiking = touched_share(size.rate_hz, _WARP)
    return size.n_edges * (_FROZEN_LOADS + _FROZEN_SPIKE_LOADS * spiking)


def limits_s(gpu: Gpu, size: Size, plastic: bool) -> dict[str, float]:
    """Return the least seconds of a step of one lane by each limit."""
    clocks = gpu.multiprocessors * gpu.clock_hz * _WARP
    return {
        "memory": memory_bytes(size, plastic) / gpu.memory_bytes_per_s,
        "L2": l2_bytes(size, plastic) / gpu.l2_bytes_per_s,
        "instructions": instructions(size, plastic) / (_WARPS_PER_CLOCK * clocks),
        "L1": lookups(size, plastic) / clocks,
    }


def step_s(gpu: Gpu, size: Size, plastic: bool) -> tuple[float, str]:
    """Return the projected seconds of a step of one lane, and the limit that binds."""
    limits = limits_s(gpu, size, plastic)
    slowest = max(limits, key=limits.__getitem__)
    return limits[slowest] / FRACTION, slowest


def most_lanes(gpu: Gpu, size: Size) -> int:
    """Return how many lanes fit into nine tenths of the memory."""
    history = 8 + 2  # spikes of the state, second trace and counts
    state = 1 + 2 + 1 + 2 * size.n_slots + 1 + history
    per_lane = _FLOAT * (size.n_edges + state * size.n_neurons)
    return int(0.9 * gpu.memory_bytes / per_lane)


def projected(gpu: Gpu, size: Size, config: Mapping[str, Mapping]) -> dict:
    """Return one row of the table for the search that ``config`` asks for."""
    task, search = config["task"], config["search"]
    trial = task["grey_before_ms"] + task["image_ms"] + task["grey_after_ms"]
    learning, binding = step_s(gpu, size, plastic=True)
    frozen, frozen_binding = step_s(gpu, size, plastic=False)
    n_tasks = 2
    trials = task["training_trials"], task["validation_trials"]
    training, scored = trials_with_extras(search, *trials)
    evaluation = n_tasks * trial * (training * learning + (scored + 1) * frozen)
    generations = search["segments"] * search["generations_per_segment"]
    seconds = evaluation * search_evaluations(search) / search["seeds"]
    return {
        "device": gpu.name,
        "N": size.n_neurons,
        "bytes per synapse and step": memory_bytes(size, True) / size.n_edges,
        "limit": f"{binding}; {frozen_binding}",
        "Gsyn/s": size.n_edges / learning / 1e9,
        "plastic / frozen": learning / frozen,
        "rules at once": most_lanes(gpu, size) // n_tasks,
        "population, s": evaluation * search["population"],
        "generation, s": seconds / generations,
        "search, GPU-hours": seconds / SECONDS_PER_HOUR,
    }


def table_text(config: Mapping[str, Mapping]) -> str:
    """Return the table of all devices and sizes, in Markdown."""
    rows = [projected(gpu, size, config) for gpu in GPUS for size in SIZES]
    lines = [list(rows[0]), ["---"] * len(rows[0])]
    lines += [
        [f"{v:.3g}" if isinstance(v, float) else str(v) for v in row.values()]
        for row in rows
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
