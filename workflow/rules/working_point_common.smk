# Named functions and lists that the rules of working_point.smk use: no rule stands here.
FIRST_PROBED = 200
LGN_MODES = ("current", "bernoulli")
TRIAL_KEYS = ("grey_before_ms", "image_ms", "grey_after_ms", "change_probability")


def probe_settings(*names):
    """Return what the recording of an unplastic network depends on, and ``names``."""
    trials = [f"task.{key}" for key in TRIAL_KEYS]
    return selected("seed", "input", "simulation", *trials, *names)


def scan_trials(wildcards):
    """Return the number of trials of networks of the size that a name asks for."""
    size = network_size(wildcards)
    return next(
        (t for n, _, t in config["calibration_scan"]["networks"] if n == size), 0
    )


def scan_file(size, instance, kind):
    """Return the table of the scan of one network."""
    return result(f"calibration/scan/scale_{size}_{instance}_{kind}.parquet")


def mouse_file(size, instance, lgn_mode, kind):
    """Return the table of one network beside the mouse."""
    name = f"scale_{size}_{instance}_{lgn_mode}_{kind}"
    return result(f"calibration/mouse/{name}.parquet")


SCAN_NETWORKS = [
    (size, FIRST_PROBED + k)
    for size, n_networks, _ in config["calibration_scan"]["networks"]
    for k in range(n_networks)
]
MOUSE_NETWORKS = [
    (size, FIRST_PROBED + k, lgn_mode)
    for size, n_networks in config["mouse_likeness"]["networks"]
    for k in range(n_networks)
    for lgn_mode in config["mouse_likeness"]["lgn_modes"]
]
WORKING_POINT = {
    "calibration_scan": [
        result("calibration/scan.parquet"),
        result("calibration/scan_rates.parquet"),
        result("calibration/scan_differences.parquet"),
        *draws("calibration_scan"),
    ],
    "mouse_likeness": [
        result("calibration/mouse.parquet"),
        result("calibration/tuning.parquet"),
        *draws("mouse_likeness"),
    ],
}


wildcard_constraints:
    lgn_mode="|".join(LGN_MODES),
