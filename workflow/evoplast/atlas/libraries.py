"""The JavaScript that the atlas embeds, taken from pinned Python packages.

In: nothing. Out: scripts as text, and whose they are. Vega and Vega-Lite come with
Snakemake, whose own report uses them; DataTables comes with itables. None is fetched.
"""

import re
from dataclasses import dataclass
from importlib import resources
from importlib.metadata import version

from evoplast.artefacts.errors import UserError

_EXPORT = re.compile(r"export\{([^{}]*)\};?\s*(?=/\*!|\Z)")


@dataclass(frozen=True)
class Library:
    """A script of others: its name, code that runs as a classic script, its licence."""

    name: str
    code: str
    licence: str


def libraries() -> list[Library]:
    """Return Vega, Vega-Lite and DataTables, in the order in which they load.

    Raises:
        UserError: a package lacks its script.
    """
    return [
        _of_snakemake("vega", "Vega"),
        _of_snakemake("vega-lite", "Vega-Lite"),
        _data_tables(),
    ]


def _text(package: str, *path: str) -> str:
    try:
        return resources.files(package).joinpath(*path).read_text(encoding="utf-8")
    except (OSError, ModuleNotFoundError) as error:
        raise UserError(
            f"The script {'/'.join(path)} of the package {package} is missing "
            f"({type(error).__name__}); install envs/requirements.txt again."
        ) from error


def _of_snakemake(folder: str, name: str) -> Library:
    code = _text("snakemake", "assets", "data", folder, f"{folder}.js")
    licence = _text("snakemake", "assets", "data", folder, "LICENSE")
    # Else a browser's tools would look for the map.
    code = code.split("//# sourceMappingURL")[0]
    return Library(f"{name} (from Snakemake {version('snakemake')})", code, licence)


def _data_tables() -> Library:
    code = _text("itables", "html", "dt_bundle.js")
    found = _EXPORT.search(code)
    pairs = re.findall(r"(\w+) as (\w+)", found[1]) if found else []
    names = {public: own for own, public in pairs}
    if found is None or "default" not in names:
        raise UserError(
            f"itables {version('itables')} does not export DataTables as its bundle's "
            "default; install the version in envs/requirements.txt."
        )
    # A module's export, as a global name: a page without a server has no modules.
    classic = f"{code[: found.start()]}\nwindow.DataTable={names['default']};"
    return Library(
        f"DataTables and jQuery (from itables {version('itables')})",
        f"(function(){{{classic}\n}})();",
        code[found.end() :].strip().removeprefix("/*!").removesuffix("*/").strip(),
    )
