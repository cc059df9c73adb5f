"""A network as one NetCDF file with named dimensions and units.

In and out: ``Network`` and a path. Dimensions: neuron, edge, cell_type, lgn_cell,
lgn_edge, port, and pairs of after-spike currents and temporal bumps.
"""

from collections.abc import Iterator
from dataclasses import fields, replace
from itertools import chain
from pathlib import Path

import numpy as np
import xarray as xr

from evoplast.artefacts.errors import UserError
from evoplast.artefacts.netcdf import read_dataset, write_dataset
from evoplast.artefacts.tables import Range
from evoplast.network.ranges import COMPOSITE, RANGES
from evoplast.network.types import (
    Background,
    Cells,
    CellTypes,
    Edges,
    LgnPathway,
    Network,
)

_LGN_EDGE = ("source", "target", "weight_pA", "receptor", "delay_ms")
_UNITS = {
    "um": "um",
    "deg": "degree",
    "pA": "pA",
    "pF": "pF",
    "nS": "nS",
    "mV": "mV",
    "ms": "ms",
    "hz": "Hz",
}
_LONG_NAMES = {
    "cell_type": "index of the cell type",
    "model_id": "Allen Cell Types specimen of the GLIF3 fit",
    "x_um": "lateral position along the azimuth",
    "y_um": "depth below the pia",
    "z_um": "lateral position along the elevation",
    "tuning_deg": "preferred direction",
    "C_m_pF": "membrane capacitance",
    "g_nS": "leak conductance",
    "E_L_mV": "resting potential",
    "V_reset_mV": "reset potential",
    "V_th_mV": "spike threshold",
    "t_ref_ms": "refractory time",
    "asc_decay_per_ms": "decay rate of each after-spike current",
    "asc_amp_pA": "jump of each after-spike current at a spike",
    "source": "index of the presynaptic cell",
    "target": "index of the postsynaptic neuron",
    "weight_pA": "peak of the alpha current per spike, without gain",
    "delay_ms": "synaptic delay",
    "receptor": "receptor port, from 0",
    "lgn_id": "index among all LGN cells of the run",
    "lgn_class": "class of the LGN cell",
    "polarity": "1 ON, -1 OFF, 0 composite",
    "x_deg": "azimuth in the visual field",
    "y_deg": "elevation in the visual field",
    "spatial_size_deg": "size of the spatial filter (three standard deviations)",
    "subfield_separation_deg": "distance of the ON half from the OFF half",
    "weight_dom": "weight of each bump of the dominant temporal filter",
    "kpeak_dom_ms": "peak of each bump of the dominant temporal filter",
    "delay_dom_ms": "delay of each bump of the dominant temporal filter",
    "weight_nondom": "weight of each bump of the nondominant temporal filter",
    "kpeak_nondom_ms": "peak of each bump of the nondominant temporal filter",
    "delay_nondom_ms": "delay of each bump of the nondominant temporal filter",
    "spont_rate_hz": "spontaneous rate",
    "max_rate_off_hz": "maximum rate of the OFF half",
    "max_rate_on_hz": "maximum rate of the ON half",
    "time_to_peak_off_ms": "time to peak of the OFF half",
    "time_to_peak_on_ms": "time to peak of the ON half",
    "off_factor": "scale of the OFF half of a composite cell",
}


def _attributes(name: str) -> dict:
    unit = "ms-1" if name.endswith("per_ms") else _UNITS.get(name.split("_")[-1], "1")
    return {"long_name": _LONG_NAMES[name], "units": unit}


def _variable(prefix: str, name: str) -> str:
    return name if name in ("lgn_id", "lgn_class") else f"{prefix}_{name}"


def _variables(part: object, prefix: str, dimensions: dict[str, tuple]) -> dict:
    """Return the arrays of ``part`` as variables ``prefix_name``."""
    return {
        _variable(prefix, name): (dims, getattr(part, name), _attributes(name))
        for name, dims in dimensions.items()
    }


