"""The check of the CUDA kernel on a real device; see check.sh.

Every row of the table is measured by itself: one that fails says why, and the others
still run. Rows that would start too late to end in time are left out and say so.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
LATEST_START_S = 360.0
SEARCH_LIMIT_S = 120.0


@dataclass(frozen=True)
class Sizes:
    """How large the check is: as a user needs it, or small, for the CPU."""

    networks: tuple[tuple[int, tuple[int, ...]], ...]
    evaluated: tuple[int, int]
    trials: tuple[int, int]
    maze: tuple[int, int]
    synapse_steps: float
    bandwidth_bytes: int


ON_DEVICE = Sizes(
    networks=((1000, (256, 1024)), (3000, (64, 256))),
    evaluated=(1000, 64),
    trials=(20, 40),
    maze=(512, 8),
    synapse_steps=3e10,
    bandwidth_bytes=2**30,
)
EMULATED = Sizes(
    networks=((60, (8,)),),
    evaluated=(60, 4),
    trials=(2, 4),
    maze=(4, 2),
    synapse_steps=1e6,
    bandwidth_bytes=2**22,
)
Row = tuple[str, str]


def main() -> int:
    """Print the table; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--emulate", action="store_true", help="on the CPU, small")
    emulate = parser.parse_args().emulate
    if emulate:
        os.environ["JAX_PLATFORMS"] = "cpu"
        _emulate()
    sizes = EMULATED if emulate else ON_DEVICE
    begin, failed = time.monotonic(), 0
    print("| what | result | s |\n|---|---|---|", flush=True)
    for name, part in parts(sizes, emulate):
        rows, ok, seconds = _measured(name, part, begin)
        failed += not ok
        for what, value in rows:
            print(f"| {what} | {value} | {seconds:.0f} |", flush=True)
    print(f"\n{failed} failed, {time.monotonic() - begin:.0f} s in all.")
    return int(failed > 0)


def _measured(name: str, part: Callable, begin: float) -> tuple[list[Row], bool, float]:
    """Return the rows of one part, whether it held, and its seconds."""
    start = time.monotonic()
    if start - begin > LATEST_START_S:
        return [(name, "left out: no time left")], False, 0.0
    try:
        rows, ok = list(part()), True
    # Whatever goes wrong is a result here.
    except Exception as error:
        text = " ".join(str(error).split())
        rows, ok = [(name, f"FAILED: {type(error).__name__}: {text[:300]}")], False
    return rows, ok, time.monotonic() - start


def parts(sizes: Sizes, emulate: bool) -> list[tuple[str, Callable]]:
    """Return name and function of every part, the most important first."""
    return [
        ("device", lambda: device(sizes, emulate)),
        ("kernel and reference, all terms", lambda: agreement(1 if emulate else 4)),
        ("kernel and reference, a network", lambda: evaluations(sizes)),
        ("speed", lambda: speed(sizes)),
        ("search", lambda: search(emulate)),
        ("T-maze", lambda: maze(sizes)),
    ]


def _emulate() -> None:
    """Let the name gpu mean the same source compiled for the CPU."""
    from dataclasses import replace

    from evoplast.simulator import run
    from evoplast.simulator.kernels import gpu

    gpu.prepare = gpu.prepare_emulation
    emulated = replace(gpu.KERNEL, prepare=gpu.prepare_emulation)
    run._KERNELS = tuple(
        emulated if kernel.name == "gpu" else kernel for kernel in run._KERNELS
    )


def device(sizes: Sizes, emulate: bool) -> Iterator[Row]:
    """Name the device and measure its memory's speed; compile and check the kernel."""
    import jax

    from evoplast.simulator.kernels import gpu

    found = jax.devices()[0]
    if not emulate and gpu.cuda_device() is None:
        raise RuntimeError(f"JAX computes on {found.device_kind}, not on a CUDA device")
    yield "device", f"{found.device_kind}, JAX {jax.__version__}"
    gpu.prepare()
    yield "kernel", "compiled and loaded"
    yield "memory, read and write", f"{bandwidth(sizes.bandwidth_bytes):.0f} GB/s"


