"""Keys of ``sequence_noise``: what the order of trials adds to an evaluation."""

from typing import ClassVar

from evoplast.configuration.section import Settings, key, settings_class


@settings_class
class SequenceNoiseSettings(Settings):
    """Noise of an evaluation by the order of trials.

    Made by `snakemake sequence_noise`.
    """

    SECTION: ClassVar[str] = "sequence_noise"

    rules: int = key("Random rules.", within="[2, 100000]", unit="rules")
    sequences: int = key(
        "Sequences of each order on each network.",
        within="[2, 100000]",
        unit="sequences",
    )
    networks: int = key(
        "Training networks that are used, the first ones.",
        within="[1, 99]",
        unit="networks",
    )
    threshold: float = key(
        "Threshold phi at which all rules are read out.",
        within="[0, 1000]",
        unit="1 or Hz",
    )
    orders: tuple[tuple[int, int], ...] = key(
        "Balanced stimuli of the scored and of the training sequence; 0 = random "
        "order.",
        within="[0, 10000]",
        unit="stimuli",
    )
