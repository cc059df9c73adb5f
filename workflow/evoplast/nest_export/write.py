"""An experiment as a folder that NEST runs: data, a script, what made them.

In: a folder that does not exist yet, an ``Experiment``. Out: ``circuit.npz``,
``simulate.py`` and ``provenance.json``; the folder appears when it is complete.
"""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np

from evoplast.artefacts.errors import UserError
from evoplast.artefacts.provenance import describe
from evoplast.nest_export import simulate
from evoplast.nest_export.experiment import Experiment

# In the exported script alone: a module of the library does nothing when imported.
_CALL = "\n\nmain(Path(__file__).resolve().parent)\n"
_CELL_FIELDS = (
    *("C_m_pF", "g_nS", "E_L_mV", "V_reset_mV", "V_th_mV", "t_ref_ms"),
    *("asc_decay_per_ms", "asc_amp_pA", "cell_type"),
)
_EDGE_FIELDS = ("source", "target", "weight_pA", "delay_ms", "receptor")


def circuit_arrays(experiment: Experiment) -> dict[str, np.ndarray]:
    """Return the arrays of ``circuit.npz``; names end with their units."""
    network = experiment.network
    spike_ms, spike_neuron = np.nonzero(experiment.spikes)
    return {
        **{name: getattr(network.cells, name) for name in _CELL_FIELDS},
        **{name: getattr(network.edges, name) for name in _EDGE_FIELDS},
        "tau_syn_ms": network.tau_syn_ms,
        "type_names": np.array(network.cell_types.names),
        "trial_ms": np.array(experiment.trial_ms),
        "stimulus": experiment.stimulus,
        "current_pA": experiment.current_pA,
        "spike_ms": spike_ms,
        "spike_neuron": spike_neuron,
    }


def _write_all(folder: Path, experiment: Experiment, provenance: dict) -> None:
    folder.mkdir(parents=True)
    arrays: dict[str, Any] = circuit_arrays(experiment)
    np.savez_compressed(folder / "circuit.npz", **arrays)
    script = Path(simulate.__file__).read_text(encoding="utf-8") + _CALL
    (folder / "simulate.py").write_text(script, encoding="utf-8")
    made_by = json.dumps(json.loads(describe(provenance)), indent=2)
    (folder / "provenance.json").write_text(made_by + "\n", encoding="utf-8")


def write_nest(folder: str | Path, experiment: Experiment, provenance: dict) -> None:
    """Write ``experiment`` into the new folder ``folder``.

    Raises:
        UserError: the folder exists or cannot be written.
    """
    folder = Path(folder)
    if folder.exists():
        raise UserError(
            f"The folder {folder} exists already; remove it or choose another for the "
            "NEST script."
        )
    temporary = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    try:
        _write_all(temporary, experiment, provenance)
        os.replace(temporary, folder)
    except OSError as error:
        raise UserError(
            f"The NEST script {folder} could not be written "
            f"({error.strerror or error}); free some disk space or check the folder's "
            "permissions, then run again."
        ) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
