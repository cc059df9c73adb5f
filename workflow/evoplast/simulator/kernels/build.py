"""Building the C++ kernels on first use, once per machine and source.

In: the sources beside this file and whatever C++ compiler there is. Out: the path of
a shared library in the user's cache, or a sentence that says why there is none. The
file name carries a digest of the source, the flags, the compiler and the processor,
so that a changed one is built anew and machines may share a home directory.
"""

import hashlib
import importlib.util
import os
import platform
import shlex
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

import jax

from evoplast.artefacts.errors import UserError

FOLDER = Path(__file__).parent
# What each library is made of: the file to compile, and, by name, what it may include.
PROGRAMS = {"cpu": "cpu.cpp", "gpu": "gpu.cpp"}
SHARED_HEADER = "arguments.h"
EXTRA_FLAGS = {"cpu": (), "gpu": ("-ldl",)}
COMPILER_VARIABLE = "EVOPLAST_CXX"
# Whether a product and a sum are fused must not depend on the code around them, and
# the GPU kernel on a CPU must do what it does on a GPU.
FLAGS = (
    *("-std=c++17", "-O3", "-march=native", "-ffp-contract=off"),
    *("-shared", "-fPIC", "-pthread"),
)
# Compilers prefer half-width registers on these processors; whole ones are faster.
X86_FLAGS = ("-mprefer-vector-width=512",)


def find_compiler() -> list[str] | None:
    """Return the command of a C++ compiler, or None.

    The environment variable ``EVOPLAST_CXX`` decides if set (empty: none); else the
    first of c++, g++, clang++ on the path; else the compiler in the Python package
    ``ziglang``.
    """
    if COMPILER_VARIABLE in os.environ:
        return shlex.split(os.environ[COMPILER_VARIABLE]) or None
    for name in ("c++", "g++", "clang++"):
        if shutil.which(name):
            return [name]
    if importlib.util.find_spec("ziglang"):
        return [sys.executable, "-m", "ziglang", "c++"]
    return None


def cache_folder() -> Path:
    """Return the folder for built kernels, below the user's cache."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "evoplast"


def _flags() -> list[str]:
    wide = X86_FLAGS if platform.machine() in ("x86_64", "AMD64") else ()
    return [*FLAGS, *wide, "-I", jax.ffi.include_dir()]


def _processor() -> str:
    """Describe the instruction set: "native" code must not move to another one."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    kinds = ("flags", "features", "model name")
    return "\n".join(sorted({x for x in lines if x.lower().startswith(kinds)}))


def _version(compiler: list[str]) -> str:
    answer = subprocess.run([*compiler, "--version"], capture_output=True, text=True)
    return answer.stdout


def source_text(kernel: str) -> str:
    """Return all source of a kernel, for digests."""
    own = (
        path for kind in ("cpp", "cu", "h") for path in FOLDER.glob(f"{kernel}*.{kind}")
    )
    paths = [*sorted(own), FOLDER / SHARED_HEADER]
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


def _digest(compiler: list[str], kernel: str) -> str:
    parts = (
        source_text(kernel),
        " ".join(compiler),
        _version(compiler),
        " ".join([*_flags(), *EXTRA_FLAGS[kernel]]),
        jax.__version__,
        _processor(),
    )
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _compile(compiler: list[str], kernel: str, library: Path) -> None:
    source = str(FOLDER / PROGRAMS[kernel])
    library.parent.mkdir(parents=True, exist_ok=True)
    # Several jobs may build at once: each writes its own file, the last rename wins.
    with tempfile.TemporaryDirectory(dir=library.parent) as folder:
        part = Path(folder) / library.name
        command = [*compiler, *_flags(), source, "-o", str(part), *EXTRA_FLAGS[kernel]]
        answer = subprocess.run(command, capture_output=True, text=True)
        if answer.returncode:
            message = (answer.stderr.strip() or "no message").splitlines()[0]
            raise UserError(
                f"The {kernel.upper()} kernel could not be compiled with "
                f"{compiler[0]} ({message}); name another compiler in "
                f"{COMPILER_VARIABLE} or set simulation.kernel to reference."
            )
        os.replace(part, library)


@cache
def built_library(kernel: str = "cpu") -> Path:
    """Return the path of the compiled kernel ("cpu", "gpu"), building it if need be.

    Raises:
        UserError: there is no compiler, it fails, or the cache cannot be written.
    """
    compiler = find_compiler()
    if compiler is None:
        raise UserError(
            f"The {kernel.upper()} kernel needs a C++ compiler and none was found; "
            "install g++, clang++ or the Python package ziglang, or set "
            "simulation.kernel to reference."
        )
    try:
        library = cache_folder() / f"{kernel}-{_digest(compiler, kernel)}.so"
        if not library.exists():
            _compile(compiler, kernel, library)
    except OSError as error:
        raise UserError(
            f"The {kernel.upper()} kernel could not be built in {cache_folder()} "
            f"({error.strerror or error}); point XDG_CACHE_HOME at a writable folder "
            "or set simulation.kernel to reference."
        ) from error
    return library


def report() -> None:
    """Print whether the kernel is ready; called at installation."""
    try:
        print(f"The CPU kernel is ready: {built_library()}")
    except UserError as error:
        print(f"The slower reference kernel will be used. {error}")
