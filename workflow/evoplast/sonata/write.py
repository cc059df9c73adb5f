"""SONATA out: a ``Network`` as a circuit that other simulators load.

In: a folder that does not exist yet, a ``Network``. Out: nodes, edges, types, indices,
GLIF and synapse JSON and configs, LGN and background included. Weights are final and
per edge (nsyns is 1), depth is positive, cell models are in NEST's dialect. The folder
appears under its name only when it is complete.
"""

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from evoplast.artefacts.errors import UserError
from evoplast.artefacts.provenance import describe
from evoplast.network import Cells, Gains, LgnPathway, Network, with_gains
from evoplast.sonata.inputs import (
    CLASS_ATTRIBUTES,
    PAIR_ATTRIBUTES,
    SINGLE_ATTRIBUTES,
)
from evoplast.sonata.write_files import (
    EdgeColumns,
    write_edges,
    write_json,
    write_nodes,
    write_types,
)

_BACKGROUND_DELAY_MS = 1.0
_FIRST_TYPE_ID = 100
_MODEL_FIELDS = (
    *("cell_type", "C_m_pF", "g_nS", "E_L_mV", "V_reset_mV", "V_th_mV"),
    *("t_ref_ms", "asc_decay_per_ms", "asc_amp_pA"),
)


def _model_rows(cells: Cells) -> np.ndarray:
    """Return the first cell of each model.

    Raises:
        UserError: cells of one model differ in type or parameters.
    """
    _, first, inverse = np.unique(
        cells.model_id, return_index=True, return_inverse=True
    )
    for name in _MODEL_FIELDS:
        values = getattr(cells, name)
        same = (values == values[first][inverse]).reshape(len(values), -1).all(axis=1)
        if not same.all():
            raise UserError(
                f"The cells of model {cells.model_id[~same][0]} differ in {name}, but "
                "a SONATA node type has one value; give them different model ids."
            )
    return first


def _glif_json(cells: Cells, row: int, tau_syn_ms: np.ndarray) -> dict:
    n_currents = cells.asc_amp_pA.shape[1]
    return {
        "V_m": float(cells.V_reset_mV[row]),
        "V_th": float(cells.V_th_mV[row]),
        "g": float(cells.g_nS[row]),
        "E_L": float(cells.E_L_mV[row]),
        "C_m": float(cells.C_m_pF[row]),
        "t_ref": float(cells.t_ref_ms[row]),
        "V_reset": float(cells.V_reset_mV[row]),
        "asc_init": [0.0] * n_currents,
        "asc_decay": cells.asc_decay_per_ms[row].tolist(),
        "asc_amps": cells.asc_amp_pA[row].tolist(),
        "tau_syn": [float(tau) for tau in tau_syn_ms],
        "spike_dependent_threshold": False,
        "after_spike_currents": True,
        "adapting_threshold": False,
    }


def _write_cells(folder: Path, network: Network) -> None:
    cells, types = network.cells, network.cell_types
    rows = _model_rows(cells)
    kinds = cells.cell_type[rows]
    names = [f"{model}_glif_psc.json" for model in cells.model_id[rows]]
    for row, name in zip(rows, names, strict=True):
        path = folder / "components/cell_models" / name
        write_json(path, _glif_json(cells, int(row), network.tau_syn_ms))
    table = pd.DataFrame(
        {
            "node_type_id": cells.model_id[rows],
            "model_type": "point_neuron",
            "model_template": "nest:glif_psc",
            "dynamics_params": names,
            "pop_name": np.array(types.names)[kinds],
            "ei": np.where(types.excitatory[kinds], "e", "i"),
            "location": [f"Vis{types.layer[k].replace('/', '')}" for k in kinds],
            "population": "v1",
        }
    )
    write_types(folder / "network/v1_node_types.csv", table)
    place = {"x": cells.x_um, "y": cells.y_um, "z": cells.z_um}
    attributes = {**place, "tuning_angle": cells.tuning_deg}
    # What a circuit of others does not have is left out, as it was there.
    attributes = {k: v for k, v in attributes.items() if not np.isnan(v).all()}
    write_nodes(folder / "network/v1_nodes.h5", "v1", cells.model_id, attributes)


@dataclass(frozen=True)
class _Queries:
    """SONATA queries ``text``, and which of them each edge answers to (E,)."""

    text: list[str]
    kind: np.ndarray