def _names(kind: type) -> list[str]:
    return [field.name for field in fields(kind)]


def _cell_dimensions() -> dict[str, tuple]:
    pairs = ("asc_decay_per_ms", "asc_amp_pA")
    return {
        name: ("neuron", "after_spike_current") if name in pairs else ("neuron",)
        for name in _names(Cells)
    }


def _lgn_dimensions() -> dict[str, tuple]:
    def dims(name: str) -> tuple:
        if name in _LGN_EDGE:
            return ("lgn_edge",)
        two_bumps = {"dom", "nondom"} & set(name.split("_"))
        return ("lgn_cell", "bump") if two_bumps else ("lgn_cell",)

    return {name: dims(name) for name in _names(LgnPathway)}


def _mouse_variable(types: CellTypes) -> dict[str, tuple]:
    # Only where types have other names than the mouse's.
    if types.mouse is None:
        return {}
    about = {"long_name": "type of the mouse's tables that stands for it"}
    return {"cell_type_mouse": ("cell_type", np.array(types.mouse, dtype=str), about)}


def _names_in_mouse(dataset: xr.Dataset) -> tuple[str, ...] | None:
    if "cell_type_mouse" not in dataset:
        return None
    return tuple(dataset["cell_type_mouse"].to_numpy().astype(str).tolist())


def to_dataset(network: Network) -> xr.Dataset:
    """Return ``network`` as a dataset with named dimensions and units."""
    types, background = network.cell_types, network.background
    edges = {name: ("edge",) for name in _names(Edges)}
    at_neuron = {name: ("neuron",) for name in ("weight_pA", "receptor")}
    return xr.Dataset(
        {
            "cell_type_excitatory": (
                "cell_type",
                types.excitatory.astype(np.int8),
                {"long_name": "1 where the type is excitatory", "units": "1"},
            ),
            "cell_type_layer": (
                "cell_type",
                np.array(types.layer, dtype=str),
                {"long_name": "cortical layer"},
            ),
            **_mouse_variable(types),
            **_variables(network.cells, "cell", _cell_dimensions()),
            **_variables(network.edges, "edge", edges),
            **_variables(network.lgn, "lgn", _lgn_dimensions()),
            **_variables(background, "background", at_neuron),
            "background_rate_hz": (
                (),
                background.rate_hz,
                {"long_name": "rate of the background source", "units": "Hz"},
            ),
            "tau_syn_ms": (
                "port",
                network.tau_syn_ms,
                {"long_name": "time constant of the alpha synapse", "units": "ms"},
            ),
        },
        coords={"cell_type": list(types.names)},
    )


def write_network(path: str | Path, network: Network, provenance: dict) -> None:
    """Write ``network`` to the NetCDF file ``path``.

    Raises:
        UserError: the file cannot be written.
    """
    write_dataset(path, to_dataset(network), provenance)


def _part(dataset: xr.Dataset, kind: type, prefix: str, **given: object):
    values = {
        name: dataset[_variable(prefix, name)].to_numpy()
        for name in _names(kind)
        if name not in given
    }
    return kind(**values, **given)


def from_dataset(dataset: xr.Dataset) -> Network:
    """Return the network held by ``dataset``, see ``to_dataset``."""
    lgn_class = dataset["lgn_class"].to_numpy().astype(str)
    return Network(
        cell_types=CellTypes(
            names=tuple(dataset["cell_type"].to_numpy().astype(str).tolist()),
            excitatory=dataset["cell_type_excitatory"].to_numpy().astype(bool),
            layer=tuple(dataset["cell_type_layer"].to_numpy().astype(str).tolist()),
            mouse=_names_in_mouse(dataset),
        ),
        cells=_part(dataset, Cells, "cell"),
        edges=_part(dataset, Edges, "edge"),
        lgn=_part(dataset, LgnPathway, "lgn", lgn_class=lgn_class),
        background=_part(
            dataset,
            Background,
            "background",
            rate_hz=float(dataset["background_rate_hz"]),
        ),
        tau_syn_ms=dataset["tau_syn_ms"].to_numpy(),
    )


