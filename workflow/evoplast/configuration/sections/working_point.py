"""Keys of the working point: the network before any search."""

from typing import ClassVar, Literal

from evoplast.artefacts.errors import UserError
from evoplast.configuration.section import Settings, key, settings_class


@settings_class
class CalibrationSection(Settings):
    """The working point before any search."""

    SECTION: ClassVar[str] = "calibration"

    trials: int = key(
        "Scored trials without plasticity per task.",
        within="[10, 100000]",
        unit="trials",
    )
    random_rules: int = key(
        "Random rules whose AUC and weight changes are measured, beside one rule for "
        "each term.",
        within="[1, 100000]",
        unit="rules",
    )
    rule_instances: int = key(
        "Training networks on which these rules are measured.",
        within="[1, 99]",
        unit="networks",
    )
    windows_ms: tuple[tuple[int, int], ...] = key(
        "Response windows (start, end) whose signal is measured.",
        within="[0, 30000]",
        unit="ms",
        source="working point section 3",
    )
    bin_ms: int = key(
        "Bin of the pool rate's time course; divides the trial.",
        within="[1, 1000]",
        unit="ms",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        for start, end in self.windows_ms:
            if not start < end:
                raise UserError(
                    f"calibration.windows_ms holds [{start}, {end}], but a window ends "
                    "after it starts; write [start, end]."
                )


@settings_class
class ScanSection(Settings):
    """Inputs and gains tried without plasticity.

    On networks of the run; networks of several sizes by `snakemake
    calibration_scan`.
    """

    SECTION: ClassVar[str] = "calibration_scan"

    run_networks: int = key(
        "Networks of the run that every report shows, numbered from 0.",
        within="[1, 100]",
        unit="networks",
    )
    run_trials: int = key(
        "Trials per task of each of these.", within="[2, 1000000]", unit="trials"
    )
    networks: tuple[tuple[int, int, int], ...] = key(
        "Sizes that are scanned, each with the number of networks, numbered from 200, "
        "and of trials per task.",
        within="[1, 200000]",
        unit="cells, networks, trials",
    )
    drive_targets_hz: tuple[float, ...] = key(
        "Drive targets of the equalisation; input.drive_target_hz is always tried.",
        within="(0, 1000]",
        different=True,
        unit="Hz",
        source="working point section 2",
    )
    lgn_gains: tuple[float, ...] = key(
        "Factors on LGN weights.",
        within="[0, 100]",
        different=True,
        source="working point section 3",
    )
    recurrent_factors: tuple[float, ...] = key(
        "Factors on the recurrent gain that simulation.recurrent_gain gives.",
        within="(0, 100]",
        different=True,
        source="working point section 3",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_sizes_differ("calibration_scan.networks", self.networks)


@settings_class
class LikenessSection(Settings):
    """Rates.

    Intervals and tuning beside the mouse's, on networks of the run; networks of
    several sizes by `snakemake mouse_likeness`.
    """

    SECTION: ClassVar[str] = "mouse_likeness"

    run_networks: int = key(
        "Networks of the run that every report shows, numbered from 0.",
        within="[1, 100]",
        unit="networks",
    )
    networks: tuple[tuple[int, int], ...] = key(
        "Sizes that are probed, each with the number of networks, numbered from 200.",
        within="[1, 200000]",
        unit="cells, networks",
    )
    lgn_modes: tuple[Literal["current", "bernoulli"], ...] = key(
        "LGN drives that are compared (networks of several sizes), see input.lgn_mode.",
        different=True,
    )
    background_gains: tuple[float, ...] = key(
        "Factors on the weights of the background that are tried on a grey screen, "
        "each with one source and with one for each neuron (networks of several "
        "sizes).",
        within="[0, 100]",
        different=True,
    )
    n_trials: int = key(
        "Trials of each task whose rates count.", within="[8, 100000]", unit="trials"
    )
    directions: int = key(
        "Directions of the drifting gratings, evenly spaced.",
        within="[4, 360]",
        step=4,
        unit="directions",
        source="our decision (the mouse's: 8)",
    )
    drifting_ms: int = key(
        "Recording of each drifting grating and of the grey screen.",
        within="[100, 100000]",
        unit="ms",
    )
    discard_ms: int = key(
        "Start of every recording that does not count.", within="[0, 10000]", unit="ms"
    )
    spatial_frequency_cpd: float = key(
        "Spatial frequency of the drifting gratings.",
        within="(0, 1]",
        unit="cycles/degree",
        source="Siegle et al. 2021",
    )
    temporal_frequency_hz: float = key(
        "Temporal frequency of the drifting gratings.",
        within="[0, 100]",
        unit="Hz",
        source="Siegle et al. 2021 (1 to 15)",
    )
    contrast: float = key(
        "Contrast of the drifting gratings.",
        within="(0, 100]",
        source="Siegle et al. 2021, lineage",
    )
    fewest_intervals: int = key(
        "Cells with fewer intervals have no coefficient of variation.",
        within="[2, 100000]",
        unit="intervals",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_sizes_differ("mouse_likeness.networks", self.networks)
        if not self.discard_ms < self.drifting_ms:
            raise UserError(
                f"mouse_likeness.discard_ms is {self.discard_ms}, but must be below "
                f"mouse_likeness.drifting_ms ({self.drifting_ms}), or nothing is left."
            )


def _check_sizes_differ(name: str, rows: tuple[tuple[int, ...], ...]) -> None:
    sizes = [size for size, *_ in rows]
    twice = next((size for size in sizes if sizes.count(size) > 1), None)
    if twice is not None:
        raise UserError(
            f"{name} holds {twice} neurons twice; give each size one row with all its "
            "networks."
        )


@settings_class
class CeilingSection(Settings):
    """What linear readouts reach without plasticity.

    On networks of the run; networks of several sizes by `snakemake ceiling`.
    """

    SECTION: ClassVar[str] = "ceiling"

    run_networks: int = key(
        "Training networks of the run that every report shows, the first ones.",
        within="[1, 99]",
        unit="networks",
    )
    networks: tuple[tuple[int, int], ...] = key(
        "Sizes that are measured, each with the number of networks, numbered from 200.",
        within="[1, 200000]",
        unit="cells, networks",
    )
    sequences: int = key(
        "Sequences on each network; each is judged by what the others teach.",
        within="[2, 1000]",
        unit="sequences",
    )
    trials: int = key(
        "Scored trials of each sequence, per task.",
        within="[4, 100000]",
        unit="trials",
    )
