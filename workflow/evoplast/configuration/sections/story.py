"""Keys of the story's other stages: baselines, Pareto, what is asked of the rules."""

from typing import ClassVar

from evoplast.artefacts.errors import UserError
from evoplast.configuration.section import Settings, key, settings_class


@settings_class
class BaselinesSection(Settings):
    """Random and known rules."""

    SECTION: ClassVar[str] = "baselines"

    random_rules: int = key(
        "Number of random rules, each evaluated once as in the search, but on the "
        "selection networks; the demo has as many as one family search evaluates: the "
        "sum over rounds of families x generations x (samples + 1).",
        within="[2, 1000000]",
        unit="rules",
        source="paper (3000), fewer at demo scale",
    )
    best_rules: int = key(
        "Random rules with the best first evaluation that are re-evaluated as evolved "
        "rules are.",
        within="[1, 100000]",
        unit="rules",
    )
    thresholds: tuple[float, ...] = key(
        "Thresholds phi at which known rules and the unplastic network are read out.",
        within="[0, 1000]",
        different=True,
        unit="1 or Hz",
        source="working point section 6",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.best_rules > self.random_rules:
            raise UserError(
                f"baselines.best_rules is {self.best_rules}, but only "
                f"{self.random_rules} are drawn (baselines.random_rules)."
            )


@settings_class
class ParetoSection(Settings):
    """Filter and re-evaluation of the final front."""

    SECTION: ClassVar[str] = "pareto"

    candidates: int = key(
        "Rules of different formulas that are measured on the selection networks; of "
        "more, those of better fronts in the search, then the more accurate.",
        within="[1, 100000]",
        unit="rules",
    )
    max_rules: int = key(
        "Rules of the front that are kept and measured on networks never used.",
        within="[1, 100000]",
        unit="rules",
        source="paper (70), fewer at demo scale",
    )
    front_alpha: float = key(
        "Probability from which a rule counts as better than another in an objective, "
        "given their standard errors; 0.5 compares means alone.",
        within="[0.5, 0.999]",
    )
    selection_seeds: int = key(
        "Fresh sequences on each selection network by which rules are chosen.",
        within="[1, 1000]",
        unit="seeds",
    )
    report_seeds: int = key(
        "Fresh sequences for what is reported; nothing is chosen by them.",
        within="[1, 1000]",
        unit="seeds",
        source="paper (5), fewer at demo scale",
    )
    seen_instances: int = key(
        "Largest number of selection networks (network.training_instances) used.",
        within="[1, 99]",
        unit="networks",
    )
    max_rate_hz: float = key(
        "Highest rate of any neuron that a rule of the front may cause.",
        within="(0, 1000]",
        unit="Hz",
        source="our decision, as in families",
    )
    max_wasserstein_hz: float | None = key(
        "Largest distance to the mouse's distribution of rates that a rule of the "
        "front may cause; null: none.",
        within="(0, 1000]",
        unit="Hz",
        source="our decision, as in families",
    )
    max_synchrony: float = key(
        "Highest synchrony ratio that a rule may cause.", within="[0, 1]"
    )


@settings_class
class LongHorizonSection(Settings):
    """More training than the search used."""

    SECTION: ClassVar[str] = "long_horizon"

    training_trials: int = key(
        "Training trials in total.",
        within="[1, 1000000]",
        unit="trials",
        source="paper (1000s), fewer at demo scale",
    )
    stage_trials: int = key(
        "Training trials between two tests.", within="[1, 100000]", unit="trials"
    )
    test_trials: int = key(
        "Scored trials per task in a test.", within="[2, 100000]", unit="trials"
    )
    seeds: int = key("Sequences per network.", within="[1, 1000]", unit="seeds")
    rules: int = key(
        "Rules followed: the best, the most frequent, then the next best.",
        within="[1, 1000]",
        unit="rules",
        source="paper",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.stage_trials > self.training_trials:
            name = self.SECTION
            raise UserError(
                f"{name}.stage_trials is {self.stage_trials}, but must be at most "
                f"{name}.training_trials ({self.training_trials})."
            )


@settings_class
class LongTrainingSection(LongHorizonSection):
    """Many rules trained for long, by `snakemake analyses`."""

    SECTION: ClassVar[str] = "long_training"

    networks: int = key(
        "Networks, the first of those never used.", within="[1, 99]", unit="networks"
    )


@settings_class
class CrossScaleSection(Settings):
    """The same rules at other network sizes."""

    SECTION: ClassVar[str] = "cross_scale"

    sizes: tuple[int, ...] = key(
        "Network sizes.",
        within="[1, 200000]",
        different=True,
        unit="cells",
        source="paper (1000 to 5000), smaller at demo scale",
    )
    rules: int = key("Rules tested at each size.", within="[1, 1000]", unit="rules")
    instances: tuple[int, ...] = key(
        "Networks of each size, in the order of the sizes; an error needs two, a trend "
        "three.",
        within="[1, 99]",
        unit="networks",
    )
    seeds: int = key("Sequences per network.", within="[1, 1000]", unit="seeds")

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.instances) != len(self.sizes):
            raise UserError(
                f"cross_scale.instances has {len(self.instances)} numbers and "
                f"cross_scale.sizes has {len(self.sizes)}; give one number of networks "
                "for each size."
            )


@settings_class
class FiguresSection(Settings):
    """Drawing."""

    SECTION: ClassVar[str] = "figures"

    dpi: int = key(
        "Resolution of the PNG files.", within="[30, 1200]", unit="dots/inch"
    )
