"""The values by default: the files of config/ that the package brings along.

In: nothing. Out: the values of every key.
"""

import copy
from collections.abc import Mapping
from functools import cache, reduce
from importlib.resources import files

import yaml

# The loader written in C, where PyYAML has it, reads the same ten times as fast.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# Links to the files of config/; an installed package holds copies.
FILES = (
    *("config.yaml", "search.yaml", "circuit.yaml"),
    *("studies.yaml", "analyses.yaml", "enu.yaml"),
)


def default_config() -> dict:
    """Return the value by default of every key, as a tree of its own."""
    return copy.deepcopy(_read())


def file_of(dotted: str) -> str:
    """Return the file that holds the key of this dotted name."""
    return next(name for name in FILES if _holds(_contents(name), dotted))


def _holds(tree: Mapping, dotted: str) -> bool:
    name, _, rest = dotted.partition(".")
    return name in tree and (not rest or _holds(tree[name], rest))


def section_named(config: Mapping, dotted: str) -> Mapping:
    """Return the section of ``config`` with this dotted name; "" is the whole."""
    section = config
    for name in filter(None, dotted.split(".")):
        section = section[name]
    return section


@cache
def _read() -> dict:
    return reduce(merged, (_contents(name) for name in FILES), {})


def merged(first: dict, second: Mapping) -> dict:
    """Return the keys of both trees; where both have a value, the second's."""
    joined = dict(first)
    for name, value in second.items():
        both = isinstance(value, Mapping) and isinstance(joined.get(name), Mapping)
        joined[name] = merged(joined[name], value) if both else value
    return joined


@cache
def _contents(name: str) -> dict:
    path = files("evoplast.configuration") / name
    return yaml.load(path.read_text(encoding="utf-8"), _LOADER)
