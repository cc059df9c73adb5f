"""Settings dataclasses from sections of the config.

In: a dataclass whose field names are config keys, mappings with their values. Out:
an instance in which the config decides every field.
"""

from collections.abc import Mapping
from dataclasses import fields
from typing import TypeVar

Settings = TypeVar("Settings")


def filled(kind: type[Settings], *sections: Mapping, **named: object) -> Settings:
    """Return the settings dataclass ``kind`` with the values of config sections.

    Field names are config keys; ``named`` gives those that are not. No field falls
    back to its own default: the config decides everything.

    Raises:
        KeyError: neither the sections nor ``named`` hold a field.
    """
    values = {key: value for part in (*sections, named) for key, value in part.items()}
    chosen = {field.name: values[field.name] for field in fields(kind)}
    return kind(**{name: _frozen(value) for name, value in chosen.items()})


def _frozen(value: object) -> object:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value
