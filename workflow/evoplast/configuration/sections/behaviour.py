"""Keys of what rules do: the rules that all analyses show, and each analysis."""

from dataclasses import dataclass
from typing import ClassVar

from evoplast.configuration.section import Settings, key


@dataclass(frozen=True)
class RepresentativesSettings(Settings):
    """The rules that all analyses show, by `snakemake analyses`."""

    SECTION: ClassVar[str] = "representatives"

    max_rate_hz: float = key(
        "Highest rate of any neuron on the selection networks up to which a rule may "
        "be the best within biology; its rates are besides no farther from the mouse's "
        "than without plasticity.",
        within="(0, 1000]",
        unit="Hz",
        source="paper (115.6, its best rule)",
    )
    known_rule: str = key(
        "Known rule that is shown, by its name in baselines/known_rules.parquet; best: "
        "the most accurate of them on the selection networks.",
        pattern=r"^.{1,100}\Z",
    )
