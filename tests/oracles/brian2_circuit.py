"""Our neurons and connections in Brian2's language; plasticity as the exporter says.

In: Brian2, a network as data, exported rules, an external current. Out: Brian2
objects with one copy of the network for each rule, float64.
"""

import numpy as np

from evoplast.network import glif3_propagators
from evoplast.rules.brian2_export import CLEAR_WHEN, TRACE_WHEN, WEIGHT_WHEN

MEMBRANE_EQUATIONS = """
v : 1  # mV above E_L
free : 1
listening : 1
waiting : 1
asc_0 : 1
asc_1 : 1
y1_0 : 1
y1_1 : 1
y1_2 : 1
y1_3 : 1
y2_0 : 1
y2_1 : 1
y2_2 : 1
y2_3 : 1
copy_of : integer (constant)
"""
PORTS = range(4)
CONSTANTS = (
    *(f"{p}_{q}" for p in ("P11", "P21", "P22", "P31", "P32", "psc") for q in PORTS),
    *(f"{p}_{j}" for p in ("stable", "decay", "kept", "amp") for j in (0, 1)),
    *("P33", "P30", "theta", "v_reset", "pause"),
)
MEMBRANE_STEP = "\n".join(
    (
        "listening = int(waiting <= 0)",
        "free = P33*v + P30*(drive(t, copy_of) + stable_0*asc_0 + stable_1*asc_1)",
        *(f"free = free + P31_{q}*y1_{q} + P32_{q}*y2_{q}" for q in PORTS),
        "v = v + listening*(free - v)",
        *(f"asc_{j} = asc_{j}*(1 + listening*(decay_{j} - 1))" for j in (0, 1)),
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


def brian2_neurons(brian2, network, rules, current_pA):
    """Return neurons under a current (T, N); the last row lasts for ever."""
    kind, n = network.cells.cell_type, network.n_neurons
    constants = "\n".join(f"{name} : 1 (constant)" for name in CONSTANTS)
    # Optional signals are in the equations of those rules alone that use them.
    fullest = max(rules, key=lambda rule: len(rule.neuron_equations))
    equations = "\n".join((MEMBRANE_EQUATIONS, constants, fullest.neuron_equations))
    neurons = brian2.NeuronGroup(
        n * len(rules),
        equations,
        threshold="listening > 0.5 and v > theta",
        reset=RESET + rules[0].reset,
        namespace={"drive": brian2.TimedArray(current_pA, dt=1.0 * brian2.ms)},
    )
    for name, values in _constants(network).items():
        setattr(neurons, name, np.tile(values, len(rules)))
    neurons.copy_of = np.tile(np.arange(n), len(rules))
    neurons.tau_E = np.concatenate([r.tau_E_ms[kind] for r in rules]) * brian2.ms
    neurons.tau_R = np.concatenate([r.tau_R_ms[kind] for r in rules]) * brian2.ms
    neurons.run_regularly(rules[0].clear_spikes, when=CLEAR_WHEN)
    neurons.run_regularly(MEMBRANE_STEP, when="groups")
    neurons.run_regularly(fullest.trace_update, when=TRACE_WHEN)
    if "\nV : 1" in equations:
        neurons.run_regularly("V = v/theta", when=WEIGHT_WHEN, order=-1)
    return neurons


def _constants(network):
    cells, p = network.cells, glif3_propagators(network.cells, network.tau_syn_ms, 1.0)
    per_port = {"P11": p.P11, "P21": p.P21, "P22": p.P22, "psc": p.psc_initial}
    columns = {"P31": p.P31.T, "P32": p.P32.T}
    columns |= {k: np.tile(v, (network.n_neurons, 1)).T for k, v in per_port.items()}
    columns |= {"stable": p.asc_stable.T, "decay": p.asc_decay.T}
    columns |= {"kept": p.asc_refractory_decay.T, "amp": cells.asc_amp_pA.T}
    return {
        f"{name}_{i}": v for name, vs in columns.items() for i, v in enumerate(vs)
    } | {
        "P33": p.P33,
        "P30": p.P30,
        "theta": cells.V_th_mV - cells.E_L_mV,
        "v_reset": cells.V_reset_mV - cells.E_L_mV,
        "pause": p.refractory_steps.astype(float),
    }


def brian2_synapses(brian2, network, neurons, copy, rule, gain):
    """Return the synapses of one copy, with the recurrent weights times ``gain``."""
    edges, kind, n = network.edges, network.cells.cell_type, network.n_neurons
    own = neurons[copy * n : (copy + 1) * n]
    arrival = (f"y1_{q}_post += psc_{q}_post*strength*to_{q}" for q in PORTS)
    ports = "\n".join(f"to_{q} : 1 (constant)" for q in PORTS)
    synapses = brian2.Synapses(
        own,
        own,
        f"{rule.synapse_equations}\n{ports}\nsigned_gain : 1 (constant)",
        on_pre="\n".join(("strength = signed_gain*w/pA", *arrival)),
        namespace={**rule.namespace, "pA": brian2.pA},
    )
    synapses.connect(i=edges.source, j=edges.target)
    synapses.delay = edges.delay_ms.astype(float) * brian2.ms
    for q in PORTS:
        setattr(synapses, f"to_{q}", (edges.receptor == q).astype(float))
    synapses.signed_gain = np.sign(edges.weight_pA) * gain
    w_ref_pA, w_max_pA = _reference_and_bound_pA(network, rule)
    synapses.w = np.abs(edges.weight_pA).astype(float) * brian2.pA
    synapses.w_ref = w_ref_pA * brian2.pA
    synapses.w_max = w_max_pA * brian2.pA
    for name, table in rule.coefficients.items():
        setattr(synapses, name, table[kind[edges.source], kind[edges.target]])
    synapses.run_regularly(rule.weight_update, when=WEIGHT_WHEN)
    return synapses


def _reference_and_bound_pA(network, rule):
    edges, kind = network.edges, network.cells.cell_type
    strength = np.abs(edges.weight_pA).astype(float)
    pair = kind[edges.source] * network.n_types + kind[edges.target]
    w_ref = (np.bincount(pair, strength) / np.maximum(np.bincount(pair), 1))[pair]
    return w_ref, np.maximum(rule.bound_factor * w_ref, strength)
