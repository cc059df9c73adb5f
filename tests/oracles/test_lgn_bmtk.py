"""LGN rates against filternet, the LGN simulator of the Allen Institute (bmtk).

The same cells of all 14 classes see the same movies in both programs. Positions are
passed in pixels: filternet has no scaling of its own from degrees to pixels.
"""

import numpy as np
import pytest

from evoplast.network.lgn import draw_lgn_cells
from evoplast.network.types import LgnPathway
from evoplast.stimuli import StimulusSettings, lgn_rates, make_gratings, make_natural
from evoplast.stimuli.types import FRAME_COLUMNS, FRAME_ROWS

pytest.importorskip("sympy", reason="needs sympy, which filternet imports")
pytest.importorskip("bmtk", reason="needs bmtk, the oracle")

# filternet's own code warns (invalid escapes, deprecated calls); not our concern.
pytestmark = pytest.mark.filterwarnings("ignore")

CELLS_PER_CLASS = 2
MOVIE_MS = 320
INTENSITY = 2.0
PIXELS_PER_X_DEG = (FRAME_COLUMNS - 1) / FRAME_COLUMNS
PIXELS_PER_Y_DEG = (FRAME_ROWS - 1) / FRAME_ROWS
RELATIVE_TOLERANCE = 0.001
TOLERANCE_HZ = 0.001
BANK = StimulusSettings.default(
    n_training_images=2,
    n_test_images=2,
    n_training_gratings=2,
    n_test_gratings=2,
)


class Node(dict):
    """A node as filternet's cell loader wants it: keys that are attributes too."""

    __getattr__ = dict.__getitem__


@pytest.fixture(scope="module")
def pathway(allen_tables):
    """Some cells of every class, away from the frame's margin, without edges."""
    rng = np.random.default_rng(4)
    cells = draw_lgn_cells(allen_tables.lgn_classes, rng)
    inside = (abs(cells["x_deg"] - 120) < 80) & (abs(cells["y_deg"] - 60) < 30)
    chosen = [
        rng.choice(
            np.flatnonzero((cells["lgn_class"] == name) & inside), CELLS_PER_CLASS
        )
        for name in np.unique(cells["lgn_class"])
    ]
    chosen = np.concatenate(chosen)
    empty = np.zeros(0)
    edges = dict.fromkeys(
        ("source", "target", "weight_pA", "receptor", "delay_ms"), empty
    )
    return LgnPathway(**{name: v[chosen] for name, v in cells.items()}, **edges)


def flashed(images):
    """Return a movie of two images, each shown for 100 ms after 50 ms of grey."""
    movie = np.zeros((MOVIE_MS, FRAME_ROWS, FRAME_COLUMNS), np.float32)
    movie[50:150] = INTENSITY * images[0]
    movie[200:300] = INTENSITY * images[1]
    return movie


def drifting_bar():
    """Return a movie of a bright oblique bar that crosses the frame, on dark."""
    rows = np.arange(FRAME_ROWS)[None, :, None]
    columns = np.arange(FRAME_COLUMNS)[None, None, :]
    front = np.linspace(0, 300, MOVIE_MS)[:, None, None]
    inside = np.abs(columns + 0.5 * rows - front) < 12
    return np.where(inside, INTENSITY, -0.5).astype(np.float32)


MOVIES = {
    "gratings": lambda: flashed(make_gratings(BANK, 1).images),
    "photographs": lambda: flashed(make_natural(BANK, 1).images),
    "drifting bar": drifting_bar,
}


def separation_in_pixels(pathway, index):
    """Return distance and direction in degrees from the OFF to the ON subfield."""
    angle = np.deg2rad(pathway.tuning_deg[index])
    offset = pathway.subfield_separation_deg[index] * np.exp(1j * angle)
    pixels = complex(offset.real * PIXELS_PER_X_DEG, offset.imag * PIXELS_PER_Y_DEG)
    return abs(pixels), np.rad2deg(np.angle(pixels))


def filternet_node(pathway, index):
    distance, direction = separation_in_pixels(pathway, index)
    composite = pathway.polarity[index] == 0
    other = (
        (pathway.weight_nondom, pathway.kpeak_nondom_ms, pathway.delay_nondom_ms)
        if composite
        else (pathway.weight_dom,) * 3
    )
    return Node(
        x=pathway.x_deg[index] * PIXELS_PER_X_DEG,
        y=pathway.y_deg[index] * PIXELS_PER_Y_DEG,
        spatial_size=pathway.spatial_size_deg[index],
        weights=pathway.weight_dom[index],
        kpeaks=pathway.kpeak_dom_ms[index],
        delays=pathway.delay_dom_ms[index],
        non_dom_params=None,
        weights_non_dom=other[0][index],
        kpeaks_non_dom=other[1][index],
        delays_non_dom=other[2][index],
        predefined_jitter=False,
        spont_fr=pathway.spont_rate_hz[index],
        sf_sep=distance,
        tuning_angle=direction,
    )


def filternet_rates(pathway, frames):
    """Return rates (T, L) by filternet.

    Its point-like start of a Gaussian is two pixels wide on frames with an even
    number of pixels, so the frame gets one more grey row and column.
    """
    from bmtk.simulator.filternet.default_setters.cell_loaders import (
        default_cell_loader,
    )
    from bmtk.simulator.filternet.lgnmodel.movie import Movie

    odd = np.pad(frames, ((0, 0), (0, 1), (0, 1)))
    movie = Movie(odd.astype(float), frame_rate=1000.0)
    rates = []
    for index, name in enumerate(pathway.lgn_class):
        node = filternet_node(pathway, index)
        cell = default_cell_loader(node, ("lgnmodel", str(name)), {})
        rates.append(np.asarray(cell.evaluate(movie, separable=True)[1], float))
    return np.stack(rates, axis=1)


def test_all_classes_are_compared(pathway):
    names, count = np.unique(pathway.lgn_class, return_counts=True)
    assert len(names) == 14
    assert np.all(count == CELLS_PER_CLASS)


@pytest.mark.parametrize("name", list(MOVIES))
def test_rates_agree_with_filternet(pathway, name):
    frames = MOVIES[name]()
    found, expected = lgn_rates(frames, pathway), filternet_rates(pathway, frames)
    assert np.ptp(expected, axis=0).mean() > 5.0
    allowed = np.maximum(TOLERANCE_HZ, RELATIVE_TOLERANCE * expected)
    excess = np.abs(found - expected) - allowed
    worst = np.unravel_index(np.argmax(excess), excess.shape)
    assert np.all(excess <= 0), (
        f"{pathway.lgn_class[worst[1]]} at {worst[0]} ms: {found[worst]:.2f} Hz here, "
        f"{expected[worst]:.2f} Hz in filternet"
    )
