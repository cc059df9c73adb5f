"""Formulas as HTML with subscripts, which any browser sets, and breaks over lines.

In: gates (25,). Out: a span; the same formula as plain text stands in its
``aria-label``, so that screen readers do not spell letters.
"""

from html import escape

import numpy as np

from evoplast.rules import ALL_TERMS, active_terms, formula

_INDEX = {"pre": "j", "post": "i", "pair": "ji", "reward": "", "extra": "ji"}
"""Types that a coefficient depends on: j of the source, i of the target."""


def typeset(gates: np.ndarray, coefficients: bool = False) -> str:
    """Return ``gates`` (25,) as HTML, with the symbols of coefficients if wanted."""
    active = active_terms(gates)
    parts = [
        (_coefficient(n, index) if coefficients else "") + _term(index)
        for n, index in enumerate(active, start=1)
    ]
    body = " + ".join(f"<span>{part}</span>" for part in parts) or "0"
    left = "Δ<i>w</i><sub>ji</sub> ∝ " if coefficients else "Δ<i>w</i> = "
    said = escape(formula(gates), quote=True)
    return f'<span class="set" role="math" aria-label="{said}">{left}{body}</span>'


def _term(index: int) -> str:
    factors = ALL_TERMS[index].factors
    distinct = dict.fromkeys(factors)
    return "\u2009".join(_factor(f, factors.count(f)) for f in distinct)


def _factor(factor: str, power: int) -> str:
    letter, _, side = factor.partition("_")
    below = f"<sub>{escape(side)}</sub>" if side else ""
    above = f"<sup>{power}</sup>" if power > 1 else ""
    return f"<i>{escape(letter)}</i>{_stacked(below, above)}"


def _coefficient(number: int, index: int) -> str:
    below, above = _INDEX[ALL_TERMS[index].kind], f"<sup>({number})</sup>"
    stack = _stacked(f"<sub>{below}</sub>" if below else "", above)
    return f"<i>a</i>{stack}\u2009"


def _stacked(below: str, above: str) -> str:
    if below and above:
        return f'<span class="stack">{above}{below}</span>'
    return below + above
