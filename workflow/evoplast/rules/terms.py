"""The 25 terms of a plasticity rule, in the order that every array follows.

Nothing goes in; constants come out. A term is a product of signals: spikes S and
traces X of the pre- and the postsynaptic neuron, and the reward trace R of the
postsynaptic type. The list is every monomial of degree one or two in the four
neuronal signals with S² = S dropped (12), the same 12 times R, and R alone.
"""

from dataclasses import dataclass

import numpy as np


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
        """``pre``, ``post``, ``pair`` or ``reward``: whose types index it."""
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
