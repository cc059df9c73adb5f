"""How many lanes fit into memory: estimated beforehand, and learnt when one fails.

In: a world. Out: numbers of lanes. A lane is one candidate on one task; its weights,
neurons, spike history and rule tables are counted from their shapes. What the time
loop needs besides was measured (``memory_analysis`` of the compiled loop, 60 to 1000
neurons) and is rounded up.
"""

import os
from functools import partial
from pathlib import Path

import jax

from evoplast.evaluation.world import World
from evoplast.simulator import (
    EDGE_ROWS,
    POST_ROWS,
)
from evoplast.task import initial_task_state

# Making the rule tables takes their terms and the stacked tables at the same time.
_RULE_COPIES = 3
# Beyond this a processor gains nothing: the lanes no longer share a cache.
MOST_LANES_ON_CPU = 128
_FLOAT = 4
_GROUP_V2 = ("memory.max", "memory.current", "inactive_file")
_GROUP_V1 = (
    "memory.limit_in_bytes",
    "memory.usage_in_bytes",
    "total_inactive_file",
)

_too_many: dict[tuple, int] = {}


def bytes_per_lane(world: World) -> int:
    """Return the memory that one lane takes while it runs, an upper estimate."""
    shape = jax.eval_shape(
        partial(initial_task_state, settings=world.settings.task, n_lanes=1),
        world.model,
    )
    state = sum(leaf.size * leaf.dtype.itemsize for leaf in jax.tree.leaves(shape))
    copies = 1.0 + world.kernel.working_copies
    m = world.network.n_types
    tables = 2 * len(EDGE_ROWS) * m * m + 2 * len(POST_ROWS) * m + 2 * m + 2
    return int(copies * state) + _RULE_COPIES * _FLOAT * tables


def available_bytes() -> int:
    """Return the memory that this process may take, without its configured share.

    On an accelerator what the device has left. On a processor what the machine and
    the control groups of this process have left, in proportion to the processor
    threads it may use: jobs that share the cores share the memory.
    """
    devices = jax.local_devices()
    stats = [device.memory_stats() or {} for device in devices]
    if all("bytes_limit" in found for found in stats):
        free = [f["bytes_limit"] - f.get("bytes_in_use", 0) for f in stats]
        return len(devices) * max(min(free), 0)
    cores = os.cpu_count() or 1
    threads = min(int(os.environ.get("NPROC", cores)), cores)
    return min(_free_on_machine(), *_left_in_groups()) * threads // cores


def _free_on_machine(meminfo: Path = Path("/proc/meminfo")) -> int:
    if meminfo.is_file():
        for line in meminfo.read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def _left_in_groups(
    membership: Path = Path("/proc/self/cgroup"), root: Path = Path("/sys/fs/cgroup")
) -> list[int]:
    """Return what is left below the limit of each control group of this process.

    At least one number: one too large to matter where there is no limit.
    """
    left = [2**62]
    lines = membership.read_text().splitlines() if membership.is_file() else []
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            left += _left_up_to(root, path.strip("/"), _GROUP_V2)
        elif "memory" in controllers.split(","):
            left += _left_up_to(root / "memory", path.strip("/"), _GROUP_V1)
    return left


def _left_up_to(root: Path, path: str, names: tuple[str, str, str]) -> list[int]:
    # Inside a container the path is often that of the host: then only the root exists.
    folder, left = root / path, []
    for group in (folder, *folder.parents):
        if group == root.parent:
            break
        try:
            allowed, used = ((group / name).read_text().strip() for name in names[:2])
            counted = (group / "memory.stat").read_text().split()
        except OSError:
            continue
        if allowed.isdigit():
            # Files that were read and can be dropped count as used.
            cached = int(counted[counted.index(names[2]) + 1])
            left.append(max(int(allowed) - int(used) + cached, 0))
    return left


def most_lanes(world: World) -> int:
    """Return how many lanes may run at once: a multiple of the tasks, at least one
    candidate's.

    The setting ``simulation.lanes`` bounds it, the share ``simulation.memory_share``
    of the available memory, and any number that has failed before in this process.
    """
    settings, n_tasks = world.settings.simulation, world.n_tasks
    fitting = int(settings.memory_share * available_bytes()) // bytes_per_lane(world)
    bounds = [fitting, _too_many.get(_key(world), 2 * fitting + 2) // 2]
    if isinstance(settings.lanes, int):
        bounds.append(settings.lanes)
    elif jax.default_backend() == "cpu":
        bounds.append(MOST_LANES_ON_CPU * jax.local_device_count())
    return max(min(bounds) // n_tasks, 1) * n_tasks


def note_failure(world: World, n_lanes: int) -> None:
    """Remember that ``n_lanes`` did not fit: from now on at most half as many run."""
    _too_many[_key(world)] = n_lanes


def forget_failures() -> None:
    """Forget what did not fit, as at the start of the process."""
    _too_many.clear()


def _key(world: World) -> tuple:
    size = (world.network.n_neurons, world.model.source.shape[0])
    return (*size, world.kernel.name)


def ran_out_of_memory(error: Exception) -> bool:
    """Return whether ``error`` says that the host or the device has no memory left."""
    if isinstance(error, MemoryError):
        return True
    said = str(error)
    known = "RESOURCE_EXHAUSTED" in said or "out of memory" in said.lower()
    return isinstance(error, jax.errors.JaxRuntimeError) and known
