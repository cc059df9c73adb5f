"""Rules from the literature, as far as the 25 terms can express them.

In: a rule space. Out: one genome per rule, with the same coefficient for all cell
types. What the terms cannot say (weight dependence, products of three neuronal
signals, sliding thresholds) stands in each rule's note.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from evoplast.rules.formula import term_named
from evoplast.rules.space import RuleParameters, RuleSpace, encode
from evoplast.rules.terms import (
    ALL_TERMS,
    N_TERMS,
    OPTIONAL_TERMS,
    PAIR_TERMS,
    POST_TERMS,
    PRE_TERMS,
    REWARD_TERM,
)

# Middle of the range (0, 150] ms, for rules whose source names no time constant.
MIDDLE_TAU_MS = 75.0
# Membrane-like window of classical spike-timing experiments (Bi & Poo 1998).
STDP_TAU_MS = 20.0


@dataclass(frozen=True)
class KnownRule:
    """A named rule: coefficient of each active term, trace constant, and a note."""

    name: str
    coefficients: Mapping[str, float]
    note: str
    tau_E_ms: float = MIDDLE_TAU_MS
    tau_R_ms: float = field(default=MIDDLE_TAU_MS)


KNOWN_RULES = (
    KnownRule(
        "no plasticity",
        {},
        "Exact: every gate is off and weights stay as built.",
    ),
    KnownRule(
        "pair STDP",
        {"S_post·X_pre": 1.0, "S_pre·X_post": -1.0},
        "Exact for additive all-to-all pairing with one time constant for both "
        "sides; weight-dependent (multiplicative) forms are not expressible.",
        tau_E_ms=STDP_TAU_MS,
    ),
    KnownRule(
        "triplet-like STDP",
        {"S_post·X_pre": 0.5, "S_post·X_post": 0.5, "S_pre·X_post": -1.0},
        "Potentiation that grows with the postsynaptic rate, as in Pfister & "
        "Gerstner 2006; their product of three signals, S_post·X_pre·X_post, and a "
        "second, slower trace are not expressible.",
        tau_E_ms=STDP_TAU_MS,
    ),
    KnownRule(
        "Oja-like",
        {"X_pre·X_post": 1.0, "X_post²": -1.0},
        "Hebbian growth against a decay with the squared postsynaptic rate; that "
        "Oja's decay is proportional to the weight is not expressible.",
    ),
    KnownRule(
        "BCM-like",
        {"X_post²": 1.0, "X_post": -0.5},
        "The curve y(y - θ) with θ = 0.5, about 7 Hz; the presynaptic factor (a "
        "product of three signals) and the sliding θ are not expressible.",
    ),
    KnownRule(
        "reward-modulated STDP",
        {"S_post·X_pre·R": 1.0, "S_pre·X_post·R": -1.0},
        "Pair STDP multiplied by the reward trace at the moment of the spike; an "
        "eligibility trace of the pairings themselves is not expressible.",
        tau_E_ms=STDP_TAU_MS,
        tau_R_ms=150.0,
    ),
    KnownRule(
        "S_pre",
        {"S_pre": 1.0},
        "The paper's most frequent formula; its coefficients per presynaptic type "
        "are not published and are all 1 here.",
    ),
    KnownRule(
        "S_pre·X_post",
        {"S_pre·X_post": 1.0},
        "One of the paper's three representative formulas; its coefficients per "
        "synapse type are not published and are all 1 here.",
    ),
    KnownRule(
        "five-term best",
        {
            "X_post": 0.5,
            "S_pre·X_pre": 0.5,
            "S_post·X_pre": 0.5,
            "X_post²": 0.5,
            "X_post·R": 0.5,
        },
        "The formula of the paper's best rule; its evolved coefficients and time "
        "constants are not published and are 0.5 and 75 ms here.",
    ),
)


def known_rules(space: RuleSpace) -> dict[str, np.ndarray]:
    """Return the genome (D,) of every rule of ``KNOWN_RULES`` by name."""
    return {rule.name: _genome(space, rule) for rule in KNOWN_RULES}


def known_rule_notes() -> dict[str, str]:
    """Return, by name, what of each known rule the terms express and what not."""
    return {rule.name: rule.note for rule in KNOWN_RULES}


def no_plasticity(space: RuleSpace) -> np.ndarray:
    """Return the genome (D,) with every gate off."""
    return known_rules(space)["no plasticity"]


def uniform_rule(
    space: RuleSpace,
    coefficients: Mapping[str, float],
    tau_E_ms: float = MIDDLE_TAU_MS,
    tau_R_ms: float = MIDDLE_TAU_MS,
    phi: float | None = None,
) -> np.ndarray:
    """Return the genome (D,) whose named terms have one coefficient for all types.

    ``phi`` is the middle of its range unless given.
    """
    return _genome(space, KnownRule("", coefficients, "", tau_E_ms, tau_R_ms), phi=phi)


def _genome(space: RuleSpace, rule: KnownRule, phi: float | None = None) -> np.ndarray:
    values = np.zeros(len(ALL_TERMS), np.float32)
    gates = np.zeros(len(ALL_TERMS), np.float32)
    for name, value in rule.coefficients.items():
        index = term_named(name, space.extra_terms)
        values[index], gates[index] = value, 1.0
    m, n_optional = space.n_types, len(OPTIONAL_TERMS)
    middle = 0.5 * (space.phi_min + space.phi_max)
    parameters = RuleParameters(
        gates=gates[None],
        pre=np.tile(values[list(PRE_TERMS), None], (1, 1, m)),
        post=np.tile(values[list(POST_TERMS), None], (1, 1, m)),
        pair=np.tile(values[list(PAIR_TERMS), None, None], (1, 1, m, m)),
        reward_alone=values[[REWARD_TERM]],
        tau_E_ms=np.full((1, m), rule.tau_E_ms, np.float32),
        tau_R_ms=np.full((1, m), rule.tau_R_ms, np.float32),
        phi=np.array([middle if phi is None else phi], np.float32),
        extra=np.broadcast_to(
            values[None, N_TERMS:, None, None], (1, n_optional, m, m)
        ),
    )
    return encode(space, parameters)[0]
