"""A network as the arrays the time loop reads.

In: a :class:`~evoplast.network.Network`, the recurrent gain and the plasticity
bounds. Out: :class:`SimulationModel`, a pytree of device arrays. N neurons, E edges
(padding included), M cell types, K synaptic slots.
"""

from dataclasses import dataclass, field

import jax
import jax.numpy as jnp
import numpy as np

from evoplast.artefacts.errors import UserError
from evoplast.configuration.sections.simulation import (
    PlasticitySettings,
    SimulationSettings,
)
from evoplast.network import Network
from evoplast.simulator.neuron import (
    DT_MS,
    NeuronParameters,
    neuron_parameters,
    port_slots,
)

Array = jax.Array
AUTO = "auto"
_FEWEST_DELAY_SLOTS = 8
# For simulations in which no weight changes: none of these values counts.
NOT_PLASTIC = PlasticitySettings(
    eta=1.0,
    max_relative_change=1.0,
    bound_factor=1.0,
    continuous_term_scale=1.0,
    extra_terms=(),
    slow_trace_ms=1000.0,
    runaway_rate_hz=1000.0,
)


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class SimulationModel:
    """A network ready to run; edges are sorted by (slot, target, type, source).

    Attributes:
        neuron: step coefficients.
        cell_type: (N,) int32.
        source, target: (E,) int32. Padding edges have strength zero for ever.
        segment: (E,) int32, slot * N + target; K * N for padding edges.
        delay_steps: (E,) int32, at least 1.
        type_pair: (E,) int32, post type * M + pre type.
        signed_gain_pA: (E,) float32, sign of the source times the recurrent gain;
            effective weight = signed_gain_pA * strength.
        w_init, w_ref, w_max: (E,) float32, pA: initial strength, mean initial
            strength of the synapse type, upper bound.
        edge_index: (E,) int32 position in ``network.edges``, -1 for padding.
        out_edge: (E,) int32, real edges by delay, then by source.
        out_start: (D * N + 1,) int32, where delay d of source j begins in
            ``out_edge``, at d * N + j.
        in_start: (K * N + 1,) int32, where each segment begins.
        n_types: M.
        n_delay_slots: length of the spike history, a power of two > any delay.
        n_slow_traces: 1 if a term has the slow trace B, else 0.
    """

    neuron: NeuronParameters
    cell_type: Array
    source: Array
    target: Array
    segment: Array
    delay_steps: Array
    type_pair: Array
    signed_gain_pA: Array
    w_init: Array
    w_ref: Array
    w_max: Array
    edge_index: Array
    out_edge: Array
    out_start: Array
    in_start: Array
    n_types: int = field(metadata={"static": True})
    n_delay_slots: int = field(metadata={"static": True})
    n_slow_traces: int = field(metadata={"static": True})

    @property
    def n_neurons(self) -> int:
        """Number of neurons N."""
        return self.cell_type.shape[0]

    @property
    def n_slots(self) -> int:
        """Number of synaptic slots K."""
        return self.neuron.P11.shape[0]


def recurrent_gain(network: Network, settings: SimulationSettings) -> float:
    """Return the factor on recurrent weights, working out "auto".

    Raises:
        UserError: the gain is neither "auto" nor a positive number.
    """
    gain = settings.recurrent_gain
    if gain == AUTO:
        wanted = settings.target_in_degree / max(network.mean_in_degree, 1e-9)
        return float(min(settings.max_recurrent_gain, wanted))
    if isinstance(gain, str) or not gain > 0:
        raise UserError(
            f'simulation.recurrent_gain is {gain!r}; give "auto" or a number above 0.'
        )
    return float(gain)


def delay_in_steps(delay_ms: np.ndarray) -> np.ndarray:
    """Round delays to the nearest step, halves up, at least one; int32."""
    steps = np.floor(np.asarray(delay_ms, np.float64) / DT_MS + 0.5)
    return np.maximum(steps, 1).astype(np.int32)


def mean_strength_by_pair(network: Network) -> np.ndarray:
    """Return the mean strength of each pair of types (M_post, M_pre), pA; 0 if none."""
    m = network.n_types
    pair = _type_pair(network)
    total = np.bincount(pair, np.abs(network.edges.weight_pA), m * m)
    count = np.bincount(pair, minlength=m * m)
    return (total / np.maximum(count, 1)).reshape(m, m)


