"""GLIF3 parameters from the JSON of a cell model, in either dialect.

In: a parsed JSON object (NEST units, or the SI units of the Allen Cell Types
Database, or the params of a Chen-Scherr-Maass pickle). Out: ``GlifModel``.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from evoplast.artefacts.errors import UserError
from evoplast.network import RANGES
from evoplast.sonata.circuit_config import read_json

# Names of a parameter in NEST's dialect, the first that is present counts.
_NEST_NAMES = {
    "C_m_pF": ("C_m",),
    "g_nS": ("g",),
    "E_L_mV": ("E_L",),
    "V_reset_mV": ("V_reset", "V_m"),
    "V_th_mV": ("V_th",),
    "t_ref_ms": ("t_ref",),
    "asc_decay_per_ms": ("asc_decay", "k"),
    "asc_amp_pA": ("asc_amps",),
}
_PAIRS = ("asc_decay_per_ms", "asc_amp_pA")
_OTHER_MODELS = ("spike_dependent_threshold", "adapting_threshold")
# With currents as input; the double alpha of the successor is handled by its user.
_GLIF_TEMPLATE = re.compile(r"(nest:)?glif(_lif_asc)?_psc(_double_alpha)?")
_REVERSAL_POTENTIALS = ("E_rev", "e_rev", "E_ex", "E_in")


@dataclass(frozen=True)
class GlifModel:
    """Parameters of one GLIF3 model, units in the names.

    ``tau_syn_ms`` is None where the model gives none.
    """

    C_m_pF: float
    g_nS: float
    E_L_mV: float
    V_reset_mV: float
    V_th_mV: float
    t_ref_ms: float
    asc_decay_per_ms: tuple[float, float]
    asc_amp_pA: tuple[float, float]
    tau_syn_ms: tuple[float, ...] | None


def _advice(name: str) -> str:
    return (
        f"map it to a GLIF model with network.sonata.replace_models: {{{name}: "
        "<name of a GLIF JSON>}, or leave its cells out of network.sonata.types with "
        "unmatched_types: drop"
    )


def _lookup(values: Mapping, key: str, name: str) -> object:
    if key not in values:
        raise UserError(f"The cell model {name} lacks {key!r}; add it to the file.")
    return values[key]


def _from_nest(values: Mapping, name: str) -> dict:
    if "tau_m" in values and "g" not in values:
        raise UserError(
            f"The cell model {name} is a LIF neuron (it has tau_m and no g), but only "
            f"GLIF3 neurons are simulated; {_advice(name)}."
        )
    chosen = {
        ours: next((key for key in keys if key in values), keys[0])
        for ours, keys in _NEST_NAMES.items()
    }
    missing = [key for key in chosen.values() if key not in values]
    if missing:
        raise UserError(
            f"The cell model {name} is no GLIF3 model: it lacks {missing[0]!r}; "
            f"{_advice(name)}."
        )
    return {ours: values[key] for ours, key in chosen.items()}


def _from_si(values: Mapping, name: str) -> dict:
    """Return NEST units from the SI dialect (Teeter et al. 2018)."""

    def v(key: str) -> np.ndarray:
        return np.asarray(_lookup(values, key, name), dtype=float)

    def scaled(key: str, coefficient: str) -> np.ndarray:
        factor = _lookup(values["coeffs"], coefficient, name)
        return v(key) * np.asarray(factor, dtype=float)

    gain = float(np.asarray(_lookup(values["coeffs"], "G", name), dtype=float))
    reference = v("El_reference")
    return {
        "C_m_pF": scaled("C", "C") * 1e12,
        "g_nS": gain / v("R_input") * 1e9,
        "E_L_mV": (v("El") + reference) * 1e3,
        "V_reset_mV": reference * 1e3,
        "V_th_mV": (scaled("th_inf", "th_inf") + reference) * 1e3,
        "t_ref_ms": v("spike_cut_length") * v("dt") * 1e3,
        "asc_decay_per_ms": 1e-3 / v("asc_tau_array"),
        "asc_amp_pA": scaled("asc_amp_array", "asc_amp_array") * 1e12,
    }


def _checked(parameters: dict, name: str) -> dict:
    """Return ``parameters`` as floats and pairs of floats, all sensible."""
    arrays = {key: np.asarray(value, float) for key, value in parameters.items()}
    for key, array in arrays.items():
        if array.shape != ((2,) if key in _PAIRS else ()):
            raise UserError(
                f"The cell model {name} has {array.size} values of {key}; it must "
                f"have {2 if key in _PAIRS else 1}."
            )
        if RANGES[key].bad(array).any():
            raise UserError(
                f"The cell model {name} has {key} = {array.tolist()}; it must be "
                f"{RANGES[key]}."
            )
    if arrays["V_th_mV"] <= arrays["V_reset_mV"]:
        raise UserError(
            f"The cell model {name} has the threshold {arrays['V_th_mV']} mV, which is "
            f"not above its reset potential {arrays['V_reset_mV']} mV; correct one."
        )
    return {
        key: tuple(array.tolist()) if key in _PAIRS else float(array)
        for key, array in arrays.items()
    }


def _tau_syn_ms(values: Mapping) -> tuple[float, ...] | None:
    tau = values.get("tau_syn")
    if tau is None:
        return None
    found = tuple(float(each) for each in np.atleast_1d(tau))
    if not all(0.0 < each < np.inf for each in found):
        raise ValueError(f"tau_syn = {list(found)}")
    return found


def glif_model(values: Mapping, name: str) -> GlifModel:
    """Return the GLIF3 parameters in ``values``; ``name`` is used in errors.

    Raises:
        UserError: another neuron model, a missing or impossible value.
    """
    adaptive = [key for key in _OTHER_MODELS if values.get(key)]
    if adaptive or values.get("after_spike_currents") is False:
        key = adaptive[0] if adaptive else "after_spike_currents"
        raise UserError(
            f"The cell model {name} has {key} = {values[key]}, so it is no GLIF3 "
            f"model; {_advice(name)}."
        )
    conductances = [key for key in _REVERSAL_POTENTIALS if key in values]
    if conductances:
        raise UserError(
            f"The cell model {name} has reversal potentials ({conductances[0]}), so "
            "that its synapses are conductances, which are not simulated; "
            f"{_advice(name)}."
        )
    try:
        parameters = (_from_si if "coeffs" in values else _from_nest)(values, name)
        return GlifModel(**_checked(parameters, name), tau_syn_ms=_tau_syn_ms(values))
    except UserError:
        raise
    except (TypeError, ValueError) as error:
        raise UserError(
            f"The cell model {name} holds a value that is no number ({error}); mend "
            "the file."
        ) from error


def read_glif_model(
    folder: Path | None,
    name: str,
    template: str,
    replace_models: Mapping[str, str] | None,
) -> GlifModel:
    """Return the model in the JSON ``name`` of ``folder``, or of its replacement.

    ``template`` is the circuit's name of the neuron's equations, empty if not given;
    it does not count where the model is replaced.

    Raises:
        UserError: the file is missing or holds no GLIF3 model.
    """
    replaced = (replace_models or {}).get(name)
    if replaced is None and template and not _GLIF_TEMPLATE.fullmatch(template):
        raise UserError(
            f"The cell model {name} is a {template}, but only GLIF3 neurons with "
            f"current-based synapses (nest:glif_psc) are simulated; {_advice(name)}."
        )
    if folder is None:
        raise UserError(
            f"The circuit's config names no point_neuron_models_dir under components, "
            f"so that the cell model {name} is unknown; add it to the config."
        )
    path = folder / (replaced or name)
    return glif_model(read_json(path), path.name)


def common_tau_syn_ms(
    models: list[GlifModel], given: tuple[float, ...] | None
) -> np.ndarray:
    """Return the time constants (Q,) that all ``models`` share, or ``given``.

    Raises:
        UserError: the models differ or give none.
    """
    if given is not None:
        return np.array(given, dtype=float)
    found = {model.tau_syn_ms for model in models}
    if len(found) != 1 or None in found:
        state = "give no tau_syn" if None in found else "differ in tau_syn"
        raise UserError(
            f"The cell models of the circuit {state}; set network.sonata.tau_syn_ms "
            "(the Allen V1 model has [5.5, 8.5, 2.8, 5.8])."
        )
    return np.array(found.pop(), dtype=float)
