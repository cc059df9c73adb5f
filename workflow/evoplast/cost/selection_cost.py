"""How long reproduction and selection of one generation take, and their memory.

In: the size of a population. Out: a printed table, one line per tie-break. The
objectives are random numbers: nothing is simulated. ``python
tests/bench/selection.py`` prints it.
"""

import resource
import time
from dataclasses import dataclass

from evoplast.cost.plan_cost import selection_seconds
from evoplast.search import SearchSettings

GIB = 2**30


@dataclass(frozen=True)
class SelectionCost:
    """wall_s and processor_s of a generation; peak_gib of the process, start included.

    Compiling is not counted: the second generation is timed.
    """

    tie_break: str
    wall_s: float
    processor_s: float
    peak_gib: float


def selection_cost(population: int, parameters: int, tie_break: str) -> SelectionCost:
    """Time one generation of ``population`` rules of ``parameters`` numbers."""
    settings = SearchSettings.default(population=population, tie_break=tie_break)
    wall = selection_seconds(settings, parameters, time.monotonic)
    processor = selection_seconds(settings, parameters, time.process_time)
    # Linux counts in KiB.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / GIB
    return SelectionCost(tie_break, wall, processor, peak)


def cost_line(cost: SelectionCost) -> str:
    """Return the cost as a line of the table."""
    return (
        f"{cost.tie_break:<12}{cost.wall_s:>10.2f} s{cost.processor_s:>10.2f} s"
        f"{cost.peak_gib:>10.2f} GiB"
    )
