"""A network of evoplast that learns in Brian2, and a comparison with evoplast.

    python simulate.py

In: ``circuit.npz`` and ``rule.json`` beside this script. Out: ``weights.csv`` there
(source, target, weight before and after in pA), and a comparison on the screen. Needs
Brian2 and NumPy only (Brian2 2.9 needs NumPy below 2.4).

Neurons are GLIF3 with alpha synapses, moved by exact steps of 1 ms with coefficients
from the file; plasticity is the rule's text in ``rule.json``. The change detection task
decides at the end of the response window and adds the reward-prediction error to every
reward trace. Weights contain evoplast's gain; each neuron has a current of its own,
constant within a step: LGN and background after their synapses. evoplast computes in
single precision and Brian2 in double: once a spike differs for that reason, a chaotic
network goes its own way.
"""

import json
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

Circuit = dict[str, np.ndarray]
PORTS = range(4)
PER_PORT = ("P11", "P21", "P22", "P31", "P32", "psc")
PER_CURRENT = ("stable", "decay", "kept", "amp")
STATE = ("v", "free", "listening", "waiting", "asc_0", "asc_1")
CONSTANTS = (
    *(f"{name}_{port}" for name in PER_PORT for port in PORTS),
    *(f"{name}_{k}" for name in PER_CURRENT for k in (0, 1)),
    *("P33", "P30", "theta", "v_reset", "pause"),
)
MEMBRANES = "\n".join(
    (
        "listening = int(waiting <= 0)",
        "free = P33*v + P30*(drive(t, i) + stable_0*asc_0 + stable_1*asc_1)",
        *(f"free = free + P31_{q}*y1_{q} + P32_{q}*y2_{q}" for q in PORTS),
        "v = v + listening*(free - v)",
        *(f"asc_{k} = asc_{k}*(1 + listening*(decay_{k} - 1))" for k in (0, 1)),
        "waiting = clip(waiting - 1, 0, inf)",
        *(f"y2_{q} = P21_{q}*y1_{q} + P22_{q}*y2_{q}" for q in PORTS),
        *(f"y1_{q} = P11_{q}*y1_{q}" for q in PORTS),
    )
)
RESET = """
v = v_reset
asc_0 = amp_0 + kept_0*asc_0
asc_1 = amp_1 + kept_1*asc_1
waiting = pause
"""


def make_neurons(brian2: ModuleType, circuit: Circuit, rule: dict) -> Any:
    """Return neurons at rest, with the traces of the rule."""
    state = (*STATE, *(f"y{k}_{q}" for k in (1, 2) for q in PORTS))
    lines = [f"{name} : 1" for name in state]
    lines += [f"{name} : 1 (constant)" for name in CONSTANTS]
    drive = brian2.TimedArray(circuit["current_pA"], dt=brian2.ms)
    neurons = brian2.NeuronGroup(
        len(circuit["P33"]),
        "\n".join((*lines, rule["neuron_equations"])),
        threshold="listening > 0.5 and v > theta",
        reset=RESET + rule["reset"],
        namespace={"drive": drive},
    )
    for name in CONSTANTS:
        setattr(neurons, name, circuit[name])
    neurons.tau_E = circuit["tau_E_ms"][circuit["cell_type"]] * brian2.ms
    neurons.tau_R = circuit["tau_R_ms"][circuit["cell_type"]] * brian2.ms
    neurons.run_regularly(rule["clear_spikes"], when="start")
    neurons.run_regularly(MEMBRANES, when="groups")
    if "\nV : 1" in rule["neuron_equations"]:
        neurons.run_regularly("V = v/theta", when="after_resets", order=-1)
    neurons.run_regularly(rule["trace_update"], when="end")
    return neurons


def make_synapses(
    brian2: ModuleType, neurons: Any, circuit: Circuit, rule: dict
) -> Any:
    """Return plastic synapses with their initial weights."""
    arrivals = (f"y1_{q}_post += psc_{q}_post*strength*to_{q}" for q in PORTS)
    flags = "\n".join(f"to_{q} : 1 (constant)" for q in PORTS)
    synapses = brian2.Synapses(
        neurons,
        neurons,
        f"{rule['synapse_equations']}\n{flags}\npolarity : 1 (constant)",
        on_pre="\n".join(("strength = polarity*w/pA", *arrivals)),
        namespace={**rule["namespace"], "pA": brian2.pA, "ms": brian2.ms},
    )
    source, target = circuit["source"], circuit["target"]
    synapses.connect(i=source, j=target)
    synapses.delay = circuit["delay_ms"].astype(float) * brian2.ms
    for q in PORTS:
        setattr(synapses, f"to_{q}", (circuit["receptor"] == q).astype(float))
    kind, n_types = circuit["cell_type"], len(circuit["type_names"])
    pair = kind[source] * n_types + kind[target]
    strength = np.abs(circuit["weight_pA"]).astype(float)
    mean = np.bincount(pair, strength) / np.maximum(np.bincount(pair), 1)
    synapses.polarity = np.sign(circuit["weight_pA"])
    synapses.w = strength * brian2.pA
    synapses.w_ref = mean[pair] * brian2.pA
    bound = rule["bound_factor"] * mean[pair]
    synapses.w_max = np.maximum(bound, strength) * brian2.pA
    for name in rule["coefficients"]:
        setattr(synapses, name, circuit[name][kind[source], kind[target]])
    synapses.run_regularly(rule["weight_update"], when="after_resets")
    return synapses


