"""The complete state of a search as a dataset, and back.

In: the state of the EvoX workflow between two generations and the history so far.
Out: an ``xarray.Dataset`` from which the search goes on bit for bit, with the
identity (settings, seeds, genome size) it was made with.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence

import jax.numpy as jnp
import numpy as np
import xarray as xr

from evoplast.artefacts.identity import refuse_other
from evoplast.evox_compat import State
from evoplast.search.history import history_variables
from evoplast.search.problem import PROBLEM_ARRAYS
from evoplast.search.swarm import STATE_ARRAYS
from evoplast.search.task import SearchTask

_SWARM_DIMENSIONS = {
    "key": ("word",),
    "population": ("individual", "parameter"),
    "velocity": ("individual", "parameter"),
    "count": ("individual",),
    "mean": ("individual", "objective"),
    "m2": ("individual", "objective"),
    "source": ("individual",),
}


def state_to_dataset(
    task: SearchTask, state: State, rows: Sequence[Mapping], before: xr.Dataset | None
) -> xr.Dataset:
    """Return the complete state and the history ``rows`` as a dataset.

    ``before`` is the dataset of the generation before, None after the first.
    """
    swarm = state.get_child_state("algorithm")
    problem = state.get_child_state("problem")
    variables: dict[str, tuple] = {
        name: (_SWARM_DIMENSIONS[name], np.asarray(swarm[name]))
        for name in STATE_ARRAYS
    }
    for name in PROBLEM_ARRAYS:
        value = np.asarray(problem[name])
        variables[f"problem_{name}"] = (("objective",) * value.ndim, value)
    variables["flag"] = ("individual", _flags(swarm, problem, before))
    return xr.Dataset(
        variables | history_variables(rows),
        coords={
            "objective": list(task.objective_names),
            "feature": list(task.feature_names),
        },
        attrs={"identity": identity_text(task), "search_seed": task.search_seed},
    )


def _flags(swarm: State, problem: State, before: xr.Dataset | None) -> np.ndarray:
    """Return the flags (P,) of the survivors in their latest evaluations."""
    last, source = np.asarray(problem.flag_last), np.asarray(swarm.source)
    if before is None:
        return last[source]
    old, k = before["flag"].values.copy(), len(swarm.refreshed)
    old[np.asarray(swarm.refreshed)] = last[:k]
    return np.concatenate([old, last[k:]])[source]


def dataset_to_state(task: SearchTask, fresh: State, dataset: xr.Dataset) -> State:
    """Return ``fresh`` with the values stored in ``dataset``.

    Raises:
        UserError: the dataset was made with other settings, seeds or genome size.
    """
    check_identity(task, dataset)
    swarm = fresh.get_child_state("algorithm").replace(
        **{name: jnp.asarray(dataset[name].values) for name in STATE_ARRAYS}
    )
    problem = fresh.get_child_state("problem").replace(
        **{name: dataset[f"problem_{name}"].values[()] for name in PROBLEM_ARRAYS}
    )
    state = fresh.replace_child("algorithm", swarm).replace_child("problem", problem)
    return state.replace(generation=int(problem.generation), first_step=False)


def identity_text(task: SearchTask) -> str:
    """Return what a state must share with a task to be continued, as JSON."""
    basis = {
        "genome size": len(task.lower),
        "root seed": task.root_seed,
        "search seed": task.search_seed,
    }
    return json.dumps({**basis, **task.identity}, sort_keys=True)


def check_identity(task: SearchTask, dataset: xr.Dataset) -> None:
    """Raise UserError naming both values where a state and a task differ."""
    old = json.loads(dataset.attrs.get("identity", "{}"))
    refuse_other(old, json.loads(identity_text(task)), "The state of the search")


def state_digest(
    task: SearchTask, dataset: xr.Dataset | None, own_inputs: str = ""
) -> str:
    """Return a short name for 'this task with these inputs, from this state'."""
    digest = hashlib.sha256((identity_text(task) + own_inputs).encode())
    if dataset is not None:
        for name in STATE_ARRAYS:
            digest.update(np.ascontiguousarray(dataset[name].values).tobytes())
    return digest.hexdigest()[:16]
