"""Every name that a script imports exists."""

import ast
import importlib
from importlib.util import find_spec

import pytest
from checkout import ROOT

SCRIPTS = sorted((ROOT / "workflow/scripts").rglob("*.py"))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_what_a_script_imports_exists(script):
    for node in ast.walk(ast.parse(script.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.ImportFrom):
            continue
        module = importlib.import_module(node.module)
        for alias in node.names:
            inner = f"{node.module}.{alias.name}"
            assert hasattr(module, alias.name) or find_spec(inner), inner
