"""Keys of what rules do: the rules that all analyses show, and each analysis."""

from typing import ClassVar

from evoplast.artefacts.errors import UserError
from evoplast.configuration.section import Settings, key, settings_class


@settings_class
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
        pattern=r"^[^\x00-\x1f\x7f]{1,100}\Z",
        looks="of 1 to 100 letters",
    )


@settings_class
class RepresentativeRulesSettings(Settings):
    """What the representative rules do on networks never used."""

    SECTION: ClassVar[str] = "representative_rules"

    test_trials: int = key(
        "Scored trials per task, network and sequence.",
        within="[2, 100000]",
        unit="trials",
        source="paper (200)",
    )
    sequences: int = key(
        "Sequences per network.", within="[1, 1000]", unit="sequences", source="paper"
    )


@settings_class
class FewShotSettings(Settings):
    """How fast the representative rules learn."""

    SECTION: ClassVar[str] = "few_shot"

    stages: tuple[int, ...] = key(
        "Training trials after which the weights are frozen and tested; from 0 up.",
        within="[0, 1000000]",
        different=True,
        unit="trials",
        source="paper (up to 100)",
    )
    test_trials: int = key(
        "Scored trials per task in a test.", within="[2, 100000]", unit="trials"
    )
    sequences: int = key("Sequences per network.", within="[1, 1000]", unit="sequences")

    def __post_init__(self) -> None:
        super().__post_init__()
        stages = list(self.stages)
        if stages != sorted(stages) or stages[0] != 0 or len(stages) < 2:
            raise UserError(
                f"few_shot.stages is {stages}, but must ascend from 0 to at least one "
                "more number of training trials."
            )


@settings_class
class AblationsSettings(Settings):
    """The representative rules without parts of theirs."""

    SECTION: ClassVar[str] = "ablations"

    test_trials: int = key(
        "Scored trials per task, network and sequence.",
        within="[2, 100000]",
        unit="trials",
    )
    sequences: int = key("Sequences per network.", within="[1, 1000]", unit="sequences")
    draws: int = key(
        "Random draws of an ablation that is drawn: shuffled or fresh coefficients.",
        within="[1, 1000]",
        unit="draws",
    )
    fixed_tau_ms: float = key(
        "Time constant of all traces and types where time constants are fixed.",
        within="[1, 150]",
        unit="ms",
        source="middle of the range",
    )
    reward_delay_trials: int = key(
        "Trials by which the reward is late where it is shuffled "
        "(task.reward_delay_trials).",
        within="[1, 1000]",
        unit="trials",
    )


@settings_class
class RecurrenceSettings(Settings):
    """What recurs over independent searches (search.seeds)."""

    SECTION: ClassVar[str] = "recurrence"

    similarity: float = key(
        "Mean share of terms in common (Jaccard) from which formulas are a family.",
        within="(0, 1]",
    )


@settings_class
class HeterogeneitySettings(Settings):
    """Which synapses a search changes: coefficients by type beside their prior."""

    SECTION: ClassVar[str] = "heterogeneity"

    replays: int = key(
        "Neutral replays of every search (of a swarm: draws of its start), which say "
        "how coefficients look without selection; no p-value of a level falls below "
        "1 / (replays + 1).",
        within="[20, 100000]",
        unit="replays",
    )


@settings_class
class DegeneracySettings(Settings):
    """Distances between rules in formula and in behaviour."""

    SECTION: ClassVar[str] = "degeneracy"

    rules: int = key(
        "Rules of the front at most, the most accurate on the selection networks "
        "first; known rules and random ones measured again stand beside them.",
        within="[1, 10000]",
        unit="rules",
    )
    test_trials: int = key(
        "Scored trials per task, network and sequence.",
        within="[2, 100000]",
        unit="trials",
    )
    sequences: int = key("Sequences per network.", within="[1, 1000]", unit="sequences")
