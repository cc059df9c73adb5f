"""SONATA in: a circuit on disk as a ``Network``.

In: ``SonataSettings``, the Allen tables (default cell types, LGN classes), how many
cells. Out: ``Network``, the same form that the builder makes. Layouts: Billeh et al.
2020 (published and successor) and any circuit whose node types name GLIF JSON.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from evoplast.configuration.sections.circuit import SonataSettings
from evoplast.network import (
    AllenTables,
    Background,
    Cells,
    LgnPathway,
    Network,
    check_network,
)
from evoplast.sonata.circuit_config import CircuitFiles, read_circuit_config
from evoplast.sonata.edges import Ends, ends_of, read_edges
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
    read_glif_model,
)
from evoplast.sonata.nodes import Nodes, read_nodes
from evoplast.sonata.pickles import pickled_files, read_pickled_network
from evoplast.sonata.select import Draw, Selection, make_cells, select_cells
from evoplast.sonata.synapses import (
    Connections,
    Side,
    connections,
    join,
    recurrent_edges,
)
from evoplast.sonata.tables import check_ends

_EDGE_ATTRIBUTES = ("syn_weight", "nsyns", "delay", "weight_sigma")


def _models(
    selection: Selection, files: CircuitFiles, settings: SonataSettings
) -> dict[int, GlifModel]:
    """Return the GLIF model of every node type that a selected cell has."""
    nodes, rows = selection.nodes, selection.rows
    names = _text(nodes, settings.attribute("dynamics_params"))[rows]
    templates = np.full(len(rows), "")
    if nodes.has("model_template"):
        templates = _text(nodes, "model_template")[rows]
    each = zip(nodes.type_id[rows], names, templates, strict=True)
    return {
        int(type_id): read_glif_model(
            files.cell_models, str(name), str(template), settings.replace_models
        )
        for type_id, name, template in sorted(set(each))
    }


def _text(nodes: Nodes, name: str) -> np.ndarray:
    """Return an attribute as text (n,), empty where it is missing."""
    return pd.Series(nodes.values(name)).fillna("").astype(str).to_numpy(dtype=str)


def _connections(
    files: CircuitFiles,
    settings: SonataSettings,
    mode: str,
    ends: tuple[Ends, Ends],
    sides: tuple[Side, Side],
    n_ports: int,
) -> Connections:
    names = tuple(settings.attribute(name) for name in _EDGE_ATTRIBUTES)
    tables = read_edges(files.edges, *ends, names)
    return join(
        connections(table, sides, settings, mode, files.synaptic_models, n_ports)
        for table in tables
    )


def _from_outside(
    files: CircuitFiles,
    settings: SonataSettings,
    nodes: Nodes,
    target: Ends,
    side: Side,
    n_ports: int,
) -> Connections:
    """Return the edges from the virtual, excitatory ``nodes`` into the network."""
    n = len(nodes.node_id)
    ends = ends_of(nodes, np.arange(n)), target
    sides = Side(np.ones(n, dtype=bool)), side
    return _connections(files, settings, settings.input_weights, ends, sides, n_ports)


def _lgn(files, settings, classes, target: Ends, side: Side, n_ports) -> LgnPathway:
    if settings.lgn_population is None:
        return no_lgn()
    nodes = read_nodes(files.nodes, settings.lgn_population)
    edges = _from_outside(files, settings, nodes, target, side, n_ports)
    return lgn_pathway(lgn_cells(nodes, settings, classes), edges)


def _background(files, settings, target: Ends, side: Side, n_ports) -> Background:
    n_neurons = len(side.excitatory)
    if settings.background_population is None:
        return no_background(n_neurons)
    nodes = read_nodes(files.nodes, settings.background_population)
    edges = _from_outside(files, settings, nodes, target, side, n_ports)
    rate_hz = settings.background_rate_hz
    if nodes.has("rate_hz"):
        rate_hz = float(nodes.numbers("rate_hz")[0])
    return background_input(edges, n_neurons, rate_hz)


def _side(selection: Selection, cells: Cells) -> Side:
    return Side(selection.cell_types.excitatory[selection.cell_type], cells)


def _read_sonata(settings: SonataSettings, tables: AllenTables, draw: Draw) -> Network:
    config = str(settings.circuit_config)
    files = read_circuit_config(config, settings.components_dir)
    check_ends(path for path, _ in files.nodes + files.edges)
    nodes = read_nodes(files.nodes, settings.population)
    selection = select_cells(nodes, settings, tables.cell_types, draw)
    models = _models(selection, files, settings)
    tau_syn_ms = common_tau_syn_ms(list(models.values()), settings.tau_syn_ms)
    cells = make_cells(selection, models, settings)
    ends, side = ends_of(nodes, selection.rows), _side(selection, cells)
    found = _connections(
        files, settings, settings.weights, (ends, ends), (side, side), len(tau_syn_ms)
    )
    into = ends, side, len(tau_syn_ms)
    return Network(
        cell_types=selection.cell_types,
        cells=cells,
        edges=recurrent_edges(found, side.excitatory),
        lgn=_lgn(files, settings, tables.lgn_classes, *into),
        background=_background(files, settings, *into),
        tau_syn_ms=tau_syn_ms,
    )


def circuit_files(settings: SonataSettings) -> list[Path]:
    """Return the files that ``read_circuit`` depends on, for the workflow.

    Raises:
        UserError: the circuit's config is missing or incomplete.
    """
    config = Path(str(settings.circuit_config))
    if config.suffix == ".pkl":
        return pickled_files(config)
    files = read_circuit_config(config, settings.components_dir)
    listed = [path for pair in files.nodes + files.edges for path in pair]
    folders = filter(None, (files.cell_models, files.synaptic_models))
    models = [path for folder in folders for path in sorted(folder.glob("*.json"))]
    return [config, files.config, *listed, *models]


def read_circuit(settings: SonataSettings, tables: AllenTables, draw: Draw) -> Network:
    """Return the network in the circuit that ``settings`` describe.

    A ``circuit_config`` ending in .pkl is read as a Chen-Scherr-Maass data folder.
    ``tables`` give the cell types where the settings map none, and what the files
    leave to the class of an LGN cell. The same circuit, settings and ``draw`` give
    the same network.

    Raises:
        UserError: the circuit is damaged, incomplete or asks for what cannot be
            simulated; the sentence says what and where.
    """
    pickled = str(settings.circuit_config).endswith(".pkl")
    read = read_pickled_network if pickled else _read_sonata
    network = read(settings, tables, draw)
    check_network(network, str(settings.circuit_config))
    return network
