"""The JSON that says where the files of a SONATA circuit lie.

In: the path of a circuit config, or of a simulation config that names one. Out:
``CircuitFiles`` with absolute paths; variables of the manifest are resolved.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from evoplast.artefacts.errors import UserError

_CELL_MODEL_DIRS = ("point_neuron_models_dir", "cell_models_dir", "models_dir")
_VARIABLE = re.compile(r"\$\{\w+\}|\$\w+")
_MOST_NESTED_VARIABLES = 20


@dataclass(frozen=True)
class CircuitFiles:
    """Pairs (HDF5, CSV of types) of nodes and edges, and folders of models if named."""

    config: Path
    nodes: tuple[tuple[Path, Path], ...]
    edges: tuple[tuple[Path, Path], ...]
    cell_models: Path | None
    synaptic_models: Path | None


def read_json(path: Path) -> dict:
    """Return the JSON object in ``path``.

    Raises:
        UserError: it is missing or not a JSON object.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(
            f"{path} cannot be read ({error.strerror}); check the path and the config "
            "that names it."
        ) from error
    except ValueError as error:
        raise UserError(f"{path} is not valid JSON ({error}); mend the file.") from None
    if not isinstance(content, dict):
        raise UserError(f"{path} holds no JSON object; it must start with {{.")
    return content


def _resolved(text: str, manifest: dict, path: Path) -> Path:
    """Return the path ``text`` with the variables of ``manifest`` replaced."""
    known = {**manifest, "${configdir}": str(path.parent)}
    original = text
    for _ in range(_MOST_NESTED_VARIABLES):
        found = _VARIABLE.search(text)
        if not found:
            return (path.parent / text).resolve()
        name = found.group()
        value = known.get(name, known.get(f"${name.strip('${}')}"))
        if value is None:
            break
        text = text.replace(name, value)
    raise UserError(
        f"{path} uses {original!r}, whose variable {name} its manifest does not "
        "define; add it to the manifest."
    )


def _circuit_part(path: Path) -> tuple[Path, dict]:
    """Return the config that lists the networks, following a simulation's."""
    content = read_json(path)
    if "networks" in content or "network" not in content:
        return path, content
    inner = _resolved(content["network"], content.get("manifest", {}), path)
    return inner, read_json(inner)


def _pairs(content: dict, kind: str, path: Path) -> Iterator[tuple[Path, Path]]:
    manifest = content.get("manifest", {})
    for entry in content["networks"].get(kind, []):
        try:
            names = entry[f"{kind}_file"], entry[f"{kind[:-1]}_types_file"]
        except KeyError as error:
            raise UserError(
                f"{path} lists {kind} without {error.args[0]!r}; name the file there."
            ) from error
        hdf5, types = (_resolved(name, manifest, path) for name in names)
        yield hdf5, types


def _models_dir(
    content: dict, names: tuple[str, ...], path: Path, override: str | None
) -> Path | None:
    """Return the first of the component folders ``names`` that the config gives."""
    components = content.get("components", {})
    found = next((components[name] for name in names if name in components), None)
    if found is None:
        return None
    folder = _resolved(found, content.get("manifest", {}), path)
    if override is not None:
        folder = Path(override).resolve() / folder.name
    if not folder.is_dir():
        raise UserError(
            f"The folder {folder} ({names[0]} of {path}) does not exist; set "
            f"network.sonata.components_dir to the folder that holds {folder.name}."
        )
    return folder


def _circuit_files(path: Path, components_dir: str | None) -> CircuitFiles:
    path, content = _circuit_part(path)
    if not isinstance(content.get("networks"), dict):
        raise UserError(
            f"{path} has no section 'networks'; set network.sonata.circuit_config to "
            "the circuit config of a SONATA model."
        )
    return CircuitFiles(
        config=path,
        nodes=tuple(_pairs(content, "nodes", path)),
        edges=tuple(_pairs(content, "edges", path)),
        cell_models=_models_dir(content, _CELL_MODEL_DIRS, path, components_dir),
        synaptic_models=_models_dir(
            content, ("synaptic_models_dir",), path, components_dir
        ),
    )


def read_circuit_config(
    path: str | Path, components_dir: str | None = None
) -> CircuitFiles:
    """Return the files of the circuit that the JSON ``path`` describes.

    ``components_dir`` replaces the parent of the folders of models.

    Raises:
        UserError: a file or folder is missing, or the manifest is incomplete.
    """
    try:
        files = _circuit_files(Path(path).resolve(), components_dir)
    except (AttributeError, TypeError) as error:
        raise UserError(
            f"{path} is not laid out as the config of a SONATA circuit ({error}); "
            "compare it with the format's description."
        ) from error
    missing = [p for pair in files.nodes + files.edges for p in pair if not p.is_file()]
    if missing:
        raise UserError(
            f"{files.config} names the file {missing[0]}, which does not exist; "
            "mend the manifest or fetch the file."
        )
    return files
