"""Weight, delay and receptor port of edges.

In: ``EdgeTable``, the cells at their ends, the settings. Out: ``Connections`` and
from them sorted ``Edges``. Source of the weight functions: Billeh et al. 2020,
released simulation code (DirectionRule_EE, DirectionRule_others).
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from evoplast.artefacts.errors import UserError
from evoplast.configuration.sections.circuit import SonataSettings
from evoplast.network import (
    Cells,
    Edges,
    direction_difference_deg,
    phase_factor,
)
from evoplast.sonata.circuit_config import read_json
from evoplast.sonata.edges import EdgeTable

# bmtk's names for "weight per synapse times number of synapses".
_PLAIN_FUNCTIONS = ("", "wmax", "set_syn_weight", "default_weight_fnc")
# Names of synapses whose weight acts unchanged, "" where a table names none, and
# parameters that only other synapses have.
_STATIC = ("", "static_synapse", "static_synapse_hom_w")
_DYNAMIC = {"U", "u", "x", "tau_rec", "tau_fac", "tau_psc", "tau_fast", "tau_slow"}
_DYNAMIC |= {"E_rev", "erev", "Wmax", "mu_plus", "mu_minus", "lambda", "alpha"}
_TUNED_FUNCTIONS = ("DirectionRule_EE", "DirectionRule_others")


@dataclass(frozen=True)
class Connections:
    """Edges in no particular order; arrays (E,), see ``network.types.Edges``."""

    source: np.ndarray
    target: np.ndarray
    weight_pA: np.ndarray
    delay_ms: np.ndarray
    receptor: np.ndarray


@dataclass(frozen=True)
class Side:
    """What weights and receptors ask of cells: class (n,), and cells if tuned."""

    excitatory: np.ndarray
    cells: Cells | None = None


def join(parts: Iterable[Connections]) -> Connections:
    """Return all ``parts`` as one."""
    parts = list(parts)
    names = [field.name for field in fields(Connections)]
    empty = {name: np.empty(0, int) for name in names}
    if not parts:
        return Connections(**empty)
    return Connections(
        **{
            name: np.concatenate([getattr(part, name) for part in parts])
            for name in names
        }
    )


def _used_types(table: EdgeTable, name: str) -> tuple[list[str], np.ndarray]:
    """Return a column of text of the edge types in use, and the type of each edge.

    Text is empty where it is missing. Types are few and edges many, hence the pair.
    """
    used, kind = np.unique(table.type_id, return_inverse=True)
    if name not in table.types.columns:
        return [""] * len(used), kind
    text = table.types[name].fillna("").astype(str)
    return text.loc[used].tolist(), kind


def _tuning_factor(
    table: EdgeTable, source: Cells, target: Cells, settings: SonataSettings
) -> np.ndarray:
    """Return the factor (E,) of direction tuning, without the phase term."""
    sigma_deg = table.values(settings.attribute("weight_sigma")).astype(float)
    difference_deg = direction_difference_deg(
        target.tuning_deg[table.target], source.tuning_deg[table.source]
    )
    return np.exp(-((difference_deg / sigma_deg) ** 2))


def _function_of(table: EdgeTable, settings: SonataSettings) -> tuple[list, np.ndarray]:
    """Return the weight functions of the edge types in use, and each edge's type.

    Raises:
        UserError: a function is unknown.
    """
    functions, kind = _used_types(table, settings.attribute("weight_function"))
    unknown = set(functions) - {*_PLAIN_FUNCTIONS, *_TUNED_FUNCTIONS}
    if unknown:
        raise UserError(
            f"{table.name} uses the weight function {min(unknown)}, but known are "
            f"{', '.join(_TUNED_FUNCTIONS)}; if the weights need no function, set "
            "network.sonata.weights: final."
        )
    return functions, kind


def _weight_factor(
    table: EdgeTable, sides: tuple[Side, Side], settings: SonataSettings
) -> np.ndarray:
    """Return what the weight function multiplies each weight by (E,)."""
    functions, kind = _function_of(table, settings)
    tuned = np.isin(functions, _TUNED_FUNCTIONS)[kind]
    if not tuned.any():
        return np.ones(len(kind))
    source, target = sides[0].cells, sides[1].cells
    if source is None or target is None:
        raise UserError(
            f"{table.name} uses a weight function of {_TUNED_FUNCTIONS} for edges "
            "from outside the network, where it is not defined; set "
            "network.sonata.input_weights: final."
        )
    factor = np.where(tuned, _tuning_factor(table, source, target, settings), 1.0)
    dx_um = target.x_um[table.target] - source.x_um[table.source]
    dz_um = target.z_um[table.target] - source.z_um[table.source]
    phase = phase_factor(dx_um, dz_um, target.tuning_deg[table.target])
    has_phase = np.isin(functions, _TUNED_FUNCTIONS[:1])[kind]
    return factor * np.where(has_phase, phase, 1.0)


def _weights(
    table: EdgeTable, sides: tuple[Side, Side], settings: SonataSettings, mode: str
) -> np.ndarray:
    """Return the weight of each edge in pA (E,), float64.

    Raises:
        UserError: a column is missing or a weight is not finite.
    """
    weight = table.values(settings.attribute("syn_weight")).astype(float)
    if mode == "nsyns_rule":
        nsyns = table.values(settings.attribute("nsyns")).astype(float)
        weight = weight * nsyns * _weight_factor(table, sides, settings)
    bad = np.flatnonzero(~np.isfinite(weight))
    if len(bad):
        raise UserError(
            f"{table.name} gives {len(bad)} of its edges no finite weight, the first "
            f"of edge type {table.type_id[bad[0]]}; mend syn_weight, nsyns or the "
            "angles."
        )
    return weight


def _delays(table: EdgeTable, settings: SonataSettings) -> np.ndarray:
    delay = table.values(settings.attribute("delay")).astype(np.float32)
    bad = np.flatnonzero(~(np.isfinite(delay) & (delay > 0)))
    if len(bad):
        raise UserError(
            f"{table.name} has a delay of {delay[bad[0]]} ms at edge type "
            f"{table.type_id[bad[0]]}; delays must be positive."
        )
    return delay


def class_receptors(
    source_excitatory: np.ndarray, target_excitatory: np.ndarray
) -> np.ndarray:
    """Return the port (from 0) of Billeh et al. 2020: E-E, I-E, E-I, I-I."""
    return (2 * ~target_excitatory + ~source_excitatory).astype(np.int8)


def check_receptors(receptor: np.ndarray, n_ports: int, where: str) -> np.ndarray:
    """Return receptor types (from 1) as ports from 0.

    Raises:
        UserError: there is no such port.
    """
    bad = receptor[(receptor < 1) | (receptor > n_ports)]
    if len(bad):
        raise UserError(
            f"{where} uses the receptor type {bad[0]}, but the cell models have ports "
            f"1 to {n_ports}; mend it, or set network.sonata.receptors: by_class."
        )
    return (receptor - 1).astype(np.int8)


def _check_static(table: EdgeTable) -> None:
    """Refuse edges whose weights change or act otherwise than as currents."""
    templates, _ = _used_types(table, "model_template")
    for template in templates:
        if template.rpartition(":")[2] not in _STATIC:
            raise UserError(
                f"{table.name} has edges of the synapse model {template}, but only "
                f"static_synapse is simulated; write static_synapse in the table of "
                "edge types if they may be taken as static."
            )


def _check_no_dynamics(model: dict, path: Path) -> None:
    dynamic = sorted(_DYNAMIC & set(model))
    if dynamic:
        raise UserError(
            f"The synapse model {path} has {dynamic[0]} = {model[dynamic[0]]}, so that "
            "its synapses are no static currents, which alone are simulated; remove it "
            "if they may be taken as such."
        )


def _stored_receptor(name: str, folder: Path | None, where: str) -> int:
    if not name or folder is None:
        raise UserError(
            f"{where} has edge types without dynamics_params, or its circuit names no "
            "synaptic_models_dir, so that their receptor is unknown; name them, or set "
            "network.sonata.receptors: by_class."
        )
    model = read_json(folder / name)
    _check_no_dynamics(model, folder / name)
    number = model.get("receptor_type")
    if not isinstance(number, int):
        raise UserError(
            f"The synapse model {folder / name} has receptor_type {number}, which is "
            "unknown; it must be a port number from 1, or set "
            "network.sonata.receptors: by_class."
        )
    return number


def _receptors(
    table: EdgeTable,
    sides: tuple[Side, Side],
    settings: SonataSettings,
    folder: Path | None,
    n_ports: int,
) -> np.ndarray:
    _check_static(table)
    if settings.receptors == "by_class":
        receptor = class_receptors(
            sides[0].excitatory[table.source], sides[1].excitatory[table.target]
        )
        return check_receptors(receptor + 1, n_ports, table.name)
    names, kind = _used_types(table, settings.attribute("dynamics_params"))
    found = [_stored_receptor(name, folder, table.name) for name in names]
    return check_receptors(np.array(found, int)[kind], n_ports, table.name)


def connections(
    table: EdgeTable,
    sides: tuple[Side, Side],
    settings: SonataSettings,
    mode: str,
    synaptic_models: Path | None,
    n_ports: int,
) -> Connections:
    """Return the edges of ``table`` with final weights.

    ``sides``: the sources and the targets; ``mode``: "nsyns_rule" or "final".

    Raises:
        UserError: a column is missing, a weight or delay is impossible, a weight
            function or receptor is unknown.
    """
    return Connections(
        source=table.source,
        target=table.target,
        weight_pA=_weights(table, sides, settings, mode),
        delay_ms=_delays(table, settings),
        receptor=_receptors(table, sides, settings, synaptic_models, n_ports),
    )


def merged(edges: Connections) -> Connections:
    """Return ``edges`` sorted by (target, source); equal ones are added up.

    Edges with the same ends, receptor and delay act as one with the sum of weights.
    """
    order = np.lexsort([edges.delay_ms, edges.receptor, edges.source, edges.target])
    keys = [
        values[order]
        for values in (edges.target, edges.source, edges.receptor, edges.delay_ms)
    ]
    new = np.ones(len(order), dtype=bool)
    if len(order):
        new[1:] = np.any([np.diff(key) != 0 for key in keys], axis=0)
    first = np.flatnonzero(new)
    weight = edges.weight_pA[order].astype(float)
    target, source, receptor, delay_ms = (key[first] for key in keys)
    return Connections(
        source=source.astype(np.int32),
        target=target.astype(np.int32),
        weight_pA=(np.add.reduceat(weight, first) if len(first) else weight).astype(
            np.float32
        ),
        delay_ms=delay_ms.astype(np.float32),
        receptor=receptor.astype(np.int8),
    )


def recurrent_edges(found: Connections, excitatory: np.ndarray) -> Edges:
    """Return the edges of a network whose cells are ``excitatory`` (N,) or not.

    Raises:
        UserError: a weight contradicts the class of its source, or two edges of one
            pair differ in receptor or delay.
    """
    wrong = np.flatnonzero(
        found.weight_pA * np.where(excitatory[found.source], 1, -1) < 0
    )
    if len(wrong):
        kind = "excitatory" if excitatory[found.source[wrong[0]]] else "inhibitory"
        raise UserError(
            f"The circuit has {len(wrong)} recurrent edges whose weight contradicts "
            f"its source, such as {found.weight_pA[wrong[0]]:.4g} pA from an {kind} "
            "cell; correct network.sonata.types or the weights."
        )
    edges = merged(found)
    twice = (np.diff(edges.target) == 0) & (np.diff(edges.source) == 0)
    if twice.any():
        raise UserError(
            f"The circuit joins {int(twice.sum())} pairs of cells by several edges "
            "with different receptors or delays; a network has one edge a pair, so "
            "combine them."
        )
    return Edges(**{f.name: getattr(edges, f.name) for f in fields(Edges)})
