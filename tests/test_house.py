"""How large things may be, and how rooms deal with each other.

A room is a folder of the library. What other rooms may use of it is exported by its
face (``__init__``): nobody imports a module of another room. The rooms in CUPBOARDS
have no face: they hold small things that have nothing to do with each other, and their
modules are open. Which room may import which is told by docs/architecture.md.
"""

import ast
from functools import cache
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).parents[1]
LIBRARY = ROOT / "workflow/evoplast"
ROOMS = sorted(p.parent.name for p in LIBRARY.glob("*/__init__.py"))

CUPBOARDS = {"artefacts", "configuration", "jobs", "evox_compat"}

MOST_LINES, MOST_LINES_OF_A_FUNCTION, MOST_PARAMETERS, MEDIAN = 350, 60, 7, 8
LARGEST_SHARE = 0.12
# Larger than that, and how large: may shrink, not grow, and then leave the list.
LONG_FILES: dict[str, int] = {}
MANY_PARAMETERS = {
    "evaluation/evaluate.py: evaluate": 10,
}


def sources():
    return sorted(LIBRARY.rglob("*.py"))


def room_of(path):
    parts = path.relative_to(LIBRARY).with_suffix("").parts
    return parts[0]


def name_of(path):
    return path.relative_to(LIBRARY).as_posix()


@cache
def tree_of(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path):
    """Yield (dotted module, name or None) of every import of the library in a file."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from ((a.name, None) for a in node.names if is_ours(a.name))
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(path)} has a relative import"
            if is_ours(node.module):
                yield from ((node.module, alias.name) for alias in node.names)


def is_ours(module):
    return module.split(".")[0] == LIBRARY.name


def foreign(path):
    """Yield (room, dotted module, name) of what a file imports from other rooms."""
    for module, name in imports(path):
        parts = module.split(".")
        room = parts[1] if len(parts) > 1 else name
        if room and room != room_of(path):
            yield room, module, name


def functions(path):
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [node for node in ast.walk(tree_of(path)) if isinstance(node, kinds)]


def length(function):
    """Return the lines of a function without those of its docstring."""
    lines = function.end_lineno - function.lineno + 1
    told = ast.get_docstring(function) is not None
    first = function.body[0]
    return lines - told * (first.end_lineno - first.lineno + 1)


def parameters(function):
    found = function.args
    names = [a.arg for a in (*found.posonlyargs, *found.args, *found.kwonlyargs)]
    return len(names) - (names[:1] in (["self"], ["cls"]))


def past_the_face(room, module, name):
    if room in CUPBOARDS:
        return False
    if len(module.split(".")) > 2:
        return True
    inside = name and (LIBRARY / room / f"{name}.py").is_file()
    # The face may give a function the name of its module: then the function is meant.
    return bool(inside) and name not in exported(room)


@cache
def exported(room):
    face = tree_of(LIBRARY / room / "__init__.py")
    lists = [
        ast.literal_eval(node.value)
        for node in face.body
        if isinstance(node, ast.Assign) and node.targets[0].id == "__all__"
    ]
    return set(sum(lists, []))


@pytest.mark.parametrize("room", ROOMS)
def test_nobody_reaches_past_the_face_of_another_room(room):
    past = [
        f"{name_of(path)}: from {module} import {name}"
        for path in sources()
        if room_of(path) == room
        for other, module, name in foreign(path)
        if past_the_face(other, module, name)
    ]
    assert not past


@pytest.mark.parametrize("room", sorted(set(ROOMS) - CUPBOARDS))
def test_a_face_exports_what_it_imports(room):
    face = tree_of(LIBRARY / room / "__init__.py")
    brought = {
        alias.asname or alias.name
        for node in face.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert brought == exported(room)


def test_no_private_name_is_imported():
    private = [
        f"{name_of(path)}: from {module} import {name}"
        for path in sources()
        for module, name in imports(path)
        if name and name.startswith("_") and not name.startswith("__")
    ]
    assert not private


def test_no_module_of_the_library_is_a_program():
    programs = [
        name_of(path) for path in sources() if "__main__" in path.read_text("utf-8")
    ]
    assert not programs


def test_scripts_define_nothing_and_fit_on_a_screen():
    for path in sorted((ROOT / "workflow/scripts").rglob("*.py")):
        assert not functions(path), path
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 60, path


def test_functions_are_short():
    lengths = {
        f"{name_of(path)}: {function.name}": length(function)
        for path in sources()
        for function in functions(path)
    }
    assert median(lengths.values()) <= MEDIAN
    assert not {k: v for k, v in lengths.items() if v > MOST_LINES_OF_A_FUNCTION}


def test_files_are_short_but_for_those_on_the_list():
    lengths = {
        name_of(path): len(path.read_text(encoding="utf-8").splitlines())
        for path in sources()
    }
    assert only_shrunk(lengths, MOST_LINES, LONG_FILES) == []


def test_functions_have_few_parameters_but_for_those_on_the_list():
    counts = {
        f"{name_of(path)}: {function.name}": parameters(function)
        for path in sources()
        for function in functions(path)
    }
    assert only_shrunk(counts, MOST_PARAMETERS, MANY_PARAMETERS) == []


def only_shrunk(sizes, most, allowed):
    """Return what is too large, and entries of the list that are not needed so."""
    large = {name: size for name, size in sizes.items() if size > most}
    wrong = [f"{k} has {v}" for k, v in large.items() if v > allowed.get(k, most)]
    stale = [f"{name} need not be on the list" for name in allowed if name not in large]
    return wrong + stale


def test_no_room_is_a_hall():
    sizes = dict.fromkeys(ROOMS, 0)
    for path in sources():
        if room_of(path) in sizes:
            sizes[room_of(path)] += len(path.read_text(encoding="utf-8").splitlines())
    shares = {room: size / sum(sizes.values()) for room, size in sizes.items()}
    assert not {room: share for room, share in shares.items() if share > LARGEST_SHARE}
