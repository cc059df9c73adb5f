"""Keys of ``search``: the multi-objective competitive swarm."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from evoplast.artefacts.errors import UserError
from evoplast.configuration.section import Settings, key, settings_class


@settings_class
class SwarmSettings(Settings):
    """What decides how the swarm moves and selects, whatever the problem."""

    SECTION: ClassVar[str] = "search"

    population: int = key(
        "Rules in the population; even, because they are paired.",
        within="[4, 1000000]",
        step=2,
        unit="rules",
        source="paper (4000), fewer at demo scale",
    )
    alpha: float = key(
        "Probability above which one rule dominates another in an objective.",
        within="[0.5, 0.999]",
    )
    centre_weight: float = key(
        "Pull towards the centre of the swarm (phi_c).",
        within="[0, 10]",
        source="our decision (Cheng & Jin 2015)",
    )
    mutation_index: float = key(
        "Distribution index of the polynomial mutation.",
        within="[1, 1000]",
        source="lineage",
    )
    gate_flip_probability: float = key(
        "Probability that mutation flips a gate.",
        within="[0, 1]",
        source="our decision (1/25)",
    )
    shrinkage: float = key(
        "Estimates are shrunk by n / (n + shrinkage).",
        within="[0, 1000]",
        unit="evaluations",
        source="working point section 6",
    )
    refresh: float = key(
        "Share of the survivors that is evaluated again in every generation, those "
        "with the fewest evaluations first.",
        within="[0, 1]",
    )
    random_factors: Literal["scalar", "dimension"] = key(
        "Random factors of the velocity: one for each rule, or one for each dimension.",
        source="our decision (scalar: Tian et al.; dimension: Cheng & Jin)",
    )
    tie_break: Literal["indicator", "crowding", "reference"] = key(
        "How a front that fits only in part is cut: by the epsilon indicator, by "
        "crowding distance or by reference vectors."
    )
    indicator_scale: float = key(
        "Scale of the epsilon indicator, in ranges of the objectives.",
        within="(0, 100]",
        source="Zitzler & Kuenzli 2004",
    )
    variance_prior: float = key(
        "Degrees of freedom that the variance pooled over rules counts for in a "
        "rule's own.",
        within="(0, 100000]",
        unit="evaluations",
        source="our decision (form: Smyth 2004)",
    )
    preferred_share: float = key(
        "Share of the places among the survivors, and of the contests between pairs, "
        "that go by accuracy alone; 0 treats all six objectives alike.",
        within="[0, 1]",
        source="our decision (Ye et al.: 0)",
    )
    mutations_per_offspring: float = key(
        "Parameters that mutation changes in an offspring on average; one always "
        "changes.",
        within="[0, 100000]",
        unit="parameters",
        source="Deb & Agrawal 1999 (1)",
    )
    hierarchical_sigma: float = key(
        "Standard deviation of a step that offspring make besides, common in part to "
        "a term, a presynaptic and a postsynaptic type, as families do; 0 for none.",
        within="[0, 1]",
        source="our decision (Ye et al.: 0)",
    )

    @property
    def n_preferred(self) -> int:
        """Return how many places among the survivors go by the first objective."""
        return round(self.preferred_share * self.population)

    @property
    def n_refreshed(self) -> int:
        """Return how many survivors are evaluated again in a generation."""
        return round(self.refresh * self.population)


@settings_class
class ExtraObjectives(Settings):
    """What selection counts besides the six objectives."""

    SECTION: ClassVar[str] = "search"

    extra_objectives: tuple[Literal["dimension", "stability"], ...] = key(
        "Objectives after the six, of both searches and of the front: dimension is the "
        "participation ratio of the neurons' counts in scored trials, the larger the "
        "better; stability the accuracy that is lost from the test after "
        "task.training_trials to the same test after stability_trials.",
        different=True,
        may_be_empty=True,
        source="our decision (Ye et al.: none)",
    )
    stability_trials: int = key(
        "Training trials after which stability tests again; more than "
        "task.training_trials. Every evaluation trains so many trials besides and is "
        "tested twice.",
        within="[1, 100000]",
        unit="trials",
    )


@settings_class
class SearchKeys(SwarmSettings, ExtraObjectives):
    """The swarm, and how it meets the task: what a segment depends on."""

    SECTION: ClassVar[str] = "search"

    generations_per_segment: int = key(
        "Generations in one file of the chain.", within="[1, 1000]", unit="generations"
    )
    initial_gate_probability: float = key(
        "Probability that a gate is on in a random rule.",
        within="(0, 1]",
        source="working point section 6",
    )
    coefficient_prior: Literal["uniform", "normal", "shared"] = key(
        "Coefficients of random rules: uniform, normal with a third of the limit as "
        "s.d., or one uniform number for all cell types of a term."
    )
    racing: Literal["none", "flags"] = key(
        "Whether candidates are stopped early: flags stops those that ran away, are "
        "not finite or silent, whose objectives are the worst ones in any case. See "
        "docs/numbers.md for what it saves."
    )
    accuracy_estimate: Literal["counted", "smoothed"] = key(
        "Accuracy by which the search selects: counted decisions, or normal "
        "distributions of the pool's rate. Reported accuracies are always counted."
    )
    control_rules: int = key(
        "Fixed rules evaluated in every generation; objectives are relative to their "
        "mean.",
        within="[1, 100000]",
        unit="rules",
        source="working point section 6 (16), fewer at demo scale",
    )
    instances_per_generation: int = key(
        "Network instances on which a generation is evaluated.",
        within="[1, 99]",
        unit="networks",
        source="working point section 7",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.extra_objectives and self.racing != "none":
            raise UserError(
                f"search.racing is {self.racing}, but search.extra_objectives "
                f"({', '.join(self.extra_objectives)}) need every trial of a "
                "candidate; set search.racing to none."
            )


@dataclass(frozen=True)
class SearchSection(SearchKeys):
    """The whole section: a search, how long it is and how many there are."""

    SECTION: ClassVar[str] = "search"

    algorithm: Literal["families", "swarm"] = key(
        "families: formulas with search distributions (section families). swarm: the "
        "competitive swarm of Ye et al. 2026 (this section).",
        source="our decision (paper: swarm)",
    )
    segments: int = key(
        "Files in the chain; generations = segments x generations_per_segment.",
        within="[1, 200]",
        unit="segments",
        source="paper (150 generations), fewer at demo scale",
    )
    seeds: int = key(
        "Independent searches, numbered from 0.", within="[1, 100]", unit="searches"
    )
