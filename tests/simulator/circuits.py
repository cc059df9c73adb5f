"""Small hand-made circuits whose every number a test can choose."""

import numpy as np

from evoplast.network.types import (
    Background,
    Cells,
    CellTypes,
    Edges,
    LgnPathway,
    Network,
)

TYPES = CellTypes(
    names=("e4", "i4", "e5", "i5"),
    excitatory=np.array([True, False, True, False]),
    layer=("L4", "L4", "L5", "L5"),
)
TAU_SYN_MS = np.array([5.5, 8.5, 2.8, 5.8])


def cells(cell_type, t_ref_ms=3.0) -> Cells:
    n = len(cell_type)
    spread = np.linspace(0.9, 1.1, n)
    zeros = np.zeros(n)
    return Cells(
        cell_type=np.asarray(cell_type, np.int32),
        model_id=np.arange(n),
        x_um=zeros,
        y_um=zeros,
        z_um=zeros,
        tuning_deg=zeros,
        C_m_pF=100.0 * spread,
        g_nS=6.0 * spread[::-1],
        E_L_mV=np.full(n, -75.0),
        V_reset_mV=-75.0 - spread,
        V_th_mV=-50.0 * spread,
        t_ref_ms=np.full(n, t_ref_ms),
        asc_decay_per_ms=np.tile([0.003, 0.1], (n, 1)),
        asc_amp_pA=np.tile([-3.0, -30.0], (n, 1)) * spread[:, None],
    )


def network(
    cell_type, source, target, weight_pA, delay_ms, receptor, **cell
) -> Network:
    order = np.lexsort((source, target))
    n = len(cell_type)
    edges = Edges(
        source=np.asarray(source, np.int32)[order],
        target=np.asarray(target, np.int32)[order],
        weight_pA=np.asarray(weight_pA, np.float32)[order],
        delay_ms=np.asarray(delay_ms, float)[order],
        receptor=np.asarray(receptor, np.int8)[order],
    )
    empty = {name: np.zeros(0) for name in LgnPathway.__dataclass_fields__}
    return Network(
        cell_types=TYPES,
        cells=cells(cell_type, **cell),
        edges=edges,
        lgn=LgnPathway(**empty),
        background=Background(np.zeros(n), np.zeros(n, np.int8), 1000.0),
        tau_syn_ms=TAU_SYN_MS,
    )


def random_network(seed=0, n_neurons=12, n_edges=50) -> Network:
    """All types, all four ports, three of them on some neurons, delays of 1 to 4."""
    rng = np.random.default_rng(seed)
    cell_type = np.sort(np.arange(n_neurons) % 4)
    pairs = rng.choice(n_neurons**2, n_edges, replace=False)
    source, target = pairs % n_neurons, pairs // n_neurons
    sign = np.where(TYPES.excitatory[cell_type[source]], 1.0, -1.0)
    return network(
        cell_type,
        source,
        target,
        sign * rng.uniform(5.0, 80.0, n_edges),
        rng.uniform(0.2, 4.4, n_edges),
        rng.integers(0, 4, n_edges),
    )
