"""The source digest follows imports and nothing else."""

from textwrap import dedent

import pytest

from evoplast.jobs import source


def forget():
    """Go on as another process would, which has read nothing yet."""
    for name in ("_content", "_imports", "_imported", "_files_of", "_kernels"):
        getattr(source, name).cache_clear()


def source_digest(*arguments):
    forget()
    return source.source_digest(*arguments)


def modules_used(*arguments):
    forget()
    return source.modules_used(*arguments)


@pytest.fixture
def library(tmp_path):
    folder = tmp_path / "house"
    (folder / "room").mkdir(parents=True)
    (folder / "__init__.py").write_text("")
    (folder / "room/__init__.py").write_text("from house.room.a import f\n")
    (folder / "room/a.py").write_text("from house import other\n")
    (folder / "room/b.py").write_text("")
    (folder / "other.py").write_text("import house.room.a\n")
    return folder


def script(library, text):
    path = library.parent / "script.py"
    path.write_text(text)
    return path


def test_modules_are_followed_through_packages_and_cycles(library):
    used = modules_used(script(library, "from house.room import f\n"), library)
    names = {path.relative_to(library).as_posix() for path in used}
    assert names == {"room/a.py", "other.py"}


def test_a_name_from_a_face_does_not_bring_in_the_rest_of_the_room(library):
    face = library / "room/__init__.py"
    face.write_text("from house.room.a import f\nfrom house.room.b import g as h\n")
    plain = script(library, "from house.room import f\n")
    before = source_digest(plain, library)
    (library / "room/b.py").write_text("y = 2\n")
    assert source_digest(plain, library) == before
    named = script(library, "from house.room import h\n")
    assert library / "room/b.py" in modules_used(named, library)


def test_a_room_imported_whole_counts_with_its_face(library):
    used = modules_used(script(library, "from house import room\n"), library)
    assert {library / "room/__init__.py", library / "room/a.py"} <= used


def test_a_module_loaded_by_name_counts_with_what_it_imports(library):
    path = script(library, "")
    also = [library / "other.py"]
    before = source_digest(path, library, also)
    assert before != source_digest(path, library)
    (library / "room/a.py").write_text("x = 1\n")
    assert source_digest(path, library, also) != before


def test_digest_changes_with_an_indirect_module(library):
    path = script(library, "from house.room import f\n")
    before = source_digest(path, library)
    (library / "other.py").write_text("import house.room.a\nx = 1\n")
    assert source_digest(path, library) != before


def test_digest_ignores_a_module_that_is_not_used(library):
    path = script(library, "from house.room import f\n")
    before = source_digest(path, library)
    (library / "room/b.py").write_text("y = 2\n")
    assert source_digest(path, library) == before


def test_digest_changes_with_the_headers_of_a_kernel(library):
    (library / "room/b.py").write_text("")
    header = library / "room/b_tile.h"
    header.write_text("")
    path = script(library, "from house.room.b import f\n")
    before = source_digest(path, library)
    header.write_text("int x;\n")
    assert source_digest(path, library) != before


def test_imports_within_functions_and_branches_count(library):
    text = """
    def f():
        try:
            with x: import house.room.b
        except ImportError:
            from house import other
        match y:
            case 1: from house.room import c
    """
    (library / "room/c.py").write_text("")
    names = {p.name for p in modules_used(script(library, dedent(text)), library)}
    assert names == {"b.py", "other.py", "c.py", "a.py"}
