"""Recorded spikes as a dataset, and back.

In: what ``evaluation.record`` returned, the world, the rules. Out: an xarray dataset
for a NetCDF file, and :class:`Recorded`. Spikes lie behind one another, ordered by
test, rule, task and time; ``n_spikes`` says where each raster ends.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr

from evoplast.analysis import NamedRules
from evoplast.artefacts.netcdf import read_dataset
from evoplast.evaluation import Raster, Trained, World
from evoplast.network import CellTypes
from evoplast.recordings.record import TESTS

_RASTER = ("trial", "ms", "neuron")
_PLACES = ("test", "rule", "task")
_TIMES = ("trial_ms", "grey_before_ms", "image_ms")


@dataclass(frozen=True)
class Recorded:
    """The recording of one network; P rules, k tasks, N neurons, T trials.

    Attributes:
        instance: number of the network.
        rules, groups, tasks: names.
        rasters: by test, then ``[rule][task]``.
        stimulus, change: (k, T).
        cell_type: (N,); ``types``: what they are.
        trial_ms, grey_before_ms, image_ms: times of a trial.
    """

    instance: int
    rules: tuple[str, ...]
    groups: tuple[str, ...]
    tasks: tuple[str, ...]
    rasters: dict[str, list[list[Raster]]]
    stimulus: np.ndarray
    change: np.ndarray
    cell_type: np.ndarray
    types: CellTypes
    trial_ms: int
    grey_before_ms: int
    image_ms: int

    @property
    def n_neurons(self) -> int:
        """Number of neurons."""
        return len(self.cell_type)

    @property
    def n_trials(self) -> int:
        """Number of recorded trials of each task."""
        return self.change.shape[1]


def recording_dataset(
    trained: Trained, world: World, named: NamedRules, instance: int
) -> xr.Dataset:
    """Return the spikes of a recording with all that is needed to read them."""
    flat = [raster for test in trained.rasters for rule in test for raster in rule]
    counts = np.array([len(raster.ms) for raster in flat])
    shape = (len(TESTS), len(named.names), world.n_tasks)
    types, task = world.cell_types, world.settings.task
    data: dict[str, tuple] = {
        name: ("spike", _small(np.concatenate([getattr(r, name) for r in flat])))
        for name in _RASTER
    }
    data |= {
        "n_spikes": (_PLACES, counts.reshape(shape)),
        "stimulus": (("task", "recorded_trial"), trained.stimulus),
        "change": (("task", "recorded_trial"), trained.change.astype(np.int8)),
        "cell_type": ("cell", world.network.cells.cell_type),
        "excitatory": ("type", types.excitatory.astype(np.int8)),
        "layer": ("type", np.array(types.layer, object)),
    }
    names = {
        "test": list(TESTS),
        "rule": list(named.names),
        "task": list(world.task_names),
        "type": list(types.names),
        "group": ("rule", np.array(list(named.groups), object)),
    }
    attributes = {name: getattr(task, name) for name in _TIMES} | {"instance": instance}
    found = xr.Dataset(data, coords=names, attrs=attributes)
    found["ms"].attrs["units"] = "ms"
    return found


def _small(values: np.ndarray) -> np.ndarray:
    return values.astype(np.min_scalar_type(values.max(initial=0)))


def read_recording(path: str | Path) -> Recorded:
    """Read a file of recorded spikes.

    Raises:
        UserError: the file is missing, damaged or not NetCDF.
    """
    data = read_dataset(path)
    counts = data["n_spikes"].values
    ends = np.cumsum(counts).reshape(counts.shape)
    columns = [data[name].values for name in _RASTER]

    def raster(place: tuple[int, ...]) -> Raster:
        part = slice(ends[place] - counts[place], ends[place])
        return Raster(*(column[part] for column in columns))

    _, n_rules, n_tasks = counts.shape
    names = {name: tuple(map(str, data[name].values)) for name in (*_PLACES, "group")}
    return Recorded(
        instance=int(data.attrs["instance"]),
        rules=names["rule"],
        groups=names["group"],
        tasks=names["task"],
        rasters={
            test: [[raster((i, p, k)) for k in range(n_tasks)] for p in range(n_rules)]
            for i, test in enumerate(names["test"])
        },
        stimulus=data["stimulus"].values,
        change=data["change"].values.astype(bool),
        cell_type=data["cell_type"].values,
        types=_cell_types(data),
        **{name: int(data.attrs[name]) for name in _TIMES},
    )


def _cell_types(data: xr.Dataset) -> CellTypes:
    names, layers = (tuple(map(str, data[n].values)) for n in ("type", "layer"))
    return CellTypes(names, data["excitatory"].values.astype(bool), layers)


def read_recordings(paths: Sequence[str | Path]) -> list[Recorded]:
    """Read the files of several networks, in the order of their numbers."""
    return sorted(map(read_recording, paths), key=lambda found: found.instance)
