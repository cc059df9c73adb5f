"""Calibration: is the network alive, does the task carry signal, does plasticity act?

In: worlds (several instances), rule space, settings. Out: one dataset with (a) rates
per cell type beside the mouse's, (b) the L5 excitatory pool's rate through the trial
and its AUC of change against repeat in candidate windows, (c) what one-term and
random rules do to the weights at the configured eta.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import xarray as xr

from evoplast import rules
from evoplast.analysis import (
    OBJECTIVES,
    Evaluate,
    Worlds,
    auc,
    auc_standard_error,
    mean,
    natural_objectives,
    standard_error,
)
from evoplast.artefacts.errors import UserError
from evoplast.artefacts.progress import Progress
from evoplast.artefacts.seeds import jax_key, named_seed
from evoplast.configuration.section import Settings
from evoplast.evaluation import evaluate

CONDITIONS = ("change", "repeat")
NETWORK_NUMBERS = ("max_rate_hz", "synchrony", "rate_difference_hz", "wasserstein_hz")
RULE_NUMBERS = ("fraction_changed", "fraction_at_bound", "relative_weight_change")


@dataclass(frozen=True)
class CalibrationSettings(Settings):
    """What is measured; times in ms from trial onset.

    ``trials`` scored trials per task and network; ``windows_ms`` candidates of the
    response window beside the configured one; rules are trained for
    ``training_trials`` on the first ``rule_instances`` networks.
    """

    SECTIONS: ClassVar[tuple[str, ...]] = (
        "calibration",
        "task",
        "plasticity",
        "search",
    )

    trials: int
    random_rules: int
    training_trials: int
    initial_gate_probability: float
    rule_instances: int
    windows_ms: tuple[tuple[int, int], ...]
    bin_ms: int
    window_start_ms: int
    window_end_ms: int
    eta: float


def calibrate(
    worlds: Worlds,
    space: rules.RuleSpace,
    settings: CalibrationSettings,
    seed: int,
    evaluate: Evaluate = evaluate,
    log_path: str | Path | None = None,
) -> xr.Dataset:
    """Measure the working point; dimensions and units as in the module's table.

    Raises:
        UserError: no network, or a window or bin that does not fit the trial.
    """
    if not worlds or settings.rule_instances < 1:
        raise UserError(
            "Calibration needs at least one network; set network.training_instances "
            "to 1 or more."
        )
    with Progress(len(worlds) + settings.rule_instances, "calibration", log_path) as p:
        networks = [
            _unplastic(i, world, space, settings, seed, evaluate, p)
            for i, world in sorted(worlds.items())
        ]
        acting = _acting_rules(worlds, space, settings, seed, evaluate, p)
    data = xr.concat(networks, dim="instance")
    data = xr.merge([_over_instances(data), acting])
    return data.assign_attrs(
        n_trials=settings.trials,
        n_instances=len(worlds),
        eta=settings.eta,
        training_trials=settings.training_trials,
    )


def candidate_windows(settings: CalibrationSettings) -> list[tuple[int, int]]:
    """Return the candidate windows in ms, the configured one first, each once."""
    configured = (settings.window_start_ms, settings.window_end_ms)
    others = [(int(a), int(b)) for a, b in settings.windows_ms]
    return list(dict.fromkeys([configured, *others]))


def _unplastic(
    instance, world, space, settings, seed, evaluate, progress
) -> xr.Dataset:
    result = evaluate(
        world,
        rules.no_plasticity(space)[None],
        named_seed(seed, "calibration", "unplastic", instance),
        0,
        settings.trials,
        "training",
        record=("pool_spikes",),
    )
    spikes = np.asarray(result.recordings["pool_spikes"])[0]
    change = np.asarray(result.change, bool)
    pool = _pool_dataset(spikes, change, world.pool_size, world.task_names, settings)
    numbers = dict(
        zip(OBJECTIVES, natural_objectives(result.objectives)[0], strict=True)
    )
    network: dict[str, tuple] = {
        name: ((), float(numbers[name]), _units(name)) for name in NETWORK_NUMBERS
    }
    network["mean_rate_hz"] = ((), float(result.mean_rate_hz[0]), {"units": "Hz"})
    network["flag"] = ((), np.int8(result.flag[0]))
    types = list(world.cell_types.names)
    for name, values in (
        ("rate_hz", np.asarray(result.rate_by_type)[0]),
        ("mouse_rate_hz", np.asarray(world.mouse_rate_hz)),
    ):
        network[name] = ("cell_type", values.astype(float), {"units": "Hz"})
    progress.step(instance=instance, mean_rate_hz=float(result.mean_rate_hz[0]))
    data = pool.assign(network).assign_coords(cell_type=types)
    return data.expand_dims(instance=[instance])


def _units(name: str) -> dict[str, str]:
    return {"units": "Hz" if name.endswith("_hz") else "1"}


def _pool_dataset(
    spikes: np.ndarray,
    change: np.ndarray,
    pool_size: int,
    tasks: Sequence[str],
    settings: CalibrationSettings,
) -> xr.Dataset:
    """Rate through the trial and AUC per window from pool spikes (task, trial, ms)."""
    windows = candidate_windows(settings)
    _check_times(windows, settings.bin_ms, spikes.shape[-1])
    areas = np.array(
        [
            [_area(s, c, window) for window in windows]
            for s, c in zip(spikes, change, strict=True)
        ]
    )
    rates = np.stack(
        [_binned(s, c, settings.bin_ms) for s, c in zip(spikes, change, strict=True)]
    )
    start, end = np.array(windows).T
    return xr.Dataset(
        {
            "pool_rate_hz_instance": (
                ("task", "condition", "time"),
                rates / pool_size,
                {"units": "Hz"},
            ),
            "auc_instance": (("task", "window"), areas[..., 0]),
            "auc_instance_se": (("task", "window"), areas[..., 1]),
        },
        coords={
            "task": list(tasks),
            "condition": list(CONDITIONS),
            "time_ms": ("time", np.arange(rates.shape[-1]) * settings.bin_ms),
            "window_start_ms": ("window", start),
            "window_end_ms": ("window", end),
            "window_configured": ("window", np.arange(len(windows)) == 0),
        },
    )


def _check_times(windows: list[tuple[int, int]], bin_ms: int, trial_ms: int) -> None:
    for start, end in windows:
        if not 0 <= start < end <= trial_ms:
            raise UserError(
                f"The window {start} to {end} ms does not lie in the trial of "
                f"{trial_ms} ms; change calibration.windows_ms or task.window_start_ms "
                "and task.window_end_ms."
            )
    if not 1 <= bin_ms <= trial_ms:
        raise UserError(
            f"calibration.bin_ms is {bin_ms}; it must lie between 1 and {trial_ms}."
        )


def _area(spikes: np.ndarray, change: np.ndarray, window: tuple[int, int]) -> tuple:
    counts = spikes[:, slice(*window)].sum(axis=1)
    area = auc(counts[change], counts[~change])
    n_change = int(change.sum())
    return area, auc_standard_error(area, n_change, len(change) - n_change)


def _binned(spikes: np.ndarray, change: np.ndarray, bin_ms: int) -> np.ndarray:
    """Spikes per second of the whole pool, (condition, bin); NaN without trials."""
    n_bins = spikes.shape[-1] // bin_ms
    cut = spikes[:, : n_bins * bin_ms].reshape(len(spikes), n_bins, bin_ms).sum(-1)
    rows = [
        cut[chosen].mean(axis=0) if chosen.any() else np.full(n_bins, np.nan)
        for chosen in (change, ~change)
    ]
    return np.stack(rows) * 1000 / bin_ms


def _over_instances(data: xr.Dataset) -> xr.Dataset:
    """Add means and standard errors over networks; the mouse's rates are shared."""
    data["mouse_rate_hz"] = data["mouse_rate_hz"].isel(instance=0)
    for source, target in (
        ("rate_hz", "rate_hz_mean"),
        ("pool_rate_hz_instance", "pool_rate_hz"),
        ("auc_instance", "auc"),
    ):
        values = data[source]
        error_name = f"{target.removesuffix('_mean')}_se"
        for name, function in ((target, mean), (error_name, standard_error)):
            data[name] = xr.apply_ufunc(
                lambda a, f=function: np.apply_along_axis(f, -1, a),
                values,
                input_core_dims=[["instance"]],
            ).assign_attrs(values.attrs)
    return data.drop_vars("pool_rate_hz_instance")