def _within(values: np.ndarray, size: int) -> bool:
    return bool(((values >= 0) & (values < size)).all())


def _index_checks(network: Network) -> Iterator[tuple[str, bool]]:
    n, edges, lgn = network.n_neurons, network.edges, network.lgn
    ports = len(network.tau_syn_ms)
    in_types = _within(network.cells.cell_type, network.n_types)
    yield "every cell type is one of the types", in_types
    ends = _within(edges.source, n) and _within(edges.target, n)
    yield "every edge joins two neurons", ends
    ends = _within(lgn.source, len(lgn.lgn_id)) and _within(lgn.target, n)
    yield "every LGN edge joins an LGN cell and a neuron", ends
    receptors = (edges.receptor, lgn.receptor, network.background.receptor)
    yield "every receptor is a port", all(_within(r, ports) for r in receptors)


def _value_checks(network: Network) -> Iterator[tuple[str, bool]]:
    cells, edges = network.cells, network.edges
    key = edges.target.astype(np.int64) * network.n_neurons + edges.source
    in_order = bool((np.diff(key) > 0).all())
    yield "edges are sorted by (target, source) and unique", in_order
    yield from _range_checks(network)
    above = bool((cells.V_reset_mV < cells.V_th_mV).all())
    yield "every neuron is reset below its threshold", above
    sign = np.where(network.cell_types.excitatory[cells.cell_type], 1, -1)
    signed = bool((edges.weight_pA * sign[edges.source] >= 0).all())
    yield "weights have the sign of their presynaptic type", signed


def _range_checks(network: Network) -> Iterator[tuple[str, bool]]:
    parts = (network.cells, network.edges, network.lgn, network.background)
    for part, kind in zip(parts, ("cell", "edge", "lgn", "background"), strict=True):
        for name in (name for name in _names(type(part)) if name in RANGES):
            values = np.atleast_1d(getattr(part, name))
            yield _statement(f"{kind}_{name}", values, RANGES[name])
    yield _statement("tau_syn_ms", network.tau_syn_ms, RANGES["tau_syn_ms"])
    composite = network.lgn.polarity == 0
    for name in COMPOSITE:
        values = getattr(network.lgn, name)[composite]
        whole = replace(RANGES[name], blank=False)
        yield _statement(f"lgn_{name} of a composite cell", values, whole)


def _statement(name: str, values: np.ndarray, allowed: Range) -> tuple[str, bool]:
    """Return what must hold, with the first value that breaks it, and if it does."""
    bad = allowed.bad(values)
    found = f" (one is {values[bad][0]})" if bad.any() else ""
    return f"every {name} is {allowed}{found}", not found


def check_network(network: Network, name: str | Path) -> None:
    """Check that ``network`` (called ``name`` in errors) is consistent.

    Raises:
        UserError: it is not; the sentence says which property fails.
    """
    # Values are looked at only where all indices are good, hence the order.
    for statement, holds in chain(_index_checks(network), _value_checks(network)):
        if not holds:
            raise UserError(
                f"{name} is not a usable network: it does not hold that {statement}; "
                "build the network again."
            )


def read_network(path: str | Path) -> Network:
    """Read and check the network in the NetCDF file ``path``.

    Raises:
        UserError: the file is missing, truncated, lacks a variable, or its
            network is inconsistent.
    """
    dataset = read_dataset(path)
    try:
        network = from_dataset(dataset)
    except KeyError as error:
        raise UserError(
            f"{path} is not a network file: it lacks the variable {error.args[0]!r}; "
            "build the network again."
        ) from error
    check_network(network, path)
    return network
