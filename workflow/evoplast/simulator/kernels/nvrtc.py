"""Compiling the GPU kernel on first use, with the compiler library NVRTC.

In: ``gpu.cu`` beside this file and the compute capability of a device. Out: machine
code in the user's cache, or a sentence that says why there is none. NVRTC comes with
JAX for CUDA (the Python package nvidia-cuda-nvrtc) and with the CUDA toolkit; neither
nvcc nor headers are needed, nor a GPU to ask what the kernel takes of one:
``from evoplast.simulator.kernels.nvrtc import resources; print(resources("9.0"))``.
"""

import ctypes
import hashlib
import importlib.util
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from evoplast.artefacts.atomic import atomic_path
from evoplast.artefacts.errors import UserError
from evoplast.simulator.kernels.build import FOLDER, cache_folder, source_text

LIBRARY_VARIABLE = "EVOPLAST_NVRTC"
SOURCE = FOLDER / "gpu.cu"
# A product and a sum are fused only where the source says so, as on a CPU.
OPTIONS = ("--fmad=false", "--std=c++17", f"-I{FOLDER}")


@dataclass(frozen=True)
class Compiler:
    """NVRTC as loaded: the library, its version, the architectures it knows."""

    library: ctypes.CDLL
    version: tuple[int, int]
    architectures: tuple[int, ...]


def _candidates() -> Iterator[str]:
    if LIBRARY_VARIABLE in os.environ:
        yield os.environ[LIBRARY_VARIABLE]
        return
    spec = importlib.util.find_spec("nvidia")
    for folder in spec.submodule_search_locations or () if spec else ():
        found = sorted(map(str, Path(folder).glob("*/lib/libnvrtc.so.*")))
        yield from (path for path in reversed(found) if ".alt." not in path)
    yield from ("libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so")


@cache
def find_compiler() -> Compiler | None:
    """Return NVRTC, or None where there is none.

    The environment variable ``EVOPLAST_NVRTC`` names the library if set (empty:
    none); else the one that came with JAX is taken, else the system's.
    """
    for path in filter(None, _candidates()):
        try:
            library = ctypes.CDLL(path)
        except OSError:
            continue
        return Compiler(library, _version(library), _architectures(library))
    return None


def _version(library: ctypes.CDLL) -> tuple[int, int]:
    major, minor = ctypes.c_int(), ctypes.c_int()
    library.nvrtcVersion(ctypes.byref(major), ctypes.byref(minor))
    return major.value, minor.value


def _architectures(library: ctypes.CDLL) -> tuple[int, ...]:
    count = ctypes.c_int()
    library.nvrtcGetNumSupportedArchs(ctypes.byref(count))
    values = (ctypes.c_int * count.value)()
    library.nvrtcGetSupportedArchs(values)
    return tuple(values)


def target(capability: str, architectures: tuple[int, ...]) -> str:
    """Return NVRTC's name for what to compile to, such as "sm_90".

    For a device newer than the compiler it is ``compute_`` and the newest it knows: an
    intermediate code that the device's driver translates.

    Raises:
        UserError: the device is older than all the compiler knows.
    """
    wanted = int(capability.replace(".", ""))
    if wanted in architectures:
        return f"sm_{wanted}"
    older = [known for known in architectures if known < wanted]
    if not older:
        raise UserError(
            f"The GPU has compute capability {capability} and NVRTC starts at "
            f"{min(architectures) / 10}; set simulation.kernel to reference."
        )
    return f"compute_{max(older)}"


def _text(library: ctypes.CDLL, program: ctypes.c_void_p, what: str) -> bytes:
    size = ctypes.c_size_t()
    getattr(library, f"nvrtcGet{what}Size")(program, ctypes.byref(size))
    text = ctypes.create_string_buffer(size.value)
    getattr(library, f"nvrtcGet{what}")(program, text)
    return text.raw


def _compiled(compiler: Compiler, architecture: str, *extra: str) -> tuple[bytes, str]:
    """Return the code and the compiler's log."""
    library, program = compiler.library, ctypes.c_void_p()
    source, name = SOURCE.read_bytes(), SOURCE.name.encode()
    library.nvrtcCreateProgram(ctypes.byref(program), source, name, 0, None, None)
    options = [f"--gpu-architecture={architecture}", *OPTIONS, *extra]
    array = (ctypes.c_char_p * len(options))(*(text.encode() for text in options))
    try:
        failed = library.nvrtcCompileProgram(program, len(options), array)
        log = _text(library, program, "ProgramLog").rstrip(b"\0").decode().strip()
        if failed:
            raise UserError(
                f"The GPU kernel could not be compiled for {architecture} "
                f"({(log or 'no message').splitlines()[0]}); set simulation.kernel to "
                "reference."
            )
        kind = "CUBIN" if architecture.startswith("sm_") else "PTX"
        return _text(library, program, kind), log
    finally:
        library.nvrtcDestroyProgram(ctypes.byref(program))


def _present_compiler() -> Compiler:
    compiler = find_compiler()
    if compiler is None:
        raise UserError(
            "The GPU kernel needs the compiler library NVRTC and none was found; "
            "install jax[cuda13] or jax[cuda12], name the library in "
            f"{LIBRARY_VARIABLE}, or set simulation.kernel to reference."
        )
    return compiler


def compiled_kernel(capability: str) -> bytes:
    """Return the kernel for a device, compiling it if need be.

    ``capability`` is the device's compute capability, such as "9.0".

    Raises:
        UserError: there is no NVRTC, it fails, or the cache cannot be written.
    """
    compiler = _present_compiler()
    architecture = target(capability, compiler.architectures)
    parts = (source_text("gpu"), *OPTIONS[:-1], str(compiler.version))
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
    path = cache_folder() / f"gpu-{architecture}-{digest}.bin"
    if not path.exists():
        with atomic_path(path) as temporary:
            temporary.write_bytes(_compiled(compiler, architecture)[0])
    return path.read_bytes()


def resources(capability: str) -> str:
    """Return what the assembler says of the kernel: registers, spills.

    Raises:
        UserError: there is no NVRTC or it fails.
    """
    compiler = _present_compiler()
    architecture = target(capability, compiler.architectures)
    _, log = _compiled(compiler, architecture, "--ptxas-options=-v")
    said = [line for line in log.splitlines() if "registers" in line or "spill" in line]
    facts = "; ".join(line.split("ptxas")[-1].strip(" .:info") for line in said)
    return f"{architecture}, NVRTC {'.'.join(map(str, compiler.version))}: {facts}"
