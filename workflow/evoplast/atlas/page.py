"""The atlas as one page: a template, a style and a script, and the data they show.

In: the catalogue, the findings, details of each rule. Out: HTML that asks no server for
anything. Names are escaped by the template; what the script gets is JSON, and it writes
names as text only. Libraries and details are compressed, and unpacked by the browser.
"""

import base64
import gzip
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from jinja2 import Environment, StrictUndefined

from evoplast.atlas.catalogue import BESIDES, SPLITS, Catalogue, Entry, Measured
from evoplast.atlas.details import prior_density
from evoplast.atlas.findings import Ceiling, Findings, columns, number
from evoplast.atlas.libraries import libraries
from evoplast.atlas.typeset import typeset
from evoplast.figures import GROUP_COLOURS, PURPLE, task_name
from evoplast.rules import ALL_TERMS, active_terms

OWN_COLOUR = "#E69F00"
# Shapes by group, as in the figures: told apart without colours. In Vega, as SVG.
_SHAPES = {
    "evolved": ("circle", "M5,0A5,5,0,1,1,-5,0A5,5,0,1,1,5,0Z"),
    "random": ("square", "M-4.5,-4.5H4.5V4.5H-4.5Z"),
    "known": ("triangle-up", "M0,-5.5L5.5,4.5H-5.5Z"),
    "no plasticity": ("diamond", "M0,-6L5,0L0,6L-5,0Z"),
}
_OWN_SHAPE = ("triangle-down", "M0,5.5L5.5,-4.5H-5.5Z")
BINS = 20
"""Bins of the distributions of coefficients over [-1, 1]."""


@dataclass(frozen=True)
class RunFacts:
    """What the page tells of the run besides its rules.

    ``limits``: of biology, by quantity; ``prior`` of the coefficients of random rules;
    ``algorithm``: of the search; ``notes``: what to say of an artefact that is missing,
    by what it holds.
    """

    run: str
    limits: Mapping[str, float]
    prior: str
    algorithm: str
    notes: Mapping[str, str]


def atlas_page(
    catalogue: Catalogue,
    found: Findings,
    ceiling: Ceiling,
    details: Mapping[str, dict],
    facts: RunFacts,
) -> str:
    """Return the page; ``details`` by the keys of the entries."""
    quantities = _quantities(catalogue)
    used = libraries()
    splits = _splits(catalogue)
    return _template().render(
        run=facts.run,
        entries=catalogue.entries,
        findings=found,
        columns=columns(catalogue),
        quantities=[q for q in quantities if q["short"]],
        groups=_groups(catalogue),
        splits=splits,
        reported=catalogue.entries[0].reported,
        typeset=typeset,
        number=number,
        order=_order,
        mark=_mark,
        libraries=used,
        css=_beside("css"),
        script=_beside("js"),
        data=_json(_data(catalogue, quantities, ceiling, facts)),
        packed_libraries=_packed([library.code for library in used]),
        packed_details=_packed(dict(details)),
    )


@cache
def _template():
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.from_string(_beside("html"))


def _beside(suffix: str) -> str:
    return Path(__file__).with_suffix(f".{suffix}").read_text(encoding="utf-8")


