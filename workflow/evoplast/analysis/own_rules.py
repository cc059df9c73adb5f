"""A user's own rules, from a YAML file.

In: a file, a rule space, the names of the cell types. Out: one genome for each rule,
and the threshold if the file says one. The form, with all that may be left out::

    my Hebbian rule:
      formula: S_post*X_pre + X_post^2
      coefficients:
        S_post*X_pre: 0.8                        # one number for all types
        X_post^2: {all: -0.2, e5: 0.1}           # by type; pairs: "e4 -> e5"
      tau_E_ms: 20                               # a number, or by type
      tau_R_ms: {all: 75, i4Pvalb: 30}
      threshold: 0.55

``coefficients`` may also name a table in CSV with the columns term, pre_type,
post_type, coefficient, as evoplast writes it for the champion. Paths are relative to
the file. The file is read as a config file is: a key that occurs twice, ``1:30`` or an
alias that contains itself is refused.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TypeVar

import numpy as np
import pandas as pd
import yaml

from evoplast import rules
from evoplast.artefacts.errors import UserError
from evoplast.artefacts.reading import reading
from evoplast.configuration.files import check_files

T = TypeVar("T")
OWN = "own"
ALL, TO = "all", "->"
_KEYS = ("formula", "coefficients", "tau_E_ms", "tau_R_ms", "threshold")
_COLUMNS = ["term", "pre_type", "post_type", "coefficient"]
_LONGEST_NAME = 60


@dataclass(frozen=True)
class OwnRule:
    """A rule of the user: ``genome`` (D,), and whether its file says a threshold."""

    name: str
    genome: np.ndarray
    has_threshold: bool


@dataclass(frozen=True)
class _Place:
    """Where a value stands, for the sentence about a mistake."""

    path: Path
    rule: str

    def fault(self, text: str) -> UserError:
        return UserError(f"{self.path}, rule {self.rule!r}: {text}")


def read_own_rules(
    path: str | Path, space: rules.RuleSpace, type_names: Sequence[str]
) -> list[OwnRule]:
    """Return the rules of a file, in its order.

    Raises:
        UserError: the file or a table of it is missing or broken; a key, term or type
            is unknown; a coefficient is missing or out of range; a name is taken.
    """
    path = Path(path)
    check_files([path])
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    return [
        _rule(_Place(path, str(name)), entry, space, list(type_names))
        for name, entry in content.items()
    ]


def own_rule_files(path: str | Path) -> list[str]:
    """Return the file and the tables that it names, so that a change is noticed.

    Raises:
        UserError: the file cannot be read.
    """
    check_files([path])
    content = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    tables = [
        str(Path(path).parent / entry["coefficients"])
        for entry in content.values()
        if isinstance(entry, Mapping) and isinstance(entry.get("coefficients"), str)
    ]
    return [str(path), *dict.fromkeys(tables)]


def _rule(
    place: _Place, entry: object, space: rules.RuleSpace, types: list[str]
) -> OwnRule:
    given, extra = _checked_entry(place, entry), space.extra_terms
    gates = _with_place(place, rules.gates_of, str(given["formula"]), extra)
    empty = rules.no_plasticity(space)[None]
    parts = {
        name: np.array(values)
        for name, values in vars(rules.decode(space, empty)).items()
        if values is not None
    }
    parts["gates"][0] = gates
    numbers = given.get("coefficients", {})
    table = _table(place, numbers) if isinstance(numbers, str) else None
    named = numbers if table is None else table["term"]
    index_of = _check_terms(place, gates, named, extra)
    for index in rules.active_terms(gates):
        values = _in_type_order(place, index, (numbers, table, index_of), types)
        _put(parts, index, values)
    for name in ("tau_E_ms", "tau_R_ms"):
        parts[name][0] = _by_type(
            place, name, given.get(name, rules.MIDDLE_TAU_MS), types
        )
    if "threshold" in given:
        parts["phi"][0] = _number(place, "threshold", given["threshold"])
    genome = rules.encode(space, rules.RuleParameters(**parts))
    _check_ranges(place, space, genome[0])
    return OwnRule(place.rule, genome[0], "threshold" in given)


def _checked_entry(place: _Place, entry: object) -> Mapping:
    if not 1 <= len(place.rule) <= _LONGEST_NAME:
        raise place.fault(f"a name has 1 to {_LONGEST_NAME} letters; shorten it.")
    if place.rule in {rule.name for rule in rules.KNOWN_RULES}:
        raise place.fault("a rule of the literature has this name; choose another.")
    if not isinstance(entry, Mapping) or "formula" not in entry:
        raise place.fault(
            "it has no formula; write a line such as formula: S_pre*X_post."
        )
    for key in entry:
        if key not in _KEYS:
            raise place.fault(_unknown("key", str(key), _KEYS))
    return entry


def _with_place(
    place: _Place, function: Callable[..., T], text: str, extra: tuple
) -> T:
    try:
        return function(text, extra)
    except UserError as error:
        raise place.fault(str(error)) from None


def _unknown(kind: str, name: str, known: Sequence[str]) -> str:
    lower = {other.lower(): other for other in known}
    near = lower[get_close_matches(name.lower(), lower, 1, 0.0)[0]]
    every = ", ".join(known)
    return f"{name!r} is an unknown {kind}; did you mean {near!r}? All: {every}."


def _table(place: _Place, name: str) -> pd.DataFrame:
    path = place.path.parent / name
    if not path.is_file():
        raise place.fault(
            f"coefficients is {name!r}, but there is no file {path}; name a table, or "
            "give numbers by term."
        )
    with reading(path, "table of coefficients", "write it again"):
        table = pd.read_csv(path, dtype={c: str for c in _COLUMNS[:3]}, comment="#")
    missing = [column for column in _COLUMNS if column not in table]
    if missing:
        raise place.fault(
            f"the table {path} lacks the column {missing[0]}; it needs "
            f"{', '.join(_COLUMNS)}."
        )
    table = table.fillna({"pre_type": "", "post_type": ""})
    twice = table.duplicated(_COLUMNS[:3])
    if twice.any():
        raise place.fault(f"the table {path} has row {int(twice.argmax()) + 2} twice.")
    return table


def _check_terms(
    place: _Place, gates: np.ndarray, named: object, extra: tuple[str, ...]
) -> dict[str, int]:
    """Return the index of each term that has coefficients; all are in the formula."""
    if not isinstance(named, Mapping | pd.Series):
        raise place.fault(
            f"coefficients is {named!r}; give a number for each term, or the name of "
            "a table."
        )
    names = named.unique() if isinstance(named, pd.Series) else list(named)
    active = rules.active_terms(gates)
    index_of = {
        str(n): _with_place(place, rules.term_named, str(n), extra) for n in names
    }
    for name, index in index_of.items():
        if index not in active:
            raise place.fault(
                f"the term {name} has coefficients but is not in the formula; add it "
                "there or leave them out."
            )
    return index_of


def _in_type_order(
    place: _Place, index: int, source: tuple, types: list[str]
) -> np.ndarray:
    """Return the coefficients of a term: (), (M,) or (M_pre, M_post)."""
    term, (given, table, index_of) = rules.ALL_TERMS[index], source
    if table is not None:
        own = table[[index_of[name] == index for name in table["term"]]]
        return _from_rows(place, term, own, types)
    value = next((v for k, v in given.items() if index_of[str(k)] == index), None)
    if value is None:
        raise place.fault(f"the term {term.name} has no coefficient; give it one.")
    if term.kind in ("pair", "extra"):
        return _by_pair(place, term.name, value, types)
    if term.kind == "reward":
        return np.asarray(_number(place, term.name, value))
    return _by_type(place, term.name, value, types)


def _from_rows(place, term, own: pd.DataFrame, types: list[str]) -> np.ndarray:
    sides = {"pre": ["pre_type"], "post": ["post_type"], "reward": []}
    columns = sides.get(term.kind, ["pre_type", "post_type"])
    values = np.full((len(types),) * len(columns), np.nan)
    for row in own.to_dict("records"):
        at = tuple(_type(place, str(row[column]), types) for column in columns)
        values[at] = _number(place, term.name, row["coefficient"])
    if np.isnan(values).any():
        where = [types[i] for i in np.argwhere(np.isnan(values))[0]]
        raise place.fault(
            f"the table has no coefficient of {term.name} for {f' {TO} '.join(where)}."
        )
    return values


def _by_type(place: _Place, what: str, value: object, types: list[str]) -> np.ndarray:
    if not isinstance(value, Mapping):
        return np.full(len(types), _number(place, what, value))
    values = np.full(len(types), np.nan)
    if ALL in value:
        values[:] = _number(place, what, value[ALL])
    for name, number in value.items():
        if name != ALL:
            values[_type(place, str(name), types)] = _number(place, what, number)
    return _complete(place, what, values, types)


def _by_pair(place: _Place, what: str, value: object, types: list[str]) -> np.ndarray:
    if not isinstance(value, Mapping):
        return np.full((len(types),) * 2, _number(place, what, value))
    values = np.full((len(types),) * 2, np.nan)
    if ALL in value:
        values[:] = _number(place, what, value[ALL])
    for name, number in value.items():
        if name == ALL:
            continue
        pre, arrow, post = map(str.strip, str(name).partition(TO))
        if not arrow:
            raise place.fault(
                f"{what} joins two types; write 'pre {TO} post' instead of {name!r}."
            )
        at = _type(place, pre, types), _type(place, post, types)
        values[at] = _number(place, what, number)
    return _complete(place, what, values, types)


def _complete(place: _Place, what: str, values: np.ndarray, types: list) -> np.ndarray:
    if np.isnan(values).any():
        where = [types[i] for i in np.argwhere(np.isnan(values))[0]]
        raise place.fault(
            f"{what} says nothing of {f' {TO} '.join(where)}; add it, or a value for "
            f"{ALL}."
        )
    return values


def _type(place: _Place, name: str, types: list[str]) -> int:
    if name not in types:
        raise place.fault(_unknown("cell type", name, types))
    return types.index(name)


def _number(place: _Place, what: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise place.fault(f"{what} is {value!r}; write a number.")
    return float(value)


def _put(parts: dict[str, np.ndarray], index: int, values: np.ndarray) -> None:
    if index >= rules.N_TERMS:
        parts["extra"][0, index - rules.N_TERMS] = values
        return
    kind = rules.TERMS[index].kind
    if kind == "reward":
        parts["reward_alone"][0] = values
        return
    rows = {"pre": rules.PRE_TERMS, "post": rules.POST_TERMS, "pair": rules.PAIR_TERMS}
    parts[kind][0, rows[kind].index(index)] = values


def _check_ranges(place: _Place, space: rules.RuleSpace, genome: np.ndarray) -> None:
    for name, part in space.slices.items():
        low, high = space.limits[name]
        wrong = ~((genome[part] >= low) & (genome[part] <= high))
        if wrong.any():
            what = {"phi": "threshold"}.get(name, name)
            kind = what if what in _KEYS else "a coefficient"
            raise place.fault(
                f"{kind} is {genome[part][wrong][0]:g}; allowed are {low:g} to "
                f"{high:g}."
            )
