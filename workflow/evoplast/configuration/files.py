"""The text of config files: what YAML turns into something else without a word.

In: paths. Out: nothing, or one sentence that names file, line and key. The values are
checked afterwards, by :mod:`evoplast.configuration.config`; this looks at how they are
written, which a parsed config no longer shows.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from evoplast.artefacts.errors import UserError
from evoplast.configuration.sections.stimuli import IMAGE_SUFFIXES

_CORE = "tag:yaml.org,2002:"
_STANDARD = {"map", "seq", "str", "int", "float", "bool", "null", "merge"}
_EXPRESSIONS = "__use_yte__"
_MOST_VALUES = 100_000


def check_files(paths: Sequence[str | Path]) -> None:
    """Raise UserError if a config file says a key twice or hides what it means.

    Raises:
        UserError: a file is missing, a folder, no text or no YAML; a key occurs twice;
            a value is one that YAML reads as something else (``1:30``, ``yes``,
            ``010``, a date); an alias contains itself; expressions are to be executed.
    """
    for path in map(Path, paths):
        text = _text(path)
        if not _is_json(text, path):
            _check_yaml(text, path)


def check_places(config: Mapping) -> None:
    """Raise UserError if what a config names on disk is missing or in the way.

    Raises:
        UserError: a folder of results is a file, or the folder of photographs is none
            or holds too few.
    """
    run = config["run"]
    for name in ("results", "logs", "benchmarks"):
        for place in (Path(name), Path(name) / run):
            if place.exists() and not place.is_dir():
                raise UserError(
                    f"{place} is a file, but a run writes into a folder of this name; "
                    "move the file away."
                )
    _check_subfolders(run)
    _check_photographs(config["stimuli"])


def _check_photographs(stimuli: Mapping) -> None:
    folder = stimuli["image_folder"]
    if not folder:
        return
    if not Path(folder).is_dir():
        raise UserError(
            f"stimuli.image_folder is {folder!r}, but there is no such folder in "
            f"{Path.cwd()}; name one with photographs, or leave the key empty."
        )
    names = Path(folder).iterdir()
    found = sum(name.suffix.lower() in IMAGE_SUFFIXES for name in names)
    needed = stimuli["n_training_images"] + stimuli["n_test_images"]
    if found < needed:
        raise UserError(
            f"stimuli.image_folder is {folder!r}, which holds {found} images "
            f"({', '.join(IMAGE_SUFFIXES)}), but stimuli.n_training_images and "
            f"stimuli.n_test_images need {needed}; add images or lower these numbers."
        )


def _check_subfolders(run: str) -> None:
    """Refuse a file without ending where only folders have names without one."""
    for name in ("results", "logs", "benchmarks"):
        for place in sorted((Path(name) / run).rglob("*")):
            if not (place.suffix or place.name.startswith(".") or place.is_dir()):
                raise UserError(
                    f"{place} is a file, but a run writes into folders, and its files "
                    "have endings; move the file away."
                )


def _text(path: Path) -> str:
    if path.is_dir():
        raise UserError(f"{path} is a folder; name a config file in it.")
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise UserError(
            f"{path} is not text in UTF-8 (byte {error.start}); save it as UTF-8."
        ) from None
    except OSError as error:
        raise UserError(
            f"{path} cannot be read ({error.strerror}); name a config file that can."
        ) from None


def _is_json(text: str, path: Path) -> bool:
    # The workflow engine takes JSON before YAML.
    try:
        tree = json.loads(text, object_pairs_hook=lambda pairs: _once(pairs, path))
    except ValueError as error:
        if isinstance(error, UserError):
            raise
        return False
    except RecursionError:
        raise _nested(path) from None
    if not isinstance(tree, dict):
        raise UserError(f"{path} holds no keys; write lines such as run: mine.")
    return True


def _once(pairs: list[tuple[str, object]], path: Path) -> dict:
    seen: dict = {}
    for key, value in pairs:
        if key in seen:
            raise UserError(f"{path}: the key {key} occurs twice; keep one.")
        if key == _EXPRESSIONS:
            raise _executes(f"{path}")
        seen[key] = value
    return seen


def _check_yaml(text: str, path: Path) -> None:
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or str(error).partition("\n")[0]
        raise UserError(f"{path}{line} is no YAML: {problem}.") from None
    except RecursionError:
        raise _nested(path) from None
    if not isinstance(root, yaml.MappingNode):
        raise UserError(f"{path} holds no keys; write lines such as run: mine.")
    try:
        _Walk(path).enter(root, "")
    except RecursionError:
        raise _nested(path) from None


@dataclass(frozen=True)
class _Walk:
    """A walk through the nodes of a file.

    ``above``: the nodes around the present one. ``sizes``: how many values each node
    that is done unfolds to, aliases included.
    """

    path: Path
    above: list[int] = field(default_factory=list)
    sizes: dict[int, int] = field(default_factory=dict)

    def enter(self, node: yaml.Node, name: str) -> int:
        where = f"{self.line(node)}: {name}"
        if id(node) in self.above:
            raise UserError(f"{where} contains itself; write its values out.")
        if id(node) not in self.sizes:
            self.sizes[id(node)] = self.size(node, name, where)
        if self.sizes[id(node)] > _MOST_VALUES:
            raise UserError(
                f"{where} unfolds to more than {_MOST_VALUES} values by its aliases; "
                "write out those that count."
            )
        return self.sizes[id(node)]

    def size(self, node: yaml.Node, name: str, where: str) -> int:
        if isinstance(node, yaml.ScalarNode):
            _check_scalar(node, where)
            return 1
        _check_tag(node, where)
        self.above.append(id(node))
        if isinstance(node, yaml.MappingNode):
            self.check_keys(node, name)
        inner = (self.enter(n, f"{name}.{key}".lstrip(".")) for key, n in _parts(node))
        total = 1 + sum(inner)
        self.above.pop()
        return total

    def check_keys(self, node: yaml.MappingNode, section: str) -> None:
        place = f"in the section {section}" if section else "at the top level"
        seen: set[str] = set()
        for key, _ in node.value:
            where = self.line(key)
            if not isinstance(key, yaml.ScalarNode):
                raise UserError(f"{where}: a key {place} is no name; write one.")
            if key.value == _EXPRESSIONS:
                raise _executes(where)
            if key.value in seen:
                raise UserError(
                    f"{where}: the key {key.value} occurs twice {place}; keep one."
                )
            seen.add(key.value)

    def line(self, node: yaml.Node) -> str:
        return f"{self.path}, line {node.start_mark.line + 1}"


def _parts(node: yaml.CollectionNode) -> list[tuple[object, yaml.Node]]:
    if isinstance(node, yaml.MappingNode):
        return [(key.value, value) for key, value in node.value]
    return list(enumerate(node.value))


def _check_tag(node: yaml.Node, name: str) -> None:
    if node.tag.removeprefix(_CORE) not in _STANDARD:
        raise UserError(f"{name} has the tag {node.tag}; write it without.")


def _check_scalar(node: yaml.ScalarNode, name: str) -> None:
    kind, text = node.tag.removeprefix(_CORE), node.value
    if kind == "bool" and text.lower() not in ("true", "false"):
        raise UserError(
            f"{name} is {text}, which YAML reads as {_truth(text)}; write "
            f'{_truth(text)}, or "{text}" in quotes for text.'
        )
    if kind in ("int", "float") and ":" in text:
        raise UserError(
            f"{name} is {text}, which YAML reads as a number to the base 60; write "
            f'the number itself, or "{text}" in quotes for text.'
        )
    if kind == "int" and len(text) > 1 and text.lstrip("+-").startswith("0"):
        if text.lstrip("+-")[1:2].isdigit():
            raise UserError(
                f"{name} is {text}, which YAML reads as an octal number; write it "
                "without zeros in front."
            )
    if kind == "timestamp":
        raise UserError(
            f'{name} is {text}, which YAML reads as a date; write "{text}" in quotes '
            "for text."
        )
    _check_tag(node, name)


def _truth(text: str) -> str:
    return "true" if text.lower() in ("yes", "on", "y") else "false"


def _executes(where: str) -> UserError:
    return UserError(
        f"{where}: {_EXPRESSIONS} would have expressions in the config executed; "
        "delete the key and write the values."
    )


def _nested(path: Path) -> UserError:
    return UserError(f"{path} is nested too deeply; a config has at most four levels.")
