"""Measure the engine and its peers: ``make bench``.

Prints and saves one table, the ratios and the targets, and draws a figure. The
processes of one network size and number of candidates take turns, so that whatever
else the machine does disturbs them alike.
"""

import argparse
import importlib.util
import os
import sys
import tempfile
from pathlib import Path

import pandas as pd
import peers
from workers import answer, finish, start

from evoplast.artefacts.parquet import write_table
from evoplast.cost import engine_benchmark as bench
from evoplast.figures import engine_scaling
from evoplast.network import build_network, read_allen_tables
from evoplast.rules import RuleSpace, decode, formula
from evoplast.simulator import kernel_named
from evoplast.simulator.kernels.build import find_compiler

TABLES = Path(__file__).parents[2] / "resources" / "allen_v1"
PREPARE = {
    bench.REFERENCE: bench.engine_runs,
    bench.CPU: bench.engine_runs,
    bench.BRIAN2: peers.brian2_runs,
    bench.NEST: peers.nest_runs,
}
SHOWN = {
    "program": "program",
    "threads": "threads",
    "n_neurons": "N",
    "candidates": "P",
    "phase": "phase",
    "gsyn_per_s": "Gsyn/s",
    "ms_per_step": "ms/step",
    "ms_per_step_min": "min",
    "ms_per_step_max": "max",
    "ms_per_candidate": "ms/step/cand.",
    "cpu_ms_per_candidate": "CPU ms/step/cand.",
    "peak_mib": "peak MiB",
    "rate_hz": "rate Hz",
    "fraction_at_bound": "at bound",
    "bandwidth_gb_per_s": "GB/s",
    "roofline_fraction": "of roofline",
    "first_call_s": "first call s",
    "load": "load",
}


def main() -> None:
    """Measure what the command line asks for."""
    options = _options()
    programs = _available(options.programs)
    if not programs:
        sys.exit("There is nothing to measure.")
    with tempfile.TemporaryDirectory(prefix="evoplast_bench_") as scratch:
        # The processes that build programs there end without tidying up.
        os.environ["TMPDIR"] = scratch
        print(_measure_all(options, programs))


def _measure_all(options: argparse.Namespace, programs: list[str]) -> str:
    rows = []
    for n_neurons in options.neurons:
        tables = read_allen_tables(TABLES)
        network = build_network(tables, n_neurons, options.seed, instance=0)
        problem = bench.make_problem(network, max(options.candidates), options.seed)
        for phase, genomes in problem.genomes.items():
            space = RuleSpace(network.n_types)
            print(
                f"{phase}, first rule: {formula(decode(space, genomes[:1]).gates[0])}"
            )
        for candidates in options.candidates:
            cases = _cases(options, programs, network, candidates)
            rows += _measure(problem, cases, options.repeats)
            text = _save(pd.DataFrame(rows), Path(options.out), vars(options))
    _measure_steps(options, programs)
    engine_scaling.draw_folder(options.out)
    return text


def _measure_steps(options: argparse.Namespace, programs: list[str]) -> None:
    """Measure our kernels for several numbers of steps in one call; save a table."""
    n_neurons, candidates = min(options.neurons), min(max(options.candidates), 32)
    network = build_network(
        read_allen_tables(TABLES), n_neurons, options.seed, instance=0
    )
    problem = bench.make_problem(network, candidates, options.seed)
    ours = [p for p in programs if p in (bench.REFERENCE, bench.CPU)]
    rows = []
    for n_steps in options.steps:
        cases = [bench.Case(program, candidates, 1, n_steps) for program in ours]
        rows += _measure(problem, cases, options.repeats)
    provenance = {"options": vars(options)}
    write_table(Path(options.out) / "steps.parquet", pd.DataFrame(rows), provenance)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--neurons", type=int, nargs="+", default=[300, 1000, 3000])
    add("--candidates", type=int, nargs="+", default=[1, 16, 32, 64, 256])
    add("--threads", type=int, nargs="+", default=[1, 2])
    add("--programs", nargs="+", choices=list(PREPARE), default=list(PREPARE))
    add("--repeats", type=int, default=5)
    add("--synapse-steps", type=float, default=5e8, help="work of one repeat")
    add("--steps", type=int, nargs="+", default=[30, 100, 300, 1000])
    add("--largest-peer", type=int, default=1000, help="neurons, for other simulators")
    add("--memory-gib", type=float, default=_half_of_memory_gib())
    add("--seed", type=int, default=1)
    add("--out", default="results/bench", help="folder of engine.parquet, engine.md")
    return parser.parse_args()


def _half_of_memory_gib() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**31


