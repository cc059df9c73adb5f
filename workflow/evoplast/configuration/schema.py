"""The JSON schema of a section, made from the fields of its dataclass.

In: a dataclass whose fields carry keys or are sections themselves. Out: the schema
that :mod:`evoplast.configuration.mistakes` checks a config by.
"""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from types import UnionType
from typing import (
    Any,
    Literal,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

import yaml

from evoplast.configuration.key import Key, key_of

_ENDS = {"[": "minimum", "(": "exclusiveMinimum"}
_ENDS |= {"]": "maximum", ")": "exclusiveMaximum"}
_PLAIN = {bool: "boolean", int: "integer", float: "number", str: "string"}


@cache
def schema_of(kind: Any) -> dict:
    """Return the JSON schema of a section; borrowed fields are left out.

    Raises:
        TypeError: a field has a type that no config value can have.
        ValueError: a number has no interval.
    """
    hints = get_type_hints(kind)
    found = {field.name: key_of(field.metadata) for field in fields(kind)}
    return _section(
        {
            name: schema_of(hints[name])
            if is_dataclass(hints[name])
            else _described(hints[name], about)
            for name, about in found.items()
            if about is not None or is_dataclass(hints[name])
        }
    )


def _section(properties: dict, **more: Any) -> dict:
    rest = {"additionalProperties": False, "properties": properties}
    return {"type": "object", **rest, **more}


def _described(kind: Any, about: Key | None) -> dict:
    assert about is not None
    return _value(kind, about) | _notes(about)


def _notes(about: Key) -> dict:
    unit = about.unit if about.within is not None else ""
    return {"unit": unit, "source": about.source, "description": about.description}


def _value(kind: Any, about: Key) -> dict:
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return {"oneOf": [_value(option, about) for option in inner]}
    if origin is Literal:
        return {"enum": list(inner)}
    if kind is type(None):
        return {"enum": [None]}
    if origin is tuple:
        return _list(inner, about)
    if origin is Mapping:
        return {"type": "object", "additionalProperties": _value(inner[1], about)}
    if is_typeddict(kind):
        return _entry(kind, about)
    return {"type": _PLAIN[kind]} | _limits(kind, about)


def _list(inner: tuple, about: Key) -> dict:
    # tuple[float, ...] has any length but zero, tuple[int, int] exactly two.
    fixed = {} if inner[-1] is Ellipsis else {"maxItems": len(inner)}
    unique = {"uniqueItems": True} if about.different else {}
    fewest = 0 if about.may_be_empty else 1
    items = {
        "items": _value(inner[0], about),
        "minItems": fixed.get("maxItems", fewest),
    }
    return {"type": "array", **items, **fixed, **unique}


def _entry(kind: Any, about: Key) -> dict:
    parts = {name: _value(part, about) for name, part in get_type_hints(kind).items()}
    return _section(parts, required=sorted(kind.__required_keys__))


def _limits(kind: type, about: Key) -> dict:
    limits: dict = {}
    if kind in (int, float):
        limits = _interval(about.within)
        if about.step is not None:
            limits["multipleOf"] = about.step
    if kind is str:
        limits |= {"pattern": about.pattern, "looks": about.looks}
    return limits


def _interval(text: str | None) -> dict:
    if text is None:
        raise ValueError("A key that holds a number needs an interval, such as [0, 1].")
    low, high = (_end(end) for end in text[1:-1].split(","))
    return {_ENDS[text[0]]: low, _ENDS[text[-1]]: high}


@cache
def _end(text: str) -> float:
    # Hundreds of intervals end at the same few numbers, and YAML takes its time.
    return yaml.safe_load(text)
