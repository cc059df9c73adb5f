"""The 25 terms of a plasticity rule, in the order that every array follows.

Nothing goes in; constants come out. A term is a product of signals: spikes S and
traces X of the pre- and the postsynaptic neuron, and the reward trace R of the
postsynaptic type. The list is every monomial of degree one or two in the four
neuronal signals with S² = S dropped (12), the same 12 times R, and R alone.

``OPTIONAL_TERMS`` is where the table grows: terms of three more signals, of which a
run uses those that ``plasticity.extra_terms`` names. Nothing of the 25 changes then.

    w        the strength of the synapse relative to the mean initial one of its pair
             of types: decay, soft bounds, Oja's rule
    V_post   the postsynaptic voltage above rest, relative to that of the threshold,
             at the end of the step's membrane update (after a spike: the reset)
    B        a slow spike trace of pre- or postsynaptic neurons, as X, with the time
             constant ``plasticity.slow_trace_ms`` for all types: behavioural time
"""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np

from evoplast.artefacts.errors import UserError


@dataclass(frozen=True)
class Term:
    """One product of signals: its factors, its printed name and its LaTeX."""

    factors: tuple[str, ...]

    @property
    def name(self) -> str:
        """Name in the paper's notation, e.g. ``S_pre·X_pre`` or ``X_post²``."""
        return "·".join(_powers(self.factors, "²"))

    @property
    def latex(self) -> str:
        r"""LaTeX without delimiters, e.g. ``S_{\mathrm{pre}} X_{\mathrm{pre}}``."""
        parts = _powers(self.factors, "^{2}")
        return r" \, ".join(_latex_factor(part) for part in parts)

    @property
    def has_spike(self) -> bool:
        """Whether a spike is among the factors (else the term acts every step)."""
        return any(factor.startswith("S") for factor in self.factors)

    @property
    def has_reward(self) -> bool:
        """Whether the reward trace is among the factors."""
        return "R" in self.factors

    @property
    def kind(self) -> str:
        """``pre``, ``post``, ``pair`` or ``reward``: whose types index it.

        ``extra`` for terms with an optional signal: always by pair of types.
        """
        if any(factor in OPTIONAL_SIGNALS for factor in self.factors):
            return "extra"
        sides = {f.split("_")[1] for f in self.factors if f != "R"}
        return {0: "reward", 2: "pair"}.get(len(sides)) or sides.pop()


def _powers(factors: tuple[str, ...], square: str) -> list[str]:
    distinct = list(dict.fromkeys(factors))
    return [f + square * (factors.count(f) == 2) for f in distinct]


def _latex_factor(factor: str) -> str:
    for side in ("pre", "post"):
        factor = factor.replace(f"_{side}", rf"_{{\mathrm{{{side}}}}}")
    return factor


_NEURONAL = (
    ("S_pre",),
    ("S_post",),
    ("X_pre",),
    ("X_post",),
    ("S_pre", "S_post"),
    ("S_pre", "X_pre"),
    ("S_pre", "X_post"),
    ("S_post", "X_pre"),
    ("S_post", "X_post"),
    ("X_pre", "X_post"),
    ("X_pre", "X_pre"),
    ("X_post", "X_post"),
)
TERMS = tuple(
    Term(factors) for factors in (*_NEURONAL, *((*f, "R") for f in _NEURONAL), ("R",))
)
N_TERMS = len(TERMS)

OPTIONAL_SIGNALS = ("w", "V_post", "B_pre", "B_post")
SIGNALS = ("S_pre", "S_post", "X_pre", "X_post", "R", *OPTIONAL_SIGNALS)
OPTIONAL_TERMS = tuple(
    Term(factors)
    for factors in (
        ("w",),
        ("S_pre", "w"),
        ("S_post", "w"),
        ("S_pre", "X_post", "w"),
        ("S_post", "X_pre", "w"),
        ("S_post", "X_post", "w"),
        ("X_post", "X_post", "w"),
        ("w", "R"),
        ("V_post",),
        ("S_pre", "V_post"),
        ("X_pre", "V_post"),
        ("X_pre", "V_post", "V_post"),
        ("S_pre", "B_post"),
        ("S_post", "B_pre"),
        ("S_post", "B_pre", "w"),
        ("B_pre", "X_post"),
        ("B_pre", "R"),
    )
)
ALL_TERMS = TERMS + OPTIONAL_TERMS
OPTIONAL_NAMES = tuple(term.name for term in OPTIONAL_TERMS)
TERM_NAMES = tuple(term.name for term in TERMS)
TERM_HAS_SPIKE = np.array([term.has_spike for term in TERMS])
TERM_HAS_REWARD = np.array([term.has_reward for term in TERMS])


def _of_kind(kind: str) -> tuple[int, ...]:
    return tuple(i for i, term in enumerate(TERMS) if term.kind == kind)


# Rows of the coefficient arrays: row r of `pre` belongs to term PRE_TERMS[r], etc.
PRE_TERMS = _of_kind("pre")
POST_TERMS = _of_kind("post")
PAIR_TERMS = _of_kind("pair")
REWARD_TERM = _of_kind("reward")[0]


def extra_indices(names: Sequence[str]) -> tuple[int, ...]:
    """Return where optional terms stand in ``OPTIONAL_TERMS``.

    Raises:
        UserError: a name is none of the optional terms, or is given twice.
    """
    for name in names:
        if name not in OPTIONAL_NAMES:
            near = (get_close_matches(name, OPTIONAL_NAMES, 1, 0.0) or OPTIONAL_NAMES)[
                0
            ]
            raise UserError(
                f"plasticity.extra_terms has {name!r}; the nearest optional term is "
                f"{near!r}. All: {', '.join(OPTIONAL_NAMES)}."
            )
    if len(set(names)) < len(names):
        raise UserError(
            f"plasticity.extra_terms is {', '.join(names)}; give every term once."
        )
    return tuple(OPTIONAL_NAMES.index(name) for name in names)