def _type_queries(network: Network, cell: np.ndarray) -> _Queries:
    text = [f"pop_name=='{name}'" for name in network.cell_types.names]
    return _Queries(text, network.cells.cell_type[cell])


def _any_source(n_edges: int) -> _Queries:
    return _Queries(["*"], np.zeros(n_edges, dtype=np.int8))


def _edge_types(
    edges: Mapping[str, np.ndarray], ends: Mapping[str, _Queries]
) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the table of edge types and the type of each edge (E,)."""
    delays, delay = np.unique(edges["delay_ms"], return_inverse=True)
    parts = [queries.kind for queries in ends.values()] + [edges["receptor"], delay]
    # One number per combination; text for millions of edges would fill the memory.
    sizes = [int(part.max(initial=0)) + 1 for part in parts]
    key = np.ravel_multi_index([part.astype(np.int64) for part in parts], sizes)
    kinds, number = np.unique(key, return_inverse=True)
    *codes, receptor, delay = np.unravel_index(kinds, sizes)
    named = zip(ends.items(), codes, strict=True)
    table = pd.DataFrame(
        {
            "edge_type_id": _FIRST_TYPE_ID + np.arange(len(kinds)),
            **{name: np.array(queries.text)[code] for (name, queries), code in named},
            # Text, so that the single-precision number is written as short as it is.
            "delay": delays[delay].astype(str),
            "dynamics_params": [f"receptor_{port + 1}.json" for port in receptor],
            "model_template": "static_synapse",
        }
    )
    return table, number + _FIRST_TYPE_ID


def _write_connections(
    folder: Path,
    source: str,
    sizes: tuple[int, int],
    edges: Mapping[str, np.ndarray],
    queries: Mapping[str, _Queries],
    gain: float,
) -> None:
    """Write edges (source, target, weight_pA, delay_ms, receptor) and their types."""
    stem = folder / "network" / f"{source}_v1_edge"
    table, type_id = _edge_types(edges, queries)
    write_types(stem.with_name(f"{stem.name}_types.csv"), table)
    columns = EdgeColumns(
        populations=(source, "v1"),
        ends=(edges["source"], edges["target"]),
        sizes=sizes,
        type_id=type_id,
        weight_pA=edges["weight_pA"],
        gain=gain,
    )
    write_edges(stem.with_name(f"{stem.name}s.h5"), columns)


def _edge_arrays(part: object) -> dict[str, np.ndarray]:
    names = ("source", "target", "weight_pA", "delay_ms", "receptor")
    return {name: getattr(part, name) for name in names}


def _write_recurrent(folder: Path, network: Network, gain: float) -> None:
    edges, n = network.edges, network.n_neurons
    queries = {
        "target_query": _type_queries(network, edges.target),
        "source_query": _type_queries(network, edges.source),
    }
    _write_connections(folder, "v1", (n, n), _edge_arrays(edges), queries, gain)


def _lgn_attributes(lgn: LgnPathway) -> dict[str, np.ndarray]:
    singles = {name: getattr(lgn, ours) for ours, name in SINGLE_ATTRIBUTES.items()}
    pairs = {
        f"{name}_{bump}": getattr(lgn, ours)[:, bump]
        for ours, name in PAIR_ATTRIBUTES.items()
        for bump in (0, 1)
    }
    # Beyond the published attributes, so that a reader needs no table of classes.
    extra = {name: getattr(lgn, name) for name in ("lgn_id", *CLASS_ATTRIBUTES)}
    return singles | pairs | extra


def _write_virtual_types(path: Path, populations: list[str], location: str) -> None:
    table = pd.DataFrame(
        {
            "node_type_id": _FIRST_TYPE_ID + np.arange(len(populations)),
            "model_type": "virtual",
            "pop_name": populations,
            "ei": "e",
            "location": location,
        }
    )
    write_types(path, table)


def _write_lgn(folder: Path, network: Network, gain: float) -> None:
    lgn, nodes = network.lgn, folder / "network"
    classes, kind = np.unique(lgn.lgn_class, return_inverse=True)
    _write_virtual_types(nodes / "lgn_node_types.csv", classes.tolist(), "LGN")
    attributes = _lgn_attributes(lgn)
    write_nodes(nodes / "lgn_nodes.h5", "lgn", kind + _FIRST_TYPE_ID, attributes)
    queries = {
        "target_query": _type_queries(network, lgn.target),
        "source_query": _any_source(len(lgn.source)),
    }
    sizes = (len(lgn.lgn_id), network.n_neurons)
    _write_connections(folder, "lgn", sizes, _edge_arrays(lgn), queries, gain)


def _write_background(folder: Path, network: Network, gain: float) -> None:
    background, n = network.background, network.n_neurons
    nodes = folder / "network"
    _write_virtual_types(nodes / "bkg_node_types.csv", ["SG_001"], "BKG")
    rate = {"rate_hz": np.array([background.rate_hz])}
    write_nodes(nodes / "bkg_nodes.h5", "bkg", np.array([_FIRST_TYPE_ID]), rate)
    edges = {
        "source": np.zeros(n, dtype=np.int32),
        "target": np.arange(n, dtype=np.int32),
        "weight_pA": background.weight_pA,
        "delay_ms": np.full(n, _BACKGROUND_DELAY_MS, dtype=np.float32),
        "receptor": background.receptor,
    }
    queries = {
        "target_query": _type_queries(network, edges["target"]),
        "source_query": _any_source(n),
    }
    _write_connections(folder, "bkg", (1, n), edges, queries, gain)


def _write_configs(folder: Path, populations: list[str], n_ports: int) -> None:
    for port in range(1, n_ports + 1):
        path = folder / f"components/synaptic_models/receptor_{port}.json"
        write_json(path, {"receptor_type": port})

    def files(kind: str, stems: list[str]) -> list[dict]:
        at = "$NETWORK_DIR"
        return [
            {
                f"{kind}s_file": f"{at}/{stem}_{kind}s.h5",
                f"{kind}_types_file": f"{at}/{stem}_{kind}_types.csv",
            }
            for stem in stems
        ]

    circuit = {
        "manifest": {
            "$BASE_DIR": ".",
            "$NETWORK_DIR": "$BASE_DIR/network",
            "$COMPONENTS_DIR": "$BASE_DIR/components",
        },
        "components": {
            "point_neuron_models_dir": "$COMPONENTS_DIR/cell_models",
            "synaptic_models_dir": "$COMPONENTS_DIR/synaptic_models",
        },
        "networks": {
            "nodes": files("node", populations),
            "edges": files("edge", [f"{name}_v1" for name in populations]),
        },
    }
    simulation = {
        "manifest": {"$BASE_DIR": ".", "$OUTPUT_DIR": "$BASE_DIR/output"},
        "target_simulator": "NEST",
        "run": {"tstop": 1000.0, "dt": 1.0},
        "inputs": {},
        "output": {"output_dir": "$OUTPUT_DIR", "log_file": "log.txt"},
        "network": "circuit_config.json",
    }
    write_json(folder / "circuit_config.json", circuit)
    write_json(folder / "config.json", simulation)


def _write_all(folder: Path, network: Network, gains: Gains) -> None:
    (folder / "network").mkdir(parents=True)
    populations = ["v1"]
    _write_cells(folder, network)
    _write_recurrent(folder, network, gains.recurrent)
    if len(network.lgn.lgn_id):
        populations.append("lgn")
        _write_lgn(folder, network, gains.lgn)
    if network.background.rate_hz > 0:
        populations.append("bkg")
        _write_background(folder, network, gains.background)
    _write_configs(folder, populations, len(network.tau_syn_ms))


def write_sonata(
    folder: str | Path,
    network: Network,
    provenance: dict | None = None,
    gains: Gains | None = None,
) -> None:
    """Write ``network`` as a SONATA circuit into the new folder ``folder``.

    ``circuit_config.json`` there is what ``read_circuit`` and other programs open; an
    input the network does not have is left out. ``provenance`` is kept in
    ``provenance.json``. ``gains`` are multiplied into the weights (none: they stay as
    they are); each file of edges says its factor in its attribute ``gain``,
    ``gains.json`` all of them.

    Raises:
        UserError: the folder exists, cannot be written, or cells of one model differ.
    """
    folder, gains = Path(folder), gains or Gains()
    if folder.exists():
        raise UserError(
            f"The folder {folder} exists already; remove it or choose another for the "
            "SONATA circuit."
        )
    temporary = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    try:
        _write_all(temporary, with_gains(network, gains), gains)
        write_json(temporary / "gains.json", asdict(gains))
        if provenance is not None:
            content = json.loads(describe(provenance))
            write_json(temporary / "provenance.json", content)
        os.replace(temporary, folder)
    except OSError as error:
        raise UserError(
            f"The SONATA circuit {folder} could not be written "
            f"({error.strerror or error}); free some disk space or check the folder's "
            "permissions, then run again."
        ) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
