"""A rule as Brian2 equations; ``brian2_script`` makes a complete script of them.

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
    coefficients_of_term,
    decode,
    validate_genomes,
)
from evoplast.rules.terms import ALL_TERMS, Term

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


# By signal that is optional: what neurons have then, and how it moves.
_MORE_EQUATIONS = {
    "V": "V : 1  # (v - rest)/(threshold - rest), for you to set after the resets",
    "B": "B : 1  # slow spike trace",
}
_MORE_UPDATES = {"B": "B = B*(1 - dt/($slow_trace_ms*ms)) + S"}


class PlasticityConstants(Protocol):
    """What of the plasticity settings a rule needs (simulator.PlasticitySettings)."""

    @property
    def eta(self) -> float:
        """Learning rate."""

    @property
    def max_relative_change(self) -> float:
        """Largest relative change in a step."""

    @property
    def bound_factor(self) -> float:
        """Upper bound over the initial strength."""

    @property
    def continuous_term_scale(self) -> float:
        """Factor of terms without a spike."""


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
        neuron_equations=NEURON_EQUATIONS + _optional(active, _MORE_EQUATIONS),
        clear_spikes=CLEAR_SPIKES,
        reset=RESET,
        synapse_equations=_synapse_equations(active, weight_unit),
        weight_update=_weight_update(active),
        trace_update=TRACE_UPDATE + _optional(active, _MORE_UPDATES, plasticity),
        namespace={
            "eta": float(plasticity.eta),
            "max_relative_change": float(plasticity.max_relative_change),
            "continuous_term_scale": float(plasticity.continuous_term_scale),
        },
        coefficients={parameter_name(ALL_TERMS[i]): _table(rule, i) for i in active},
        bound_factor=float(plasticity.bound_factor),
        tau_E_ms=np.asarray(rule.tau_E_ms[0], float),
        tau_R_ms=np.asarray(rule.tau_R_ms[0], float),
    )


def _optional(
    active: Sequence[int],
    lines: Mapping[str, str],
    plasticity: PlasticityConstants | None = None,
) -> str:
    signals = {factor[0] for i in active for factor in ALL_TERMS[i].factors}
    ms = getattr(plasticity, "slow_trace_ms", None)
    wanted = [line for signal, line in lines.items() if signal in signals]
    return "".join(
        f"\n{Template(line).safe_substitute(slow_trace_ms=ms)}" for line in wanted
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
    lines += [f"{parameter_name(ALL_TERMS[i])} : 1 (constant)" for i in active]
    return "\n".join(lines)


def _weight_update(active: Sequence[int]) -> str:
    products = " + ".join(_product(ALL_TERMS[i]) for i in active) or "0"
    return (
        f"change = eta*w_ref*({products})\n"
        "limit = max_relative_change*w\n"
        "w = clip(w + clip(change, -limit, limit), 0*w_max, w_max)"
    )


def _product(term: Term) -> str:
    # R of a synapse is the reward trace of its postsynaptic neuron's type.
    said = {"R": "R_post", "w": "(w/w_ref)"}
    factors = [said.get(factor, factor) for factor in term.factors]
    scale = [] if term.has_spike else ["continuous_term_scale"]
    return "*".join([*scale, parameter_name(term), *factors])


def _table(rule: RuleParameters, index: int) -> np.ndarray:
    values = coefficients_of_term(rule, index)
    if ALL_TERMS[index].kind == "pre":
        values = values[:, None]
    m = rule.tau_E_ms.shape[1]
    return np.broadcast_to(values, (m, m)).astype(float)
