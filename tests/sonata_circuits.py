"""A small circuit, and writers of every layout that a reader has to support.

The circuit is plain lists; weights are computed edge by edge with ``math``, so that
nothing here shares code with the reader. 30 V1 cells of three types, 10 LGN cells
(two composite), one background node; an edge type that no edge uses, a node type
without nodes, edge types and edges out of order.
"""

import json
import math
import pickle
from dataclasses import dataclass, field
from pathlib import Path

import h5py
import numpy as np

TAU_SYN_MS = [5.5, 8.5, 2.8, 5.8]
TYPES = (
    {"name": "e23", "layer": "L2/3", "excitatory": True},
    {"name": "i23Pvalb", "layer": "L2/3", "excitatory": False},
    {"name": "i23Htr3a", "layer": "L2/3", "excitatory": False},
)
# Populations, their model ids and whether they excite; the last has no node.
POPULATIONS = {
    "e23Cux2": (487661754, True),
    "i23Pvalb": (313861608, False),
    "i23Htr3a": (471143169, False),
    "e6Ntsr1": (479179020, True),
}
COUNTS = {"e23Cux2": 20, "i23Pvalb": 6, "i23Htr3a": 4}
RECEPTORS = {"e2e": 1, "i2e": 2, "e2i": 3, "i2i": 4}
LGN_CLASSES = ("sON_TF1", "tOFF_TF8", "sONsOFF_001")


def glif(number):
    """Return NEST parameters of model ``number`` 0, 1, ..."""
    return {
        "V_m": -75.0 - number,
        "V_th": -45.0 + number,
        "g": 3.0 + number,
        "E_L": -75.0 - number,
        "C_m": 80.0 + 10 * number,
        "t_ref": 2.0 + 0.5 * number,
        "V_reset": -75.0 - number,
        "asc_init": [0.0, 0.0],
        "asc_decay": [0.003, 0.1],
        "asc_amps": [-5.0 - number, 12.0],
        "tau_syn": TAU_SYN_MS,
        "spike_dependent_threshold": False,
        "after_spike_currents": True,
        "adapting_threshold": False,
    }


def in_si_units(nest):
    """Return the same model in the dialect of the Allen Cell Types Database."""
    return {
        "C": nest["C_m"] * 1e-12 / 2.0,
        "R_input": 0.5 / (nest["g"] * 1e-9),
        "El": (nest["E_L"] - nest["V_reset"]) * 1e-3,
        "El_reference": nest["V_reset"] * 1e-3,
        "th_inf": (nest["V_th"] - nest["V_reset"]) * 1e-3 / 1.25,
        "spike_cut_length": 40,
        "dt": nest["t_ref"] * 1e-3 / 40,
        "asc_tau_array": [1e-3 / k for k in nest["asc_decay"]],
        "asc_amp_array": [a * 1e-12 / 4.0 for a in nest["asc_amps"]],
        "init_AScurrents": [0.0, 0.0],
        "coeffs": {"C": 2.0, "G": 0.5, "th_inf": 1.25, "asc_amp_array": [4.0, 4.0]},
    }


@dataclass
class Circuit:
    """Lists of nodes, of edge types, and of edges of three populations."""

    cells: list = field(default_factory=list)
    lgn: list = field(default_factory=list)
    edge_types: dict = field(default_factory=dict)
    edges: dict = field(default_factory=dict)


def _cells(rng):
    cells = []
    for population, count in COUNTS.items():
        for _ in range(count):
            cells.append(
                {
                    "population": population,
                    "x": float(rng.uniform(-80, 80)),
                    "y": float(rng.uniform(100, 300)),
                    "z": float(rng.uniform(-80, 80)),
                    "tuning_angle": float(rng.uniform(0, 360)),
                }
            )
    return cells


