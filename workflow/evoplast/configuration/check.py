"""Check config files before the workflow starts, and say the name of their run.

In: the files that ``make run`` is given, if any. Out: the name of the run. Files are
laid over config.yaml in their order, as ``snakemake --configfile`` does. What the
workflow engine itself reads before it asks us (a folder, a file that is no text) ends
with a sentence here as well.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

from evoplast.artefacts.errors import UserError
from evoplast.configuration.config import validated
from evoplast.configuration.defaults import default_config
from evoplast.configuration.files import check_files, check_places


def checked_files(paths: Sequence[str | Path]) -> dict:
    """Return the complete config of files laid over config.yaml.

    Raises:
        UserError: see :mod:`evoplast.configuration.files` and ``validated``.
    """
    check_files(paths)
    config = default_config()
    for path in paths:
        _lay_over(config, _parsed(path))
    complete = validated(config)
    check_places(complete)
    return complete


def _lay_over(config: dict, overlay: Mapping) -> None:
    for key, value in overlay.items():
        below = config.get(key)
        if isinstance(below, dict) and isinstance(value, Mapping):
            _lay_over(below, value)
        else:
            config[key] = value


def _parsed(path: str | Path) -> dict:
    # JSON first, as the workflow engine: 1e3 is a number there and text in YAML.
    text = Path(path).read_text(encoding="utf-8")
    try:
        return json.loads(text)
    except ValueError:
        return yaml.safe_load(text)


def main(paths: Sequence[str]) -> None:
    """Print the name of the run, or end with one sentence."""
    try:
        print(checked_files(paths)["run"])
    except UserError as error:
        sys.exit(f"Error in the configuration: {error}")
