"""The LGN cells of a run and their edges into a network.

In: the Allen tables, V1 cells, random generators. Out: ``LgnPathway`` with only
those LGN cells that have a target in the network. Source: Billeh et al. 2020: LGN
cells on 15 x 10 tiles of the visual field; each V1 cell collects sustained cells
from an ellipse on one side of its receptive field's centre, transient OFF cells
from the mirror ellipse, and composite cells of its own orientation from the middle.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd

from evoplast.network.recurrent import (
    AZIMUTH_DEG_PER_UM,
    ELEVATION_DEG_PER_UM,
    orientation_difference_deg,
)
from evoplast.network.tables import AllenTables
from evoplast.network.types import Cells, LgnPathway

FIELD_DEG = (240.0, 120.0)
TILES = (15, 10)
PARAMETER_JITTER = 0.025
COMPOSITE_MAX_ORIENTATION_DEG = 15.0
PAIRS_PER_BLOCK = 1_000_000
_SINGLE: tuple[str, ...] = ("spont_rate_hz", "max_rate_off_hz", "max_rate_on_hz")
_SINGLE += ("time_to_peak_off_ms", "time_to_peak_on_ms", "off_factor")
_JITTERED_PAIRS = {
    f"{quantity}_{half}{unit}": tuple(f"{quantity}_{half}_{i}{unit}" for i in (0, 1))
    for half in ("dom", "nondom")
    for quantity, unit in (("weight", ""), ("kpeak", "_ms"), ("delay", "_ms"))
}


def _tile_positions(
    per_tile: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return class index and position (L, 2): ``per_tile`` cells of each class."""
    n_tiles = TILES[0] * TILES[1]
    kind = np.repeat(np.arange(len(per_tile)), per_tile * n_tiles)
    tile = np.concatenate([np.repeat(np.arange(n_tiles), n) for n in per_tile])
    corner = np.column_stack([tile // TILES[1], tile % TILES[1]])
    size = np.array(FIELD_DEG) / np.array(TILES)
    return kind, (corner + rng.random(corner.shape)) * size


def _spatial_size_deg(row: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    """Return triangularly distributed sizes (L,); constant where min equals max."""
    low, mode, high = (
        row[f"spatial_size_{name}_deg"].to_numpy(float)
        for name in ("min", "mode", "max")
    )
    width = np.maximum(high - low, 1e-9)
    peak, u = (mode - low) / width, rng.random(len(row))
    rising = low + np.sqrt(u * peak) * width
    falling = high - np.sqrt((1.0 - u) * (1.0 - peak)) * width
    return np.where(high > low, np.where(u < peak, rising, falling), low)


def _jittered(values: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return values * rng.uniform(
        1 - PARAMETER_JITTER, 1 + PARAMETER_JITTER, values.shape
    )


def draw_lgn_cells(classes: pd.DataFrame, rng: np.random.Generator) -> dict:
    """Return all LGN cells of a run as arrays named like the fields of LgnPathway.

    17 400 cells with the tables of Billeh et al. 2020. Temporal parameters vary by
    +-2.5 % between the cells of a class; composite cells have a random direction.
    """
    kind, position = _tile_positions(classes["n_per_tile"].to_numpy(), rng)
    row = classes.iloc[kind]
    polarity = row["polarity"].to_numpy(dtype=np.int8)
    tuning_deg = 360.0 * rng.random(len(kind))
    return {
        "lgn_id": np.arange(len(kind), dtype=np.int32),
        "lgn_class": row["lgn_class"].to_numpy(dtype=str),
        "polarity": polarity,
        "x_deg": position[:, 0],
        "y_deg": position[:, 1],
        "spatial_size_deg": _spatial_size_deg(row, rng),
        "tuning_deg": np.where(polarity == 0, tuning_deg, np.nan),
        "subfield_separation_deg": _jittered(
            row["subfield_separation_deg"].to_numpy(float), rng
        ),
        **{
            name: _jittered(row[list(columns)].to_numpy(float), rng)
            for name, columns in _JITTERED_PAIRS.items()
        },
        **{name: row[name].to_numpy(float) for name in _SINGLE},
    }


def visual_field_deg(x_um: np.ndarray, z_um: np.ndarray) -> np.ndarray:
    """Return azimuth and elevation (N, 2) of the cells' places, linear degrees."""
    angle = np.column_stack([AZIMUTH_DEG_PER_UM * x_um, ELEVATION_DEG_PER_UM * z_um])
    return np.array(FIELD_DEG) / 2.0 + np.rad2deg(np.tan(np.deg2rad(angle)))


@dataclass(frozen=True)
class _Fields:
    """The receptive field drawn for each V1 cell; arrays (N,), centre (N, 2)."""

    connected: np.ndarray
    centre_deg: np.ndarray
    axis: np.ndarray
    half_distance_deg: np.ndarray
    minor_deg: np.ndarray
    major_deg: np.ndarray
    sustained_on: np.ndarray
    tf_hz: np.ndarray


def _truncated_poisson(mean: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return Poisson numbers without zero, by inverting the distribution."""
    u = np.exp(-mean) + rng.random(mean.shape) * -np.expm1(-mean)
    number, term = np.zeros(mean.shape), np.exp(-mean)
    below = term.copy()
    while (unfinished := below < u).any() and number.max() < 1000:
        number += unfinished
        term = np.where(unfinished, term * mean / np.maximum(number, 1), term)
        below = np.where(unfinished, below + term, below)
    return np.maximum(number, 1.0)


def _draw_fields(cells: Cells, rule: pd.DataFrame, rng: np.random.Generator) -> _Fields:
    row = rule.iloc[cells.cell_type]
    n = len(row)

    def uniform(name: str, unit: str = "_deg") -> np.ndarray:
        low, high = row[f"{name}_min{unit}"], row[f"{name}_max{unit}"]
        return rng.uniform(low.to_numpy(float), high.to_numpy(float))

    minor = uniform("subfield_width") / 2.0
    angle = np.deg2rad(cells.tuning_deg)
    return _Fields(
        connected=rng.random(n) < row["fraction_with_input"].to_numpy(),
        centre_deg=visual_field_deg(cells.x_um, cells.z_um),
        axis=np.column_stack([np.cos(angle), np.sin(angle)]),
        half_distance_deg=uniform("subfield_center_distance") / 2.0,
        minor_deg=minor,
        major_deg=minor * uniform("aspect_ratio", ""),
        sustained_on=rng.random(n) < row["sON_ratio"].to_numpy(),
        tf_hz=_truncated_poisson(row["preferred_tf_poisson_mean"].to_numpy(float), rng),
    )


def _family(classes: pd.DataFrame) -> np.ndarray:
    """Return the family of each class: sON, sOFF, tOFF, or composite (empty)."""
    family = classes["lgn_class"].str.extract(r"^(sON|sOFF|tOFF)_TF")[0]
    return family.fillna("").to_numpy()


def _acceptance(field: _Fields, classes: pd.DataFrame) -> np.ndarray:
    """Return the probability (N, C) that a cell of class c in the ellipse is taken.

    Classes of one family share out their probability by how near their preferred
    temporal frequency is to the V1 cell's.
    """
    family = _family(classes)
    accepted = np.ones((len(field.tf_hz), len(classes)))
    for name in ("sON", "sOFF", "tOFF"):
        members = np.flatnonzero(family == name)
        tf = classes["preferred_tf_hz"].to_numpy(float)[members]
        distance = np.abs(field.tf_hz[:, None] - tf)
        share = distance / distance.sum(axis=1, keepdims=True)
        accepted[:, members] = (1.0 - share) / max(len(members) - 1, 1)
    accepted[:, family == "sON"] *= field.sustained_on[:, None]
    accepted[:, family == "sOFF"] *= ~field.sustained_on[:, None]
    return accepted * field.connected[:, None]


def _inside(
    field: _Fields, cells: slice, place: np.ndarray, side: np.ndarray
) -> np.ndarray:
    """Return whether each LGN cell (B, L) lies in its ellipse of each V1 cell.

    ``side`` (L,): -1 sustained, +1 transient, 0 composite cells, whose central
    ellipse is half the displacement along the axis and the minor radius across.
    """
    axis, half = field.axis[cells], field.half_distance_deg[cells, None]
    dx = place[:, 0] - field.centre_deg[cells, :1]
    dy = place[:, 1] - field.centre_deg[cells, 1:]
    along = dx * axis[:, :1] + dy * axis[:, 1:] - side * half
    across = dx * axis[:, 1:] - dy * axis[:, :1]
    minor, major = field.minor_deg[cells, None], field.major_deg[cells, None]
    radius_along = np.where(side == 0, half / 2.0, minor)
    radius_across = np.where(side == 0, minor, major)
    return (along / radius_along) ** 2 + (across / radius_across) ** 2 <= 1.0


def _near(field: _Fields, cells: slice, place: np.ndarray) -> np.ndarray:
    """Return the LGN cells in the box that holds every ellipse of these V1 cells."""
    if cells.start == cells.stop:
        return np.zeros(0, dtype=int)
    reach = (field.half_distance_deg[cells] + field.major_deg[cells]).max()
    low = field.centre_deg[cells].min(axis=0) - reach
    high = field.centre_deg[cells].max(axis=0) + reach
    return np.flatnonzero(((place >= low) & (place <= high)).all(axis=1))


def _blocks(n_cells: int, n_lgn: int) -> Iterator[slice]:
    rows = max(1, PAIRS_PER_BLOCK // max(n_lgn, 1))
    for start in range(0, n_cells, rows):
        yield slice(start, min(start + rows, n_cells))


def _sources(
    cells: Cells,
    lgn: dict,
    classes: pd.DataFrame,
    field: _Fields,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Return (target, LGN id) of every edge, sorted."""
    kind = pd.Index(classes["lgn_class"]).get_indexer(lgn["lgn_class"])
    sides = {"sON": -1, "sOFF": -1, "tOFF": 1, "": 0}
    side = np.array([sides[name] for name in _family(classes)])[kind]
    place = np.column_stack([lgn["x_deg"], lgn["y_deg"]])
    accepted = _acceptance(field, classes)
    targets, sources = [], []
    for block in _blocks(len(cells.cell_type), len(place)):
        near = _near(field, block, place)
        p = accepted[block][:, kind[near]] * _inside(
            field, block, place[near], side[near]
        )
        difference = orientation_difference_deg(
            cells.tuning_deg[block, None], lgn["tuning_deg"][near]
        )
        tuned_away = (side[near] == 0) & ~(difference < COMPOSITE_MAX_ORIENTATION_DEG)
        row, column = np.nonzero(rng.random(p.shape) < np.where(tuned_away, 0.0, p))
        targets.append(row + block.start)
        sources.append(near[column])
    return np.concatenate(targets), np.concatenate(sources)


def draw_lgn_pathway(
    cells: Cells, tables: AllenTables, lgn: dict, rng: np.random.Generator
) -> LgnPathway:
    """Return the edges from ``lgn`` (see ``draw_lgn_cells``) onto ``cells``."""
    field = _draw_fields(cells, tables.lgn_to_v1, rng)
    target, lgn_id = _sources(cells, lgn, tables.lgn_classes, field, rng)
    used, source = np.unique(lgn_id, return_inverse=True)
    kind = cells.cell_type[target]
    rule = tables.lgn_to_v1
    weight = (rule["syn_weight_pA"] * rule["n_synapses_per_source"]).to_numpy()
    kept = {field.name for field in fields(LgnPathway)}
    return LgnPathway(
        **{name: values[used] for name, values in lgn.items() if name in kept},
        source=source.astype(np.int32),
        target=target.astype(np.int32),
        weight_pA=weight[kind].astype(np.float32),
        receptor=(rule["receptor_port"].to_numpy() - 1)[kind].astype(np.int8),
        delay_ms=rule["delay_ms"].to_numpy()[kind].astype(np.float32),
    )
