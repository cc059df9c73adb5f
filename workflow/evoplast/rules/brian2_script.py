"""A rule in Brian2's language as a complete example script.

In: a :class:`~evoplast.rules.brian2_export.Brian2Rule`. Out: text; Brian2 itself is not
needed here.
"""

from collections.abc import Mapping, Sequence
from string import Template

import numpy as np

from evoplast.artefacts.errors import UserError
from evoplast.rules.brian2_export import (
    CLEAR_WHEN,
    STEP_MS,
    TRACE_WHEN,
    WEIGHT_WHEN,
    Brian2Rule,
)


def as_script(
    rule: Brian2Rule,
    excitatory: Sequence[bool],
    neurons_per_type: int = 20,
    duration_ms: float = 500.0,
) -> str:
    """Return a complete Brian2 script in which a small random network learns.

    The membranes, the connections, the drive and the rewards are examples for the
    user to replace; the rule and its tables are complete. ``excitatory`` (M,) gives
    the sign of each type's synapses. The weights are in pA.

    Raises:
        UserError: a wrong number of flags, or a rule whose weights are not in amp.
    """
    if len(excitatory) != len(rule.type_names):
        raise UserError(
            f"{len(excitatory)} flags excitatory were given; the rule has "
            f"{len(rule.type_names)} types, give one flag for each."
        )
    if "w : amp\n" not in rule.synapse_equations:
        raise UserError(
            "The rule was exported with weights in another unit than amp; the "
            'example script needs weight_unit="amp".'
        )
    voltage = _SET_VOLTAGE if "\nV : 1" in rule.neuron_equations else ""
    return _SCRIPT.substitute(
        set_voltage=voltage,
        formula=rule.formula,
        neurons_per_type=int(neurons_per_type),
        duration_ms=float(duration_ms),
        step_ms=STEP_MS,
        type_names=_literal(rule.type_names),
        excitatory=_literal([bool(flag) for flag in excitatory]),
        tau_E_ms=_literal(rule.tau_E_ms.tolist()),
        tau_R_ms=_literal(rule.tau_R_ms.tolist()),
        bound_factor=rule.bound_factor,
        namespace=_literal_dict(rule.namespace),
        coefficients=_literal_dict(rule.coefficients),
        neuron_equations=rule.neuron_equations,
        clear_spikes=rule.clear_spikes,
        reset=rule.reset,
        synapse_equations=rule.synapse_equations,
        weight_update=rule.weight_update,
        trace_update=rule.trace_update,
        clear_when=CLEAR_WHEN,
        weight_when=WEIGHT_WHEN,
        trace_when=TRACE_WHEN,
    )


def _literal(values: Sequence) -> str:
    return "[" + ", ".join(_item(value) for value in values) + "]"


def _item(value: object) -> str:
    # Nine digits give back every float32.
    return f"{value:.9g}" if isinstance(value, float) else repr(value)


def _literal_dict(values: Mapping[str, float | np.ndarray]) -> str:
    lines = [f"    {name!r}: {_value(value)},\n" for name, value in values.items()]
    return "{\n" + "".join(lines) + "}"


def _value(value: float | np.ndarray) -> str:
    if np.ndim(value) == 0:
        return repr(float(value))
    rows = "".join(f"        {_literal(row)},\n" for row in np.asarray(value).tolist())
    return f"[\n{rows}    ]"


