"""Working memory: what activity tells of the last images, and how long.

In: a recording. Out: tables with one row per rule, task, input of the test and time
after the onset of an image: how well a linear decoder tells the image, the image before
it and whether they differ, beside chance; and the rate of every cell type.

With the LGN's slow lobes cut nothing that the LGN does tells of an image later than
``recordings.cut_kernel_ms`` after its end. What can still be decoded from then until
the next image, the *late delay*, the network itself remembers; and so it does what its
response tells of the image *before*, while the next is shown.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from evoplast.analysis import standard_error
from evoplast.artefacts.errors import UserError
from evoplast.configuration.section import Settings
from evoplast.recordings.decoding import decode, shifted_labels
from evoplast.recordings.files import Recorded
from evoplast.recordings.paired import against_none, with_holm
from evoplast.recordings.windows import Epochs, epochs_of

IMAGE, PREVIOUS, CHANGE = "image", "previous image", "change"
TARGETS = (IMAGE, PREVIOUS, CHANGE)
LATE, RESPONSE = "late delay", "response"


@dataclass(frozen=True)
class MemorySettings(Settings):
    """Windows, blocks and shifts of the decoders; where a cut LGN's kernels end."""

    SECTIONS: ClassVar[tuple[str, ...]] = ("recordings",)

    window_ms: int
    folds: int
    shifts: int
    cut_kernel_ms: int


@dataclass(frozen=True)
class Place:
    """One raster of a recording: its test, rule and task, by name, and its epochs."""

    test: str
    rule: str
    task: str
    epochs: Epochs

    @property
    def columns(self) -> dict[str, str]:
        """The names, for a row of a table."""
        return {"test": self.test, "rule": self.rule, "task": self.task}


def places(
    recorded: Recorded, window_ms: int, tests: Sequence[str] | None = None
) -> Iterator[Place]:
    """Yield all rasters of ``tests`` (of all, by default), cut into epochs."""
    for test in tests or recorded.rasters:
        for rule, by_task in zip(recorded.rules, recorded.rasters[test], strict=True):
            for k, task in enumerate(recorded.tasks):
                epochs = epochs_of(recorded, by_task[k], k, window_ms)
                yield Place(test, rule, task, epochs)


def decoded(recorded: Recorded, settings: MemorySettings) -> pd.DataFrame:
    """Return how well each of ``TARGETS`` is told at each time, from all cells.

    Columns: instance, test, rule, task, target, time_ms (middle of the window after the
    onset of the image), accuracy, chance (mean over shifted labels), n_labels,
    n_epochs. The previous image is asked for where it differs from the last.
    """
    rows = []
    for place in places(recorded, settings.window_ms):
        for target in TARGETS:
            features, labels = _asked(place.epochs, target)
            rows += [
                place.columns | {"target": target} | row
                for row in _over_time(features, labels, place.epochs, settings)
            ]
    return pd.DataFrame(rows).assign(instance=recorded.instance)


def _asked(epochs: Epochs, target: str) -> tuple[np.ndarray, np.ndarray]:
    if target == IMAGE:
        return epochs.counts, epochs.image
    if target == CHANGE:
        return epochs.counts, epochs.change.astype(int)
    return epochs.counts[epochs.change], epochs.previous[epochs.change]


def _over_time(
    counts: np.ndarray, labels: np.ndarray, epochs: Epochs, settings: MemorySettings
) -> Iterator[dict]:
    rows = shifted_labels(labels, settings.shifts)
    for window, start in enumerate(epochs.start_ms):
        right = decode(counts[:, window], rows, settings.folds)
        yield {
            "time_ms": float(start + settings.window_ms / 2),
            "accuracy": float(right[0]),
            "chance": float(right[1:].mean()),
            "n_labels": len(np.unique(labels)),
            "n_epochs": len(labels),
        }


