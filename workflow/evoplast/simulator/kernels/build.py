"""Building the C++ kernels on first use, once per machine and source.

In: the sources beside this file and whatever C++ compiler there is. Out: the path of
a shared library in the user's cache, or a sentence that says why there is none. The
file name carries a digest of the source, the flags, the compiler and the processor,
so that a changed one is built anew and machines may share a home directory. Beside it
lies a checksum: loading a damaged library would end the process without a word.
"""

import ctypes
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

from evoplast.artefacts.atomic import atomic_path
from evoplast.artefacts.errors import UserError

FOLDER = Path(__file__).parent
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


def _run(command: list[str], kernel: str) -> subprocess.CompletedProcess:
    """Run a compiler.

    Raises:
        UserError: there is no such program, or it cannot be run.
    """
    try:
        return subprocess.run(command, capture_output=True, text=True)
    except OSError as error:
        raise UserError(
            f"The {kernel.upper()} kernel could not be compiled because the compiler "
            f"{command[0]} cannot be run ({error.strerror or error}); name another in "
            f"{COMPILER_VARIABLE} or set simulation.kernel to reference."
        ) from error


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
        _run([*compiler, "--version"], kernel).stdout,
        " ".join([*_flags(), *EXTRA_FLAGS[kernel]]),
        jax.__version__,
        _processor(),
    )
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _compile(compiler: list[str], kernel: str, library: Path) -> None:
    source = str(FOLDER / f"{kernel}.cpp")
    library.parent.mkdir(parents=True, exist_ok=True)
    # Several jobs may build at once: each writes its own file, the last rename wins.
    with tempfile.TemporaryDirectory(dir=library.parent) as folder:
        part = Path(folder) / library.name
        command = [*compiler, *_flags(), source, "-o", str(part), *EXTRA_FLAGS[kernel]]
        answer = _run(command, kernel)
        if answer.returncode or not part.exists():
            message = (answer.stderr.strip() or "no message").splitlines()[0]
            raise UserError(
                f"The {kernel.upper()} kernel could not be compiled with "
                f"{compiler[0]} ({message}); name another compiler in "
                f"{COMPILER_VARIABLE} or set simulation.kernel to reference."
            )
        content = part.read_bytes()
    with atomic_path(library) as whole:
        whole.write_bytes(content)
        whole.chmod(0o755)
    with atomic_path(_checksum(library)) as checksum:
        checksum.write_text(hashlib.sha256(content).hexdigest())


def _checksum(library: Path) -> Path:
    return library.with_name(f"{library.name}.sha256")


def _is_whole(library: Path) -> bool:
    """Say whether a library is there and is what the compiler wrote."""
    try:
        content, checksum = library.read_bytes(), _checksum(library).read_bytes()
    except FileNotFoundError:
        return False
    return hashlib.sha256(content).hexdigest().encode() == checksum


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
        if not _is_whole(library):
            _compile(compiler, kernel, library)
    except OSError as error:
        raise UserError(
            f"The {kernel.upper()} kernel could not be built in {cache_folder()} "
            f"({error.strerror or error}); point XDG_CACHE_HOME at a writable folder "
            "or set simulation.kernel to reference."
        ) from error
    return library


@cache
def loaded_library(kernel: str) -> ctypes.CDLL:
    """Return the compiled kernel ("cpu", "gpu"), loaded.

    Raises:
        UserError: it cannot be built, or this machine does not load it.
    """
    library = built_library(kernel)
    try:
        return ctypes.CDLL(str(library))
    except OSError as error:
        raise UserError(
            f"The {kernel.upper()} kernel {library} cannot be loaded ({error}); point "
            "XDG_CACHE_HOME at a folder from which programs may run, name another "
            f"compiler in {COMPILER_VARIABLE}, or set simulation.kernel to reference."
        ) from error


def report() -> None:
    """Print whether the kernel is ready; called at installation."""
    try:
        print(f"The CPU kernel is ready: {built_library()}")
    except UserError as error:
        print(f"The slower reference kernel will be used. {error}")
