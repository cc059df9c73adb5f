"""Measure the LGN front end: all 17 400 cells, a movie of still photographs.

``python tests/bench/lgn.py --seconds 60`` prints processor time, time by the clock and
peak memory. Only cells with targets are computed in the workflow: how many those are
stands beside for each network size.
"""

import argparse
import resource
import time
from dataclasses import fields
from pathlib import Path

import numpy as np

from evoplast.artefacts.seeds import numpy_rng
from evoplast.network import build_network, read_allen_tables
from evoplast.network.lgn import draw_lgn_cells
from evoplast.network.types import LgnPathway
from evoplast.stimuli import StimulusSettings, make_natural
from evoplast.stimuli.lgn import lgn_rate_blocks

TABLES = Path(__file__).parents[2] / "resources" / "allen_v1"
FRAME_MS = 100
SIZES = (250, 1000, 3000)


class StillFrames:
    """A movie (T, 120, 240) that shows each image for ``FRAME_MS``, never whole."""

    def __init__(self, images: np.ndarray, n_steps: int) -> None:
        self._images = images
        self.shape = (n_steps, *images.shape[1:])

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, block: slice) -> np.ndarray:
        steps = np.arange(len(self))[block]
        return self._images[steps // FRAME_MS % len(self._images)]


def all_cells(tables, seed: int) -> LgnPathway:
    """Return every LGN cell, each with one target."""
    lgn = draw_lgn_cells(tables.lgn_classes, numpy_rng(seed, "lgn"))
    n = len(lgn["lgn_id"])
    edges = {
        "source": np.arange(n, dtype=np.int32),
        "target": np.zeros(n, np.int32),
        "weight_pA": np.ones(n, np.float32),
        "receptor": np.zeros(n, np.int8),
        "delay_ms": np.ones(n, np.float32),
    }
    names = {field.name for field in fields(LgnPathway)}
    cells = {name: values for name, values in lgn.items() if name in names}
    return LgnPathway(**cells, **edges)


def main() -> None:
    """Run the measurement and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60, help="of the movie")
    seconds = parser.parse_args().seconds
    tables = read_allen_tables(TABLES)
    pathway = all_cells(tables, seed=1)
    settings = StimulusSettings.default(n_training_images=20, n_test_images=20)
    images = make_natural(settings, seed=1)
    movie = StillFrames(np.float32(images.intensity) * images.images, 1000 * seconds)
    clock, processor = time.perf_counter(), time.process_time()
    total = sum(rates.sum(dtype=float) for rates in lgn_rate_blocks(movie, pathway))
    clock, processor = time.perf_counter() - clock, time.process_time() - processor
    n_cells = len(pathway.lgn_id)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{n_cells} cells, {seconds} s of movie, mean "
        f"{total / n_cells / seconds / 1e3:.2f} Hz"
    )
    print(f"processor {processor:.1f} s, clock {clock:.1f} s, peak {peak:.0f} MiB")
    for size in SIZES:
        used = len(build_network(tables, size, 1, 0).lgn.lgn_id)
        print(f"network of {size}: {used} LGN cells have targets")


if __name__ == "__main__":
    main()
