"""Measure what the drive of a trial costs, with and without its parts.

``python tests/bench/drive.py --sizes 250 1000`` prints processor milliseconds a trial.
``--save FILE`` keeps the drives, ``--compare FILE`` says how far they are from kept
ones, so that two versions of the code can be told to agree.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from evoplast.network import build_network, read_allen_tables
from evoplast.stimuli import (
    InputSettings,
    StimulusSettings,
    draw_sequence,
    make_drive,
    make_gratings,
    prepare_input,
)
from evoplast.stimuli.drive import input_blocks

TABLES = Path(__file__).parents[2] / "resources" / "allen_v1"
REPEATS = 5


def main() -> None:
    """Print a line for each network size."""
    options = _options()
    tables, gratings = (
        read_allen_tables(TABLES),
        make_gratings(StimulusSettings.default(), 1),
    )
    sequence = draw_sequence(gratings, options.trials, 0.5, 1, "training")
    drives = {}
    for n_neurons in options.sizes:
        network = build_network(tables, n_neurons, 1, 0)
        prepared = prepare_input(network, gratings, InputSettings.default())
        whole = _milliseconds(lambda p=prepared: make_drive(p, sequence, 1))
        lgn = _milliseconds(lambda p=prepared: list(input_blocks(p, sequence, 1)))
        each, of_lgn = whole / options.trials, lgn / options.trials
        print(f"N {n_neurons}: {each:.2f} ms a trial, {of_lgn:.2f} of it the LGN")
        drives[str(n_neurons)] = make_drive(prepared, sequence, 1).current_pA
    if options.save:
        np.savez(options.save, **drives)
    if options.compare:
        _compare(drives, np.load(options.compare))


def _milliseconds(work: Callable[[], object]) -> float:
    """Return the least processor time of several runs."""
    found = []
    for _ in range(REPEATS):
        start = time.process_time()
        work()
        found.append(1e3 * (time.process_time() - start))
    return min(found)


def _compare(drives: dict[str, np.ndarray], kept: dict[str, np.ndarray]) -> None:
    for name, drive in drives.items():
        apart, scale = np.abs(drive - kept[name]).max(), np.abs(kept[name]).max()
        print(f"N {name}: largest difference {apart:.1e} pA of {scale:.0f} pA")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[250, 1000, 3000])
    parser.add_argument("--trials", type=int, default=41)
    parser.add_argument("--save", type=Path)
    parser.add_argument("--compare", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
