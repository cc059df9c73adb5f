"""The table of all keys, for readers: the end of config/README.md.

In: the declarations of the keys and their values by default. Out: Markdown.
"""

from collections.abc import Mapping
from pathlib import Path

import yaml

from evoplast.configuration.defaults import FILES, default_config, file_of
from evoplast.configuration.mistakes import allowed
from evoplast.configuration.schema import schema_of
from evoplast.configuration.tree import Config

_HEADING = "### Keys of"


def table_of_keys() -> str:
    """Return Markdown tables of all keys, one for each file, for config/README.md."""
    found = leaves(schema_of(Config), default_config())
    return "\n".join(_table_of(file, found) for file in FILES)


def _table_of(file: str, found: list[tuple]) -> str:
    own = [row for row in found if file_of(row[0]) == file]
    rows = [f"{_HEADING} `{file}`: {len(own)} keys", ""]
    rows += ["| key | default | allowed | unit | source | what it is |"]
    rows += ["|" + "---|" * 6, *(_row(*row) for row in own)]
    return "\n".join(rows) + "\n"


def leaves(schema: dict, values: Mapping, prefix: str = "") -> list[tuple]:
    """Return (dotted name, specification, value) of every key that holds a value."""
    found = []
    for name, spec in schema["properties"].items():
        dotted, value = f"{prefix}{name}", values[name]
        if "properties" in spec:
            found += leaves(spec, value, f"{dotted}.")
        else:
            found.append((dotted, spec, value))
    return found


def write_table_of_keys(readme_path: str | Path) -> None:
    """Replace the table of keys at the end of ``readme_path``."""
    readme = Path(readme_path)
    before = readme.read_text(encoding="utf-8").split(_HEADING)[0]
    readme.write_text(before + table_of_keys(), encoding="utf-8")


def _row(name: str, spec: dict, default: object) -> str:
    cells = [f"`{name}`", f"`{_yaml(default)}`", allowed(spec)]
    cells += [spec["unit"], spec["source"], spec["description"]]
    return "| " + " | ".join(cells) + " |"


def _yaml(value: object) -> str:
    return yaml.safe_dump(value, default_flow_style=True).strip().removesuffix("\n...")