def _lgn_cell(number, rng):
    name = LGN_CLASSES[number % 3 if number < 9 else 0]
    composite = name.startswith("sONsOFF")
    cell = {
        "pop_name": name,
        "x": float(rng.uniform(0, 240)),
        "y": float(rng.uniform(0, 120)),
        "spatial_size": float(rng.uniform(2, 10)),
        "tuning_angle": float(rng.uniform(0, 360)) if composite else math.nan,
        "sf_sep": 6.0 if composite else math.nan,
    }
    for half in ("dom", "non_dom"):
        known = half == "dom" or composite
        for quantity, value in (("weight", 3.0), ("kpeaks", 30.0), ("delay", 5.0)):
            for bump in (0, 1):
                number = value * (1 + bump) * float(rng.uniform(0.9, 1.1))
                cell[f"{quantity}_{half}_{bump}"] = number if known else math.nan
    return cell


def class_pair(source_excites, target_excites):
    """Return e2e, e2i, i2e or i2i."""
    return f"{'e' if source_excites else 'i'}2{'e' if target_excites else 'i'}"


def _v1_edge_types():
    types, number = {}, 300
    for source, (_, excites) in POPULATIONS.items():
        for target, (model, target_excites) in POPULATIONS.items():
            pair = class_pair(excites, target_excites)
            number -= 1
            types[source, target] = {
                "edge_type_id": number,
                "target_query": f"node_type_id=='{model}'",
                "source_query": f"pop_name=='{source}'",
                "syn_weight": (0.3 if excites else -0.5) * (1 + number / 1000),
                "weight_function": "DirectionRule_"
                + ("EE" if pair == "e2e" else "others"),
                "weight_sigma": {"e2e": 30.0, "i2i": 50.0}.get(pair, 90.0),
                "delay": 1.5 if excites else 0.9,
                "dynamics_params": f"{pair}.json",
                "model_template": "static_synapse",
            }
    return types


def _input_edge_types(query, weight, delay):
    return {
        target: {
            "edge_type_id": 100 + number,
            "target_query": f"node_type_id=='{model}'",
            "source_query": query,
            "syn_weight": weight * (1 + number),
            "delay": delay,
            "dynamics_params": f"{class_pair(True, excites)}.json",
            "model_template": "static_synapse",
        }
        for number, (target, (model, excites)) in enumerate(POPULATIONS.items())
    }


def make_circuit(seed=3):
    """Return the circuit, the same for the same seed."""
    rng = np.random.default_rng(seed)
    circuit = Circuit(cells=_cells(rng), lgn=[_lgn_cell(k, rng) for k in range(10)])
    n = len(circuit.cells)
    pairs = [(s, t) for t in range(n) for s in range(n) if s != t]
    chosen = [pair for pair in pairs if rng.random() < 0.3]
    lgn = [(s, t) for t in range(n) for s in range(10) if rng.random() < 0.2]
    ends = {"v1": chosen, "lgn": lgn, "bkg": [(0, t) for t in range(n)]}
    for name, found in ends.items():
        order = rng.permutation(len(found))
        circuit.edges[name] = [
            {"source": found[k][0], "target": found[k][1], "nsyns": int(count)}
            for k, count in zip(order, rng.integers(3, 8, len(found)), strict=True)
        ]
    circuit.edge_types = {
        "v1": _v1_edge_types(),
        "lgn": _input_edge_types("LGN", 1.2, 1.7),
        "bkg": _input_edge_types("*", 0.4, 1.0),
    }
    return circuit


def edge_type(circuit, kind, edge):
    """Return the type of an edge of the population ``kind``."""
    target = circuit.cells[edge["target"]]["population"]
    if kind != "v1":
        return circuit.edge_types[kind][target]
    return circuit.edge_types["v1"][circuit.cells[edge["source"]]["population"], target]


