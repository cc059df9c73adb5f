"""Keys of ``gradient``: training the same network by surrogate gradients."""

from typing import ClassVar

from evoplast.artefacts.errors import UserError
from evoplast.configuration.section import Settings, key, settings_class


@settings_class
class GradientSettings(Settings):
    """Surrogate-gradient training of the same network."""

    SECTION: ClassVar[str] = "gradient"

    networks: int = key(
        "Networks never used that are trained.", within="[1, 99]", unit="networks"
    )
    samples: int = key(
        "Trials seen in a training run.",
        within="[1, 100000000]",
        unit="trials",
        source="paper (until it matches), fewer at demo scale",
    )
    batch_size: int = key(
        "Sequences side by side.",
        within="[1, 1000]",
        unit="sequences",
        source="lineage (2)",
    )
    trials_per_update: int = key(
        "Trials between two updates; gradients reach no further back.",
        within="[1, 100]",
        unit="trials",
        source="lineage",
    )
    trials_per_sequence: int = key(
        "Trials before new sequences begin; a multiple of trials_per_update.",
        within="[2, 10000]",
        unit="trials",
    )
    adam_learning_rates: tuple[float, ...] = key(
        "Learning rates of Adam, one run each.",
        within="(0, 1000]",
        different=True,
        source="lineage (0.001)",
    )
    sgd_learning_rates: tuple[float, ...] = key(
        "Learning rates of SGD, one run each.",
        within="(0, 1000]",
        different=True,
        source="paper (several)",
    )
    seeds: int = key(
        "Training runs per network, learning rate and task.",
        within="[1, 1000]",
        unit="runs",
    )
    test_trials: int = key(
        "Scored trials in a test.", within="[2, 100000]", unit="trials"
    )
    test_points: int = key(
        "Tests in a run, the first before training.", within="[2, 1000]", unit="tests"
    )
    surrogate_width: float = key(
        "Width of the Gaussian pseudo-derivative in normalised voltage.",
        within="(0, 10]",
        source="lineage",
    )
    surrogate_dampening: float = key(
        "Height of the pseudo-derivative.", within="(0, 10]", source="lineage"
    )
    phi: float = key(
        "Readout threshold, as in a rule.",
        within="[0, 1000]",
        unit="1 or Hz",
        source="working point section 6",
    )
    initial_scale: float = key(
        "Start of the trained factor from the pool's excess rate to log odds.",
        within="(1, 1000]",
    )
    rate_weight: float = key(
        "Weight of the rate regulariser.", within="[0, 1000]", source="lineage"
    )
    rate_kappa: float = key(
        "Rate at which the rate loss turns linear.",
        within="(0, 1]",
        unit="spikes/ms",
        source="lineage",
    )
    synchrony_weight: float = key(
        "Weight of the synchrony regulariser.", within="[0, 1000]"
    )
    voltage_weight: float = key(
        "Weight of the voltage regulariser.", within="[0, 1000]", source="lineage"
    )
    clip_norm: float = key("Largest norm of a gradient.", within="(0, 1000000]")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.trials_per_sequence % self.trials_per_update:
            raise UserError(
                f"gradient.trials_per_sequence is {self.trials_per_sequence}; make it "
                f"a multiple of gradient.trials_per_update ({self.trials_per_update})."
            )

    @property
    def trials_per_step(self) -> int:
        """Trials presented between two updates, all lanes together."""
        return self.batch_size * self.trials_per_update

    @property
    def n_updates(self) -> int:
        """Updates in a run."""
        return max(1, round(self.samples / self.trials_per_step))

    def learning_rates(self, optimiser: str) -> tuple[float, ...]:
        """Return the learning rates to try with ``optimiser``.

        Raises:
            UserError: the optimiser is neither "adam" nor "sgd".
        """
        rates = {"adam": self.adam_learning_rates, "sgd": self.sgd_learning_rates}
        if optimiser not in rates:
            raise UserError(
                f"The optimiser {optimiser!r} is unknown; use 'adam' or 'sgd'."
            )
        return tuple(rates[optimiser])


@settings_class
class SampleEfficiencySettings(Settings):
    """Training by gradients until it is flat; what is not here stands in ``gradient``.

    By `snakemake analyses`.
    """

    SECTION: ClassVar[str] = "sample_efficiency"

    networks: int = key(
        "Networks never used that are trained.", within="[1, 99]", unit="networks"
    )
    samples: int = key(
        "Trials seen in a training run.", within="[1, 100000000]", unit="trials"
    )
    seeds: int = key(
        "Training runs per network, learning rate and task.",
        within="[1, 1000]",
        unit="runs",
    )
    adam_learning_rates: tuple[float, ...] = key(
        "Learning rates of Adam; the best on validation trials is reported.",
        within="(0, 1000]",
        different=True,
    )
    sgd_learning_rates: tuple[float, ...] = key(
        "Learning rates of SGD; the best on validation trials is reported.",
        within="(0, 1000]",
        different=True,
    )
    test_trials: int = key(
        "Scored trials in a test.", within="[2, 100000]", unit="trials"
    )
    test_points: int = key(
        "Tests in a run, the first before training.", within="[2, 1000]", unit="tests"
    )
