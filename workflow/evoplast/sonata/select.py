"""Which nodes become cells of the network, and of which cell type.

In: the nodes of V1, the settings, the types of the Allen tables. Out: ``Selection``,
the N nodes nearest the axis grouped by type, and ``Cells`` from their GLIF models.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from evoplast.artefacts.errors import UserError
from evoplast.artefacts.seeds import numpy_rng
from evoplast.configuration.sections.circuit import CircuitType, SonataSettings
from evoplast.network import Cells, CellTypes
from evoplast.sonata.models import GlifModel
from evoplast.sonata.nodes import Nodes

# Of so many places a held-out network takes the one farthest from the training ones.
PLACES_TRIED = 64


@dataclass(frozen=True)
class Draw:
    """How many cells to take, and where: instance 0 lies on the axis.

    ``n_neurons`` counts unless the settings ask for the whole circuit. A held-out
    instance keeps away from the ``training`` instances 0, 1, ...
    """

    n_neurons: int
    seed: int = 0
    instance: int = 0
    min_cells_per_type: int = 2
    training: int = 0


@dataclass(frozen=True)
class Selection:
    """The chosen ``rows`` (N,) of ``nodes``, grouped by type, then by node id."""

    nodes: Nodes
    cell_types: CellTypes
    rows: np.ndarray
    cell_type: np.ndarray


def chosen_types(
    settings: SonataSettings, default: CellTypes
) -> tuple[CellTypes, tuple[tuple[str, ...], ...]]:
    """Return the cell types and the prefixes of each.

    Raises:
        UserError: an entry of ``settings.types`` is incomplete, or names repeat.
    """
    if settings.types is None:
        return default, tuple((name,) for name in default.names)
    for entry in settings.types:
        missing = [key for key in ("name", "layer", "excitatory") if key not in entry]
        if missing:
            raise UserError(
                f"The entry {dict(entry)} of network.sonata.types lacks "
                f"{missing[0]!r}; give name, layer and excitatory."
            )
    names = tuple(str(entry["name"]) for entry in settings.types)
    if len(set(names)) < len(names):
        raise UserError(
            f"network.sonata.types names {', '.join(names)}; every name must be unique."
        )
    types = CellTypes(
        names=names,
        excitatory=np.array([bool(entry["excitatory"]) for entry in settings.types]),
        layer=tuple(str(entry["layer"]) for entry in settings.types),
        mouse=_names_in_mouse(settings.types),
    )
    prefixes = (entry.get("match", [entry["name"]]) for entry in settings.types)
    return types, tuple(tuple(map(str, each)) for each in prefixes)


def _names_in_mouse(entries: Sequence[CircuitType]) -> tuple[str, ...] | None:
    if not any("mouse" in entry for entry in entries):
        return None
    return tuple(str(entry.get("mouse", entry["name"])) for entry in entries)


def _type_of(label: str, prefixes: tuple[tuple[str, ...], ...]) -> int:
    matches = (k for k, starts in enumerate(prefixes) if label.startswith(starts))
    return next(matches, -1)


def _cell_types_of(
    nodes: Nodes, settings: SonataSettings, prefixes: tuple[tuple[str, ...], ...]
) -> np.ndarray:
    """Return the index of the cell type of each node, -1 where it is to be dropped."""
    name = settings.attribute(settings.type_attribute)
    labels, inverse = np.unique(nodes.values(name).astype(str), return_inverse=True)
    kinds = np.array([_type_of(label, prefixes) for label in labels], dtype=np.int32)
    unmatched = labels[kinds < 0]
    if len(unmatched) and settings.unmatched_types == "refuse":
        raise UserError(
            f"The circuit has cells with {name} = {unmatched[0]}, which matches no "
            "cell type; add one to network.sonata.types, or set "
            "network.sonata.unmatched_types: drop to leave such cells out."
        )
    return kinds[inverse]


def _check_classes(nodes: Nodes, kinds: np.ndarray, types: CellTypes) -> None:
    """Check the types against the circuit's own column ``ei``, where it has one."""
    absent = sorted(set(range(len(types.names))) - set(kinds[kinds >= 0].tolist()))
    if absent:
        raise UserError(
            f"The circuit has no cell of the type {types.names[absent[0]]}; list only "
            "types that it has in network.sonata.types."
        )
    if not nodes.has("ei"):
        return
    known = kinds >= 0
    claimed = np.array([str(value)[:1] for value in nodes.values("ei")[known]])
    expected = np.where(types.excitatory[kinds[known]], "e", "i")
    wrong = np.flatnonzero((claimed != expected) & np.isin(claimed, ["e", "i"]))
    if len(wrong):
        raise UserError(
            f"The circuit marks cells of type {types.names[kinds[known][wrong[0]]]} "
            f"with ei = {claimed[wrong[0]]}, which network.sonata.types contradicts; "
            "correct the entry."
        )