def _json(value: object) -> str:
    """Return JSON that no HTML parser can leave: "<" only as an escape."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")


def _packed(value: object) -> str:
    raw = gzip.compress(_json(value).encode(), compresslevel=9, mtime=0)
    return base64.b64encode(raw).decode()


def _quantities(catalogue: Catalogue) -> list[dict]:
    """Return what is shown of rules: id, its name, the short one in the table's head.

    What has no short name is not in the table; complexity stands there as terms.
    """
    tasks = [
        (f"accuracy_{task}", f"accuracy, {task_name(task)}", task_name(task))
        for task in catalogue.tasks
    ]
    rows = [
        ("cross_accuracy", "accuracy, both tasks", "accuracy"),
        *tasks,
        ("complexity", "complexity (active terms / 25)", ""),
        ("max_rate_hz", "highest rate of a cell (Hz)", "highest rate (Hz)"),
        ("synchrony", "synchrony (share of 2 ms bins)", "synchrony"),
        ("rate_difference_hz", "|mean rate − mouse| (Hz)", "|rate − mouse| (Hz)"),
        ("wasserstein_hz", "distance of rates to mouse (Hz)", "distance to mouse (Hz)"),
        ("mean_rate_hz", "mean rate (Hz)", ""),
        ("relative_weight_change", "relative change of weights", ""),
        ("fraction_at_bound", "share of synapses at a bound", ""),
    ]
    return [dict(zip(("id", "head", "short"), row, strict=True)) for row in rows]


def _splits(catalogue: Catalogue) -> dict[str, str]:
    there = {split for entry in catalogue.entries for split in entry.splits}
    return {split: text for split, text in SPLITS.items() if split in there}


def _groups(catalogue: Catalogue) -> list[dict]:
    names = dict.fromkeys(entry.group for entry in catalogue.entries)
    return [
        {
            "name": name,
            "colour": GROUP_COLOURS.get(name, OWN_COLOUR),
            "shape": _SHAPES.get(name, _OWN_SHAPE)[0],
        }
        for name in names
    ]


def _mark(group: str) -> str:
    """Return the mark of a group as SVG."""
    path = _SHAPES.get(group, _OWN_SHAPE)[1]
    colour = GROUP_COLOURS.get(group, OWN_COLOUR)
    return (
        '<svg class="mark" width="12" height="12" viewBox="-7 -7 14 14" '
        f'aria-hidden="true"><path d="{path}" fill="{colour}"/></svg>'
    )


def _order(measured: Measured | None, quantity: str) -> str:
    """Return what a cell is sorted by; what is missing comes last."""
    mean = measured.values[quantity][0] if measured else np.nan
    return f"{mean:.6g}" if np.isfinite(mean) else "-1"


def _data(
    catalogue: Catalogue,
    quantities: Sequence[dict],
    ceiling: Ceiling,
    facts: RunFacts,
) -> dict:
    edges = np.linspace(-1, 1, BINS + 1)
    return {
        "types": catalogue.type_names,
        "terms": [t.name for t in ALL_TERMS[: len(catalogue.entries[0].gates)]],
        "quantities": quantities,
        "besides": BESIDES,
        "groups": _groups(catalogue),
        "splits": _splits(catalogue),
        "reported": catalogue.entries[0].reported,
        "lines": _lines(ceiling, facts),
        "edges": [round(float(edge), 6) for edge in edges],
        "prior": {"name": facts.prior, "share": prior_density(facts.prior, edges)},
        "algorithm": facts.algorithm,
        "notes": dict(facts.notes),
        "rules": [_rule(entry) for entry in catalogue.entries],
    }


def _lines(ceiling: Ceiling, facts: RunFacts) -> list[dict]:
    """Return the lines of the scatter: ceiling, guessing, mouse, limits of biology."""
    text = "linear readout of type means, no plasticity"
    reached = [
        {"on": name, "at": mean, "text": text, "colour": PURPLE}
        for name, (mean, _) in ceiling.values.items()
    ]
    guessing = [
        {"on": name, "at": 0.5, "text": "guessing", "colour": "#7F7F7F"}
        for name in ceiling.values
    ]
    mouse = [
        {"on": name, "at": 0.0, "text": "mouse", "colour": "#0072B2"}
        for name in ("rate_difference_hz", "wasserstein_hz")
    ]
    limits = [
        {"on": name, "at": limit, "text": "limit of biology", "colour": "#7F7F7F"}
        for name, limit in facts.limits.items()
    ]
    return [*reached, *guessing, *mouse, *limits]


def _rule(entry: Entry) -> dict:
    return {
        "key": entry.key,
        "name": entry.name,
        "group": entry.group,
        "formula": entry.formula,
        "terms": [ALL_TERMS[index].name for index in active_terms(entry.gates)],
        "phi": round(entry.phi, 6),
        "best": entry.best,
        "origin": entry.origin,
        "note": entry.note,
        "flag": entry.flag,
        "splits": {name: _split(m) for name, m in entry.splits.items()},
    }


def _split(measured: Measured) -> dict:
    return {
        "n_networks": measured.n_networks,
        "n_trials": measured.n_trials,
        "n_broken": measured.n_broken,
        "networks": measured.networks,
        "values": {k: list(map(_short, v)) for k, v in measured.values.items()},
        "by_network": {k: list(map(_short, v)) for k, v in measured.by_network.items()},
    }


def _short(value: float) -> float | None:
    return float(f"{value:.6g}") if np.isfinite(value) else None