def final_weight(circuit, kind, edge):
    """Return an edge's weight in pA by the rules of Billeh et al. 2020."""
    rule = edge_type(circuit, kind, edge)
    weight = rule["syn_weight"] * edge["nsyns"]
    if kind != "v1":
        return weight
    source, target = (circuit.cells[edge[side]] for side in ("source", "target"))
    apart = abs(target["tuning_angle"] - source["tuning_angle"]) % 360
    apart = 360 - apart if apart > 180 else apart
    weight *= math.exp(-((apart / rule["weight_sigma"]) ** 2))
    if rule["weight_function"] != "DirectionRule_EE":
        return weight
    angle = math.radians(target["tuning_angle"])
    shift = 0.07 * (target["x"] - source["x"]) * math.cos(angle)
    shift += 0.04 * (target["z"] - source["z"]) * math.sin(angle)
    fold = target["tuning_angle"] % 180
    fold = 180 - fold if fold > 90 else fold
    return weight * math.exp(-(shift**2) / 2) * (5.5 / 4 - 11 / 1680 * fold)


def expected_edges(circuit, kind):
    """Return {(target, source): (weight_pA, delay_ms, receptor from 0)}."""
    found = {}
    for edge in circuit.edges[kind]:
        rule = edge_type(circuit, kind, edge)
        receptor = RECEPTORS[rule["dynamics_params"].removesuffix(".json")] - 1
        found[edge["target"], edge["source"]] = (
            final_weight(circuit, kind, edge),
            rule["delay"],
            receptor,
        )
    return found


def _csv(path, rows):
    def text(value):
        if value is None or value != value:
            return "NULL"
        return f'"{value}"' if " " in str(value) else str(value)

    names = list(rows[0])
    lines = [" ".join(names), *(" ".join(text(r[k]) for k in names) for r in rows)]
    path.write_text("\n".join(lines) + "\n")


def _hdf5_nodes(path, population, type_ids, attributes):
    n = len(type_ids)
    with h5py.File(path, "w") as file:
        file.attrs["magic"], file.attrs["version"] = np.uint32(0x0A7A), [0, 1]
        group = file.create_group(f"nodes/{population}")
        group["node_id"] = np.arange(n, dtype=np.uint64)
        group["node_type_id"] = np.array(type_ids, dtype=np.uint64)
        group["node_group_id"] = np.zeros(n, dtype=np.uint32)
        group["node_group_index"] = np.arange(n, dtype=np.uint64)
        group.create_group("0")
        for name, values in attributes.items():
            group[f"0/{name}"] = np.array(values, dtype=float)


def _hdf5_edges(path, source, ends, type_ids, attributes):
    n = len(type_ids)
    with h5py.File(path, "w") as file:
        file.attrs["magic"], file.attrs["version"] = np.uint32(0x0A7A), [0, 1]
        group = file.create_group(f"edges/{source}_to_v1")
        for side, population, ids in zip(
            ("source", "target"), (source, "v1"), ends, strict=True
        ):
            group[f"{side}_node_id"] = np.array(ids, dtype=np.uint64)
            group[f"{side}_node_id"].attrs["node_population"] = population
        group["edge_type_id"] = np.array(type_ids, dtype=np.uint32)
        group["edge_group_id"] = np.zeros(n, dtype=np.uint16)
        group["edge_group_index"] = np.arange(n, dtype=np.uint32)
        for name, values in attributes.items():
            group[f"0/{name}"] = np.array(values)


def _write_v1_nodes(folder, circuit, depth_sign, ei):
    cells = circuit.cells
    models = [POPULATIONS[cell["population"]][0] for cell in cells]
    attributes = {
        name: [cell[name] for cell in cells] for name in ("x", "z", "tuning_angle")
    }
    attributes["y"] = [depth_sign * cell["y"] for cell in cells]
    _hdf5_nodes(folder / "network/v1_nodes.h5", "v1", models, attributes)
    rows = [
        {
            "node_type_id": model,
            "model_type": "point_process",
            "model_template": "nest:glif_psc",
            "dynamics_params": f"{model}_glif_psc.json",
            "pop_name": name,
            "location": "VisL23",
            "population": "v1",
            **({"ei": "e" if excites else "i"} if ei else {}),
        }
        for name, (model, excites) in POPULATIONS.items()
    ]
    _csv(folder / "network/v1_node_types.csv", rows)


