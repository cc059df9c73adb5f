"""docs/architecture.md says what is: the imports of each room, the files to touch."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
LIBRARY = ROOT / "workflow" / "evoplast"
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def rooms_on_the_page() -> dict[str, set[str]]:
    """Return {room: the rooms it imports} as the table says, in its order."""
    table = PAGE.split("## The rooms")[1].split("Around the library")[0]
    rows = re.findall(r"^\| `(\w+)` \|.*\| (.+?) \|$", table, flags=re.M)
    return {room: set(re.findall(r"`(\w+)`", imports)) for room, imports in rows}


def imported(source: str) -> set[str]:
    """Return the rooms that a module imports, wherever the import stands."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module == "evoplast":
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} if node.module.startswith("evoplast.") else set()
        elif isinstance(node, ast.Import):
            names = {alias.name for alias in node.names}
            found |= {name for name in names if name.startswith("evoplast.")}
    return {name.removeprefix("evoplast.").split(".")[0] for name in found}


def rooms_as_they_are() -> dict[str, set[str]]:
    """Return {room: the rooms it imports} from the source."""
    found: dict[str, set[str]] = {}
    for module in LIBRARY.rglob("*.py"):
        room = module.relative_to(LIBRARY).parts[0].removesuffix(".py")
        others = imported(module.read_text(encoding="utf-8")) - {room}
        found[room] = found.get(room, set()) | others
    return {room: others for room, others in found.items() if room != "__init__"}


def test_the_table_of_rooms_is_what_the_imports_are():
    says, does = rooms_on_the_page(), rooms_as_they_are()
    wrong = {
        room: ", ".join(f"`{name}`" for name in sorted(does.get(room, ())))
        for room in says.keys() | does.keys()
        if says.get(room) != does.get(room)
    }
    assert not wrong, f"mend the column 'imports' of docs/architecture.md: {wrong}"


def test_a_room_imports_only_from_rows_above_its_own():
    above: set[str] = set()
    for room, others in rooms_on_the_page().items():
        assert others <= above, f"{room} stands above {others - above}"
        above.add(room)


def test_imports_are_found_wherever_they_stand():
    source = (
        "from evoplast import rules\nimport evoplast.task.x\nimport numpy\n"
        "def f():\n    from evoplast.search.swarm import step\n"
    )
    assert imported(source) == {"rules", "task", "search"}


def test_every_file_and_folder_on_the_page_exists():
    paths = set(re.findall(r"`([\w./*]+/[\w./*]*|[A-Z]\w+\.md|Snakefile)`", PAGE))
    missing = [path for path in paths if not list(ROOT.glob(path))]
    assert len(paths) > 30
    assert not missing


def test_every_name_said_to_be_in_a_file_is_there():
    named = re.findall(r"`(\w+)` in\s+`(workflow/[\w./]+\.(?:py|smk))`", PAGE)
    assert len(named) >= 8
    for name, path in named:
        assert re.search(rf"\b{name}\b", (ROOT / path).read_text()), (name, path)
