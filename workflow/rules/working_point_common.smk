# Named functions and lists that the rules of working_point.smk use: no rule stands here.
FIRST_PROBED = 200
LGN_MODES = ("current", "bernoulli")
# The run's own networks, in every report; networks of several sizes, on request.
OF_RUN, OF_SIZES = "run", "sizes"
NOT_OF_A_PROBE = ("networks", "run_networks", "lgn_modes", "background_gains")
TRIAL_KEYS = (
    "grey_before_ms",
    "image_ms",
    "grey_after_ms",
    "change_probability",
    "balanced_stimuli",
)


def probe_settings(*names):
    """Return what the recording of an unplastic network depends on, and ``names``."""
    trials = [f"task.{key}" for key in TRIAL_KEYS]
    return selected("seed", "input", "simulation", *trials, *names)


def scan_trials(wildcards):
    """Return the number of trials of networks of the size that a name asks for."""
    if not wildcards.network.startswith("scale_"):
        return config["calibration_scan"]["run_trials"]
    size = network_size(wildcards)
    return next(
        (t for n, _, t in config["calibration_scan"]["networks"] if n == size), 0
    )


def probed_networks(section):
    """Return the names of the networks that ``section`` asks for, by extent."""
    settings = config[section]
    return {
        OF_RUN: [Path(network_file(k)).stem for k in range(settings["run_networks"])],
        OF_SIZES: [
            f"scale_{size}_{FIRST_PROBED + k}"
            for size, n_networks, *_ in settings["networks"]
            for k in range(n_networks)
        ],
    }


def scan_files(wildcards, kind):
    """Return the tables of the scan, one of each network."""
    names = probed_networks("calibration_scan")[wildcards.extent]
    return [result(f"calibration/scan/{name}_{kind}.parquet") for name in names]


def scan_signals(wildcards):
    """Return the tables of signal."""
    return scan_files(wildcards, "signal")


def scan_rates(wildcards):
    """Return the tables of rates."""
    return scan_files(wildcards, "rates")


def mouse_files(wildcards, kind):
    """Return the tables beside the mouse, one of each network and LGN drive.

    The run's networks have the run's drive alone.
    """
    modes = {
        OF_RUN: [config["input"]["lgn_mode"]],
        OF_SIZES: config["mouse_likeness"]["lgn_modes"],
    }
    return [
        result(f"calibration/mouse/{name}_{mode}_{kind}.parquet")
        for name in probed_networks("mouse_likeness")[wildcards.extent]
        for mode in modes[wildcards.extent]
    ]


def mouse_types(wildcards):
    """Return the tables by cell type."""
    return mouse_files(wildcards, "types")


def mouse_cells(wildcards):
    """Return the tables by cell."""
    return mouse_files(wildcards, "cells")


def grey_files(wildcards):
    """Return the tables of the grey screen, one of each network."""
    names = probed_networks("mouse_likeness")[wildcards.extent]
    return [result(f"calibration/mouse/{name}_grey.parquet") for name in names]


def ceiling_tables(wildcards):
    """Return the tables of the ceiling, one of each network."""
    names = probed_networks("ceiling")[wildcards.extent]
    return [result(f"calibration/ceiling/{name}.parquet") for name in names]


def working_point(target, extent):
    """Return what a target consists of."""
    tables = {
        "calibration_scan": ("scan", "scan_rates", "scan_differences"),
        "mouse_likeness": ("mouse", "tuning", "grey_screen"),
        "ceiling": ("ceiling",),
    }
    files = [result(f"calibration/{name}_{extent}.parquet") for name in tables[target]]
    return files + draws(f"{target}_{extent}")


WORKING_POINT = {
    target: working_point(target, OF_SIZES)
    for target in ("calibration_scan", "mouse_likeness", "ceiling")
}
