"""Cheap noisy problems for the tests of the search."""

import numpy as np

from evoplast.artefacts.seeds import numpy_rng
from evoplast.search.settings import SwarmSettings
from evoplast.search.task import SearchTask

DIMENSION = 30
OBJECTIVES = 3
NOISE = 0.1


def shifted_dtlz2(x: np.ndarray) -> np.ndarray:
    """DTLZ2 with three objectives whose optimum lies at 0.2 and not in the middle."""
    g = ((x[:, 2:] - 0.2) ** 2).sum(axis=1)
    a, b = x[:, 0] * np.pi / 2, x[:, 1] * np.pi / 2
    front = np.stack([np.cos(a) * np.cos(b), np.cos(a) * np.sin(b), np.sin(a)], axis=1)
    return (1 + g)[:, None] * front


def row_noise(genomes: np.ndarray, generation: int, m: int = OBJECTIVES) -> np.ndarray:
    """Noise that depends on the genome and the generation, not on its row."""
    rows = [numpy_rng(1, g.tobytes().hex(), generation) for g in genomes]
    return np.stack([rng.normal(0, NOISE, m) for rng in rows])


def measure(genomes: np.ndarray, generation: int) -> tuple[np.ndarray, np.ndarray]:
    """Shifted DTLZ2 with noise and a shift common to the generation."""
    shift = numpy_rng(2, generation).normal(0, 0.3)
    values = shifted_dtlz2(genomes) + row_noise(genomes, generation) + shift
    return values, np.zeros(len(genomes), np.int64)


def toy_task(measure=measure, search_seed: int = 0, **changes) -> SearchTask:
    settings = SwarmSettings.default(
        **{"population": 16, "preferred_share": 0.0, **changes}
    )
    rng = numpy_rng(0, "start", search_seed)
    initial = rng.random((settings.population, DIMENSION), dtype=np.float32)
    return SearchTask(
        settings=settings,
        lower=np.zeros(DIMENSION, np.float32),
        upper=np.ones(DIMENSION, np.float32),
        binary=np.arange(DIMENSION) >= DIMENSION - 2,
        initial=initial,
        controls=numpy_rng(0, "controls").random((4, DIMENSION), dtype=np.float32),
        measure=measure,
        corrected=np.ones(OBJECTIVES, bool),
        objective_names=("a", "b", "c"),
        ideal=np.zeros(OBJECTIVES),
        reference=np.full(OBJECTIVES, 4.0),
        root_seed=5,
        search_seed=search_seed,
        identity={"alpha": settings.alpha, "population": settings.population},
        describe=lambda genome: f"sum {genome.sum():.3f}",
        features=lambda genomes: genomes[:, :2] > 0.5,
        feature_names=("first", "second"),
        flag_names=("ok", "silent"),
    )
