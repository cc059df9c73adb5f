"""Which source a script depends on, as one digest.

In: a script and the folder of the library. Out: a digest over the library modules
that the script imports, directly or through others. The workflow engine sees an
edited script but not an edited module; the digest in a rule's params closes the gap.
"""

import ast
import hashlib
from collections.abc import Iterable
from pathlib import Path

# Editing these changes what is printed, never what is computed.
PRESENTATION = ("configuration/config", "jobs/source", "jobs/script")
PRESENTATION += ("artefacts/progress", "artefacts/errors", "artefacts/provenance")
PRESENTATION += ("artefacts/reading",)


def source_digest(script: str | Path, library: str | Path) -> str:
    """Return a digest of the modules of ``library`` that ``script`` depends on."""
    library = Path(library)
    digest = hashlib.sha256()
    for module in sorted(modules_used(script, library)):
        digest.update(module.relative_to(library).as_posix().encode())
        digest.update(module.read_bytes())
    return digest.hexdigest()[:16]


def modules_used(script: str | Path, library: Path) -> set[Path]:
    """Return the files of ``library`` that ``script`` imports, also indirectly."""
    found: set[Path] = set()
    waiting = [Path(script)]
    while waiting:
        new = set(_imported(waiting.pop(), library)) - found
        found |= new
        waiting += (module for module in new if module.suffix == ".py")
    return found


def _imported(module: Path, library: Path) -> Iterable[Path]:
    tree = ast.parse(module.read_text(encoding="utf-8"))
    names = {name for node in ast.walk(tree) for name in _names(node)}
    prefix = f"{library.name}."
    for name in sorted(names):
        relative = name.removeprefix(prefix).replace(".", "/")
        if name.startswith(prefix) and relative not in PRESENTATION:
            yield from _files(library / relative)


def _names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module:
        # "from package import module" and "from module import name" look alike.
        return [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return []


def _files(stem: Path) -> list[Path]:
    candidates = (stem.with_suffix(".py"), stem / "__init__.py")
    found = [path for path in candidates if path.is_file()]
    if not found:
        return []
    # C++ lies beside the Python module with whose name its files begin.
    return found + [
        path
        for suffix in (".cpp", ".cu", ".h")
        for path in sorted(stem.parent.glob(f"{stem.name}*{suffix}"))
    ]
