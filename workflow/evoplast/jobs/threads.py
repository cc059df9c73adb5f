"""Which threads and devices JAX may use; to be called before JAX is imported.

In: numbers of threads and GPUs. Out: nothing; the environment of this process is set,
so that several jobs can share a machine without disturbing each other.
"""

import os

from evoplast.artefacts.errors import UserError

# With one thread there is nobody to hand work over to.
_NO_HANDING_OVER = "--xla_cpu_multi_thread_eigen=false"


def limit_threads(n_threads: int) -> None:
    """Let XLA and the linear-algebra libraries use ``n_threads`` threads.

    Works only before XLA starts, and importing EvoX starts it: XLA reads ``NPROC``
    when it makes its pool (the flag xla_cpu_multi_thread_eigen alone leaves a pool
    as large as the machine), and so does our own kernel. Threads are not bound to
    cores: two jobs could be bound to the same one. Results do not depend on the
    number.

    Raises:
        UserError: fewer than one thread.
    """
    if n_threads < 1:
        raise UserError(f"The number of threads is {n_threads}; use 1 or more.")
    names = ("NPROC", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    for name in names:
        os.environ[name] = str(n_threads)
    if n_threads == 1:
        flags = os.environ.get("XLA_FLAGS", "")
        os.environ["XLA_FLAGS"] = f"{flags} {_NO_HANDING_OVER}".strip()


def limit_devices(n_gpus: int) -> None:
    """Keep JAX off the GPUs of the machine unless the job was given one.

    A process that merely imports JAX beside a simulation would take the memory of the
    GPU from it.
    """
    if n_gpus < 1:
        os.environ["JAX_PLATFORMS"] = "cpu"
