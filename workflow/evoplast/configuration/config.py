"""The config tree: defaults filled, every mistake one sentence naming the key.

In: the config as YAML gave it. Out: a complete, checked copy. Nothing here knows what
a key means beyond its declaration and the rules between sections; the rules within a
section stand in its class.
"""

import copy
from collections.abc import Mapping
from typing import Any

from evoplast.artefacts.errors import UserError
from evoplast.configuration.contradictions import check_together
from evoplast.configuration.defaults import default_config
from evoplast.configuration.mistakes import first_mistake
from evoplast.configuration.schema import schema_of
from evoplast.configuration.section import built
from evoplast.configuration.tree import Config

# Whole numbers beyond it have no float of their own.
_EXACT_BELOW = 2**53


def validated(config: Mapping) -> dict:
    """Return a copy of ``config`` with defaults filled, or say what is wrong.

    Keys come in the order of their declaration. Numbers are floats where a key holds
    a float and whole where it holds a whole number, if that is exact: the same config
    written in another way is the same text in a rule's params.

    Raises:
        UserError: a key is unknown, of the wrong type or outside its range, or two
            keys contradict each other.
    """
    schema = schema_of(Config)
    complete = _filled(config, schema, default_config())
    mistake = first_mistake(complete, schema)
    if mistake is not None:
        raise UserError(mistake)
    built(Config, complete)
    check_together(complete)
    return complete


def _filled(value: Any, spec: dict, default: Any) -> Any:
    if "properties" not in spec or not isinstance(value, Mapping):
        return _exact(copy.deepcopy(value), spec)
    complete = {
        name: _filled(value.get(name, default[name]), inner, default[name])
        for name, inner in spec["properties"].items()
    }
    unknown = {name: inner for name, inner in value.items() if name not in complete}
    return complete | unknown


def _exact(value: object, spec: dict) -> object:
    if isinstance(value, list) and spec.get("type") == "array":
        return [_exact(item, spec["items"]) for item in value]
    kinds = {option.get("type") for option in spec.get("oneOf", [spec])}
    if type(value) is int and "number" in kinds:
        return float(value)
    if type(value) is float and "integer" in kinds and value.is_integer():
        return int(value) if abs(value) < _EXACT_BELOW else value
    return value