def nearest_cells(
    distance_um: np.ndarray, kinds: np.ndarray, n_neurons: int, min_cells_per_type: int
) -> np.ndarray:
    """Return the rows of the ``n_neurons`` nodes nearest the axis.

    The nearest ``min_cells_per_type`` of each type come first, as far as there are
    so many; nodes with ``kinds`` -1 are never taken.

    Raises:
        UserError: there are fewer nodes, or more types than fit.
    """
    order = np.argsort(distance_um, kind="stable")
    order = order[kinds[order] >= 0]
    if n_neurons > len(order):
        raise UserError(
            f"network.n_neurons is {n_neurons}, but the circuit has {len(order)} "
            "usable cells; lower it or set network.sonata.whole_circuit: true."
        )
    types = range(int(kinds.max()) + 1)
    first = [order[kinds[order] == kind][:min_cells_per_type] for kind in types]
    needed = np.concatenate(first)
    if len(needed) > n_neurons:
        raise UserError(
            f"network.n_neurons is {n_neurons}, but {len(first)} cell types with "
            f"{min_cells_per_type} cells each (network.min_cells_per_type) need "
            f"{len(needed)}; raise the first or lower the second."
        )
    others = order[~np.isin(order, needed)][: n_neurons - len(needed)]
    return np.concatenate([needed, others])


def _axes_um(x_um: np.ndarray, z_um: np.ndarray, draw: Draw, n: int) -> np.ndarray:
    """Return ``n`` places (n, 2) for the axis of an instance: the middle, or beside it.

    The disc of a displaced instance stays inside the circuit; a sample as large as
    the circuit leaves no room, so that all its instances are equal.
    """
    if draw.instance == 0:
        return np.zeros((n, 2))
    radius_um = float(np.hypot(x_um, z_um).max())
    room_um = radius_um * (1.0 - np.sqrt(min(1.0, draw.n_neurons / len(x_um))))
    rng = numpy_rng(draw.seed, "sonata axis", draw.instance)
    distance, angle = rng.random((n, 2)).T
    distance, angle = room_um * np.sqrt(distance), 2.0 * np.pi * angle
    return np.column_stack([distance * np.cos(angle), distance * np.sin(angle)])


def _axis_um(
    x_um: np.ndarray, z_um: np.ndarray, draw: Draw, taken: list[np.ndarray]
) -> np.ndarray:
    """Return the axis (2,) of an instance, far from those that are ``taken``."""
    if not taken:
        return _axes_um(x_um, z_um, draw, 1)[0]
    places = _axes_um(x_um, z_um, draw, PLACES_TRIED)
    apart = np.linalg.norm(places[:, None] - np.array(taken), axis=2)
    return places[np.argmax(apart.min(axis=1))]


