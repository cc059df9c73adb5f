"""How long reproduction and selection of one generation take, and their memory.

``python tests/bench/selection.py --population 4000 --parameters 2645`` prints a line
for each tie-break. The objectives are random numbers: nothing is simulated.
"""

import argparse
import subprocess
import sys

from evoplast.cost.selection_cost import cost_line, selection_cost
from evoplast.search import TIE_BREAKS


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
        command = [sys.executable, __file__, *own, "--tie-break", name]
        subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
