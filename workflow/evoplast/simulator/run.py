"""The choice of a kernel: the reference, or the fast one for this machine.

Every kernel is a module with one function ``run_steps``; ``kernels/reference.py``
defines what it means.
"""

import logging
from functools import cache
from types import ModuleType

import jax

from evoplast.artefacts.errors import UserError
from evoplast.simulator.kernels import cpu, gpu, reference

AUTO, REFERENCE, CPU, GPU = "auto", "reference", "cpu", "gpu"
KERNELS = {REFERENCE: reference, CPU: cpu, GPU: gpu}


@cache
def resolved_kernel(name: str) -> str:
    """Return the kernel that ``name`` stands for on this machine.

    "auto" is the fused kernel where JAX runs on a CUDA device and the C++ kernel where
    it runs on a CPU, each built on first use; where that cannot be done, and on other
    devices, it is the reference, and the log says so in one line.

    Raises:
        UserError: there is no kernel of that name, there is no device for it, or it
            cannot be built.
    """
    if name != AUTO:
        _prepare(_known(name))
        return name
    best = CPU if jax.default_backend() == "cpu" else GPU
    try:
        _prepare(best)
    except UserError as error:
        logging.getLogger("evoplast").warning("Using the slower kernel: %s", error)
        return REFERENCE
    return best


def _prepare(name: str) -> None:
    if name != REFERENCE:
        KERNELS[name].prepare()


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
