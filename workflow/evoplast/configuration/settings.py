"""Settings dataclasses from sections of the config.

In: a dataclass whose field names are config keys, mappings with their values. Out:
an instance in which the config decides every field.
"""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeVar, cast

from evoplast.configuration.section import frozen

Kind = TypeVar("Kind")


def filled(kind: type[Kind], *sections: Mapping, **named: object) -> Kind:
    """Return the settings dataclass ``kind`` with the values of config sections.

    Field names are config keys; ``named`` gives those that are not. No field falls
    back to a default: the config decides everything.

    Raises:
        KeyError: neither the sections nor ``named`` hold a field.
        UserError: a value is not allowed; names the key.
    """
    values = {key: value for part in (*sections, named) for key, value in part.items()}
    names = [field.name for field in fields(cast(Any, kind))]
    return kind(**{name: frozen(values[name]) for name in names})
