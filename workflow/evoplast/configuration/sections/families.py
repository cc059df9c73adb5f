"""Keys of ``families``: the search over formulas with distributions."""

from dataclasses import dataclass
from typing import ClassVar

from evoplast.artefacts.errors import UserError
from evoplast.configuration.section import Settings, key, settings_class

# As many as there are terms (rules/terms.py, which is too slow to import here).
ONE_TERM_FORMULAS = 25


@settings_class
class EvolutionSettings(Settings):
    """What decides how the mean of one family moves, whatever the problem."""

    SECTION: ClassVar[str] = "families"

    sigma: float = key(
        "Standard deviation of samples in coefficients; that of a family after n "
        "generations is sigma / (1 + sigma_decay n).",
        within="(0, 1]",
        source="our decision (0.3 of the limit 1)",
    )
    sigma_decay: float = key("See sigma.", within="[0, 10]")
    momentum: float = key(
        "Share of a family's motion that lasts from one generation, and network, to "
        "the next.",
        within="[0, 0.99]",
    )
    learning_rate: float = key(
        "Factor on the motion of the mean; with sum |u| = 2 over samples.",
        within="(0, 10]",
    )
    first_multiplier: float = key(
        "Accuracy that 1 Hz beyond the limits of biology costs in the first "
        "generation.",
        within="(0, 10]",
        unit="1/Hz",
    )
    smallest_multiplier: float = key(
        "It never costs less.", within="(0, 10]", unit="1/Hz"
    )
    largest_multiplier: float = key(
        "It never costs more.", within="(0, 1000]", unit="1/Hz"
    )
    multiplier_factor: float = key(
        "Factor on it in every generation in which the mean violates the limits; it "
        "is divided by it in the others.",
        within="[1, 10]",
        source="our decision (Deb 2000: feasible first; here of the mean)",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        low, first, high = (
            self.smallest_multiplier,
            self.first_multiplier,
            self.largest_multiplier,
        )
        if not low <= first <= high:
            raise UserError(
                f"families.first_multiplier is {first}; it must lie between "
                f"families.smallest_multiplier ({low}) and "
                f"families.largest_multiplier ({high})."
            )


@settings_class
class FamilyKeys(EvolutionSettings):
    """The search: its rounds, limits, competition and breeding."""

    SECTION: ClassVar[str] = "families"

    rounds: tuple[tuple[int, int, int], ...] = key(
        "Of each round: families, generations, samples of a family in a generation "
        "(even, as they are mirrored; the mean is evaluated besides).",
        within="[1, 1000000]",
        unit="families, generations, samples",
        source="our decision (successive halving: Jamieson & Talwalkar 2016)",
    )
    time_constant_sigma_ms: float = key(
        "Standard deviation of samples in time constants of traces.",
        within="[0, 150]",
        unit="ms",
    )
    max_wasserstein_hz: float | None = key(
        "Limit on the Wasserstein distance of the rates to the mouse's; null for none.",
        within="(0, 1000]",
        unit="Hz",
        source="our decision (that of the unplastic network, 5.1)",
    )
    max_rate_hz: float | None = key(
        "Limit on the highest rate of any neuron; null for none.",
        within="(0, 1000]",
        unit="Hz",
        source="paper (115.6, its best rule)",
    )
    rate_weight: float = key(
        "How much 1 Hz beyond max_rate_hz counts against 1 Hz beyond "
        "max_wasserstein_hz.",
        within="[0, 100]",
    )
    kept_share: float = key(
        "Share of a round's families that come from the round before; the others are "
        "bred from them.",
        within="(0, 1]",
    )
    preferred_share: float = key(
        "Share of those that are kept for accuracy alone; the others by their fronts "
        "over all six objectives.",
        within="[0, 1]",
    )
    alpha: float = key(
        "Probability above which one family dominates another in an objective.",
        within="[0.5, 0.999]",
    )
    optimism: float = key(
        "Standard deviations of a family's samples added to its accuracy when families "
        "compete: what its next steps may bring.",
        within="[0, 10]",
    )
    operators: tuple[float, float, float, float] = key(
        "Weights of the ways to breed: union of families, a term added, swapped, "
        "dropped.",
        within="[0, 1000]",
    )
    parents: tuple[int, ...] = key(
        "Parents of a union, from the second round on; the last number goes on.",
        within="[2, 25]",
        unit="families",
    )
    inherited_scale: float = key(
        "Factor on coefficients of terms that come from another than the first parent.",
        within="[0, 1]",
    )
    max_terms: int = key("Most terms of a child.", within="[1, 25]", unit="terms")
    start_formulas: tuple[str, ...] = key(
        "Formulas that a search starts with besides all of one term, in plain text "
        "(X_post^2 + S_pre*X_post).",
        different=True,
        may_be_empty=True,
        source="our decision (those of the literature, see rules/known.py)",
    )
    excluded_terms: tuple[str, ...] = key(
        "Terms that no family may have, in plain text (X_pre*R).",
        different=True,
        may_be_empty=True,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        for _, _, samples in self.rounds:
            if samples % 2:
                raise UserError(
                    f"families.rounds asks for {samples} samples of a family; samples "
                    "are mirrored, so give an even number."
                )
        n_first = self.rounds[0][0]
        if n_first < ONE_TERM_FORMULAS + len(self.start_formulas):
            raise UserError(
                f"families.rounds starts with {n_first} families, but there are "
                f"{ONE_TERM_FORMULAS} formulas of one term and "
                f"{len(self.start_formulas)} in families.start_formulas; start with "
                f"{ONE_TERM_FORMULAS + len(self.start_formulas)} or more."
            )
        if len(self.excluded_terms) >= ONE_TERM_FORMULAS:
            raise UserError(
                f"families.excluded_terms has {len(self.excluded_terms)} terms of "
                f"{ONE_TERM_FORMULAS}; leave out fewer, or no family is left."
            )
        if not any(self.operators):
            raise UserError(
                "families.operators are all 0; give at least one a weight, or no "
                "family is ever bred."
            )

    @property
    def n_generations(self) -> int:
        """Generations, and networks, of a search."""
        return sum(part[1] for part in self.rounds)

    @property
    def evaluations(self) -> int:
        """Evaluations of a search; no plasticity, once a generation, besides."""
        return sum(n * g * (s + 1) for n, g, s in self.rounds)


@dataclass(frozen=True)
class FamiliesSection(FamilyKeys):
    """The whole section: a search, and how its jobs are cut."""

    SECTION: ClassVar[str] = "families"

    parts: int = key(
        "Jobs among which the families of a round are divided; results do not depend "
        "on it.",
        within="[1, 10000]",
        unit="jobs",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        fewest = min(families for families, _, _ in self.rounds)
        if self.parts > fewest:
            raise UserError(
                f"families.parts is {self.parts}, but a round of families.rounds has "
                f"{fewest} families; use at most {fewest} parts."
            )
