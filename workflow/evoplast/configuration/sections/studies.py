"""Keys of the studies of the search, each made by a target of its own."""

from typing import ClassVar, Literal

from evoplast.artefacts.errors import UserError
from evoplast.configuration.section import Settings, key, settings_class


@settings_class
class BenchmarkSettings(Settings):
    """The search beside other algorithms on noisy test problems.

    By `snakemake search_benchmark`.
    """

    SECTION: ClassVar[str] = "search_benchmark"

    population: int = key(
        "Population of every algorithm; 126, 252 or 462 reference vectors fill it.",
        within="[4, 100000]",
        step=2,
        unit="points",
    )
    evaluations: int = key(
        "Evaluations of every run; at least three times the population.",
        within="[12, 100000000]",
        unit="evaluations",
    )
    seeds: int = key(
        "Runs of every algorithm on every problem.", within="[1, 1000]", unit="runs"
    )
    noise: float = key(
        "Noise of one evaluation, in standard deviations of each objective among "
        "random points.",
        within="[0, 100]",
        unit="s.d.",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.evaluations < 3 * self.population:
            raise UserError(
                f"search_benchmark.evaluations is {self.evaluations}; the start and "
                f"one generation of {self.population} need {3 * self.population}."
            )

    @property
    def batches(self) -> int:
        """Return how often a population is evaluated: an odd number.

        The swarm spends one on its start and two on every generation.
        """
        return 2 * ((self.evaluations // self.population - 1) // 2) + 1


@settings_class
class BenchmarkSection(BenchmarkSettings):
    """The whole section: the comparison and its problems."""

    SECTION: ClassVar[str] = "search_benchmark"

    dimensions: tuple[int, ...] = key(
        "Numbers of variables of the test problems.",
        within="[12, 1000000]",
        different=True,
        unit="variables",
        source="our decision (2645: parameters of a rule)",
    )


@settings_class
class AblationSettings(Settings):
    """Searches without control group or shrinkage where the truth is known.

    By `snakemake search_benchmark`.
    """

    SECTION: ClassVar[str] = "search_ablation"

    population: int = key(
        "Rules in the population.", within="[4, 100000]", step=2, unit="rules"
    )
    generations: int = key(
        "Generations of every search.", within="[1, 10000]", unit="generations"
    )
    control_rules: int = key(
        "Fixed rules evaluated in every generation.", within="[1, 100000]", unit="rules"
    )
    seeds: int = key("Searches of every variant.", within="[2, 10000]", unit="searches")
    shift: float = key(
        "Standard deviation of the accuracy of a whole generation.", within="[0, 1]"
    )


@settings_class
class InformationSettings(Settings):
    """What one evaluation says for its cost, by `snakemake information`."""

    SECTION: ClassVar[str] = "information"

    rules: int = key(
        "Random rules, and as many of the last population of the first search.",
        within="[2, 100000]",
        unit="rules",
    )
    sequences: int = key(
        "Trial sequences on each training network.",
        within="[2, 1000]",
        unit="sequences",
    )
    training_trials: tuple[int, ...] = key(
        "Numbers of training trials that are compared.",
        within="[0, 1000000]",
        different=True,
        unit="trials",
    )
    scored_trials: tuple[int, ...] = key(
        "Numbers of scored trials that are compared; the largest is run.",
        within="[4, 1000000]",
        different=True,
        unit="trials",
    )


@settings_class
class SpreadSettings(Settings):
    """How far random rules differ over networks, by `snakemake rule_spread`."""

    SECTION: ClassVar[str] = "rule_spread"

    rules: int = key("Random rules of each kind.", within="[2, 100000]", unit="rules")
    networks: int = key(
        "Training networks that are used, the first ones.",
        within="[2, 99]",
        unit="networks",
    )
    keep: int = key(
        "Rules chosen on all networks but one and judged on that one.",
        within="[1, 100000]",
        unit="rules",
    )
    threshold: float = key(
        "Threshold phi at which all of them are read out.",
        within="[0, 1000]",
        unit="1 or Hz",
    )
    etas: tuple[float, ...] = key(
        "Learning rates that are compared.", within="(0, 1]", different=True
    )
    gate_probabilities: tuple[float, ...] = key(
        "Shares of gates that are on, compared.", within="[0, 1]", different=True
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.networks < 2:
            raise UserError(
                f"rule_spread.networks is {self.networks}; what rules have in common "
                "over networks needs at least 2."
            )
        if self.rules <= self.keep:
            raise UserError(
                f"rule_spread.keep is {self.keep} of {self.rules} rules; it must be "
                "below rule_spread.rules."
            )


@settings_class
class StudiesSection(Settings):
    """Small searches under changed conditions.

    By `snakemake generalisation`, `selection_bias` and `initialisation`.
    """

    SECTION: ClassVar[str] = "search_studies"

    population: int = key(
        "Rules in the population of every such search.",
        within="[4, 1000000]",
        step=2,
        unit="rules",
    )
    generations: int = key(
        "Generations of every such search.", within="[1, 10000]", unit="generations"
    )
    looks: tuple[int, ...] = key(
        "Generations after which rules are measured again; the last is the last look.",
        within="[1, 10000]",
        different=True,
        unit="generations",
    )
    control_rules: int = key(
        "Rules in the control group.", within="[1, 100000]", unit="rules"
    )
    seeds: int = key(
        "Searches of every variant in generalisation and initialisation.",
        within="[1, 100]",
        unit="searches",
    )
    bias_seeds: int = key(
        "Searches of every variant in selection_bias.",
        within="[1, 100]",
        unit="searches",
    )
    rules: int = key(
        "Rules measured again at every look, the best by the search's own estimate.",
        within="[1, 100000]",
        unit="rules",
    )
    heldout_instances: int = key(
        "Networks never used that rules are measured on.",
        within="[1, 99]",
        unit="networks",
    )
    seen_instances: int = key(
        "Most of the search's networks that rules are measured on again.",
        within="[1, 99]",
        unit="networks",
    )
    selection_seeds: int = key(
        "Fresh sequences of training images on each seen network.",
        within="[1, 1000]",
        unit="seeds",
    )
    report_seeds: int = key(
        "Fresh sequences of test images on each network.",
        within="[1, 1000]",
        unit="seeds",
    )
    training_networks: tuple[int, ...] = key(
        "Numbers of training networks that are compared.",
        within="[1, 99]",
        different=True,
        unit="networks",
    )
    sizes: tuple[int, ...] = key(
        "Sizes of networks that are compared.",
        within="[1, 60000]",
        different=True,
        unit="cells",
    )
    gate_probabilities: tuple[float, ...] = key(
        "Initial gate probabilities that are compared.", within="[0, 1]", different=True
    )
    coefficient_priors: tuple[Literal["uniform", "normal", "shared"], ...] = key(
        "Coefficient priors that are compared.", different=True
    )
    preferred_shares: tuple[float, ...] = key(
        "Shares of places and contests that go by accuracy alone, compared.",
        within="[0, 1]",
        different=True,
    )
    alphas: tuple[float, ...] = key(
        "Probabilities above which one rule dominates another, compared by "
        "`snakemake swarm_options`.",
        within="[0.5, 0.999]",
        different=True,
    )
    hierarchical_sigmas: tuple[float, ...] = key(
        "Standard deviations of hierarchical steps, compared by the same target.",
        within="[0, 1]",
        different=True,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        looks, last = list(self.looks), self.generations
        if looks != sorted(looks) or looks[-1] != last:
            raise UserError(
                f"search_studies.looks is {looks}, but must ascend to "
                f"search_studies.generations ({last})."
            )
        if self.rules > self.population:
            raise UserError(
                f"search_studies.rules is {self.rules}, but a population has only "
                f"{self.population} (search_studies.population)."
            )


@settings_class
class RacingSection(Settings):
    """What stopping candidates early saves: made by `snakemake racing_study`."""

    SECTION: ClassVar[str] = "racing_study"

    rules: int = key(
        "Random rules, evaluated with and without racing.",
        within="[3, 100000]",
        unit="rules",
    )
    keep: int = key(
        "Rules that are selected by their accuracy.", within="[1, 100000]", unit="rules"
    )
    check_every: int = key(
        "Trials between two looks at the candidates.",
        within="[1, 100000]",
        unit="trials",
    )
    confidences: tuple[float, ...] = key(
        "How far below the needed accuracy a candidate is stopped.",
        within="[0, 10]",
        unit="s.e.",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.keep < self.rules:
            raise UserError(
                f"racing_study.keep is {self.keep}; it must lie between 1 and "
                f"racing_study.rules - 1 ({self.rules - 1})."
            )


@settings_class
class PlanCostSection(Settings):
    """The measurement behind `snakemake plan_cost`."""

    SECTION: ClassVar[str] = "plan_cost"

    trials: int = key(
        "Trials timed with and without plasticity.", within="[1, 10000]", unit="trials"
    )
    max_lanes: int = key(
        "Most lanes timed together; fewer if simulation.lanes is smaller.",
        within="[2, 100000]",
        unit="lanes",
    )
