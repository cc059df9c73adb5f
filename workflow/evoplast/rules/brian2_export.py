"""A rule as Brian2 equations, and as a complete example script.

In: a genome, the names of the cell types, the plasticity constants. Out: text and
tables; Brian2 itself is not needed here. With a step of 1 ms and Brian2's usual
schedule the text does, in every step, what our simulator does, in the same order::

    start          S = 0
    groups         the user's membranes move
    thresholds     spikes of this step
    synapses       delayed spikes arrive with the weight they find (on_pre)
    resets         S = 1 in the neurons that fired
    after_resets   weights change, from S now, X before these spikes, and R
    end            traces: X takes the spikes up, R decays

Weights are magnitudes; their sign is the business of the user's ``on_pre``. Add a
reward-prediction error to R at ``when='start'`` of the step that follows it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import Template
from typing import Protocol

import numpy as np

from evoplast.artefacts.errors import UserError
from evoplast.rules.formula import active_terms, formula
from evoplast.rules.space import (
    Array,
    RuleParameters,
    RuleSpace,
    decode,
    validate_genomes,
)
from evoplast.rules.terms import PAIR_TERMS, POST_TERMS, PRE_TERMS, TERMS, Term

CLEAR_WHEN = "start"
WEIGHT_WHEN = "after_resets"
TRACE_WHEN = "end"
STEP_MS = 1.0

NEURON_EQUATIONS = """\
S : 1  # 1 in the step of a spike, else 0
X : 1  # spike trace
R : 1  # reward trace of the neuron's type
tau_E : second (constant)
tau_R : second (constant)"""
CLEAR_SPIKES = "S = 0"
RESET = "S = 1"
TRACE_UPDATE = """\
X = X*(1 - dt/tau_E) + S
R = R*(1 - dt/tau_R)"""


class PlasticityConstants(Protocol):
    """What of the plasticity settings a rule needs (simulator.PlasticitySettings)."""

    eta: float
    max_relative_change: float
    bound_factor: float
    continuous_term_scale: float


@dataclass(frozen=True)
class Brian2Rule:
    """One rule for M cell types in Brian2's language.

    Attributes:
        formula: the rule in the paper's notation.
        type_names: (M,), the order of every axis of types.
        neuron_equations: to be added to the equations of every neuron.
        clear_spikes: ``run_regularly`` of the neurons, ``when=CLEAR_WHEN``; always
            on, also while the weights are frozen.
        reset: to be added to the reset of every neuron.
        synapse_equations: equations of the synapses: w, w_ref, w_max and one
            coefficient for each active term.
        weight_update: ``run_regularly`` of the synapses, ``when=WEIGHT_WHEN``.
        trace_update: ``run_regularly`` of the neurons, ``when=TRACE_WHEN``.
        namespace: constants in the text, without unit, for the synapses.
        coefficients: by name of the synaptic parameter, (M_pre, M_post).
        bound_factor: set w_max to max(bound_factor * w_ref, initial w).
        tau_E_ms, tau_R_ms: (M,), time constants of X and R.
    """

    formula: str
    type_names: tuple[str, ...]
    neuron_equations: str
    clear_spikes: str
    reset: str
    synapse_equations: str
    weight_update: str
    trace_update: str
    namespace: Mapping[str, float]
    coefficients: Mapping[str, np.ndarray]
    bound_factor: float
    tau_E_ms: np.ndarray
    tau_R_ms: np.ndarray


def brian2_equations(
    space: RuleSpace,
    genome: Array,
    type_names: Sequence[str],
    plasticity: PlasticityConstants,
    weight_unit: str = "amp",
) -> Brian2Rule:
    """Return one genome (D,) as Brian2 equations.

    ``weight_unit`` is a unit of Brian2 ("amp", "siemens", "volt", "1"), that of w,
    w_ref and w_max; the rule itself is relative to w_ref and has none.

    Raises:
        UserError: an illegal genome, or a wrong number of names.
    """
    names = tuple(type_names)
    if len(names) != space.n_types:
        raise UserError(
            f"{len(names)} names of cell types were given; the rule has "
            f"{space.n_types} types, give one name for each."
        )
    genomes = np.asarray(genome, np.float32)[None]
    validate_genomes(space, genomes)
    rule = decode(space, genomes)
    active = active_terms(rule.gates[0])
    return Brian2Rule(
        formula=formula(rule.gates[0]),
        type_names=names,
        neuron_equations=NEURON_EQUATIONS,
        clear_spikes=CLEAR_SPIKES,
        reset=RESET,
        synapse_equations=_synapse_equations(active, weight_unit),
        weight_update=_weight_update(active),
        trace_update=TRACE_UPDATE,
        namespace={
            "eta": float(plasticity.eta),
            "max_relative_change": float(plasticity.max_relative_change),
            "continuous_term_scale": float(plasticity.continuous_term_scale),
        },
        coefficients={parameter_name(TERMS[i]): _table(rule, i) for i in active},
        bound_factor=float(plasticity.bound_factor),
        tau_E_ms=np.asarray(rule.tau_E_ms[0], float),
        tau_R_ms=np.asarray(rule.tau_R_ms[0], float),
    )


def parameter_name(term: Term) -> str:
    """Return the name of a term's synaptic parameter, e.g. ``a_Spre_Xpost_R``.

    Brian2 reserves endings in ``_pre`` and ``_post``.
    """
    factors = dict.fromkeys(term.factors)
    parts = [f + "2" * (term.factors.count(f) == 2) for f in factors]
    return "a_" + "_".join(part.replace("_", "") for part in parts)


def _synapse_equations(active: Sequence[int], weight_unit: str) -> str:
    lines = [f"{name} : {weight_unit}" for name in ("w", "w_ref", "w_max")]
    lines[1:] = [f"{line} (constant)" for line in lines[1:]]
    lines += [f"{parameter_name(TERMS[i])} : 1 (constant)" for i in active]
    return "\n".join(lines)


def _weight_update(active: Sequence[int]) -> str:
    products = " + ".join(_product(TERMS[i]) for i in active) or "0"
    return (
        f"change = eta*w_ref*({products})\n"
        "limit = max_relative_change*w\n"
        "w = clip(w + clip(change, -limit, limit), 0*w_max, w_max)"
    )


def _product(term: Term) -> str:
    # R of a synapse is the reward trace of its postsynaptic neuron's type.
    factors = ["R_post" if factor == "R" else factor for factor in term.factors]
    scale = [] if term.has_spike else ["continuous_term_scale"]
    return "*".join([*scale, parameter_name(term), *factors])


def _table(rule: RuleParameters, index: int) -> np.ndarray:
    match TERMS[index].kind:
        case "pre":
            values = rule.pre[0, PRE_TERMS.index(index)][:, None]
        case "post":
            values = rule.post[0, POST_TERMS.index(index)][None, :]
        case "pair":
            values = rule.pair[0, PAIR_TERMS.index(index)]
        case _:
            values = rule.reward_alone[0]
    m = rule.tau_E_ms.shape[1]
    return np.broadcast_to(values, (m, m)).astype(float)


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
    return _SCRIPT.substitute(
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
plasticity = synapses.run_regularly(WEIGHT_UPDATE, when="$weight_when")
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
