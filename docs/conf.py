"""The documentation site: the pages of this folder and an API reference by room.

In: the pages and the docstrings of the library. Out: docs/_build, built by make docs.
It opens without a network: no font, script or image comes from elsewhere.
"""

import ast
from pathlib import Path

from sphinx.application import Sphinx

import evoplast

DOCS = Path(__file__).parent
LIBRARY = Path(evoplast.__file__).parent

project = "evoplast"
version = release = evoplast.__version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]

exclude_patterns = ["_build"]
html_theme = "furo"
html_title = f"evoplast {release}"
html_show_copyright = False

# Headings get GitHub's anchors, so that one link serves there and here.
myst_heading_anchors = 3
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True


def setup(app: Sphinx) -> None:
    """Write the API pages anew before every build."""
    app.connect("builder-inited", write_api)


def write_api(_: Sphinx) -> None:
    """Write docs/api: one page for each room, and one that lists the rooms."""
    folder = DOCS / "api"
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.rst"):
        old.unlink()
    rooms = sorted(path.parent for path in LIBRARY.glob("*/__init__.py"))
    for room in rooms:
        (folder / f"{room.name}.rst").write_text(room_page(room), encoding="utf-8")
    lines = [*heading("The library", "="), ".. toctree::", "   :maxdepth: 1", ""]
    lines += [f"   {room.name}" for room in rooms]
    (folder / "index.rst").write_text("\n".join(lines) + "\n", encoding="utf-8")


def room_page(room: Path) -> str:
    """Return the page of a room: its docstring, its face, then module by module."""
    name = f"evoplast.{room.name}"
    lines = heading(room.name, "=")
    lines += [f".. automodule:: {name}", "   :no-members:", "   :no-index:", ""]
    face = exports(room)
    if face:
        lines += ["What other rooms import from here:", ""]
        lines += [f"* :py:obj:`{short} <{path}>`" for short, path in face.items()]
    for module in sorted(room.rglob("*.py")):
        if not module.name.startswith("_"):
            path = dotted(module)
            lines += ["", *heading(path.removeprefix("evoplast."), "-")]
            lines += [f".. automodule:: {path}", "   :members:"]
    return "\n".join(lines) + "\n"


def exports(room: Path) -> dict[str, str]:
    """Return {name: where it is defined} of what the face of a room offers."""
    tree = ast.parse((room / "__init__.py").read_text(encoding="utf-8"))
    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
    return {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in imports
        for alias in node.names
    }


def dotted(module: Path) -> str:
    """Return the name by which a file of the library is imported."""
    return ".".join(module.relative_to(LIBRARY.parent).with_suffix("").parts)


def heading(text: str, line: str) -> list[str]:
    """Return a reStructuredText heading."""
    return [text, line * len(text), ""]
