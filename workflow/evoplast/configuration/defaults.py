"""The values by default: the files of config/ that the package brings along.

In: nothing. Out: the values of every key.
"""

import copy
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import yaml

# Links to the files of config/; an installed package holds copies.
FILES = ("config.yaml", "studies.yaml", "analyses.yaml", "enu.yaml")


def default_config() -> dict:
    """Return the value by default of every key, as a tree of its own."""
    return copy.deepcopy(_read())


def file_of(section: str) -> str:
    """Return the file that holds a section, or a key outside of sections."""
    return next(name for name in FILES if section in _contents(name))


def section_named(config: Mapping, dotted: str) -> Mapping:
    """Return the section of ``config`` with this dotted name; "" is the whole."""
    section = config
    for name in filter(None, dotted.split(".")):
        section = section[name]
    return section


@cache
def _read() -> dict:
    return {key: value for name in FILES for key, value in _contents(name).items()}


@cache
def _contents(name: str) -> dict:
    path = files("evoplast.configuration") / name
    return yaml.safe_load(path.read_text(encoding="utf-8"))
