"""The parts of a network, as plain host arrays.

In: nothing. Out: frozen dataclasses that the builder and the readers fill and that
every other room reads. N neurons, E recurrent edges, M cell types, L LGN cells,
E_lgn edges from LGN cells. Units stand in the names.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class CellTypes:
    """The M cell types of a network, in the order of the tables.

    ``excitatory`` is bool (M,); ``layer`` holds labels such as ``L2/3``; ``mouse``
    the type of the mouse's tables that stands for each, by default its own name.
    """

    names: tuple[str, ...]
    excitatory: np.ndarray
    layer: tuple[str, ...]
    mouse: tuple[str, ...] | None = None

    @property
    def names_in_mouse(self) -> tuple[str, ...]:
        """The type of the mouse's tables that stands for each type."""
        return self.mouse or self.names


@dataclass(frozen=True)
class Cells:
    """Place, tuning and GLIF3 parameters of each neuron; arrays (N,) unless said.

    Cells are grouped by type, in the order of the types. ``y_um`` is the depth
    below the pia. ``asc_decay_per_ms`` and ``asc_amp_pA`` are (N, 2): decay rate of
    the two after-spike currents and their jump at a spike.
    """

    cell_type: np.ndarray
    model_id: np.ndarray
    x_um: np.ndarray
    y_um: np.ndarray
    z_um: np.ndarray
    tuning_deg: np.ndarray
    C_m_pF: np.ndarray
    g_nS: np.ndarray
    E_L_mV: np.ndarray
    V_reset_mV: np.ndarray
    V_th_mV: np.ndarray
    t_ref_ms: np.ndarray
    asc_decay_per_ms: np.ndarray
    asc_amp_pA: np.ndarray


@dataclass(frozen=True)
class Edges:
    """Recurrent connections (E,), sorted by (target, source).

    ``weight_pA`` is the peak of the alpha current that one spike causes, signed by
    the type of the source. ``receptor`` counts ports from 0.
    """

    source: np.ndarray
    target: np.ndarray
    weight_pA: np.ndarray
    delay_ms: np.ndarray
    receptor: np.ndarray


@dataclass(frozen=True)
class LgnPathway:
    """The LGN cells that reach this network, and their edges into it.

    Per LGN cell, (L,) unless said: ``lgn_id`` is the index among all LGN cells of
    the run; ``x_deg``, ``y_deg`` the place in the visual field (0..240, 0..120);
    ``polarity`` +1 ON, -1 OFF, 0 composite. The dominant filter is two bumps with
    ``weight_dom``, ``kpeak_dom_ms``, ``delay_dom_ms`` (L, 2). Composite cells have
    an OFF half (dominant) and an ON half (nondominant) displaced by
    ``subfield_separation_deg`` along ``tuning_deg``; these two, the nondominant
    filter, ``max_rate_*_hz``, ``time_to_peak_*_ms`` and ``off_factor`` are NaN for
    the other classes. ``spont_rate_hz`` is that of the whole cell.

    Per edge (E_lgn,), sorted by (target, source): ``source`` indexes the L cells,
    ``weight_pA``, ``receptor`` (from 0) and ``delay_ms`` as for recurrent edges.
    """

    lgn_id: np.ndarray
    lgn_class: np.ndarray
    polarity: np.ndarray
    x_deg: np.ndarray
    y_deg: np.ndarray
    spatial_size_deg: np.ndarray
    tuning_deg: np.ndarray
    subfield_separation_deg: np.ndarray
    weight_dom: np.ndarray
    kpeak_dom_ms: np.ndarray
    delay_dom_ms: np.ndarray
    weight_nondom: np.ndarray
    kpeak_nondom_ms: np.ndarray
    delay_nondom_ms: np.ndarray
    spont_rate_hz: np.ndarray
    max_rate_off_hz: np.ndarray
    max_rate_on_hz: np.ndarray
    time_to_peak_off_ms: np.ndarray
    time_to_peak_on_ms: np.ndarray
    off_factor: np.ndarray
    source: np.ndarray
    target: np.ndarray
    weight_pA: np.ndarray
    receptor: np.ndarray
    delay_ms: np.ndarray


@dataclass(frozen=True)
class Background:
    """One Poisson source of ``rate_hz`` that reaches every neuron.

    ``weight_pA`` and ``receptor`` (from 0) are (N,).
    """

    weight_pA: np.ndarray
    receptor: np.ndarray
    rate_hz: float


@dataclass(frozen=True)
class Network:
    """A whole network; ``tau_syn_ms`` holds the time constant of each port (4,)."""

    cell_types: CellTypes
    cells: Cells
    edges: Edges
    lgn: LgnPathway
    background: Background
    tau_syn_ms: np.ndarray

    @property
    def n_neurons(self) -> int:
        """Number of neurons."""
        return len(self.cells.cell_type)

    @property
    def n_edges(self) -> int:
        """Number of recurrent edges."""
        return len(self.edges.source)

    @property
    def n_types(self) -> int:
        """Number of cell types."""
        return len(self.cell_types.names)

    @property
    def mean_in_degree(self) -> float:
        """Recurrent edges per neuron."""
        return self.n_edges / self.n_neurons
