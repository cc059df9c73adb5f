"""The proof in words of one screen: its tables as Markdown.

In: the tables of the proof. Out: text for docs/numbers.md.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from evoplast.studies.proof_choices import NEAR, TERMS
from evoplast.studies.proof_comparison import CROSS


def report(tables: Mapping[str, pd.DataFrame], outcomes: pd.DataFrame) -> str:
    """Return all tables, champions first.

    ``tables``: comparison, recurrence, agreement and order; ``outcomes``: of champions
    and fronts.
    """
    fronts = outcomes["choice"].isin((TERMS, NEAR))
    parts = [
        "Accuracy on networks never used; ± is the standard error over searches.\n",
        _outcomes(outcomes[~fronts]),
        _comparisons(tables["comparison"]),
        "By task:\n",
        _tasks(tables["comparison"]),
        "Gain over no plasticity by the order of trials:\n",
        _orders(tables["order"]),
        "Fronts:\n",
        _outcomes(outcomes[fronts]),
        "What comes back:\n",
        _recurrence(tables["recurrence"]),
        _agreement(tables["agreement"]),
    ]
    return "\n".join(parts)


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "".join("| " + " | ".join(map(str, line)) + " |\n" for line in lines)


def _outcomes(table: pd.DataFrame) -> str:
    header = (
        "side",
        "choice",
        "accuracy",
        "gain over no plasticity",
        "95 %",
        "p, p networks",
        "share of ceiling",
        "terms",
        "highest rate, Hz",
        "distance, Hz",
        "found",
    )
    rows = [
        (
            row.arm,
            _choice(row.choice, row.limit),
            _with_error(row.accuracy_mean, row.accuracy_se, sign=False),
            _with_error(row.gain_mean, row.gain_se),
            _between(row.gain_low, row.gain_high),
            f"{_p(row.gain_p_value)}, {_p(row.gain_p_networks)}",
            _number(row.ceiling_share_mean, ".0%"),
            _number(row.n_terms_mean, ".1f"),
            _number(row.max_rate_hz_mean, ".0f"),
            _number(row.wasserstein_hz_mean, ".1f"),
            f"{row.n_found} of {row.n_searches}",
        )
        for row in table.itertuples()
    ]
    return markdown_table(header, rows)


def _choice(choice: str, limit: float) -> str:
    if choice == TERMS:
        return f"at most {limit:.0f} terms"
    if choice == NEAR:
        return "any distance" if np.isinf(limit) else f"at most {limit:g} Hz from mouse"
    return choice


def _comparisons(comparison: pd.DataFrame) -> str:
    header = (
        "left",
        "right",
        "accuracies",
        "difference",
        "95 %",
        "nested",
        "p, corrected",
        "signs",
        "nested p",
        "p networks, corrected",
    )
    rows = [
        (
            _side(row.left, row.left_choice),
            _side(row.right, row.right_choice),
            f"{row.left_mean:.3f}, {row.right_mean:.3f}",
            _with_error(row.difference_mean, row.difference_se),
            _between(row.low, row.high),
            _between(row.nested_low, row.nested_high),
            f"{_p(row.p_value)}, {_p(row.p_holm)}",
            _p(row.p_value_signs),
            _p(row.p_value_nested),
            f"{_p(row.p_value_networks)}, {_p(row.p_networks_holm)}",
        )
        for row in comparison[comparison["quantity"] == CROSS].itertuples()
    ]
    return markdown_table(header, rows)


def _tasks(comparison: pd.DataFrame) -> str:
    rows = [
        (
            _side(row.left, row.left_choice),
            _side(row.right, row.right_choice),
            row.quantity.removeprefix("accuracy_"),
            _with_error(row.difference_mean, row.difference_se),
            _p(row.p_value),
        )
        for row in comparison[comparison["quantity"] != CROSS].itertuples()
    ]
    return markdown_table(("left", "right", "task", "difference", "p"), rows)


def _orders(order: pd.DataFrame) -> str:
    rows = [
        (
            _side(row.arm, row.choice),
            row.order,
            _with_error(row.difference_mean, row.difference_se),
            _between(row.low, row.high),
            f"{_p(row.p_value)}, {_p(row.p_value_networks)}",
        )
        for row in order.itertuples()
    ]
    return markdown_table(("side", "order", "gain", "95 %", "p, p networks"), rows)


def _recurrence(table: pd.DataFrame, most: int = 6) -> str:
    leading = table.groupby(["arm", "kind"], sort=True).head(most)
    rows = [
        (
            row.arm,
            row.kind,
            row.text,
            f"{row.n_searches_champion} of {row.n_searches}",
            f"{row.n_searches_measured} of {row.n_searches}",
        )
        for row in leading.itertuples()
    ]
    return markdown_table(
        ("side", "kind", "text", "champions of", "among the measured of"), rows
    )


def _agreement(table: pd.DataFrame) -> str:
    rows = [
        (
            row.choice,
            row.term,
            f"{row.correlation:+.2f}",
            f"{row.null_mean:+.2f} ± {row.null_sd:.2f}",
            _p(row.p_value),
            row.n_pairs,
        )
        for row in table.itertuples()
    ]
    header = ("champions", "term", "correlation", "types shuffled (s.d.)", "p", "pairs")
    return markdown_table(header, rows)


def _side(arm: str, choice: str) -> str:
    return f"{arm}, {choice}"


def _with_error(value: float, error: float, sign: bool = True) -> str:
    text = _number(value, "+.3f" if sign else ".3f")
    return text if np.isnan(error) else f"{text} ± {error:.3f}"


def _between(low: float, high: float) -> str:
    return "" if np.isnan(low) else f"{low:+.3f} to {high:+.3f}"


def _p(value: float) -> str:
    return _number(value, ".2g")


def _number(value: float, form: str) -> str:
    return "" if np.isnan(value) else format(value, form)
