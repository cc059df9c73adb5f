"""Drawing N cells: how many of each type, which GLIF model, where, how tuned.

In: the Allen tables, N, a random generator. Out: ``Cells`` grouped by type.
Source: Billeh et al. 2020, methods (network of 230 924 cells within 845 um).
"""

import numpy as np

from evoplast.artefacts.errors import UserError
from evoplast.network.tables import AllenTables
from evoplast.network.types import Cells

FULL_MODEL_RADIUS_UM = 845.0


def disc_radius_um(n_neurons: int, n_full_model: int) -> float:
    """Return the radius of the disc that holds ``n_neurons`` at the model's density."""
    return FULL_MODEL_RADIUS_UM * float(np.sqrt(n_neurons / n_full_model))


def largest_remainder(quota: np.ndarray) -> np.ndarray:
    """Round ``quota`` to integers that keep the (integer) sum of the quotas."""
    counts = np.floor(quota).astype(int)
    left = int(round(quota.sum())) - counts.sum()
    order = np.argsort(counts - quota, kind="stable")
    counts[order[:left]] += 1
    return counts


def cells_per_type(
    weights: np.ndarray, n_neurons: int, min_cells_per_type: int
) -> np.ndarray:
    """Return how many cells of each type (M,) make up ``n_neurons``.

    Proportional to ``weights`` by largest remainder; types whose share is below
    ``min_cells_per_type`` get that many, at the cost of the others.

    Raises:
        UserError: ``n_neurons`` is not positive or too small for the minimum.
    """
    least = max(1, len(weights) * min_cells_per_type)
    if n_neurons < least:
        raise UserError(
            f"network.n_neurons is {n_neurons}, but {len(weights)} cell types with at "
            f"least {min_cells_per_type} cells each (network.min_cells_per_type) need "
            f"{least}; raise the first or lower the second."
        )
    raised = np.zeros(len(weights), dtype=bool)
    while True:
        free = n_neurons - min_cells_per_type * raised.sum()
        share = np.where(raised, 0.0, weights)
        quota = free * share / max(share.sum(), 1e-300)
        below = ~raised & (quota < min_cells_per_type)
        if not below.any():
            return np.where(raised, min_cells_per_type, largest_remainder(quota))
        raised |= below


def draw_models(
    weights: np.ndarray, n_cells: int, rng: np.random.Generator
) -> np.ndarray:
    """Return the model (index into ``weights``) of each of ``n_cells`` cells.

    Systematic sampling: each model's number is within one of its share, and on
    average over draws equal to it, also when there are fewer cells than models.
    """
    edges = np.cumsum(weights) / np.sum(weights) * n_cells
    models = np.searchsorted(edges, np.arange(n_cells) + rng.random(), side="right")
    return rng.permutation(np.minimum(models, len(weights) - 1))


def _model_rows(
    tables: AllenTables, counts: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    rows = []
    for cell_type, count in enumerate(counts):
        of_type = np.flatnonzero(tables.models["type"].to_numpy() == cell_type)
        share = tables.models["n_cells_full_model"].to_numpy()[of_type]
        rows.append(of_type[draw_models(share, count, rng)])
    return np.concatenate(rows)


def _positions(
    depth_um: np.ndarray, radius_um: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return x, y, z of cells uniform in the disc and in their depth range (N, 2)."""
    n = len(depth_um)
    radius = radius_um * np.sqrt(rng.random(n))
    angle = 2.0 * np.pi * rng.random(n)
    depth = depth_um[:, 0] + (depth_um[:, 1] - depth_um[:, 0]) * rng.random(n)
    return radius * np.cos(angle), depth, radius * np.sin(angle)


def draw_cells(
    tables: AllenTables,
    n_neurons: int,
    min_cells_per_type: int,
    rng: np.random.Generator,
) -> tuple[Cells, np.ndarray]:
    """Return ``n_neurons`` cells and the row of ``tables.models`` of each (N,).

    Raises:
        UserError: ``n_neurons`` is too small, see ``cells_per_type``.
    """
    counts = cells_per_type(tables.n_full_model, n_neurons, min_cells_per_type)
    cell_type = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
    rows = _model_rows(tables, counts, rng)
    model = tables.models.iloc[rows]
    radius_um = disc_radius_um(n_neurons, int(tables.n_full_model.sum()))
    x_um, y_um, z_um = _positions(tables.depth_um[cell_type], radius_um, rng)
    names = ("C_m_pF", "g_nS", "E_L_mV", "V_reset_mV", "V_th_mV", "t_ref_ms")
    cells = Cells(
        cell_type=cell_type,
        model_id=model["model_id"].to_numpy(dtype=np.int64),
        x_um=x_um,
        y_um=y_um,
        z_um=z_um,
        tuning_deg=360.0 * rng.random(n_neurons),
        **{name: model[name].to_numpy(dtype=float) for name in names},
        asc_decay_per_ms=model[["asc_decay_1_per_ms", "asc_decay_2_per_ms"]].to_numpy(),
        asc_amp_pA=model[["asc_amp_1_pA", "asc_amp_2_pA"]].to_numpy(),
    )
    return cells, rows
