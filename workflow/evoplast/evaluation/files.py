"""Worlds from the files of the workflow.

In: network and stimulus files, the folder of the mouse's tables, the config sections
input, simulation, plasticity and task. Out: worlds by network instance, or by size
and instance.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from evoplast.artefacts.netcdf import read_provenance
from evoplast.configuration.settings import filled
from evoplast.evaluation.world import EvaluationSettings, World, prepare_world
from evoplast.network import read_network
from evoplast.objectives import read_mouse_reference
from evoplast.simulator import PlasticitySettings, SimulationSettings
from evoplast.stimuli import InputSettings, prepare_input, read_stimuli
from evoplast.task import TaskSettings


def evaluation_settings(config: Mapping[str, Mapping]) -> EvaluationSettings:
    """Return the settings in the sections simulation, plasticity and task."""
    return EvaluationSettings(
        simulation=filled(SimulationSettings, config["simulation"]),
        plasticity=filled(PlasticitySettings, config["plasticity"]),
        task=filled(TaskSettings, config["task"]),
    )


def open_worlds(
    networks: Sequence[str | Path],
    stimuli: Sequence[str | Path],
    mouse: str | Path,
    config: Mapping[str, Mapping],
) -> dict[int, World]:
    """Return the world of each network file, by the number of its instance.

    Raises:
        UserError: a file is missing, truncated or holds something else.
    """
    sets = {found.name: found for found in map(read_stimuli, stimuli)}
    inputs = filled(InputSettings, config["input"], config["task"])
    settings = evaluation_settings(config)
    worlds = {}
    for path in networks:
        network = read_network(path)
        worlds[int(read_provenance(path)["instance"])] = prepare_world(
            network,
            {
                name: prepare_input(network, found, inputs)
                for name, found in sets.items()
            },
            settings,
            read_mouse_reference(mouse, network),
            sets,
        )
    return worlds


class LazyWorlds(Mapping):
    """Worlds by key, opened when they are asked for; only the last stays in memory.

    A search has a network for each of its generations: hundreds of MiB at once.
    """

    def __init__(
        self,
        networks: Mapping[int, str | Path],
        stimuli: Sequence[str | Path],
        mouse: str | Path,
        config: Mapping[str, Mapping],
    ) -> None:
        self._networks = networks
        self._rest = (stimuli, mouse, config)
        self._last: tuple[int, World] | None = None

    def __getitem__(self, key: int) -> World:
        if self._last is None or self._last[0] != key:
            opened = open_worlds([self._networks[key]], *self._rest)
            self._last = (key, next(iter(opened.values())))
        return self._last[1]

    def __iter__(self) -> Iterator[int]:
        return iter(self._networks)

    def __len__(self) -> int:
        return len(self._networks)


def open_worlds_at(
    networks: Sequence[str | Path],
    stimuli: Sequence[str | Path],
    mouse: str | Path,
    config: Mapping[str, Mapping],
) -> Callable[[float], dict[int, World]]:
    """Return the function that opens the worlds at a learning rate."""

    def at(eta: float) -> dict[int, World]:
        changed = {**config, "plasticity": {**config["plasticity"], "eta": eta}}
        return open_worlds(networks, stimuli, mouse, changed)

    return at


def open_worlds_by_size(
    networks: Sequence[str | Path],
    stimuli: Sequence[str | Path],
    mouse: str | Path,
    config: Mapping[str, Mapping],
) -> dict[int, dict[int, World]]:
    """Return the worlds of networks of several sizes, by size and instance.

    Raises:
        UserError: a file is missing, truncated or holds something else.
    """
    by_size: dict[int, dict[int, World]] = {}
    for path in networks:
        for instance, world in open_worlds([path], stimuli, mouse, config).items():
            by_size.setdefault(world.network.n_neurons, {})[instance] = world
    return by_size
