"""How long reproduction and selection of one generation take, and their memory.

In: the size of a population. Out: a printed table, one line per tie-break. The
objectives are random numbers: nothing is simulated. Run it by
``python -m evoplast.cost.selection_cost --population 4000 --parameters 2645``.
"""

import argparse
import resource
import subprocess
import sys
import time
from dataclasses import dataclass

from evoplast.cost.plan_cost import selection_seconds
from evoplast.search import SearchSettings
from evoplast.search.settings import TIE_BREAKS

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


def main(arguments: list[str] | None = None) -> None:
    """Print the table; each tie-break in a process of its own, for its own peak."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--population", type=int, default=4000)
    parser.add_argument("--parameters", type=int, default=2645)
    parser.add_argument("--tie-break", choices=TIE_BREAKS)
    chosen = parser.parse_args(arguments)
    size = (chosen.population, chosen.parameters)
    if chosen.tie_break:
        print(cost_line(selection_cost(*size, chosen.tie_break)), flush=True)
        return
    print(f"{'tie-break':<12}{'wall':>12}{'processor':>12}{'peak':>14}", flush=True)
    own = ["--population", str(size[0]), "--parameters", str(size[1])]
    for name in TIE_BREAKS:
        command = [sys.executable, "-m", "evoplast.cost.selection_cost", *own]
        subprocess.run([*command, "--tie-break", name], check=True)


if __name__ == "__main__":
    main()
