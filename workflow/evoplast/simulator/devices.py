"""How many processor cores JAX may use; to be called before JAX starts.

In: a number of threads. Out: nothing; the environment and the affinity of this
process are set, so that several jobs can share a machine without disturbing each
other.
"""

import os


def limit_threads(n_threads: int) -> None:
    """Keep this process, XLA's thread pools included, on ``n_threads`` cores.

    Works only before the first JAX computation of the process. ``NPROC`` sets the
    size of XLA's pool; the affinity binds whatever threads exist nevertheless,
    where the system has it (Linux). Results do not depend on it.
    """
    os.environ["NPROC"] = str(n_threads)
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = str(n_threads)
    if hasattr(os, "sched_setaffinity"):
        allowed = sorted(os.sched_getaffinity(0))
        first = os.getpid() % len(allowed)
        chosen = {allowed[(first + i) % len(allowed)] for i in range(n_threads)}
        os.sched_setaffinity(0, chosen)
