"""Networks of Chen, Scherr & Maass (2022), read without running code.

In: a folder with network_dat.pkl, input_dat.pkl, network/v1_nodes.h5 and
network/v1_node_types.csv, and for LGN input network/lgn_nodes.h5 with its types or
lgn_full_col_cells_3.csv. Out: ``Network``.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from evoplast.artefacts.errors import UserError
from evoplast.configuration.sections.circuit import SonataSettings
from evoplast.network import (
    AllenTables,
    Background,
    LgnPathway,
    Network,
)
from evoplast.sonata.edges import Ends, ends_of
from evoplast.sonata.inputs import (
    background_input,
    lgn_cells,
    lgn_pathway,
    no_background,
    no_lgn,
)
from evoplast.sonata.models import (
    GlifModel,
    common_tau_syn_ms,
    glif_model,
)
from evoplast.sonata.nodes import Nodes, read_nodes
from evoplast.sonata.select import Draw, Selection, make_cells, select_cells
from evoplast.sonata.synapses import (
    Connections,
    check_receptors,
    join,
    recurrent_edges,
)
from evoplast.sonata.unpickle import read_pickle


def _entry(record: object, key: str, where: str) -> Any:
    if not isinstance(record, Mapping) or key not in record:
        raise UserError(
            f"{where} lacks the entry {key!r}; it is not a file of this kind."
        )
    return record[key]


def _models(
    records: Iterable, selection: Selection, where: str
) -> dict[int, GlifModel]:
    """Return the model of each node type, found by the ids of its cells."""
    nodes = selection.nodes
    wanted = ends_of(nodes, np.arange(len(nodes.node_id)))
    models = {}
    for number, record in enumerate(records):
        n = np.size(_entry(record, "ids", where))
        ids = _per_edge(record, "ids", n, np.int64, where)
        type_ids = np.unique(nodes.type_id[wanted.lookup(ids, where)])
        values = _entry(record, "params", where)
        for type_id in type_ids.tolist():
            models[type_id] = glif_model(values, f"{number} of {where}")
    used = np.unique(nodes.type_id[selection.rows]).tolist()
    absent = [type_id for type_id in used if type_id not in models]
    if absent:
        raise UserError(
            f"{where} has no cell model for the node type {absent[0]}; the nodes file "
            "belongs to another circuit."
        )
    return {type_id: models[type_id] for type_id in used}


def _per_edge(record: object, key: str, n: int, kind: type, where: str) -> np.ndarray:
    """Return an entry as numbers (n,); a single one holds for all edges."""
    values = _entry(record, key, where)
    try:
        return np.broadcast_to(np.asarray(values).astype(kind), n)
    except (TypeError, ValueError) as error:
        raise UserError(
            f"{where} has a group of {n} edges whose entry {key!r} does not fit "
            f"({error}); get the file again."
        ) from error


def _group(
    record: Mapping, where: str, source: Ends, target: Ends, n_ports: int
) -> Connections:
    """Return the wanted edges of one group, which shares receptor and delay."""
    values = _entry(record, "params", where)
    n = np.size(_entry(record, "target", where))
    static = "static_synapse"
    model = str(values.get("model", static)) if isinstance(values, Mapping) else static
    if model.rpartition(":")[2] != static:
        raise UserError(
            f"{where} has edges of the synapse model {model}, but only static_synapse "
            "is simulated; use a network with static synapses."
        )
    sources, targets = (
        _per_edge(record, side, n, np.int64, where) for side in ("source", "target")
    )
    weight, delay, receptor = (
        _per_edge(values, key, n, np.float64, where)
        for key in ("weight", "delay", "receptor_type")
    )
    if not (np.isfinite(weight).all() and (delay > 0).all()):
        raise UserError(
            f"{where} has a weight that is not finite or a delay that is not "
            "positive; mend or download the file again."
        )
    start, end = source.lookup(sources, where), target.lookup(targets, where)
    kept = (start >= 0) & (end >= 0)
    return Connections(
        source=start[kept],
        target=end[kept],
        weight_pA=weight[kept],
        delay_ms=delay[kept].astype(np.float32),
        receptor=check_receptors(receptor[kept].astype(int), n_ports, where),
    )


def _connections(
    groups: Iterable, where: str, source: Ends, target: Ends, n_ports: int
) -> Connections:
    return join(_group(group, where, source, target, n_ports) for group in groups)


def _lgn_table(path: Path, population: str) -> Nodes:
    """Return the LGN cells of the published CSV, whose model_id is their class."""
    table = pd.read_csv(path, sep=" ")
    number = np.arange(len(table))
    text = ("model_id", "pop_name")
    values = {name: table[name].to_numpy() for name in table if name not in text}
    if "model_id" in table:
        values["pop_name"] = table["model_id"].to_numpy(dtype=object)
    return Nodes(population, path, number, number, pd.DataFrame(), values)


def _lgn_nodes(folder: Path, population: str) -> Nodes:
    nodes = folder / "network/lgn_nodes.h5"
    table = folder / "lgn_full_col_cells_3.csv"
    if nodes.is_file():
        files = (nodes, folder / "network/lgn_node_types.csv")
        return read_nodes((files,), population)
    if table.is_file():
        return _lgn_table(table, population)
    raise UserError(
        f"{folder} has neither network/lgn_nodes.h5 nor lgn_full_col_cells_3.csv, so "
        "that the LGN cells are unknown; add one of them, or set "
        "network.sonata.lgn_population: null."
    )


def _input_groups(records: Any, number: int, where: str) -> Iterable:
    """Return the groups of edges of input ``number``: 0 the LGN, 1 the background."""
    try:
        record = records[number]
        return record["edges"] if isinstance(record, Mapping) else record[1]
    except (IndexError, KeyError, TypeError) as error:
        raise UserError(
            f"{where} has no edges of input {number}; it must list the LGN and the "
            "background."
        ) from error


def _inputs(
    folder: Path,
    settings: SonataSettings,
    tables: AllenTables,
    target: Ends,
    n_neurons: int,
    n_ports: int,
) -> tuple[LgnPathway, Background]:
    lgn, background = no_lgn(), no_background(n_neurons)
    if settings.lgn_population is None and settings.background_population is None:
        return lgn, background
    path = folder / "input_dat.pkl"
    records = read_pickle(path)
    if settings.lgn_population is not None:
        nodes = _lgn_nodes(folder, settings.lgn_population)
        source = ends_of(nodes, np.arange(len(nodes.node_id)))
        groups = _input_groups(records, 0, str(path))
        found = _connections(groups, str(path), source, target, n_ports)
        lgn = lgn_pathway(lgn_cells(nodes, settings, tables.lgn_classes), found)
    if settings.background_population is not None:
        source = Ends(settings.background_population, np.zeros(1, dtype=np.int32))
        groups = _input_groups(records, 1, str(path))
        found = _connections(groups, str(path), source, target, n_ports)
        background = background_input(found, n_neurons, settings.background_rate_hz)
    return lgn, background


def pickled_files(path: Path) -> list[Path]:
    """Return the files beside network_dat.pkl at ``path`` that exist, and itself."""
    names = (
        *("input_dat.pkl", "lgn_full_col_cells_3.csv", "network/v1_nodes.h5"),
        *("network/v1_node_types.csv", "network/lgn_nodes.h5"),
        "network/lgn_node_types.csv",
    )
    beside = (path.parent / name for name in names)
    return [path, *(each for each in beside if each.is_file())]


def read_pickled_network(
    settings: SonataSettings, tables: AllenTables, draw: Draw
) -> Network:
    """Return the network whose network_dat.pkl is ``settings.circuit_config``.

    Weights in these files are final; ``settings.weights`` has no effect.

    Raises:
        UserError: a file is missing, damaged, or wants to import anything.
    """
    path = Path(str(settings.circuit_config))
    folder = path.parent
    files = (folder / "network/v1_nodes.h5", folder / "network/v1_node_types.csv")
    nodes = read_nodes((files,), settings.population)
    selection = select_cells(nodes, settings, tables.cell_types, draw)
    content = read_pickle(path)
    models = _models(_entry(content, "nodes", str(path)), selection, str(path))
    tau_syn_ms = common_tau_syn_ms(list(models.values()), settings.tau_syn_ms)
    ends, n_ports = ends_of(nodes, selection.rows), len(tau_syn_ms)
    groups = _entry(content, "edges", str(path))
    found = _connections(groups, str(path), ends, ends, n_ports)
    excitatory = selection.cell_types.excitatory[selection.cell_type]
    lgn, background = _inputs(
        folder, settings, tables, ends, len(selection.rows), n_ports
    )
    return Network(
        cell_types=selection.cell_types,
        cells=make_cells(selection, models, settings),
        edges=recurrent_edges(found, excitatory),
        lgn=lgn,
        background=background,
        tau_syn_ms=tau_syn_ms,
    )