def delay_activity(recorded: Recorded, window_ms: int) -> pd.DataFrame:
    """Return the rate of every cell type at each time, after changes and repeats.

    Columns: instance, test, rule, task, cell_type, layer, excitatory, n_cells, time_ms,
    rate_hz, change_rate_hz, repeat_rate_hz. Types without a cell are left out.
    """
    kinds = np.unique(recorded.cell_type)
    types, rows = recorded.types, []
    for place in places(recorded, window_ms):
        epochs = place.epochs
        parts: dict[str, Any] = {
            "rate_hz": slice(None),
            "change_rate_hz": epochs.change,
        }
        parts |= {"repeat_rate_hz": ~epochs.change}
        rates = {
            name: epochs.counts[part].mean(axis=0) * 1000.0 / window_ms
            for name, part in parts.items()
        }
        for kind in kinds:
            chosen = recorded.cell_type == kind
            about = place.columns | {
                "cell_type": types.names[kind],
                "layer": types.layer[kind],
                "excitatory": bool(types.excitatory[kind]),
                "n_cells": int(chosen.sum()),
            }
            table = {n: rate[:, chosen].mean(axis=1) for n, rate in rates.items()}
            table["time_ms"] = epochs.start_ms + window_ms / 2
            rows.append(pd.DataFrame(table).assign(**about))
    found = pd.concat(rows, ignore_index=True)
    return found.assign(instance=recorded.instance)


def late_delay(
    table: pd.DataFrame, image_ms: int, settings: MemorySettings
) -> pd.DataFrame:
    """Return the rows of the late delay, when a cut LGN tells nothing any more.

    Raises:
        UserError: the next image comes before that.
    """
    begins = image_ms + settings.cut_kernel_ms
    late = table[table["time_ms"] - settings.window_ms / 2 >= begins]
    if late.empty:
        raise UserError(
            f"recordings.cut_kernel_ms is {settings.cut_kernel_ms}, so a cut LGN still "
            f"tells of an image {begins} ms after its onset, when the next has come; "
            "lower it, or raise task.grey_after_ms."
        )
    return late


def in_phases(
    table: pd.DataFrame, image_ms: int, settings: MemorySettings
) -> pd.DataFrame:
    """Return rows of the late delay and of the response while an image is shown.

    With a column ``phase``, and ``above_chance``, accuracy minus chance.

    Raises:
        UserError: there is no late delay.
    """
    late = late_delay(table, image_ms, settings).assign(phase=LATE)
    response = table[table["time_ms"] < image_ms].assign(phase=RESPONSE)
    both = pd.concat([late, response], ignore_index=True)
    return both.assign(above_chance=both["accuracy"] - both["chance"])


def memory_table(
    decoded: pd.DataFrame, image_ms: int, settings: MemorySettings, seed: int
) -> pd.DataFrame:
    """Return one row per phase, test, target and rule: what is remembered.

    ``above_chance`` (mean, s.e. and the p-value of being 0) is accuracy minus chance,
    mean of the phase's windows and of tasks; ``gain`` is what learning adds: the
    difference to the rule "none", paired by network. The unit is the network. ``_holm``
    p-values are corrected for all rows of the table that were tested (Holm 1979).
    """
    keys = ["phase", "test", "target"]
    rows = in_phases(decoded, image_ms, settings)
    units = rows.groupby([*keys, "rule", "instance"], sort=False)
    units = units[["accuracy", "chance", "above_chance"]].mean().reset_index()
    table = against_none(units, keys, "above_chance", seed)
    means = units.groupby([*keys, "rule"], sort=False)[["accuracy", "chance"]].mean()
    table = table.merge(means.reset_index(), on=[*keys, "rule"])
    return with_holm(table, "p_gain", "p_above")


def input_or_network(
    decoded: pd.DataFrame, image_ms: int, settings: MemorySettings
) -> pd.DataFrame:
    """Return how much is remembered without the LGN's slow lobes.

    One row per phase, target and rule: accuracy above chance with the whole and with
    the cut LGN and their difference, means and standard errors over networks.
    """
    keys = ["phase", "target", "rule"]
    rows = in_phases(decoded, image_ms, settings)
    columns = [*keys, "instance"]
    wide = rows.pivot_table("above_chance", columns, "test", sort=False)
    wide["difference"] = wide["whole"] - wide["cut"]
    by_rule = wide.groupby(level=keys, sort=False)
    return by_rule.agg(["mean", standard_error]).pipe(_flat).reset_index()


def _flat(table: pd.DataFrame) -> pd.DataFrame:
    ends = {"mean": "", "standard_error": "_se"}
    return table.set_axis([f"{a}{ends[b]}" for a, b in table.columns], axis=1)