def bandwidth(n_bytes: int) -> float:
    """Return the speed of reading and writing a large array in place, GB/s."""
    import jax
    import jax.numpy as jnp

    double = jax.jit(lambda x: x * 2.0, donate_argnums=0)
    x = jax.block_until_ready(double(jnp.ones(n_bytes // 4, jnp.float32)))
    start, n = time.perf_counter(), 20
    for _ in range(n):
        x = double(x)
    jax.block_until_ready(x)
    return 2 * n_bytes * n / (time.perf_counter() - start) / 1e9


def agreement(n: int) -> Iterator[Row]:
    """Compare kernel and reference on made-up circuits with all terms."""
    from evoplast.simulator.kernels import gpu, gpu_check

    for seed in range(n):
        gpu_check.check(gpu.run_steps, seed)
    yield "kernel and reference, all terms", f"same spikes and strengths, circuits: {n}"


def evaluations(sizes: Sizes) -> Iterator[Row]:
    """Compare whole evaluations of random rules on a network built from the tables."""
    import jax
    import numpy as np

    from evoplast.evaluation import evaluate
    from evoplast.rules import random_genomes

    n_neurons, n_rules = sizes.evaluated
    found, seconds = {}, {}
    for kernel in ("gpu", "reference"):
        world = _world(n_neurons, kernel)
        genomes = random_genomes(world.rule_space, n_rules, jax.random.key(1), 0.3)
        start = time.monotonic()
        found[kernel] = evaluate(world, genomes, 1, *sizes.trials)
        seconds[kernel] = time.monotonic() - start
    rates = [found[name].mean_rate_hz for name in found]
    apart = np.abs(rates[0] - rates[1]) / np.maximum(rates[1], 1.0)
    accuracy = [found[name].accuracy.mean() for name in found]
    if np.median(apart) > 0.05:
        raise RuntimeError(f"rates differ by {100 * np.median(apart):.0f} %")
    yield (
        f"evaluation, N {n_neurons}, {n_rules} rules: rates, median difference",
        f"{100 * np.median(apart):.2f} %",
    )
    yield "the same: mean accuracy", f"{accuracy[0]:.3f}, reference {accuracy[1]:.3f}"
    yield (
        "the same: time, with compilation",
        f"{seconds['gpu']:.1f} s, reference {seconds['reference']:.1f} s",
    )


def _world(n_neurons: int, kernel: str):
    from evoplast.configuration.defaults import default_config
    from evoplast.evaluation import build_world

    config = default_config()
    config["network"]["n_neurons"] = n_neurons
    config["simulation"]["kernel"] = kernel
    if n_neurons < ON_DEVICE.evaluated[0]:
        config["task"]["balanced_stimuli"] = 0
        config["stimuli"] |= dict.fromkeys(
            ("n_training_images", "n_test_images"), 3
        ) | dict.fromkeys(("n_training_gratings", "n_test_gratings"), 3)
    return build_world(config, 100, ROOT / "resources")


def speed(sizes: Sizes) -> Iterator[Row]:
    """Measure the kernel on plastic and frozen networks, beside the memory's limit."""
    from evoplast.cost import engine_benchmark as bench
    from evoplast.network import build_network, read_allen_tables

    limit = bandwidth(sizes.bandwidth_bytes)
    for n_neurons, widths in sizes.networks:
        tables = read_allen_tables(ROOT / "resources" / "allen_v1")
        network = build_network(tables, n_neurons, 1, 0, 2)
        problem = bench.make_problem(network, max(widths), 1)
        for width in widths:
            steps = bench.steps_for(network.n_edges, width, sizes.synapse_steps)
            case = bench.Case("gpu", width, 1, steps)
            for phase, repeat in bench.engine_runs(problem, case).items():
                repeat()
                seconds = min(repeat().seconds for _ in range(3))
                rate = bench.gsyn_per_s(network.n_edges, width, steps, seconds)
                share = bench.roofline_fraction(rate, limit)
                yield (
                    f"N {n_neurons}, P {width}, {phase}",
                    f"{rate:.2f} Gsyn/s, {100 * share:.0f} % of the roofline",
                )


def search(emulate: bool) -> Iterator[Row]:
    """Run the smoke search through Snakemake on the device."""
    kernel = "auto" if emulate else "gpu"
    command = [sys.executable, "-m", "snakemake", "--cores", "2", "--configfile"]
    command += [
        str(ROOT / "config/smoke.yaml"),
        "-s",
        str(ROOT / "Snakefile"),
        "--config",
    ]
    command += [f"simulation={{kernel: {kernel}}}"]
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        command += ["--directory", folder, "--", "search"]
        done = subprocess.run(
            command,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=SEARCH_LIMIT_S * (4 if emulate else 1),
        )
    if done.returncode:
        raise RuntimeError(done.stderr[-300:])
    yield "smoke search", f"done in {time.monotonic() - start:.0f} s"


def maze(sizes: Sizes) -> Iterator[Row]:
    """Time a generation of evolvable neural units in the T-maze."""
    from evoplast.enu import speed as units

    row = units.measure("t_maze", *sizes.maze, 8, units.peak_flop_per_s())
    yield (
        "T-maze, {} x {}".format(*sizes.maze),
        f"{row['seconds_per_generation']:.2f} s a generation, "
        f"{100 * row['share_of_peak']:.1f} % of the arithmetic peak",
    )


if __name__ == "__main__":
    sys.exit(main())
