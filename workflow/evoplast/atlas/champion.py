"""The best evolved rule by itself: its formula and all its numbers.

In: the catalogue of rules. Out: a text for people and a table for programs.
"""

from difflib import get_close_matches

import numpy as np
import pandas as pd

from evoplast.artefacts.errors import UserError
from evoplast.atlas.catalogue import Catalogue, Entry
from evoplast.atlas.findings import counted, number
from evoplast.rules import coefficient_table, decode

CHAMPION = "champion"
_QUANTITIES = {
    "cross_accuracy": "accuracy, both tasks",
    "max_rate_hz": "highest rate of a cell (Hz)",
    "synchrony": "synchrony (share of 2 ms bins)",
    "rate_difference_hz": "|mean rate - mouse| (Hz)",
    "wasserstein_hz": "distance of rates to mouse (Hz)",
}


def champion(catalogue: Catalogue) -> Entry:
    """Return the evolved rule that was best on the networks of the choice.

    Raises:
        UserError: there is no evolved rule.
    """
    found = catalogue.best("evolved")
    if found is None:
        raise UserError(
            "No evolved rule is in this run's front, so it has no champion; run the "
            "search again, or loosen the limits in the section pareto."
        )
    return found


def rule_called(catalogue: Catalogue, key: str) -> Entry:
    """Return the rule with this key in links of the atlas, or the champion.

    Raises:
        UserError: there is no such rule.
    """
    if key == CHAMPION:
        return champion(catalogue)
    found = {entry.key: entry for entry in catalogue.entries}
    if key not in found:
        near = get_close_matches(key, found, 1, 0.0)[0]
        raise UserError(
            f"The run has no rule {key!r}; did you mean {near!r}? The links of the "
            f"atlas name them all, and {CHAMPION!r} is the best evolved one."
        )
    return found[key]


def rule_table(catalogue: Catalogue, entry: Entry) -> pd.DataFrame:
    """List every number of a rule in long form.

    Columns: part ("coefficient", "tau_E", "tau_R", "phi"), term, pre_type, post_type
    ("" where there is none), value, unit. A time constant's type is in post_type: the
    traces of a neuron belong to its own type.
    """
    names, space = catalogue.type_names, catalogue.space
    found = coefficient_table(space, entry.genome, names)
    found = found.rename(columns={"coefficient": "value"}).assign(
        part="coefficient", unit="1"
    )
    rule = decode(space, np.asarray(entry.genome)[None])
    taus = [
        {"part": part, "post_type": name, "value": float(value), "unit": "ms"}
        for part, values in (("tau_E", rule.tau_E_ms), ("tau_R", rule.tau_R_ms))
        for name, value in zip(names, values[0], strict=True)
    ]
    phi = [{"part": "phi", "value": entry.phi, "unit": "of task.threshold"}]
    table = pd.concat([found, pd.DataFrame([*taus, *phi])], ignore_index=True)
    columns = ["part", "term", "pre_type", "post_type", "value", "unit"]
    texts = [name for name in columns if name != "value"]
    return table[columns].fillna(dict.fromkeys(texts, ""))


def rule_text(catalogue: Catalogue, entry: Entry) -> str:
    """Return a rule for people: formula, what it does, its tables by cell type."""
    measured = entry.splits[entry.reported]
    lines = [
        f"{entry.name}: {entry.formula}",
        *([entry.note] if entry.note else []),
        "",
        f"On {counted(measured.n_networks, 'network')} ({entry.reported}), mean ± s.e. "
        "over networks:",
        *(
            f"  {label}: {number(measured.values[name], name)}"
            for name, label in _QUANTITIES.items()
        ),
        f"  readout threshold phi: {entry.phi:.4g}",
        "",
        "A step of 1 ms changes a weight by eta x w_ref x the sum of the terms, each "
        "times its coefficient.",
    ]
    table = rule_table(catalogue, entry)
    found = table[table["part"] == "coefficient"]
    for term, part in found.groupby("term", sort=False):
        lines += ["", *_term_lines(term, part, catalogue.type_names)]
    lines += ["", "Time constants of the spike trace X and the reward trace R (ms):"]
    return "\n".join([*lines, *_tau_lines(table), ""])


def _term_lines(term: str, part: pd.DataFrame, names: tuple[str, ...]) -> list[str]:
    sides = [side for side in ("pre_type", "post_type") if (part[side] != "").all()]
    if len(sides) == 2:
        wide = part.pivot(index="pre_type", columns="post_type", values="value")
        text = wide.loc[list(names), list(names)].to_string(
            float_format="{:.3f}".format, index_names=False
        )
        head = f"{term}, by source type (rows) and target type (columns):"
        return [head, *text.splitlines()[0:1], *text.splitlines()[1:]]
    if not sides:
        return [f"{term}: {part['value'].iloc[0]:.4f}"]
    side = sides[0]
    head = f"{term}, by {'source' if side == 'pre_type' else 'target'} type:"
    pairs = zip(part[side], part["value"], strict=True)
    return [head, *(f"  {name:10s} {value:8.4f}" for name, value in pairs)]


def _tau_lines(table: pd.DataFrame) -> list[str]:
    taus = table[table["part"].isin(("tau_E", "tau_R"))]
    wide = taus.pivot(index="post_type", columns="part", values="value")
    order = dict.fromkeys(taus["post_type"])
    return [
        f"  {name:10s} X {wide.loc[name, 'tau_E']:6.1f}   R "
        f"{wide.loc[name, 'tau_R']:6.1f}"
        for name in order
    ]
