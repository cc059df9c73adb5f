"""The cache of built kernels: damaged files, wrong compilers, folders that refuse.

A script stands for the compiler, so that a case takes no time; what it writes is no
library and cannot be loaded.
"""

import hashlib
import logging
import os

import pytest

from evoplast.artefacts.errors import UserError
from evoplast.simulator.kernels import build, cpu, reference
from evoplast.simulator.run import kernel_named

COMPILER = """#!/bin/sh
if [ "$1" = --version ]; then echo 1.0; exit 0; fi
echo compiled >> "$(dirname "$0")/calls"
while [ "$1" != -o ]; do shift; done
printf 'not really a library' > "$2"
"""


def forget():
    for function in (
        build.built_library,
        build.loaded_library,
        cpu.prepare,
        kernel_named,
    ):
        function.cache_clear()


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with a compiler and an empty cache, which is in use."""
    compiler = tmp_path / "compiler"
    compiler.write_text(COMPILER)
    compiler.chmod(0o755)
    monkeypatch.setenv(build.COMPILER_VARIABLE, str(compiler))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    forget()
    yield tmp_path
    forget()


def builds(place):
    return len((place / "calls").read_text().splitlines())


def test_a_built_kernel_is_kept(place):
    path = build.built_library("cpu")
    forget()
    assert build.built_library("cpu") == path and builds(place) == 1
    left = {each.name for each in path.parent.iterdir()}
    assert left == {path.name, f"{path.name}.sha256"}


@pytest.mark.parametrize("content", [b"", b"not rea", b"not really a librarY", None])
@pytest.mark.parametrize("which", ["library", "checksum"])
def test_a_damaged_kernel_is_built_again(place, content, which):
    path = build.built_library("cpu")
    whole = path.read_bytes()
    checksum = path.with_name(f"{path.name}.sha256")
    damaged = path if which == "library" else checksum
    if content is None:
        damaged.unlink()
    else:
        damaged.write_bytes(content)
    forget()
    assert build.built_library("cpu").read_bytes() == whole and builds(place) == 2
    assert checksum.read_text() == hashlib.sha256(whole).hexdigest()


def test_a_kernel_that_cannot_be_loaded_gives_way_in_one_line(place, caplog):
    with caplog.at_level(logging.WARNING, "evoplast"):
        assert kernel_named("auto") is reference.KERNEL
    (line,) = caplog.messages
    assert "cannot be loaded" in line and "\n" not in line
    with pytest.raises(UserError, match="cannot be loaded"):
        kernel_named("cpu")


@pytest.mark.parametrize("compiler", ["/nowhere/g++", "no-such-compiler -O1"])
def test_a_wrong_compiler_is_blamed_and_not_the_cache(place, monkeypatch, compiler):
    monkeypatch.setenv(build.COMPILER_VARIABLE, compiler)
    with pytest.raises(UserError, match="EVOPLAST_CXX") as error:
        build.built_library("cpu")
    assert compiler.split()[0] in str(error.value)
    assert "XDG_CACHE_HOME" not in str(error.value)


def test_a_compiler_that_writes_nothing_is_blamed(place, monkeypatch):
    monkeypatch.setenv(build.COMPILER_VARIABLE, "true")
    with pytest.raises(UserError, match="could not be compiled with true"):
        build.built_library("cpu")


def test_a_cache_that_is_a_file_is_named(place):
    (place / "cache").write_text("")
    with pytest.raises(UserError, match="could not be built in .*cache.* XDG_CACHE"):
        build.built_library("cpu")


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_a_cache_that_cannot_be_written_is_named(place):
    (place / "cache").mkdir(mode=0o500)
    with pytest.raises(UserError, match="could not be built in .*cache.* XDG_CACHE"):
        build.built_library("cpu")
