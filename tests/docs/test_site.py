"""The documentation site builds without a warning and fetches nothing when opened."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# What a browser fetches by itself; links that a reader follows may lead anywhere.
FETCHED = re.compile(
    r"""<(?:script|img|iframe|source)\b[^>]*?\bsrc=["'](?:https?:)?//"""
    r"""|<link\b(?=[^>]*\brel=["'](?:stylesheet|preload|icon))[^>]*?\bhref=["'](?:https?:)?//"""
    r"""|@import\s+(?:url\()?["']?(?:https?:)?//|url\(["']?(?:https?:)?//"""
)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q"]
    done = subprocess.run(
        [*command, "docs", folder], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.docs
def test_every_room_has_a_page(site):
    rooms = {path.parent.name for path in ROOT.glob("workflow/evoplast/*/__init__.py")}
    assert {page.stem for page in site.glob("api/*.html")} == rooms | {"index"}


@pytest.mark.docs
def test_nothing_is_fetched_from_elsewhere(site):
    files = [path for path in site.rglob("*") if path.suffix in (".html", ".css")]
    assert len(files) > 30
    assert not [str(path) for path in files if FETCHED.search(path.read_text("utf-8"))]


@pytest.mark.parametrize(
    "text",
    [
        '<script async src="https://cdn.example/x.js"></script>',
        '<link rel="stylesheet" href="//fonts.example/css">',
        '<link href="https://fonts.example/css" rel="stylesheet">',
        "@import url(https://fonts.example/css)",
    ],
)
def test_what_would_be_fetched_is_found(text):
    assert FETCHED.search(text)
    assert not FETCHED.search('<a href="https://example.org">there</a>')
