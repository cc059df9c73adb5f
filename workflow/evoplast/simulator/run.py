"""The choice of a kernel: the reference, or the fast one for this machine.

In: a name from the config. Out: a :class:`Kernel`, ready for use; what it does is
written in ``kernels/contract.py``.
"""

import logging
from functools import cache

import jax

from evoplast.artefacts.errors import UserError
from evoplast.simulator.kernels import cpu, gpu, reference
from evoplast.simulator.kernels.contract import Kernel

AUTO = "auto"
_KERNELS = (reference.KERNEL, cpu.KERNEL, gpu.KERNEL)


@cache
def kernel_named(name: str) -> Kernel:
    """Return the kernel that ``name`` stands for on this machine, ready for use.

    "auto" is the fused kernel where JAX runs on a CUDA device and the C++ kernel where
    it runs on a CPU, each built on first use; where that cannot be done, and on other
    devices, it is the reference, and the log says so in one line.

    Raises:
        UserError: there is no kernel of that name, there is no device for it, or it
            cannot be built.
    """
    if name == AUTO:
        return _best()
    known = {kernel.name: kernel for kernel in _KERNELS}
    if name not in known:
        choices = ", ".join([AUTO, *known])
        raise UserError(f"simulation.kernel is {name!r}; choose one of: {choices}.")
    known[name].prepare()
    return known[name]


def _best() -> Kernel:
    best = cpu.KERNEL if jax.default_backend() == "cpu" else gpu.KERNEL
    try:
        best.prepare()
    except UserError as error:
        logging.getLogger("evoplast").warning("Using the slower kernel: %s", error)
        return reference.KERNEL
    return best
