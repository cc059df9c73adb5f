"""Other simulators on the same network, bias and rules.

In: a problem and a case. Out: by phase a function that does one repeat. Brian2 runs
the rule that we export, for one candidate; NEST has no such rules and runs the
network without plasticity. Both take the same steps of 1 ms after the same settling.
"""

import subprocess
import sys
import tempfile
import time
import warnings
from functools import partial
from pathlib import Path

import numpy as np
from brian2_circuit import brian2_neurons, brian2_synapses
from brian2_door import import_brian2
from nest_circuit import connect, import_nest, nest_neurons

from evoplast.cost.engine_benchmark import (
    DENSE,
    FROZEN,
    PLASTICITY,
    SETTLING_STEPS,
    SIMULATION,
    SPARSE,
    Repeat,
)
from evoplast.rules import RuleSpace, brian2_equations
from evoplast.simulator import recurrent_gain

# A process inherits the peak memory of its parent, so a small one starts the program.
LAUNCHER = """
import resource, subprocess, sys
subprocess.run(["./main", "--results_dir", sys.argv[1]], check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)
"""


class Runs(dict):
    """Repeats by phase of a program that runs in processes of its own."""

    def peak_mib(self) -> float:
        """Return the largest peak memory of those processes."""
        return max(run.keywords["peaks_mib"][-1] for run in self.values())


def brian2_runs(problem, case):
    """Build a C++ standalone program for each phase."""
    phases = (SPARSE, DENSE, FROZEN)
    return Runs({phase: _built_brian2(problem, case, phase) for phase in phases})


def _built_brian2(problem, case, phase):
    folder = Path(tempfile.mkdtemp(prefix="brian2_"))
    with warnings.catch_warnings():
        # Brian2 2.9 uses old names of pyparsing.
        warnings.simplefilter("ignore")
        counted, weights = _describe_brian2(problem, case, phase, folder)
    return partial(
        _repeat_brian2,
        problem=problem,
        case=case,
        folder=folder,
        counted=counted,
        weights=weights,
        peaks_mib=[],
    )


def _describe_brian2(problem, case, phase, folder):
    brian2 = import_brian2()
    brian2.device.reinit()
    brian2.set_device("cpp_standalone", build_on_run=False, directory=str(folder))
    brian2.prefs.devices.cpp_standalone.extra_make_args_unix = ["-j1"]
    brian2.defaultclock.dt = 1.0 * brian2.ms
    network = problem.network
    genome = problem.genomes[SPARSE if phase == FROZEN else phase][0]
    rule = brian2_equations(
        RuleSpace(network.n_types), genome, network.cell_types.names, PLASTICITY
    )
    neurons = brian2_neurons(brian2, network, [rule], problem.bias_pA[None])
    gain = recurrent_gain(network, SIMULATION)
    synapses = brian2_synapses(brian2, network, neurons, 0, rule, gain)
    spikes = brian2.SpikeMonitor(neurons, record=False)
    simulation = brian2.Network(neurons, synapses, spikes)
    learning = [*neurons.contained_objects, *synapses.contained_objects]
    learning = [o for o in learning if _learns(o, rule)] + [spikes]
    for thing in learning:
        thing.active = False
    simulation.run(SETTLING_STEPS * brian2.ms, namespace={})
    for thing in learning:
        thing.active = phase != FROZEN or thing is spikes
    simulation.run(case.n_steps * brian2.ms, namespace={})
    brian2.device.build(directory=str(folder), compile=True, run=False, debug=False)
    return _files(brian2, spikes, synapses)


def _learns(thing, rule):
    code = getattr(thing, "abstract_code", None)
    return code in (rule.weight_update, rule.trace_update)


def _files(brian2, spikes, synapses):
    name = brian2.device.get_array_filename
    return (
        Path(name(spikes.variables["count"])).name,
        tuple(Path(name(synapses.variables[v])).name for v in ("w", "w_max")),
    )


def _repeat_brian2(*, problem, case, folder, counted, weights, peaks_mib):
    results = folder / "results"
    command = [sys.executable, "-I", "-S", "-c", LAUNCHER, f"{results}/"]
    said = subprocess.run(command, cwd=folder, check=True, capture_output=True)
    peaks_mib.append(float(said.stdout.split()[-1]))
    seconds = float((results / "last_run_info.txt").read_text().split()[0])
    counts = np.fromfile(results / counted, np.int32)
    w, w_max = (np.fromfile(results / name, float) for name in weights)
    rate_hz = counts.mean() / case.n_steps * 1000.0
    initial = 1e-12 * np.abs(problem.network.edges.weight_pA)
    at_bound = (w >= w_max) & (initial < (1 - 1e-6) * w_max)
    # The program counts processor time, of the last run; it has one thread.
    return Repeat(seconds, seconds, rate_hz, at_bound.mean())


def nest_runs(problem, case):
    """Make the network without plasticity and let it settle."""
    nest = import_nest()
    network = problem.network
    neurons = nest_neurons(nest, network.cells, network.tau_syn_ms, case.threads)
    # One generator for all: the weight of its connection is the bias.
    bias = nest.Create("dc_generator", params={"amplitude": 1.0})
    weight = problem.bias_pA.astype(float)[:, None]
    nest.Connect(bias, neurons, "all_to_all", {"weight": weight, "delay": 1.0})
    connect(nest, neurons, network.edges, recurrent_gain(network, SIMULATION))
    nest.Simulate(float(SETTLING_STEPS))
    return {FROZEN: partial(_repeat_nest, nest, problem, case)}


def _repeat_nest(nest, problem, case):
    wall, cpu = time.perf_counter(), time.process_time()
    nest.Simulate(float(case.n_steps))
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    # NEST counts anew in each simulation.
    rate_hz = (
        nest.local_spike_counter / problem.network.n_neurons / case.n_steps * 1000.0
    )
    return Repeat(wall, cpu, rate_hz, 0.0)
