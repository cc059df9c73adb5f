"""Blocks of trials on all devices of this process, the lanes dealt out among them.

In: what ``run_trials`` takes. Out: the same, to the bit: no lane reads another. Every
device gets whole tiles of lanes and runs the same program on them.
"""

import math
from functools import cache, partial

import jax
from jax.sharding import Mesh, NamedSharding
from jax.sharding import PartitionSpec as P

from evoplast.simulator import LaneRules, SimulationModel
from evoplast.task import (
    TaskSettings,
    TaskState,
    TrialOptions,
    TrialRecord,
    Trials,
    initial_task_state,
    run_trials,
)

Array = jax.Array
TILE = 16
"""Lanes come in tiles of this many where there are enough of them."""
_LANES = "lanes"


def lane_unit(n_tasks: int) -> int:
    """Return the number of lanes that full batches are multiples of."""
    return math.lcm(TILE, n_tasks)


def devices_for(n_lanes: int, n_tasks: int) -> int:
    """Return on how many devices ``n_lanes`` run: as many as get whole tiles."""
    tiles, rest = divmod(n_lanes, lane_unit(n_tasks))
    if rest:
        return 1
    counts = range(jax.local_device_count(), 0, -1)
    return next((count for count in counts if tiles % count == 0), 1)


@cache
def _mesh(n_devices: int) -> Mesh:
    return Mesh(jax.local_devices()[:n_devices], (_LANES,))


def _specs(tree: object) -> object:
    """Return where the axes of each leaf lie: the last over devices, scalars on all."""

    def spec(leaf: Array) -> P:
        return P(*[None] * (leaf.ndim - 1), _LANES) if leaf.ndim else P()

    return jax.tree.map(spec, tree)


@partial(jax.jit, static_argnames=("options", "n_devices"), donate_argnames="state")
def run_block(
    model: SimulationModel,
    rules: LaneRules,
    readout: Array,
    state: TaskState,
    trials: Trials,
    options: TrialOptions,
    n_devices: int,
) -> tuple[TaskState, TrialRecord]:
    """Run a block of trials as ``run_trials`` does, on ``n_devices`` devices.

    ``state`` is used up.
    """
    run = partial(run_trials, options=options)
    arguments = (model, rules, readout, state, trials)
    if n_devices == 1:
        return run(*arguments)
    inputs = (P(), _specs(rules), P(), _specs(state), P())
    return jax.shard_map(
        run,
        mesh=_mesh(n_devices),
        in_specs=inputs,
        out_specs=_specs(jax.eval_shape(run, *arguments)),
        # The loop over steps starts with zeros that lie on every device alike.
        check_vma=False,
    )(*arguments)


def first_state(
    model: SimulationModel, settings: TaskSettings, n_lanes: int, n_devices: int
) -> TaskState:
    """Return the state before the first trial, made where it will be used."""
    make = partial(initial_task_state, settings=settings, n_lanes=n_lanes)
    if n_devices == 1:
        return make(model)
    mesh, specs = _mesh(n_devices), _specs(jax.eval_shape(make, model))
    where = jax.tree.map(lambda spec: NamedSharding(mesh, spec), specs)
    return jax.jit(make, out_shardings=where)(model)
