"""The values by default: config.yaml, which the package brings along.

In: nothing. Out: the values of every key.
"""

import copy
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import yaml

# Links to the files of config/; an installed package holds copies.
FILES = ("config.yaml",)


def default_config() -> dict:
    """Return the value by default of every key, as a tree of its own."""
    return copy.deepcopy(_read())


def section_named(config: Mapping, dotted: str) -> Mapping:
    """Return the section of ``config`` with this dotted name; "" is the whole."""
    section = config
    for name in filter(None, dotted.split(".")):
        section = section[name]
    return section


@cache
def _read() -> dict:
    folder, values = files("evoplast.configuration"), {}
    for name in FILES:
        values |= yaml.safe_load((folder / name).read_text(encoding="utf-8"))
    return values
