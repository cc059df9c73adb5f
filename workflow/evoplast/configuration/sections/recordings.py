"""Keys of ``recordings``: every spike and weight, and what is read from them."""

from typing import ClassVar

from evoplast.configuration.section import Settings, key, settings_class


@settings_class
class RecordingsSettings(Settings):
    """Recordings before and after learning, by `snakemake analyses`."""

    SECTION: ClassVar[str] = "recordings"

    test_trials: int = key(
        "Recorded trials of each task.", within="[4, 10000]", unit="trials"
    )
    looks: int = key(
        "Times in training at which weights are looked at, its start and end included; "
        "fewer where there are fewer trials.",
        within="[2, 1000]",
        unit="looks",
    )
    cut_kernel_ms: int = key(
        "Length of the LGN's kernels where their slow lobes are cut: so long after an "
        "image the LGN no longer tells of it.",
        within="[50, 2000]",
        unit="ms",
        source="our decision; keeps 99 % of the first lobes, half of the second",
    )
    window_ms: int = key(
        "Length of the windows in which spikes are counted to decode images and to "
        "follow trajectories; it divides the trial and the grey before an image.",
        within="[1, 1000]",
        unit="ms",
    )
    folds: int = key(
        "Blocks of successive trials, each judged by what the others teach.",
        within="[2, 100]",
        unit="blocks",
    )
    shifts: int = key(
        "Shifts of the labels against the trials by which chance is measured.",
        within="[1, 1000]",
        unit="shifts",
    )
    synchrony_bin_ms: int = key(
        "Bins in which spikes are counted for correlations and synchrony.",
        within="[1, 1000]",
        unit="ms",
    )
    tail_share: float = key(
        "Share of the most active cells that the tail of the rates is fitted to.",
        within="(0, 1]",
    )
