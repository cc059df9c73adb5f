"""Which candidates run together: batches that fit into memory, smaller if they do not.

In: a world, a number of candidates, what to do with a batch. Out: the results of all
batches in order. How the candidates are split does not change any result.
"""

import logging
from collections.abc import Callable
from typing import TypeVar

import jax

from evoplast.artefacts.errors import UserError
from evoplast.evaluation.memory import (
    bytes_per_lane,
    most_lanes,
    note_failure,
    ran_out_of_memory,
)
from evoplast.evaluation.sharding import lane_unit
from evoplast.evaluation.world import World

Result = TypeVar("Result")
Batch = tuple[slice, int]
_MIB = 2**20


def batches(world: World, n_candidates: int, limit: int) -> list[Batch]:
    """Return which candidates run together, and in how many candidates' lanes.

    Batches are of one size, at most ``limit`` lanes, in steps of 16 lanes for every
    device that gets some.
    """
    n_tasks, unit = world.n_tasks, lane_unit(world.n_tasks)
    wanted = n_candidates * n_tasks
    n_batches = -(-wanted // limit)
    tiles = -(-wanted // (n_batches * unit))
    step = unit * min(jax.local_device_count(), tiles)
    n_lanes = -(-wanted // (n_batches * step)) * step
    width = max(min(n_lanes, limit) // n_tasks, 1)
    return [
        (slice(start, min(start + width, n_candidates)), width)
        for start in range(0, n_candidates, width)
    ]


def in_batches(
    world: World, n_candidates: int, work: Callable[[slice, int], Result]
) -> list[Result]:
    """Return ``work(candidates, width)`` for all candidates, batch after batch.

    A batch that runs out of memory is repeated with half as many lanes, as are those
    after it.

    Raises:
        UserError: not even one candidate fits.
    """
    results, pending = [], batches(world, n_candidates, most_lanes(world))
    while pending:
        chosen, width = pending[0]
        try:
            results.append(work(chosen, width))
        except (MemoryError, jax.errors.JaxRuntimeError) as error:
            if not ran_out_of_memory(error):
                raise
        else:
            pending = pending[1:]
            continue
        # Not inside of the handler: the error holds on to the batch's memory.
        pending = _smaller(world, n_candidates, chosen.start, width)
    return results


def _smaller(world: World, n_candidates: int, start: int, width: int) -> list[Batch]:
    failed = width * world.n_tasks
    if width == 1:
        need = failed * bytes_per_lane(world) / _MIB
        raise UserError(
            f"There is not enough memory for one candidate ({need:.0f} MiB); lower "
            "network.n_neurons or the numbers of trials, or use a larger machine."
        )
    note_failure(world, failed)
    limit = most_lanes(world)
    logging.getLogger("evoplast").warning(
        "Out of memory with %d lanes at once: going on with at most %d.", failed, limit
    )
    return [
        (slice(start + part.start, start + part.stop), width)
        for part, width in batches(world, n_candidates - start, limit)
    ]
