"""Drawing the recurrent edges and their weights.

In: cells, the Allen tables, a random generator. Out: ``Edges`` sorted by
(target, source). Source: Billeh et al. 2020, connection and weight rules; p(r) =
p_max exp(-(r/sigma)^2) times a linear orientation factor; the weight of an edge is
weight per synapse x synapses x direction tuning (x retinotopic phase for E to E).
"""

from collections.abc import Iterator

import numpy as np

from evoplast.network.tables import AllenTables, PairRules
from evoplast.network.types import Cells, Edges

AZIMUTH_DEG_PER_UM = 0.07
ELEVATION_DEG_PER_UM = 0.04
# Cells whose pairs are drawn at once: bounds memory, and part of the definition of
# the random stream.
PAIRS_PER_BLOCK = 2_000_000


def direction_difference_deg(a_deg: np.ndarray, b_deg: np.ndarray) -> np.ndarray:
    """Return the difference of two directions folded to 0..180 degrees."""
    difference = np.abs(a_deg - b_deg) % 360.0
    return np.minimum(difference, 360.0 - difference)


def orientation_difference_deg(
    a_deg: np.ndarray, b_deg: np.ndarray | float
) -> np.ndarray:
    """Return the difference of two orientations folded to 0..90 degrees."""
    difference = np.abs(a_deg - b_deg) % 180.0
    return np.minimum(difference, 180.0 - difference)


def phase_factor(
    dx_um: np.ndarray, dz_um: np.ndarray, target_tuning_deg: np.ndarray
) -> np.ndarray:
    """Return the retinotopic phase term of an E to E weight.

    ``dx_um``, ``dz_um``: target minus source. Cells whose receptive fields lie
    apart along the target's preferred direction are weakly coupled; the second
    factor makes up for azimuth and elevation having different magnifications.
    """
    angle = np.deg2rad(target_tuning_deg)
    shift_deg = AZIMUTH_DEG_PER_UM * dx_um * np.cos(angle)
    shift_deg = shift_deg + ELEVATION_DEG_PER_UM * dz_um * np.sin(angle)
    folded_deg = orientation_difference_deg(target_tuning_deg, 0.0)
    anisotropy = 5.5 / 4.0 - 11.0 / 1680.0 * folded_deg
    return np.exp(-(shift_deg**2) / 2.0) * anisotropy


def _target_blocks(cells: Cells) -> Iterator[slice]:
    """Yield runs of targets of one type, short enough to bound memory."""
    n = len(cells.cell_type)
    rows = max(1, PAIRS_PER_BLOCK // n)
    starts = np.flatnonzero(np.diff(cells.cell_type, prepend=-1))
    for first, last in zip(starts, np.append(starts[1:], n), strict=True):
        for start in range(first, last, rows):
            yield slice(start, min(start + rows, last))


def _probability(cells: Cells, block: slice, pairs: PairRules) -> np.ndarray:
    """Return the connection probability (targets of ``block``, N), float32."""
    target_type = cells.cell_type[block.start]

    def by_source(matrix: np.ndarray) -> np.ndarray:
        return matrix[target_type, cells.cell_type].astype(np.float32)

    position = [cells.x_um.astype(np.float32), cells.z_um.astype(np.float32)]
    r2 = sum((p[block, None] - p) ** 2 for p in position)
    p = by_source(pairs.p_max) * np.exp(-r2 / by_source(pairs.sigma_um) ** 2)
    slope = pairs.factor_90deg[target_type] - pairs.factor_0deg[target_type]
    if slope.any():
        tuning = cells.tuning_deg.astype(np.float32)
        difference = orientation_difference_deg(tuning[block, None], tuning)
        per_deg = (slope / 90.0)[cells.cell_type].astype(np.float32)
        p *= by_source(pairs.factor_0deg) + per_deg * difference
    rows = np.arange(block.start, block.stop)
    p[rows - block.start, rows] = 0.0
    return p


def _multiplier(
    cells: Cells, source: np.ndarray, target: np.ndarray, pairs: PairRules
) -> np.ndarray:
    """Return the tuning multiplier of each edge (E,)."""
    kind = cells.cell_type[target], cells.cell_type[source]
    tuning = cells.tuning_deg
    difference = direction_difference_deg(tuning[target], tuning[source])
    factor = np.exp(-((difference / pairs.tuning_sigma_deg[kind]) ** 2))
    dx = cells.x_um[target] - cells.x_um[source]
    dz = cells.z_um[target] - cells.z_um[source]
    phase = phase_factor(dx, dz, tuning[target])
    return factor * np.where(pairs.phase_rule[kind], phase, 1.0)


def _block_edges(
    cells: Cells,
    model_row: np.ndarray,
    tables: AllenTables,
    block: slice,
    rng: np.random.Generator,
) -> Edges:
    pairs = tables.pairs
    p = _probability(cells, block, pairs)
    row, source = np.nonzero(rng.random(p.shape, dtype=np.float32) < p)
    target = row + block.start
    kind = cells.cell_type[target], cells.cell_type[source]
    nsyn = rng.integers(pairs.nsyn_min[kind], pairs.nsyn_max[kind], endpoint=True)
    per_synapse = tables.synaptic_weight_pA[model_row[target], cells.cell_type[source]]
    weight = per_synapse * nsyn * _multiplier(cells, source, target, pairs)
    return Edges(
        source=source.astype(np.int32),
        target=target.astype(np.int32),
        weight_pA=weight.astype(np.float32),
        delay_ms=pairs.delay_ms[kind],
        receptor=pairs.receptor[kind],
    )


def draw_edges(
    cells: Cells, model_row: np.ndarray, tables: AllenTables, rng: np.random.Generator
) -> Edges:
    """Return the recurrent edges among ``cells`` (grouped by type).

    ``model_row`` (N,) is the row of ``tables.models`` of each cell.
    """
    blocks = [
        _block_edges(cells, model_row, tables, block, rng)
        for block in _target_blocks(cells)
    ]
    names = ("source", "target", "weight_pA", "delay_ms", "receptor")
    return Edges(
        **{n: np.concatenate([getattr(block, n) for block in blocks]) for n in names}
    )
