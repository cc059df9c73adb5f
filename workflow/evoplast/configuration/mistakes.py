"""What is wrong with a value, in one sentence that names its key.

In: values as YAML gave them and the JSON schema they have to fit. Out: a sentence.
"""

import difflib
import math
import numbers
import reprlib

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend


def first_mistake(value: object, schema: dict, name: str = "") -> str | None:
    """Return the first mistake in ``value``, a sentence; None if there is none.

    ``name``: dotted name of the key or section that holds the value; empty for a
    whole config.
    """
    errors = _Validator(schema).iter_errors(value)
    first = min(
        errors, key=lambda error: list(map(str, error.absolute_path)), default=None
    )
    return None if first is None else _sentence(first, name)


def allowed(spec: dict) -> str:
    """Return in words what a value may be."""
    if "oneOf" in spec:
        return " or ".join(allowed(option) for option in spec["oneOf"])
    if "enum" in spec:
        shown = ("null" if value is None else str(value) for value in spec["enum"])
        return " or ".join(shown)
    if spec["type"] == "array":
        return f"{_length(spec)}, each {allowed(spec['items'])}"
    words = {"object": "a section of keys", "boolean": "true or false"}
    words |= {"integer": "a whole number", "number": "a number", "string": "text"}
    return words[spec["type"]] + _range(spec)


def _is_finite(checker: object, value: object) -> bool:
    # Not-a-number passes every comparison, so that no range refuses it.
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        return False
    return math.isfinite(value)


def _is_whole(checker: object, value: object) -> bool:
    return isinstance(value, numbers.Integral) and not isinstance(value, bool)


_TYPES = Draft202012Validator.TYPE_CHECKER.redefine("number", _is_finite)
_TYPES = _TYPES.redefine("integer", _is_whole)
_Validator = extend(Draft202012Validator, type_checker=_TYPES)


def _sentence(error: ValidationError, name: str) -> str:
    parts = [name] if name else []
    key = ".".join(parts + [str(part) for part in error.absolute_path])
    if error.validator == "additionalProperties":
        return _unknown_key(error, key)
    if error.validator == "required":
        return f"{key} lacks a key: {error.message}."
    shown = "a section" if isinstance(error.instance, dict) else _shown(error.instance)
    return f"{key} is {shown}, but must be {allowed(error.schema)}{_hint(error)}."


def _shown(value: object) -> str:
    # A value may be as long as a book, or a list of lists of lists of the same list.
    short = reprlib.Repr()
    short.maxlevel, short.maxlist, short.maxstring, short.maxother = 3, 8, 80, 80
    return short.repr(value)


def _unknown_key(error: ValidationError, section: str) -> str:
    known = list(error.schema["properties"])
    name = next(str(key) for key in error.instance if key not in known)
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    advice = f"did you mean {close[0]}?" if close else f"known are {', '.join(known)}."
    where = f"in the section {section}" if section else "at the top level of the config"
    return f"{name} is an unknown key {where}; {advice}"


def _hint(error: ValidationError) -> str:
    # YAML 1.1 reads 3e-3 as text: it wants a dot and a sign in the exponent.
    if error.validator not in {"type", "oneOf"} or not isinstance(error.instance, str):
        return ""
    try:
        number = float(error.instance)
    except ValueError:
        return ""
    if not math.isfinite(number):
        return ""
    return f" (this is text; in a config file write {number:.12g} without quotes)"


def _length(spec: dict) -> str:
    different = " of different values" if spec.get("uniqueItems") else ""
    if "maxItems" in spec:
        return f"a list of {spec['maxItems']}{different}"
    return f"a list{different}"


def _range(spec: dict) -> str:
    parts = []
    if "looks" in spec:
        parts.append(spec["looks"])
    if "multipleOf" in spec:
        step = spec["multipleOf"]
        parts.append("that is even" if step == 2 else f"that is a multiple of {step}")
    if "exclusiveMinimum" in spec:
        parts.append(f"above {spec['exclusiveMinimum']:g}")
    if "minimum" in spec:
        parts.append(f"from {spec['minimum']}")
    if "maximum" in spec:
        parts.append(f"up to {spec['maximum']}")
    if "exclusiveMaximum" in spec:
        parts.append(f"below {spec['exclusiveMaximum']:g}")
    return "".join(f" {part}" for part in parts)
