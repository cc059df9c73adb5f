"""What keys of several sections must have in common.

In: a complete config, every value allowed by itself. Out: nothing, or one sentence
that names the keys. What keys of one section must have in common stands in its class.
"""

from collections.abc import Callable, Mapping

from evoplast.artefacts.errors import UserError


def check_together(config: Mapping) -> None:
    """Raise UserError if two sections contradict each other."""
    for check in _CHECKS:
        check(config)


def check_sizes(config: Mapping, n_types: int) -> None:
    """Raise UserError if a network is too small for ``n_types`` cell types."""
    fewest = n_types * config["network"]["min_cells_per_type"]
    sizes = {"network.n_neurons": config["network"]["n_neurons"]}
    for section in ("cross_scale", "search_studies"):
        sizes |= {f"{section}.sizes": min(config[section]["sizes"])}
    for section in ("calibration_scan", "mouse_likeness", "ceiling"):
        smallest = min(row[0] for row in config[section]["networks"])
        sizes |= {f"{section}.networks": smallest}
    for key, size in sizes.items():
        if size < fewest:
            raise UserError(
                f"{key} is {size}, but {n_types} cell types with at least "
                f"{config['network']['min_cells_per_type']} neurons each "
                f"(network.min_cells_per_type) need {fewest} or more."
            )


def _check_instances(config: Mapping) -> None:
    used = config["search"]["instances_per_generation"]
    built = config["network"]["training_instances"]
    if used > built:
        raise UserError(
            f"search.instances_per_generation is {used}, but only {built} networks "
            "are built for training (network.training_instances)."
        )


def _check_stability(config: Mapping) -> None:
    search, first = config["search"], config["task"]["training_trials"]
    later = search["stability_trials"]
    if "stability" in search["extra_objectives"] and later <= first:
        raise UserError(
            f"search.stability_trials is {later}, but stability compares with what "
            f"rules reach after task.training_trials ({first}); make it larger."
        )


def _check_balance(config: Mapping) -> None:
    task, made = config["task"], config["stimuli"]
    needed = {
        "balanced_stimuli": ("training", "test"),
        "balanced_training_stimuli": ("training",),
    }
    for key, splits in needed.items():
        names = [f"n_{split}_{kind}" for split in splits for kind in _KINDS]
        fewest = min(names, key=made.get)
        if task[key] == 1 or task[key] > made[fewest]:
            raise UserError(
                f"task.{key} is {task[key]}, but a balanced sequence has from 2 up to "
                f"as many stimuli as there are (stimuli.{fewest} is {made[fewest]}); "
                "0 means random order."
            )
        if task[key] and task["change_probability"] != 0.5:
            raise UserError(
                f"task.change_probability is {task['change_probability']}, but a "
                "balanced sequence has as many changes as repeats; set it to 0.5, or "
                f"task.{key} to 0."
            )


def _check_lgn(config: Mapping) -> None:
    network = config["network"]
    if network["source"] == "sonata" and network["sonata"]["lgn_population"] is None:
        raise UserError(
            "network.sonata.lgn_population is null, but images reach the network by "
            "its LGN input alone; name the circuit's population of LGN cells."
        )


def _check_bins(config: Mapping) -> None:
    bin_ms, trial_ms = config["calibration"]["bin_ms"], _trial_ms(config)
    if trial_ms % bin_ms:
        raise UserError(
            f"calibration.bin_ms is {bin_ms}, but must divide the trial of {trial_ms} "
            "ms (task.grey_before_ms + image_ms + grey_after_ms)."
        )


def _check_windows(config: Mapping) -> None:
    trial_ms = _trial_ms(config)
    for start, end in config["calibration"]["windows_ms"]:
        if end > trial_ms:
            raise UserError(
                f"calibration.windows_ms holds [{start}, {end}], but a trial ends "
                f"after {trial_ms} ms (task.grey_before_ms + image_ms + grey_after_ms)."
            )


def _check_calibration(config: Mapping) -> None:
    used = config["calibration"]["rule_instances"]
    built = config["network"]["training_instances"]
    if used > built:
        raise UserError(
            f"calibration.rule_instances is {used}, but only {built} networks are "
            "built for training (network.training_instances)."
        )


def _check_recordings(config: Mapping) -> None:
    own, task, trial_ms = config["recordings"], config["task"], _trial_ms(config)
    for key in ("window_ms", "synchrony_bin_ms"):
        if trial_ms % own[key]:
            raise UserError(
                f"recordings.{key} is {own[key]}, but must divide the trial of "
                f"{trial_ms} ms (task.grey_before_ms + image_ms + grey_after_ms)."
            )
    if task["grey_before_ms"] % own["window_ms"]:
        raise UserError(
            f"recordings.window_ms is {own['window_ms']}, but must divide "
            f"task.grey_before_ms ({task['grey_before_ms']}), so that a window begins "
            "with the image."
        )
    pause_ms = trial_ms - task["image_ms"]
    most = pause_ms - own["window_ms"]
    if own["cut_kernel_ms"] > most:
        raise UserError(
            f"recordings.cut_kernel_ms is {own['cut_kernel_ms']}, but must leave a "
            f"window of {own['window_ms']} ms (recordings.window_ms) of the {pause_ms} "
            f"ms between two images; make it {most} or less."
        )


def _check_delay(config: Mapping) -> None:
    delay = config["ablations"]["reward_delay_trials"]
    kept = config["task"]["history_trials"]
    if delay > kept:
        raise UserError(
            f"ablations.reward_delay_trials is {delay}, but rewards are remembered for "
            f"task.history_trials ({kept}) trials; make it smaller."
        )


def _check_trained_networks(config: Mapping) -> None:
    built = config["network"]["heldout_instances"]
    for section in ("gradient", "sample_efficiency"):
        used = config[section]["networks"]
        if used > built:
            raise UserError(
                f"{section}.networks is {used}, but only {built} networks are built "
                "that nothing uses (network.heldout_instances)."
            )


def _trial_ms(config: Mapping) -> int:
    parts = ("grey_before_ms", "image_ms", "grey_after_ms")
    return sum(config["task"][part] for part in parts)


_KINDS = ("images", "gratings")
_CHECKS: tuple[Callable[[Mapping], None], ...] = (
    _check_instances,
    _check_stability,
    _check_balance,
    _check_lgn,
    _check_bins,
    _check_windows,
    _check_calibration,
    _check_delay,
    _check_recordings,
    _check_trained_networks,
)
