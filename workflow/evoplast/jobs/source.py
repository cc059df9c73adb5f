"""Which source a script depends on, as one digest.

In: a script and the folder of the library. Out: a digest over the library modules
that the script imports, directly or through others. The workflow engine sees an
edited script but not an edited module; the digest in a rule's params closes the gap.
A name imported from a room counts as imported from the module of the room that has it,
so that an edit elsewhere in the room repeats nothing.
"""

import ast
import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

# Editing these changes what is printed, never what is computed.
PRESENTATION = (
    *(f"artefacts/{name}" for name in ("errors", "progress", "provenance")),
    "artefacts/reading",
    *(f"configuration/{name}" for name in ("config", "contradictions", "defaults")),
    *(f"configuration/{name}" for name in ("key", "mistakes", "schema", "table")),
    *("jobs/source", "jobs/script"),
)

_BESIDE = (".cpp", ".cu", ".h", ".html", ".css", ".js")
# Where statements hold statements.
_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")


def source_digest(
    script: str | Path, library: str | Path, also: Iterable[str | Path] = ()
) -> str:
    """Return a digest of the modules of ``library`` that ``script`` depends on.

    ``also`` names modules that the script loads by a name it is told. Every file is
    read and parsed once in a process: it is taken as it was then.
    """
    library = Path(library)
    used = set(map(Path, also)).union(
        *(modules_used(start, library) for start in (script, *also))
    )
    digest = hashlib.sha256()
    for module in sorted(used):
        digest.update(module.relative_to(library).as_posix().encode())
        digest.update(_content(module))
    return digest.hexdigest()[:16]


def modules_used(script: str | Path, library: Path) -> set[Path]:
    """Return the files of ``library`` that ``script`` imports, also indirectly."""
    found: set[Path] = set()
    waiting = [Path(script)]
    while waiting:
        new = _imported(waiting.pop(), library) - found
        found |= new
        waiting += (module for module in new if module.suffix == ".py")
    return found


@cache
def _imported(module: Path, library: Path) -> frozenset[Path]:
    wanted = {name for node in _imports(module) for name in _names(node)}
    return frozenset(path for name in wanted for path in _files_of(name, library))


@cache
def _imports(module: Path) -> tuple[ast.stmt, ...]:
    """Return the imports of a module, those within functions and branches, too."""
    found, waiting = [], list(ast.parse(_content(module)).body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import | ast.ImportFrom):
            found.append(node)
        # An import is a statement: expressions, most of the tree, hold none.
        for name in _BLOCKS:
            waiting += getattr(node, name, ())
    return tuple(found)


@cache
def _content(module: Path) -> bytes:
    return module.read_bytes()


def _names(node: ast.stmt) -> list[tuple[str, ...]]:
    """Return what an import asks for, each as its dotted parts."""
    if isinstance(node, ast.Import):
        return [tuple(alias.name.split(".")) for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module:
        stem = node.module.split(".")
        return [(*stem, alias.name) for alias in node.names]
    return []


@cache
def _files_of(name: tuple[str, ...], library: Path) -> tuple[Path, ...]:
    """Return the files behind a dotted name: a module, or a name in a room's face."""
    if name[0] != library.name:
        return ()
    stem = library.joinpath(*name[1:])
    relative = stem.relative_to(library).as_posix()
    if relative in PRESENTATION:
        return ()
    if stem.with_suffix(".py").is_file():
        return _with_kernels(stem)
    face = stem / "__init__.py"
    if face.is_file():
        return (face,)
    return _through_face(name, stem.parent, library) if len(name) > 1 else ()


def _through_face(name: tuple[str, ...], room: Path, library: Path) -> tuple[Path, ...]:
    """Return the files behind a name that is no module: where its room has it from."""
    if room.with_suffix(".py").is_file():
        return _files_of(name[:-1], library)
    face = room / "__init__.py"
    if not face.is_file():
        return ()
    for node in _imports(face):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                if (alias.asname or alias.name) == name[-1]:
                    return _files_of((*node.module.split("."), alias.name), library)
    return (face,)


def _with_kernels(stem: Path) -> tuple[Path, ...]:
    # C++ and pages lie beside the Python module with whose name their files begin.
    beside = (p for p in _kernels(stem.parent) if p.name.startswith(stem.name))
    return (stem.with_suffix(".py"), *beside)


@cache
def _kernels(room: Path) -> tuple[Path, ...]:
    return tuple(p for p in sorted(room.iterdir()) if p.suffix in _BESIDE)