def _write_input_nodes(folder, circuit):
    names = sorted({cell["pop_name"] for cell in circuit.lgn})
    attributes = {
        key: [cell[key] for cell in circuit.lgn]
        for key in circuit.lgn[0]
        if key != "pop_name"
    }
    types = [10 + names.index(cell["pop_name"]) for cell in circuit.lgn]
    _hdf5_nodes(folder / "network/lgn_nodes.h5", "lgn", types, attributes)
    _hdf5_nodes(folder / "network/bkg_nodes.h5", "bkg", [7], {})
    virtual = {"model_type": "virtual", "ei": "e"}
    rows = [
        {"node_type_id": 10 + k, "pop_name": n, **virtual} for k, n in enumerate(names)
    ]
    _csv(folder / "network/lgn_node_types.csv", rows)
    _csv(
        folder / "network/bkg_node_types.csv",
        [{"node_type_id": 7, "pop_name": "SG_001", **virtual}],
    )


def _write_edges(folder, circuit, kind, attributes, drop=()):
    edges = circuit.edges[kind]
    ends = [e["source"] for e in edges], [e["target"] for e in edges]
    type_ids = [edge_type(circuit, kind, edge)["edge_type_id"] for edge in edges]
    _hdf5_edges(
        folder / f"network/{kind}_v1_edges.h5", kind, ends, type_ids, attributes
    )
    rows = [
        {key: value for key, value in row.items() if key not in drop}
        for row in circuit.edge_types[kind].values()
    ]
    _csv(folder / f"network/{kind}_v1_edge_types.csv", rows)


def _json(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))


def _write_components(folder, models, synapses):
    for (model, _), values in zip(POPULATIONS.values(), models, strict=True):
        path = folder / f"components/cell_models/{model}_glif_psc.json"
        # The node type without nodes has no model either.
        if model != POPULATIONS["e6Ntsr1"][0]:
            _json(path, values)
    for name, values in synapses.items():
        _json(folder / f"components/synaptic_models/{name}.json", values)


def _write_config(folder):
    populations = ("v1", "lgn", "bkg")
    config = {
        "manifest": {"$BASE": "${configdir}", "$NET": "$BASE/network"},
        "components": {
            "point_neuron_models_dir": "$BASE/components/cell_models",
            "synaptic_models_dir": "$BASE/components/synaptic_models",
        },
        "networks": {
            "nodes": [
                {
                    "nodes_file": f"$NET/{name}_nodes.h5",
                    "node_types_file": f"$NET/{name}_node_types.csv",
                }
                for name in populations
            ],
            "edges": [
                {
                    "edges_file": f"$NET/{name}_v1_edges.h5",
                    "edge_types_file": f"$NET/{name}_v1_edge_types.csv",
                }
                for name in populations
            ],
        },
    }
    _json(folder / "circuit.json", config)
    _json(folder / "config.json", {"run": {"dt": 1.0}, "network": "circuit.json"})
    return folder / "config.json"


def write_published(folder, circuit, depth_sign=1, ei=True, dialect=dict):
    """Write layout A, the published Billeh et al. 2020 release; return its config."""
    (folder / "network").mkdir(parents=True)
    _write_v1_nodes(folder, circuit, depth_sign, ei)
    _write_input_nodes(folder, circuit)
    for kind, edges in circuit.edges.items():
        nsyns = np.array([edge["nsyns"] for edge in edges], dtype=np.uint32)
        _write_edges(folder, circuit, kind, {"nsyns": nsyns})
    models = [dialect(glif(k)) for k in range(len(POPULATIONS))]
    _write_components(
        folder, models, {n: {"receptor_type": k} for n, k in RECEPTORS.items()}
    )
    return _write_config(folder)


def _successor_model(number):
    model = glif(number)
    return {k: v for k, v in model.items() if k not in ("V_reset", "tau_syn")}


