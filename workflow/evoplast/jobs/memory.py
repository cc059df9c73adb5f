"""Whether this machine's memory can suffice, said before anything is computed.

In: a complete config, the rules that will run. Out: one sentence with the numbers, or
nothing. What is counted is the least that one evaluation holds at once: the input
currents of all its trials, and the libraries; the processes measured took 1.2 to 2.4
times as much (``tests/jobs/test_memory.py`` has the numbers).
"""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

_LIBRARIES = 400_000_000
_FLOAT, _TASKS = 4, 2


def least_bytes(config: Mapping, n_neurons: int) -> int:
    """Return the memory without which no evaluation of ``n_neurons`` cells fits."""
    task = config["task"]
    scored = max(task["validation_trials"], task["test_trials"])
    trials = task["training_trials"] + 1 + scored
    steps = sum(task[f"{part}_ms"] for part in ("grey_before", "image", "grey_after"))
    return _LIBRARIES + _TASKS * trials * steps * n_neurons * _FLOAT


def memory_of_machine(limit: Path = Path("/sys/fs/cgroup/memory.max")) -> int:
    """Return the bytes that processes here may take: the machine's or its limit."""
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    text = limit.read_text().strip() if limit.is_file() else ""
    return min(machine, int(text)) if text.isdigit() else machine


def fault_of_memory(
    config: Mapping, simulating: Iterable[str], there: int
) -> str | None:
    """Return a sentence if rules that simulate can not run in ``there`` bytes.

    ``simulating``: the names of those that will run.
    """
    rules, sizes = set(simulating), {}
    if rules - {"measure_cross_scale"}:
        sizes["network.n_neurons"] = config["network"]["n_neurons"]
    if "measure_cross_scale" in rules:
        sizes["cross_scale.sizes"] = max(config["cross_scale"]["sizes"])
    for key, n_neurons in sizes.items():
        needed = least_bytes(config, n_neurons)
        if needed > there:
            return (
                f"{key} is {n_neurons}: one evaluation of so many neurons with "
                "task.training_trials and task.test_trials as they are needs at least "
                f"{needed / 2**30:.1f} GiB of memory, and this machine has "
                f"{there / 2**30:.1f}; use fewer neurons or trials, or another machine."
            )
    return None
