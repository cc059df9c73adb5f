"""A world: everything an evaluation needs that no rule changes.

In: a network, its prepared input per task, settings, the mouse's rates. Out:
:class:`World`. N neurons, E edges, M cell types.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np

from evoplast.artefacts.errors import UserError
from evoplast.configuration.section import Settings
from evoplast.network import CellTypes, Network
from evoplast.objectives import MouseReference
from evoplast.rules import RuleSpace
from evoplast.simulator import (
    AUTO,
    Kernel,
    PlasticitySettings,
    SimulationModel,
    SimulationSettings,
    build_model,
    kernel_named,
)
from evoplast.stimuli import PreparedInput, StimulusSet
from evoplast.task import TaskSettings, readout_pool


@dataclass(frozen=True)
class EvaluationSettings(Settings):
    """Settings of simulation, plasticity and task.

    ``pad_edges_to``: number of edges every network is padded to, so that networks
    of one size share one compiled program; by default the next of a coarse series.
    """

    simulation: SimulationSettings
    plasticity: PlasticitySettings
    task: TaskSettings
    pad_edges_to: int | None = None


@dataclass(frozen=True)
class World:
    """A network ready for evaluation.

    Attributes:
        network: as built.
        model: its arrays on the device.
        kernel: what runs it, ready for use.
        readout: (n,) indices of the readout pool.
        task_names: in the order of the lanes' tasks.
        inputs, stimulus_sets: by task; empty if only ready drives are used.
        settings: all settings.
        mouse: the mouse's rates for this composition.
        rule_space: the rules that fit this network.
    """

    network: Network
    model: SimulationModel
    kernel: Kernel
    readout: jax.Array
    task_names: tuple[str, ...]
    inputs: Mapping[str, PreparedInput]
    stimulus_sets: Mapping[str, StimulusSet]
    settings: EvaluationSettings
    mouse: MouseReference
    rule_space: RuleSpace

    @property
    def n_tasks(self) -> int:
        """Number of tasks."""
        return len(self.task_names)

    @property
    def pool_size(self) -> int:
        """Number of readout neurons."""
        return len(self.readout)

    @property
    def cell_types(self) -> CellTypes:
        """The network's cell types."""
        return self.network.cell_types

    @property
    def mouse_rate_hz(self) -> np.ndarray:
        """Mean rate of each cell type in the mouse, (M,) Hz."""
        return self.mouse.mean_by_type_hz


def coarse_edge_count(n_edges: int) -> int:
    """Return the next number of edges in a series with steps of about 12 %.

    Networks of one size differ by a few per cent in their edges and mostly share
    an entry of the series.
    """
    step = 1 << max(int(n_edges).bit_length() - 4, 0)
    return -(-n_edges // step) * step


def prepare_world(
    network: Network,
    inputs: Mapping[str, PreparedInput],
    settings: EvaluationSettings,
    mouse: MouseReference,
    stimulus_sets: Mapping[str, StimulusSet] | None = None,
    task_names: tuple[str, ...] | None = None,
) -> World:
    """Return the world of a network.

    Args:
        network: as built.
        inputs: prepared input of each task, in the order of the tasks.
        settings: of simulation, plasticity and task.
        mouse: reference rates for the network's composition.
        stimulus_sets: of each task; needed to draw sequences.
        task_names: only if ``inputs`` is empty because ready drives will be given.

    Raises:
        UserError: no task, lanes that do not fit the tasks, an unknown kernel, or a
            network that cannot be simulated.
    """
    names = tuple(task_names or inputs)
    _check(settings, names, inputs)
    task = settings.task
    pad = settings.pad_edges_to or coarse_edge_count(network.n_edges)
    return World(
        network=network,
        model=build_model(network, settings.simulation, settings.plasticity, pad),
        kernel=kernel_named(settings.simulation.kernel),
        readout=jnp.asarray(readout_pool(network, task)),
        task_names=names,
        inputs=dict(inputs),
        stimulus_sets=dict(stimulus_sets or {}),
        settings=settings,
        mouse=mouse,
        rule_space=RuleSpace(
            network.n_types,
            task.phi_min,
            task.phi_max,
            settings.plasticity.extra_terms,
        ),
    )


def _check(
    settings: EvaluationSettings,
    names: tuple[str, ...],
    inputs: Mapping[str, PreparedInput],
) -> None:
    if not names:
        raise UserError("A world needs at least one task; give its prepared input.")
    _check_lanes(settings.simulation, len(names))
    trial_ms = settings.task.trial_ms
    for name, prepared in inputs.items():
        if prepared.settings.trial_ms != trial_ms:
            raise UserError(
                f"The input of {name} has trials of {prepared.settings.trial_ms} ms, "
                f"the task of {trial_ms} ms; prepare the input with the task's times."
            )


def _check_lanes(settings: SimulationSettings, n_tasks: int) -> None:
    lanes, share = settings.lanes, settings.memory_share
    counted = lanes if isinstance(lanes, int) else 0
    if lanes != AUTO and (counted < n_tasks or counted % n_tasks):
        raise UserError(
            f"simulation.lanes is {lanes}; it must be {AUTO} or a multiple of the "
            f"number of tasks, {n_tasks}."
        )
    if not 0 < share <= 1:
        raise UserError(
            f"simulation.memory_share is {share}; it must be above 0 and at most 1."
        )
