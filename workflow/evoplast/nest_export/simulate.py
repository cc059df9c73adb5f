"""Simulate a network of evoplast in NEST, and compare the spikes with evoplast's.

    python simulate.py

In: ``circuit.npz`` beside this script. Out: ``spikes.csv`` there (ms, neuron), and a
comparison on the screen. Needs NEST 3 and NumPy only.

This network is static: it is the network before learning, and its weights rest. The
plastic synapses that NEST brings cannot express a rule of evoplast. There, a weight
changes in every step by a sum of up to 25 products of spikes, traces and a reward
trace; coefficients belong to pairs of cell types, time constants to types, the reward
trace to the type of the target; terms without a spike act all the time, and the change
of a step is limited. ``stdp_synapse`` has two terms and changes at spikes alone, and
``stdp_dopamine_synapse`` multiplies these two by a reward. A rule needs a synapse
model of its own compiled into NEST, or all weights set from Python after every step;
neither is written here. The Brian2 script of a rule has all of it.

Units: pA, ms, mV, nS, pF. Weights contain evoplast's gain. Each neuron has a current of
its own, constant within a step of 1 ms: LGN and background after their synapses.
evoplast computes in single precision and NEST in double: once a spike differs for that
reason, a chaotic network goes its own way, and what agrees after that are the rates.
"""

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

Circuit = dict[str, np.ndarray]
STEP_MS = 1.0
# A generator cannot act before 1 ms, and what it gives from then on acts a step later;
# until then the neurons rest. NEST stamps a spike with the end of its step.
INPUT_LATENCY_STEPS = 2
SPIKE_STAMP_MS = 1.0


def make_neurons(nest: ModuleType, circuit: Circuit) -> Any:
    """Return ``glif_psc`` neurons at rest."""
    neurons = nest.Create("glif_psc", len(circuit["C_m_pF"]))
    names = {"C_m": "C_m_pF", "g": "g_nS", "E_L": "E_L_mV", "V_m": "E_L_mV"}
    names |= {"V_reset": "V_reset_mV", "V_th": "V_th_mV", "t_ref": "t_ref_ms"}
    names |= {"asc_decay": "asc_decay_per_ms", "asc_amps": "asc_amp_pA"}
    neurons.set(
        [
            {theirs: circuit[ours][k] for theirs, ours in names.items()}
            | {"asc_init": [0.0, 0.0], "asc_r": [1.0, 1.0]}
            | {"tau_syn": circuit["tau_syn_ms"], "after_spike_currents": True}
            for k in range(len(neurons))
        ]
    )
    return neurons


def connect(nest: ModuleType, neurons: Any, circuit: Circuit) -> None:
    """Connect the neurons with static synapses."""
    first = neurons[0].global_id
    nest.Connect(
        circuit["source"].astype(int) + first,
        circuit["target"].astype(int) + first,
        "one_to_one",
        {
            "synapse_model": "static_synapse",
            "weight": circuit["weight_pA"].astype(float),
            "delay": circuit["delay_ms"].astype(float),
            "receptor_type": circuit["receptor"].astype(int) + 1,
        },
    )


def inject(nest: ModuleType, neurons: Any, current_pA: np.ndarray) -> None:
    """Give every neuron its own current (T, N)."""
    times = STEP_MS * np.arange(1, len(current_pA) + 1)
    generators = nest.Create("step_current_generator", len(neurons))
    values = current_pA.T.astype(float)
    generators.set(
        [{"amplitude_times": times, "amplitude_values": row} for row in values]
    )
    nest.Connect(generators, neurons, "one_to_one", {"delay": STEP_MS})


def simulate(nest: ModuleType, circuit: Circuit) -> np.ndarray:
    """Return the spikes (T, N), bool, of the trials in ``circuit``."""
    nest.ResetKernel()
    nest.SetKernelStatus({"resolution": STEP_MS})
    neurons = make_neurons(nest, circuit)
    if len(circuit["source"]):
        connect(nest, neurons, circuit)
    inject(nest, neurons, circuit["current_pA"])
    recorder = nest.Create("spike_recorder")
    nest.Connect(neurons, recorder)
    n_steps = len(circuit["current_pA"])
    nest.Simulate(STEP_MS * (n_steps + INPUT_LATENCY_STEPS))
    events = recorder.events
    stamp = np.round(events["times"] - SPIKE_STAMP_MS).astype(int)
    spikes = np.zeros((n_steps, len(neurons)), dtype=bool)
    spikes[stamp - INPUT_LATENCY_STEPS, events["senders"] - neurons[0].global_id] = True
    return spikes


def expected_spikes(circuit: Circuit) -> np.ndarray:
    """Return the spikes (T, N), bool, of evoplast in the same trials."""
    spikes = np.zeros(circuit["current_pA"].shape, dtype=bool)
    spikes[circuit["spike_ms"], circuit["spike_neuron"]] = True
    return spikes


def comparison(theirs: np.ndarray, ours: np.ndarray) -> str:
    """Return a sentence on NEST's and evoplast's spikes (T, N)."""
    text = (
        f"NEST {theirs.sum()} spikes, evoplast {ours.sum()} spikes in {len(ours)} ms; "
    )
    different = np.flatnonzero((theirs != ours).any(axis=1))
    if not len(different):
        return text + "all are the same."
    return text + f"the first difference is at {different[0]} ms."


def main(folder: Path) -> None:
    """Simulate the circuit in ``folder`` and write its spikes."""
    import nest

    with np.load(folder / "circuit.npz") as file:
        circuit = dict(file)
    spikes = simulate(nest, circuit)
    rows = np.argwhere(spikes)
    path = folder / "spikes.csv"
    np.savetxt(path, rows, fmt="%d", delimiter=",", header="ms,neuron", comments="")
    print(comparison(spikes, expected_spikes(circuit)))