def _chosen_rows(
    nodes: Nodes, kinds: np.ndarray, settings: SonataSettings, draw: Draw
) -> np.ndarray:
    usable = np.flatnonzero(kinds >= 0)
    rivals = [replace(draw, instance=k, training=0) for k in range(draw.training)]
    if settings.whole_circuit:
        _check_overlap(usable, [usable for _ in rivals], settings, draw)
        return usable
    # The middle of the circuit, wherever its coordinates begin.
    x_um, z_um = (nodes.numbers(settings.attribute(name))[usable] for name in "xz")
    x_um, z_um = x_um - np.median(x_um), z_um - np.median(z_um)

    def rows_at(axis: np.ndarray) -> np.ndarray:
        distance = np.full(len(kinds), np.inf)
        distance[usable] = np.hypot(x_um - axis[0], z_um - axis[1])
        return nearest_cells(distance, kinds, draw.n_neurons, draw.min_cells_per_type)

    taken = [_axis_um(x_um, z_um, rival, []) for rival in rivals]
    rows = rows_at(_axis_um(x_um, z_um, draw, taken))
    _check_overlap(rows, [rows_at(axis) for axis in taken], settings, draw)
    return rows


def _check_overlap(
    rows: np.ndarray, others: list[np.ndarray], settings: SonataSettings, draw: Draw
) -> None:
    """Log how many cells a held-out network shares with a training network.

    Raises:
        UserError: more than ``settings.max_overlap`` of them.
    """
    if not others:
        return
    shares = [float(np.isin(rows, other).mean()) for other in others]
    most = int(np.argmax(shares))
    found = (
        f"The held-out network {draw.instance} shares {shares[most]:.0%} of its cells "
        f"with the training network {most}"
    )
    logging.getLogger("evoplast").info("%s.", found)
    if shares[most] > settings.max_overlap:
        raise UserError(
            f"{found}, more than network.sonata.max_overlap = {settings.max_overlap}, "
            "so that it would show nothing about other networks; lower "
            "network.n_neurons, or raise max_overlap (1 allows all)."
        )


def select_cells(
    nodes: Nodes, settings: SonataSettings, default: CellTypes, draw: Draw
) -> Selection:
    """Return the nodes that become cells; ``default`` are the types without a map.

    Raises:
        UserError: a node matches no type, a type has no node, or N is impossible.
    """
    types, prefixes = chosen_types(settings, default)
    kinds = _cell_types_of(nodes, settings, prefixes)
    _check_classes(nodes, kinds, types)
    rows = _chosen_rows(nodes, kinds, settings, draw)
    rows = rows[np.lexsort([nodes.node_id[rows], kinds[rows]])]
    return Selection(nodes, types, rows, kinds[rows])


def _depth_um(y_um: np.ndarray, depth: str) -> np.ndarray:
    return {"absolute": np.abs(y_um), "positive": y_um, "negative": -y_um}[depth]


def make_cells(
    selection: Selection, models: Mapping[int, GlifModel], settings: SonataSettings
) -> Cells:
    """Return the cells; ``models`` holds the GLIF model of each node type.

    Where a circuit gives no tuning angles, or as a whole no places, they are NaN.
    """
    nodes, rows = selection.nodes, selection.rows
    type_ids, inverse = np.unique(nodes.type_id[rows], return_inverse=True)
    used = [models[int(type_id)] for type_id in type_ids]
    parameters = (
        *("C_m_pF", "g_nS", "E_L_mV", "V_reset_mV", "V_th_mV", "t_ref_ms"),
        *("asc_decay_per_ms", "asc_amp_pA"),
    )

    def place(name: str) -> np.ndarray:
        blank = name == "tuning_angle" or settings.whole_circuit
        return nodes.numbers(settings.attribute(name), blank)[rows]

    return Cells(
        cell_type=selection.cell_type,
        model_id=nodes.type_id[rows],
        x_um=place("x"),
        y_um=_depth_um(place("y"), settings.depth),
        z_um=place("z"),
        tuning_deg=place("tuning_angle"),
        **{n: np.array([getattr(m, n) for m in used])[inverse] for n in parameters},
    )
