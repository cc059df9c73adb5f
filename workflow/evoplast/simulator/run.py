"""The choice of a kernel: the reference, or the fast one for this machine.

Every kernel is a module with one function ``run_steps``; ``kernels/reference.py``
defines what it means.
"""

import logging
from functools import cache
from types import ModuleType

import jax

from evoplast.artefacts.errors import UserError
from evoplast.simulator.kernels import cpu, reference

AUTO, REFERENCE, CPU = "auto", "reference", "cpu"
KERNELS = {REFERENCE: reference, CPU: cpu}


@cache
def resolved_kernel(name: str) -> str:
    """Return the kernel that ``name`` stands for on this machine.

    "auto" is the C++ kernel where JAX runs on a CPU and there is a compiler (built
    on first use), else the reference; the log says so in one line.

    Raises:
        UserError: there is no kernel of that name, or it cannot be built.
    """
    if name != AUTO:
        if name == CPU:
            cpu.prepare()
        return _known(name)
    if jax.default_backend() != "cpu":
        return REFERENCE
    try:
        cpu.prepare()
    except UserError as error:
        logging.getLogger("evoplast").warning("Using the slower kernel: %s", error)
        return REFERENCE
    return CPU


def _known(name: str) -> str:
    if name not in KERNELS:
        known = ", ".join([AUTO, *KERNELS])
        raise UserError(f"simulation.kernel is {name!r}; choose one of: {known}.")
    return name


def kernel_named(name: str) -> ModuleType:
    """Return the kernel called ``name``, ready for use.

    Raises:
        UserError: there is none of that name, or it cannot be built.
    """
    return KERNELS[resolved_kernel(name)]
