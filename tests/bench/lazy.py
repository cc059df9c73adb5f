"""Count what updating a synapse only when its source fires would save.

``python tests/bench/lazy.py`` prints floating-point operations of a plastic step, exact
over lazy. A lazy kernel catches a synapse up when its source fires and in a flush of
all synapses every so many steps; in every step it adds up running sums for each target
and type of source. Memory traffic is not counted.
"""

import argparse
from pathlib import Path

import numpy as np

from evoplast.network import build_network, read_allen_tables

TABLES = Path(__file__).parents[2] / "resources" / "allen_v1"
LANES = 16
# Operations, the fused ones counted twice: an exact update; catching a synapse up, once
# more for its own spike, and storing it; a flush; the five factors of one target and
# type of source and the three running sums.
UPDATE, EVENT, FLUSH, TABLE = 15, 30, 15, 26


def main() -> None:
    """Print the ratios, alone and for sixteen candidates in a vector.

    In a vector a synapse is touched if its source fires in any lane; independent
    spikes are the worst case.
    """
    options = _options()
    tables = read_allen_tables(TABLES)
    print("N, synapses, targets x types of sources, exact / lazy: alone, 16 lanes")
    for n_neurons, rate_hz in zip(options.sizes, options.rates_hz, strict=True):
        network = build_network(tables, n_neurons, 1, 0)
        edges, n_edges = network.edges, network.n_edges
        kind = network.cells.cell_type[edges.source]
        pairs = len(np.unique(edges.target * network.n_types + kind))
        fires = rate_hz / 1000.0
        always = FLUSH * n_edges / options.flush + TABLE * pairs
        shares = (fires, 1 - (1 - fires) ** LANES)
        lazy = [EVENT * share * n_edges + always for share in shares]
        ratios = ", ".join(f"{UPDATE * n_edges / cost:.1f}" for cost in lazy)
        print(f"{n_neurons}, {n_edges}, {pairs}, {ratios}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--flush", type=int, default=150, help="steps")
    parser.add_argument("--sizes", type=int, nargs="+", default=[250, 1000, 3000])
    parser.add_argument("--rates-hz", type=float, nargs="+", default=[10.6, 9.9, 7.1])
    return parser.parse_args()


if __name__ == "__main__":
    main()