_SET_VOLTAGE = """\
neurons.run_regularly(
    "V = (v - E_L)/(V_th - E_L)", when="$weight_when", order=-1
)
""".replace("$weight_when", WEIGHT_WHEN)
_SCRIPT = Template('''\
"""A plastic network with the rule $formula, for Brian2.

Exported by evoplast. Needs Brian2 (2.9 with NumPy below 2.4, or 2.10 and later).
What to replace with your own: the parts marked EXAMPLE. Keep the step of $step_ms ms,
for which the rule was found, and the order given by `when`.
"""

import numpy as np
from brian2 import *

defaultclock.dt = $step_ms*ms
seed(1)
rng = np.random.default_rng(1)

# The rule. Rows of coefficients: presynaptic type; columns: postsynaptic type.
TYPE_NAMES = $type_names
EXCITATORY = np.array($excitatory)
TAU_E_MS = np.array($tau_E_ms)
TAU_R_MS = np.array($tau_R_ms)
BOUND_FACTOR = $bound_factor
CONSTANTS = $namespace
COEFFICIENTS = $coefficients
NEURON_EQUATIONS = """
$neuron_equations
"""
RESET = "$reset"
SYNAPSE_EQUATIONS = """
$synapse_equations
"""
WEIGHT_UPDATE = """
$weight_update
"""
TRACE_UPDATE = """
$trace_update
"""

# EXAMPLE: integrate-and-fire neurons with a constant drive.
n_types = len(TYPE_NAMES)
cell_type = np.repeat(np.arange(n_types), $neurons_per_type)
neurons = NeuronGroup(
    len(cell_type),
    """
    dv/dt = (g*(E_L - v) + I_syn + I_drive)/C : volt (unless refractory)
    dI_syn/dt = -I_syn/tau_syn : amp
    I_drive : amp (constant)
    polarity : 1 (constant)
    """
    + NEURON_EQUATIONS,
    threshold="v > V_th",
    reset="v = V_reset\\n" + RESET,
    refractory=3*ms,
    method="exact",
    namespace={
        "C": 100*pF,
        "g": 6*nS,
        "E_L": -75*mV,
        "V_th": -50*mV,
        "V_reset": -75*mV,
        "tau_syn": 5*ms,
    },
)
neurons.v = -75*mV
neurons.I_drive = rng.uniform(140, 260, len(neurons))*pA
neurons.polarity = np.where(EXCITATORY, 1.0, -1.0)[cell_type]
neurons.tau_E = TAU_E_MS[cell_type]*ms
neurons.tau_R = TAU_R_MS[cell_type]*ms

# EXAMPLE: random connections, delays of 1 to 4 steps (never 0), initial weights.
synapses = Synapses(
    neurons,
    neurons,
    SYNAPSE_EQUATIONS,
    on_pre="I_syn_post += polarity_pre*w",
    namespace=CONSTANTS,
)
synapses.connect(condition="i != j", p=0.1)
synapses.delay = rng.integers(1, 5, len(synapses))*$step_ms*ms
synapses.w = rng.uniform(5, 40, len(synapses))*pA

# The rule's parameters: w_ref is the mean initial weight of the pair of types.
pre_type = cell_type[synapses.i[:]]
post_type = cell_type[synapses.j[:]]
pair = pre_type*n_types + post_type
initial_pA = np.asarray(synapses.w/pA)
count = np.maximum(np.bincount(pair), 1)
w_ref_pA = (np.bincount(pair, initial_pA)/count)[pair]
synapses.w_ref = w_ref_pA*pA
synapses.w_max = np.maximum(BOUND_FACTOR*w_ref_pA, initial_pA)*pA
for name, table in COEFFICIENTS.items():
    setattr(synapses, name, np.array(table)[pre_type, post_type])

# Plasticity. Set `plasticity.active` and `traces.active` to False to freeze it.
neurons.run_regularly("$clear_spikes", when="$clear_when")
${set_voltage}plasticity = synapses.run_regularly(WEIGHT_UPDATE, when="$weight_when")
traces = neurons.run_regularly(TRACE_UPDATE, when="$trace_when")


# EXAMPLE: a reward-prediction error of 0.5 in every 300 ms.
@network_operation(dt=300*ms, when="start")
def reward(t):
    if t > 0*ms:
        neurons.R += 0.5


spikes = SpikeMonitor(neurons)
network = Network(neurons, synapses, reward, spikes)
network.run($duration_ms*ms)

relative_change = np.asarray(synapses.w/pA)/initial_pA - 1
print(f"{spikes.num_spikes/len(neurons)/($duration_ms/1000):.1f} Hz on average")
for t, name in enumerate(TYPE_NAMES):
    onto = relative_change[post_type == t]
    print(f"onto {name}: {100*np.mean(onto):+.2f} % mean change of {len(onto)} weights")
''')
