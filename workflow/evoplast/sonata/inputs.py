"""The LGN and background populations of a circuit.

In: nodes and connections of the two populations, the Allen table of LGN classes.
Out: ``LgnPathway`` (only LGN cells with targets) and ``Background``.
"""

from dataclasses import fields

import numpy as np
import pandas as pd

from evoplast.artefacts.errors import UserError
from evoplast.configuration.sections.circuit import SonataSettings
from evoplast.network import Background, LgnPathway
from evoplast.sonata.nodes import Nodes
from evoplast.sonata.synapses import Connections, merged

# Our name, and the name in the published LGN node files.
SINGLE_ATTRIBUTES = {
    "x_deg": "x",
    "y_deg": "y",
    "spatial_size_deg": "spatial_size",
    "tuning_deg": "tuning_angle",
    "subfield_separation_deg": "sf_sep",
}
PAIR_ATTRIBUTES = {
    f"{ours}_{half}{unit}": f"{theirs}_{half.replace('nondom', 'non_dom')}"
    for ours, theirs, unit in (
        ("weight", "weight", ""),
        ("kpeak", "kpeaks", "_ms"),
        ("delay", "delay", "_ms"),
    )
    for half in ("dom", "nondom")
}
# Not in the published files: the class decides, unless nodes carry them.
CLASS_ATTRIBUTES = (
    *("spont_rate_hz", "max_rate_off_hz", "max_rate_on_hz"),
    *("time_to_peak_off_ms", "time_to_peak_on_ms", "off_factor"),
)
# Only composite cells have these.
_COMPOSITE = (
    *("tuning_deg", "subfield_separation_deg", "weight_nondom"),
    *("kpeak_nondom_ms", "delay_nondom_ms", *CLASS_ATTRIBUTES[1:]),
)


def _classes(nodes: Nodes, settings: SonataSettings, table: pd.DataFrame) -> np.ndarray:
    """Return the row of ``table`` of each LGN node (n,)."""
    names = nodes.values(settings.attribute("pop_name")).astype(str)
    rows = pd.Index(table["lgn_class"]).get_indexer(names)
    if (rows < 0).any():
        raise UserError(
            f"{nodes.path} has LGN cells of the class {names[rows < 0][0]}, but known "
            f"are {', '.join(table['lgn_class'])}; correct pop_name, or set "
            "network.sonata.lgn_population: null."
        )
    return rows


def _values(
    nodes: Nodes, name: str, settings: SonataSettings, composite: np.ndarray, part: bool
) -> np.ndarray:
    """Return an attribute (n,); if ``part``, NaN outside composite cells."""
    theirs = settings.attribute(name)
    if part and not composite.any():
        return np.full(len(composite), np.nan)
    values = np.array(nodes.values(theirs), dtype=float)
    if part:
        values[~composite] = np.nan
    bad = np.flatnonzero(~np.isfinite(values) & (composite if part else True))
    if len(bad):
        raise UserError(
            f"{nodes.path} gives no finite {theirs} for the LGN cell "
            f"{nodes.node_id[bad[0]]}; mend that value."
        )
    return values


def _class_values(
    nodes: Nodes, name: str, row: pd.DataFrame, composite: np.ndarray
) -> np.ndarray:
    found = nodes.values(name) if nodes.has(name) else row[name].to_numpy()
    values = np.array(found, dtype=float)
    if name in _COMPOSITE:
        values[~composite] = np.nan
    return values


def lgn_cells(nodes: Nodes, settings: SonataSettings, classes: pd.DataFrame) -> dict:
    """Return the cells of all LGN ``nodes`` as arrays named like LgnPathway's fields.

    Raises:
        UserError: a class is unknown, an attribute missing or not finite.
    """
    row = classes.iloc[_classes(nodes, settings, classes)]
    polarity = row["polarity"].to_numpy(dtype=np.int8)
    composite = polarity == 0

    def values(ours: str, theirs: str) -> np.ndarray:
        return _values(nodes, theirs, settings, composite, ours in _COMPOSITE)

    singles = {ours: values(ours, name) for ours, name in SINGLE_ATTRIBUTES.items()}
    singles["x_deg"] = singles["x_deg"] + settings.lgn_shift_deg[0]
    singles["y_deg"] = singles["y_deg"] + settings.lgn_shift_deg[1]
    lgn_id = nodes.values("lgn_id") if nodes.has("lgn_id") else nodes.node_id
    return {
        "lgn_id": lgn_id.astype(np.int32),
        "lgn_class": row["lgn_class"].to_numpy(dtype=str),
        "polarity": polarity,
        **singles,
        **{
            ours: np.column_stack([values(ours, f"{name}_{bump}") for bump in (0, 1)])
            for ours, name in PAIR_ATTRIBUTES.items()
        },
        **{
            name: _class_values(nodes, name, row, composite)
            for name in CLASS_ATTRIBUTES
        },
    }


def lgn_pathway(cells: dict, edges: Connections) -> LgnPathway:
    """Return the LGN ``cells`` that have ``edges``; sources index rows of cells."""
    edges = merged(edges)
    used, source = np.unique(edges.source, return_inverse=True)
    return LgnPathway(
        **{name: values[used] for name, values in cells.items()},
        source=source.astype(np.int32),
        target=edges.target,
        weight_pA=edges.weight_pA,
        receptor=edges.receptor,
        delay_ms=edges.delay_ms,
    )


def no_lgn() -> LgnPathway:
    """Return a pathway without cells and edges."""
    pairs = {name: np.empty((0, 2)) for name in PAIR_ATTRIBUTES}
    cells = {f.name: np.empty(0) for f in fields(LgnPathway)} | pairs
    cells |= {name: np.empty(0, np.int32) for name in ("lgn_id", "source", "target")}
    cells |= {name: np.empty(0, np.int8) for name in ("polarity", "receptor")}
    cells |= {name: np.empty(0, np.float32) for name in ("weight_pA", "delay_ms")}
    return LgnPathway(**cells | {"lgn_class": np.empty(0, dtype="<U1")})


def background_input(edges: Connections, n_neurons: int, rate_hz: float) -> Background:
    """Return one source that stands for all background sources of each neuron.

    Billeh et al. 2020 have one source, which is kept as it is. Several sources of
    ``rate_hz`` each (four a neuron in the successor) become one with the rate of the
    mean number of sources and with weights that keep each neuron's mean current.

    Raises:
        UserError: a neuron has background edges to several receptors.
    """
    edges = merged(edges)
    per_neuron = np.bincount(edges.target, minlength=n_neurons)
    weight = np.bincount(edges.target, weights=edges.weight_pA, minlength=n_neurons)
    receptor = np.zeros(n_neurons, dtype=np.int8)
    receptor[edges.target] = edges.receptor
    differing = np.flatnonzero(receptor[edges.target] != edges.receptor)
    if len(differing):
        raise UserError(
            f"The background reaches {len(differing)} cells through several receptors, "
            "but one a cell is supported; combine them or set "
            "network.sonata.background_population: null."
        )
    sources = per_neuron[per_neuron > 0].mean() if len(edges.target) else 1.0
    return Background(
        weight_pA=(weight / sources).astype(np.float32),
        receptor=receptor,
        rate_hz=float(rate_hz * sources),
    )


def no_background(n_neurons: int) -> Background:
    """Return a background that never fires."""
    return Background(
        weight_pA=np.zeros(n_neurons, np.float32),
        receptor=np.zeros(n_neurons, np.int8),
        rate_hz=0.0,
    )