def _available(programs: list[str]) -> list[str]:
    missing = {name: _why_not(name) for name in programs}
    for name, reason in missing.items():
        if reason:
            print(f"{name} is left out: {reason}.")
    return [name for name in programs if not missing[name]]


def _why_not(program: str) -> str | None:
    module = {bench.BRIAN2: "brian2", bench.NEST: "nest"}.get(program)
    if module and importlib.util.find_spec(module) is None:
        return "it is not installed"
    if program == bench.BRIAN2 and not find_compiler():
        return "there is no C++ compiler"
    if program == bench.CPU:
        try:
            kernel_named(bench.CPU)
        except ValueError as error:
            return str(error).rstrip(".")
    return None


def _cases(options, programs, network, candidates) -> list[bench.Case]:
    n_edges = network.n_edges
    n_steps = bench.steps_for(n_edges, candidates, options.synapse_steps)
    chosen, budget = [], options.memory_gib * 2**30
    for threads in options.threads:
        for program in programs:
            case = bench.Case(program, candidates, threads, n_steps)
            if program in (bench.BRIAN2, bench.NEST):
                # Brian2 counts processor time, which says nothing of several threads.
                measured = candidates == 1 and (program == bench.NEST or threads == 1)
                if measured and network.n_neurons <= options.largest_peer:
                    chosen.append(case)
                continue
            budget -= bench.estimated_bytes(case, n_edges)
            if budget >= 0:
                chosen.append(case)
                continue
            print(
                f"{program} with {threads} threads is left out for "
                f"{network.n_neurons} neurons and {candidates} candidates: the "
                f"processes together would exceed {options.memory_gib:.1f} GiB."
            )
    return chosen


def _measure(problem, cases, n_repeats: int) -> list[dict]:
    """Let the processes of ``cases`` take turns; return one row per case and phase."""
    workers = [start(PREPARE[c.program], problem, c) for c in cases]
    first_calls = {w.case: answer(w) for w in workers}
    failed = [c for c, first in first_calls.items() if isinstance(first, Exception)]
    for case in failed:
        print(f"{case.program} is left out: {first_calls[case]}")
    workers = [w for w in workers if w.case not in failed]
    turns = [(w, phase) for w in workers for phase in first_calls[w.case]]
    found, bandwidth, load = _take_turns(turns, n_repeats, {c.threads for c in cases})
    peaks = {w.case: finish(w) for w in workers}
    rows = []
    for (case, phase), repeats in found.items():
        row = bench.summarise(problem.network, case, phase, repeats)
        gb_per_s = bandwidth[case.threads]
        rows.append(
            {
                **row,
                "peak_mib": peaks[case],
                "bandwidth_gb_per_s": gb_per_s,
                "roofline_fraction": bench.roofline_fraction(
                    row["gsyn_per_s"], gb_per_s
                ),
                "first_call_s": first_calls[case][phase],
                "load": load,
            }
        )
        print(_line(rows[-1]), flush=True)
    return rows


def _take_turns(turns, n_repeats: int, threads: set[int]):
    found = {(worker.case, phase): [] for worker, phase in turns}
    bandwidth, loads = {n: [] for n in threads}, []
    for _ in range(n_repeats):
        for worker, phase in turns:
            repeat = answer(worker, phase)
            if isinstance(repeat, Exception):
                raise repeat
            found[worker.case, phase].append(repeat)
        for n in threads:
            bandwidth[n].append(bench.in_place_bandwidth(n))
        loads.append(os.getloadavg()[0])
    medians = {n: pd.Series(values).median() for n, values in bandwidth.items()}
    return found, medians, max(loads)


def _line(row: dict) -> str:
    return (
        f"{row['program']}, {row['threads']} threads, N {row['n_neurons']}, "
        f"P {row['candidates']}, {row['phase']}: {row['gsyn_per_s']:.3g} Gsyn/s, "
        f"{row['ms_per_step']:.3g} ms/step"
    )


def _markdown(table: pd.DataFrame) -> str:
    rounded = [[_cell(value) for value in row] for row in table.itertuples(index=False)]
    lines = [list(table), ["---"] * len(table.columns), *rounded]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(value) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _save(table: pd.DataFrame, folder: Path, options: dict) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    write_table(folder / "engine.parquet", table, {"options": options})
    shown = table[list(SHOWN)].rename(columns=SHOWN)
    parts = {
        "Measured": shown,
        "Ratios (times faster per candidate)": bench.ratios(table),
        "Targets": bench.targets(table),
    }
    text = "\n\n".join(f"## {title}\n\n{_markdown(t)}" for title, t in parts.items())
    (folder / "engine.md").write_text(text + "\n")
    return text


if __name__ == "__main__":
    sys.exit(main())