def _type_pair(network: Network) -> np.ndarray:
    kind = network.cells.cell_type
    post, pre = kind[network.edges.target], kind[network.edges.source]
    return post * network.n_types + pre


def _source_sign(network: Network) -> np.ndarray:
    excitatory = network.cell_types.excitatory[network.cells.cell_type]
    sign = np.where(excitatory, 1.0, -1.0)[network.edges.source]
    wrong = np.flatnonzero(sign * network.edges.weight_pA < 0)
    if len(wrong):
        raise UserError(
            f"Edge {wrong[0]} has the weight {network.edges.weight_pA[wrong[0]]} pA, "
            "against the sign of its source's type; a source must be all excitatory "
            "or all inhibitory."
        )
    return sign


def _delay_slots(delay_steps: np.ndarray) -> int:
    longest = int(delay_steps.max(initial=1))
    return max(_FEWEST_DELAY_SLOTS, 1 << longest.bit_length())


def _padded(values: np.ndarray, length: int, fill: float, dtype: type) -> Array:
    tail: np.ndarray = np.full(length - len(values), fill, dtype)
    return jnp.asarray(np.concatenate([np.asarray(values, dtype), tail]))


def _starts(ascending: np.ndarray, count: int) -> Array:
    return jnp.asarray(np.searchsorted(ascending, np.arange(count + 1)), jnp.int32)


def _padded_length(network: Network, pad_edges_to: int | None) -> int:
    length = pad_edges_to or network.n_edges
    if length < network.n_edges:
        raise UserError(
            f"pad_edges_to is {length}, but the network has {network.n_edges} edges; "
            "give at least that many."
        )
    return length


def build_model(
    network: Network,
    simulation: SimulationSettings,
    plasticity: PlasticitySettings,
    pad_edges_to: int | None = None,
) -> SimulationModel:
    """Return the arrays of a network for simulation.

    ``pad_edges_to`` adds edges without effect, so that networks with different
    numbers of edges share one compiled program.

    Raises:
        UserError: a weight's sign contradicts its source's type, or
            ``pad_edges_to`` is too small.
    """
    length = _padded_length(network, pad_edges_to)
    ports, slots = port_slots(network)
    edges, n, pair = network.edges, network.n_neurons, _type_pair(network)
    order = np.lexsort((edges.source, pair, edges.target, slots))
    delays = delay_in_steps(edges.delay_ms)
    strength = np.abs(edges.weight_pA).astype(np.float32)
    w_ref = mean_strength_by_pair(network).ravel()[pair].astype(np.float32)
    w_max = np.maximum(np.float32(plasticity.bound_factor) * w_ref, strength)
    signed_gain = _source_sign(network) * recurrent_gain(network, simulation)

    def edge_array(values: np.ndarray, fill: float, dtype: type) -> Array:
        return _padded(values[order], length, fill, dtype)

    n_slots = _delay_slots(delays)
    out_key = (delays * n + edges.source)[order]
    segment = (slots * n + edges.target)[order]
    out_edge = np.argsort(out_key, kind="stable")
    return SimulationModel(
        neuron=neuron_parameters(network, ports),
        cell_type=jnp.asarray(network.cells.cell_type, jnp.int32),
        source=edge_array(edges.source, 0, np.int32),
        target=edge_array(edges.target, 0, np.int32),
        segment=edge_array(slots * n + edges.target, len(ports) * n, np.int32),
        delay_steps=edge_array(delays, 1, np.int32),
        type_pair=edge_array(pair, 0, np.int32),
        signed_gain_pA=edge_array(signed_gain, 0, np.float32),
        w_init=edge_array(strength, 0, np.float32),
        w_ref=edge_array(w_ref, 0, np.float32),
        w_max=edge_array(w_max, 0, np.float32),
        edge_index=edge_array(np.arange(len(order)), -1, np.int32),
        out_edge=_padded(out_edge, length, 0, np.int32),
        out_start=_starts(out_key[out_edge], n_slots * n),
        in_start=_starts(segment, len(ports) * n),
        n_types=network.n_types,
        n_delay_slots=n_slots,
        n_slow_traces=int(any("B_" in name for name in plasticity.extra_terms)),
    )