class Task:
    """Change detection: decisions, and the reward-prediction error in R."""

    def __init__(self, neurons: Any, circuit: Circuit, task: dict) -> None:
        self.neurons, self.circuit, self.task = neurons, circuit, task
        self.step, self.in_window = 0, 0.0
        self.rates: list[float] = []
        self.rewards: list[float] = []
        self.decisions: list[bool] = []
        self.counts = np.zeros((len(circuit["change"]), len(neurons)), int)

    def before_step(self) -> None:
        """Respond, if the step before was the last of a response window."""
        task, done = self.task, len(self.decisions)
        if self.step == done * task["trial_ms"] + task["window_end_ms"]:
            self.respond()

    def respond(self) -> None:
        """Decide, and add the error to R."""
        task, kept = self.task, self.task["history_trials"]
        size = len(self.circuit["readout"])
        window_s = (task["window_end_ms"] - task["window_start_ms"]) / 1000
        rate = self.in_window / (size * window_s)
        self.rates.append(rate)
        mean = np.mean(self.rates[-kept:])
        relative = task["threshold"] == "relative"
        bound = (0.5 + task["phi"]) * mean if relative else task["phi"]
        decision = bool(rate > bound)
        change = bool(self.circuit["change"][len(self.decisions)])
        good = decision and change if task["reward"] == "hit" else decision == change
        delay = task["reward_delay_trials"]
        if len(self.rewards) >= max(delay, 1):
            given = self.rewards[-delay] if delay else float(good)
            self.neurons.R_[:] += given - np.mean(self.rewards[-kept:])
        self.rewards.append(float(good))
        self.decisions.append(decision)
        self.in_window = 0.0

    def after_step(self) -> None:
        """Count the spikes of a step."""
        spikes = self.neurons.S_[:]
        trial, ms = divmod(self.step, self.task["trial_ms"])
        self.counts[trial] += spikes.astype(int)
        if self.task["window_start_ms"] <= ms < self.task["window_end_ms"]:
            self.in_window += spikes[self.circuit["readout"]].sum()
        self.step += 1


def simulate(
    brian2: ModuleType, circuit: Circuit, rule: dict
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return spikes by trial (T, N), decisions (T,) and weights (E,) pA, signed."""
    brian2.start_scope()
    brian2.defaultclock.dt = 1.0 * brian2.ms
    neurons = make_neurons(brian2, circuit, rule)
    synapses = make_synapses(brian2, neurons, circuit, rule)
    task = Task(neurons, circuit, rule["task"])
    network = brian2.Network(
        neurons,
        synapses,
        brian2.NetworkOperation(task.before_step, when="start"),
        brian2.NetworkOperation(task.after_step, when="after_end"),
    )
    network.run(len(circuit["current_pA"]) * brian2.ms, namespace={"ms": brian2.ms})
    if len(task.decisions) < len(task.counts):
        task.before_step()  # a window that ends with the last trial
    weights = np.sign(circuit["weight_pA"]) * synapses.w_[:] * 1e12
    return task.counts, np.array(task.decisions), weights


def comparison(circuit: Circuit, counts, decisions, weights) -> str:
    """Return a sentence on Brian2's and evoplast's spikes, decisions and weights."""
    theirs, largest = circuit["our_weight_pA"], np.abs(circuit["our_weight_pA"]).max()
    error = np.abs(weights - theirs).max() / max(largest, 1e-12)
    same = int((decisions == circuit["our_decision"]).sum())
    return (
        f"Brian2 {counts.sum()} spikes, evoplast {circuit['our_counts'].sum()}; "
        f"{same} of {len(decisions)} decisions are the same; weights differ by at most "
        f"{100 * error:.3g} % of the largest."
    )


def main(folder: Path) -> None:
    """Simulate what lies in ``folder`` and write the weights."""
    import brian2

    with np.load(folder / "circuit.npz") as file:
        circuit = dict(file)
    rule = json.loads((folder / "rule.json").read_text(encoding="utf-8"))
    counts, decisions, weights = simulate(brian2, circuit, rule)
    columns = (circuit["source"], circuit["target"], circuit["weight_pA"], weights)
    np.savetxt(
        folder / "weights.csv",
        np.column_stack(columns),
        fmt=("%d", "%d", "%.9g", "%.9g"),
        delimiter=",",
        header="source,target,weight_before_pA,weight_after_pA",
        comments="",
    )
    print(f"{rule['formula']}: {comparison(circuit, counts, decisions, weights)}")