def write_successor(folder, circuit):
    """Write layout C, the successor release; return its config."""
    (folder / "network").mkdir(parents=True)
    _write_v1_nodes(folder, circuit, depth_sign=-1, ei=True)
    _write_input_nodes(folder, circuit)
    names = {"v1": "n_syns_", "lgn": "nsyns", "bkg": "nsyns"}
    for kind, edges in circuit.edges.items():
        weights = [final_weight(circuit, kind, edge) for edge in edges]
        nsyns = np.array([edge["nsyns"] for edge in edges], dtype=np.uint32)
        attributes = {"syn_weight": weights, names[kind]: nsyns}
        dropped = ("syn_weight", "weight_function", "weight_sigma")
        _write_edges(folder, circuit, kind, attributes, dropped)
    double_alpha = {"tau_syn_fast": 1.7, "tau_syn_slow": 4.4, "amp_slow": 0.6}
    models = [_successor_model(k) for k in range(len(POPULATIONS))]
    _write_components(folder, models, dict.fromkeys(RECEPTORS, double_alpha))
    return _write_config(folder)


def _pickled_groups(circuit, kind):
    groups = {}
    for edge in circuit.edges[kind]:
        rule = edge_type(circuit, kind, edge)
        group = groups.setdefault(rule["edge_type_id"], (rule, []))
        group[1].append(edge)
    return [
        {
            "source": np.array([edge["source"] for edge in edges]),
            "target": np.array([edge["target"] for edge in edges]),
            "params": {
                "receptor_type": RECEPTORS[
                    rule["dynamics_params"].removesuffix(".json")
                ],
                "delay": rule["delay"],
                "weight": np.array([final_weight(circuit, kind, e) for e in edges]),
            },
        }
        for rule, edges in groups.values()
    ]


def _pickled_nodes(circuit):
    populations = [cell["population"] for cell in circuit.cells]
    nodes = []
    for number, name in enumerate(POPULATIONS):
        model = glif(number)
        names = ("V_th", "g", "E_L", "C_m", "V_reset", "tau_syn", "t_ref", "asc_amps")
        params = {key: model[key] for key in names}
        params |= {key: np.array(params[key]) for key in ("tau_syn", "asc_amps")}
        params["k"] = np.array(model["asc_decay"])
        ids = np.array([k for k, found in enumerate(populations) if found == name])
        nodes.append({"ids": ids.astype(np.int64), "params": params})
    return nodes


def write_pickles(folder, circuit, fork=False, lgn_table=False, protocol=4):
    """Write layout B, pickles of Chen et al. 2022; return network_dat.pkl's path."""
    (folder / "network").mkdir(parents=True)
    _write_v1_nodes(folder, circuit, depth_sign=1, ei=False)
    if lgn_table:
        rows = [{"model_id": c["pop_name"], **c} for c in circuit.lgn]
        rows = [{k: v for k, v in row.items() if k != "pop_name"} for row in rows]
        _csv(folder / "lgn_full_col_cells_3.csv", rows)
    else:
        _write_input_nodes(folder, circuit)
    network = {
        "nodes": _pickled_nodes(circuit),
        "edges": _pickled_groups(circuit, "v1"),
    }
    inputs = []
    for kind, size in (("lgn", 10), ("bkg", 1)):
        edges, ids = _pickled_groups(circuit, kind), np.arange(size)
        population = {"ids": ids, "spikes": [np.array([1.0, 2.5])] * size}
        inputs.append({"nodes": [], "edges": edges} if fork else (population, edges))
    for name, content in (("network_dat.pkl", network), ("input_dat.pkl", inputs)):
        with open(folder / name, "wb") as file:
            pickle.dump(content, file, protocol=protocol)
    return folder / "network_dat.pkl"


def one_sentence(error) -> bool:
    """Whether an error's text is a single sentence."""
    text = str(error)
    return text.endswith(".") and "\n" not in text and ". " not in text


def files_below(folder: Path) -> set:
    """Return all paths below ``folder``."""
    return set(Path(folder).rglob("*"))
