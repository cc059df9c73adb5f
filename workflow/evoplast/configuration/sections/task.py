"""Keys of ``task``: visual change detection."""

from typing import ClassVar, Literal

from evoplast.artefacts.errors import UserError
from evoplast.configuration.section import Settings, key, settings_class


@settings_class
class TrialTiming(Settings):
    """The parts of a trial."""

    SECTION: ClassVar[str] = "task"

    grey_before_ms: int = key(
        "Grey screen before the image.",
        within="[0, 10000]",
        unit="ms",
        source="lineage",
    )
    image_ms: int = key(
        "Duration of the image.", within="[1, 10000]", unit="ms", source="lineage"
    )
    grey_after_ms: int = key(
        "Grey screen after the image.", within="[0, 10000]", unit="ms", source="lineage"
    )

    @property
    def trial_ms(self) -> int:
        """Duration of a trial in ms."""
        return self.grey_before_ms + self.image_ms + self.grey_after_ms


@settings_class
class TaskSettings(TrialTiming):
    """Decision and reward."""

    SECTION: ClassVar[str] = "task"

    window_start_ms: int = key(
        "Start of the response window, from the start of the trial.",
        within="[0, 10000]",
        unit="ms",
        source="working point section 2",
    )
    window_end_ms: int = key(
        "End of the response window, from the start of the trial.",
        within="[1, 10000]",
        unit="ms",
        source="working point section 2",
    )
    threshold: Literal["relative", "absolute"] = key(
        "Meaning of phi: a share of the pool's own mean rate, or Hz.",
        source="our decision (paper: absolute)",
    )
    phi_min: float = key(
        "Smallest threshold phi.", within="[0, 1000]", unit="1 or Hz", source="paper"
    )
    phi_max: float = key(
        "Largest threshold phi.",
        within="(0, 1000]",
        unit="1 or Hz",
        source="our decision (paper: 10 Hz, absolute)",
    )
    readout_layer: str = key(
        "Layer of the cells that the decision is read from, such as 5 or 2/3; all for "
        "every layer.",
        source="paper",
        pattern=r"^(all|L?[1-6](/[1-6])?)\Z",
        looks="such as 5, L5 or 2/3, or all",
    )
    readout_cells: Literal["excitatory", "inhibitory", "all"] = key(
        "Which cells of that layer.", source="paper"
    )
    readout_types: tuple[str, ...] = key(
        "Cell types among them; an empty list for all.",
        different=True,
        may_be_empty=True,
    )
    reward: Literal["hit", "correct"] = key(
        "What is rewarded: hits, or hits and correct rejections.",
        source="our decision (paper: hit)",
    )
    reward_delay_trials: int = key(
        "How many trials ago the given reward was earned: 0 is the trial's own, "
        "above it the reward says nothing of the decision, but is as frequent.",
        within="[0, 1000]",
        unit="trials",
    )
    history_trials: int = key(
        "Trials in the running means of reward and pool rate.",
        within="[1, 1000]",
        unit="trials",
        source="paper",
    )
    change_probability: float = key(
        "Probability that a trial shows another image than the one before.",
        within="(0, 1)",
        source="lineage",
    )
    balanced_stimuli: int = key(
        "Stimuli of a scored sequence, each as often a change as a repeat: those of "
        "its split drawn at random, fewer where it has not four scored trials for "
        "each; 0 = all stimuli in random order.",
        within="[0, 10000]",
        unit="stimuli",
    )
    balanced_training_stimuli: int = key(
        "The same of a training sequence.", within="[0, 10000]", unit="stimuli"
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.window_start_ms < self.window_end_ms <= self.trial_ms:
            raise UserError(
                f"task.window_end_ms is {self.window_end_ms}, but must be above "
                f"task.window_start_ms ({self.window_start_ms}) and at most the "
                f"trial's {self.trial_ms} ms."
            )
        if not self.phi_min < self.phi_max:
            raise UserError(
                f"task.phi_max is {self.phi_max}, but must be above task.phi_min "
                f"({self.phi_min})."
            )
        if self.reward_delay_trials > self.history_trials:
            raise UserError(
                f"task.reward_delay_trials is {self.reward_delay_trials}, but rewards "
                f"are remembered for task.history_trials ({self.history_trials}) "
                "trials only."
            )
        if self.threshold == "relative" and self.phi_max > 1:
            raise UserError(
                f"task.phi_max is {self.phi_max}, but a relative threshold goes up to "
                "1; set task.threshold to absolute for a threshold in Hz."
            )

    @property
    def window_s(self) -> float:
        """Duration of the response window in seconds."""
        return (self.window_end_ms - self.window_start_ms) / 1000.0


@settings_class
class TaskSection(TaskSettings):
    """The whole section: the task and how long it lasts."""

    SECTION: ClassVar[str] = "task"

    training_trials: int = key(
        "Trials with plasticity before each test.",
        within="[1, 100000]",
        unit="trials",
        source="paper (100), fewer at demo scale",
    )
    validation_trials: int = key(
        "Scored trials without plasticity during search, per task.",
        within="[2, 100000]",
        unit="trials",
        source="paper",
    )
    test_trials: int = key(
        "Scored trials without plasticity for what is reported, per task and seed.",
        within="[2, 100000]",
        unit="trials",
        source="paper",
    )
