"""Learning as a folder that Brian2 runs: data, the rule, a script, what made them.

In: a folder that does not exist yet, a ``Learning``. Out: ``circuit.npz``,
``rule.json``, ``simulate.py`` and ``provenance.json``; the folder appears when it is
complete.
"""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np

from evoplast.artefacts.errors import UserError
from evoplast.artefacts.provenance import describe
from evoplast.brian2_runs import simulate
from evoplast.brian2_runs.learning import Learning
from evoplast.network import Network, glif3_propagators
from evoplast.simulator import DT_MS

# In the exported script alone: a module of the library does nothing when imported.
_CALL = "\n\nmain(Path(__file__).resolve().parent)\n"
_EDGE_FIELDS = ("source", "target", "weight_pA", "delay_ms", "receptor")
_TEXTS = (
    *("formula", "neuron_equations", "clear_spikes", "reset", "synapse_equations"),
    *("weight_update", "trace_update", "bound_factor"),
)
_TASK = (
    *("trial_ms", "window_start_ms", "window_end_ms", "threshold", "reward"),
    *("reward_delay_trials", "history_trials"),
)


def step_coefficients(network: Network) -> dict[str, np.ndarray]:
    """Return what a step of each neuron needs, (N,) each, by the script's names."""
    cells, p = (
        network.cells,
        glif3_propagators(network.cells, network.tau_syn_ms, DT_MS),
    )
    shared = {"P11": p.P11, "P21": p.P21, "P22": p.P22, "psc": p.psc_initial}
    rows = {name: np.tile(v, (network.n_neurons, 1)).T for name, v in shared.items()}
    rows |= {"P31": p.P31.T, "P32": p.P32.T, "stable": p.asc_stable.T}
    rows |= {"decay": p.asc_decay.T, "kept": p.asc_refractory_decay.T}
    rows |= {"amp": cells.asc_amp_pA.T}
    return {
        f"{name}_{k}": values
        for name, many in rows.items()
        for k, values in enumerate(many)
    } | {
        "P33": p.P33,
        "P30": p.P30,
        "theta": cells.V_th_mV - cells.E_L_mV,
        "v_reset": cells.V_reset_mV - cells.E_L_mV,
        "pause": p.refractory_steps.astype(float),
    }


def circuit_arrays(learning: Learning) -> dict[str, np.ndarray]:
    """Return the arrays of ``circuit.npz``; names end with their units."""
    network, rule, drive = learning.network, learning.rule, learning.drive
    return {
        **step_coefficients(network),
        **{name: getattr(network.edges, name) for name in _EDGE_FIELDS},
        **rule.coefficients,
        "cell_type": network.cells.cell_type,
        "type_names": np.array(network.cell_types.names),
        "tau_E_ms": rule.tau_E_ms,
        "tau_R_ms": rule.tau_R_ms,
        "current_pA": drive.current_pA.reshape(-1, network.n_neurons),
        "change": np.asarray(drive.change),
        "readout": learning.readout,
        "our_counts": learning.counts,
        "our_decision": learning.decision,
        "our_weight_pA": learning.weight_pA,
    }


def rule_texts(learning: Learning) -> dict:
    """Return the content of ``rule.json``: the rule's text and the task's numbers."""
    rule, task = learning.rule, learning.task
    return {
        **{name: getattr(rule, name) for name in _TEXTS},
        "namespace": dict(rule.namespace),
        "coefficients": list(rule.coefficients),
        "task": {name: getattr(task, name) for name in _TASK} | {"phi": learning.phi},
    }


def _write_all(folder: Path, learning: Learning, provenance: dict) -> None:
    folder.mkdir(parents=True)
    arrays: dict[str, Any] = circuit_arrays(learning)
    np.savez_compressed(folder / "circuit.npz", **arrays)
    texts = json.dumps(rule_texts(learning), indent=2, ensure_ascii=False)
    (folder / "rule.json").write_text(texts + "\n", encoding="utf-8")
    script = Path(simulate.__file__).read_text(encoding="utf-8") + _CALL
    (folder / "simulate.py").write_text(script, encoding="utf-8")
    made_by = json.dumps(json.loads(describe(provenance)), indent=2)
    (folder / "provenance.json").write_text(made_by + "\n", encoding="utf-8")


def write_brian2(folder: str | Path, learning: Learning, provenance: dict) -> None:
    """Write ``learning`` into the new folder ``folder``.

    Raises:
        UserError: the folder exists or cannot be written.
    """
    folder = Path(folder)
    if folder.exists():
        raise UserError(
            f"The folder {folder} exists already; remove it or choose another for the "
            "Brian2 script."
        )
    temporary = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    try:
        _write_all(temporary, learning, provenance)
        os.replace(temporary, folder)
    except OSError as error:
        raise UserError(
            f"The Brian2 script {folder} could not be written "
            f"({error.strerror or error}); free some disk space or check the folder's "
            "permissions, then run again."
        ) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