def acting_genomes(
    space: rules.RuleSpace, settings: CalibrationSettings, seed: int
) -> tuple[np.ndarray, list[str]]:
    """Return one rule per term, then random ones, (25 + n, D), with their names.

    Coefficients and time constants are random, uniform over their ranges.
    """
    single = rules.random_genomes(
        space, rules.N_TERMS, jax_key(seed, "calibration", "one term"), 0.0
    )
    single[:, space.slices["gates"]] = np.eye(rules.N_TERMS, dtype=np.float32)
    free = rules.random_genomes(
        space,
        settings.random_rules,
        jax_key(seed, "calibration", "random"),
        settings.initial_gate_probability,
    )
    names = [*rules.TERM_NAMES, *[f"random {i}" for i in range(len(free))]]
    return np.concatenate([single, free.reshape(-1, space.n_parameters)]), names


def _acting_rules(worlds, space, settings, seed, evaluate, progress) -> xr.Dataset:
    genomes, names = acting_genomes(space, settings, seed)
    parts = []
    for instance, world in sorted(worlds.items())[: settings.rule_instances]:
        result = evaluate(
            world,
            genomes,
            named_seed(seed, "calibration", "rules", instance),
            settings.training_trials,
            settings.trials,
            "training",
        )
        parts.append(_acting_dataset(result, world.task_names, instance))
        progress.step(instance=instance, rules=len(genomes))
    kind = ["one term"] * rules.N_TERMS + ["random"] * settings.random_rules
    data = xr.concat(parts, dim="rule_instance")
    return data.assign_coords(term=("rule", names), kind=("rule", kind))


def _acting_dataset(result, tasks: Sequence[str], instance: int) -> xr.Dataset:
    variables: dict[str, tuple] = {
        name: ("rule", np.asarray(getattr(result, name), float), {"units": "1"})
        for name in RULE_NUMBERS
    }
    variables["rule_flag"] = ("rule", np.asarray(result.flag, np.int8))
    variables["rule_auc"] = (("rule", "task"), np.asarray(result.auc, float))
    variables["rule_rate_hz"] = (
        "rule",
        np.asarray(result.mean_rate_hz, float),
        {"units": "Hz"},
    )
    data = xr.Dataset(variables, coords={"task": list(tasks)})
    return data.expand_dims(rule_instance=[instance])
