"""Building a network of N cells from the Allen tables.

In: the tables, N, the seed of the run, the number of the instance. Out: a
``Network``. The LGN cells depend on the seed alone, so that all instances and sizes
of a run see the same LGN; everything else depends on seed, N and instance.
"""

import numpy as np

from evoplast.artefacts.seeds import numpy_rng
from evoplast.network.cells import draw_cells
from evoplast.network.lgn import draw_lgn_cells, draw_lgn_pathway
from evoplast.network.recurrent import draw_edges
from evoplast.network.tables import AllenTables
from evoplast.network.types import Background, Network


def _background(tables: AllenTables, model_row: np.ndarray) -> Background:
    row = tables.models.iloc[model_row]
    return Background(
        weight_pA=row["background_weight_pA"].to_numpy(dtype=np.float32),
        receptor=row["background_receptor"].to_numpy(dtype=np.int8),
        rate_hz=tables.background_rate_hz,
    )


def build_network(
    tables: AllenTables,
    n_neurons: int,
    seed: int,
    instance: int,
    min_cells_per_type: int = 2,
) -> Network:
    """Return instance ``instance`` of a network of ``n_neurons`` cells.

    The cells fill the disc around the column's axis that holds ``n_neurons`` at the
    density of the full model. Source: Billeh et al. 2020.

    Raises:
        UserError: ``n_neurons`` is negative or too small for the number of types.
    """
    path = ("network", n_neurons, instance)
    cells, model_row = draw_cells(
        tables, n_neurons, min_cells_per_type, numpy_rng(seed, *path, "cells")
    )
    lgn = draw_lgn_cells(tables.lgn_classes, numpy_rng(seed, "lgn"))
    return Network(
        cell_types=tables.cell_types,
        cells=cells,
        edges=draw_edges(cells, model_row, tables, numpy_rng(seed, *path, "edges")),
        lgn=draw_lgn_pathway(cells, tables, lgn, numpy_rng(seed, *path, "lgn edges")),
        background=_background(tables, model_row),
        tau_syn_ms=tables.tau_syn_ms,
    )
