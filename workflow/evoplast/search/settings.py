"""Settings of a search: keys of the config section ``search``, checked.

In: plain values. Out: frozen dataclasses, or one sentence that says which key is
wrong. Every default is explained in ``docs/decisions.md``.
"""

from dataclasses import dataclass

from evoplast.artefacts.errors import UserError
from evoplast.rules import COEFFICIENT_PRIORS

RANDOM_FACTORS = ("scalar", "dimension")
TIE_BREAKS = ("indicator", "crowding", "reference")
COUNTED, SMOOTHED = "counted", "smoothed"
NONE, FLAGS = "none", "flags"


@dataclass(frozen=True)
class SwarmSettings:
    """What decides how the swarm moves and selects, whatever the problem.

    population: individuals, even, at least 4. alpha: level of probabilistic
    dominance in [0.5, 1). centre_weight: pull towards the swarm's centre.
    mutation_index: distribution index of polynomial mutation. gate_flip_probability:
    per binary latent and offspring. shrinkage: evaluations that the prior counts
    for. random_factors: one random factor per particle (``scalar``) or one per
    ``dimension``. refresh: share of the survivors that is evaluated again in every
    generation, those with the fewest evaluations first. tie_break: how a front that
    fits only in part is cut, by the epsilon ``indicator``, by ``crowding`` distance or
    by ``reference`` vectors. indicator_scale: scale of the indicator in ranges of the
    objectives. variance_prior: degrees of freedom that the pooled variance counts for
    in a genome's own. preferred_share: share of the places among the survivors, and of
    the contests between pairs, that go by the first objective alone; 0 treats all
    objectives alike. mutations_per_offspring: coordinates that mutation changes on
    average; one always changes.

    Raises:
        UserError: a value is outside its range; names the key.
    """

    population: int = 48
    alpha: float = 0.5
    centre_weight: float = 0.2
    mutation_index: float = 20.0
    gate_flip_probability: float = 0.04
    shrinkage: float = 1.5
    refresh: float = 1.0
    random_factors: str = "scalar"
    tie_break: str = "indicator"
    indicator_scale: float = 0.05
    variance_prior: float = 4.0
    preferred_share: float = 0.0
    mutations_per_offspring: float = 1.0

    def __post_init__(self) -> None:
        self._need(
            "population",
            self.population >= 4 and self.population % 2 == 0,
            "an even number of at least 4, because individuals compete in pairs",
        )
        self._need("alpha", 0.5 <= self.alpha < 1.0, "in [0.5, 1)")
        for name in (
            "centre_weight",
            "mutation_index",
            "shrinkage",
            "mutations_per_offspring",
        ):
            self._need(name, getattr(self, name) >= 0, "zero or more")
        for name in ("indicator_scale", "variance_prior"):
            self._need(name, getattr(self, name) > 0, "above zero")
        self._need_probability("gate_flip_probability")
        self._need_probability("refresh")
        self._need_probability("preferred_share")
        self._need_choice("random_factors", RANDOM_FACTORS)
        self._need_choice("tie_break", TIE_BREAKS)

    @property
    def n_preferred(self) -> int:
        """Return how many places among the survivors go by the first objective."""
        return round(self.preferred_share * self.population)

    @property
    def n_refreshed(self) -> int:
        """Return how many survivors are evaluated again in a generation."""
        return round(self.refresh * self.population)

    def _need_choice(self, name: str, choices: tuple[str, ...]) -> None:
        self._need(name, getattr(self, name) in choices, " or ".join(choices))

    def _need_probability(self, name: str) -> None:
        self._need(name, 0.0 <= getattr(self, name) <= 1.0, "in [0, 1]")

    def _need(self, name: str, fine: bool, allowed: str) -> None:
        if not fine:
            value = getattr(self, name)
            raise UserError(f"search.{name} is {value}; it must be {allowed}.")


@dataclass(frozen=True)
class SearchSettings(SwarmSettings):
    """Settings of the search for rules: the swarm's and those of its evaluations.

    initial_gate_probability: share of gates on at the start. coefficient_prior: how
    the first coefficients are drawn (see ``rules.random_genomes``). accuracy_estimate:
    whether selection goes by the ``counted`` accuracy or by the ``smoothed`` one (see
    ``objectives.smoothed_accuracy``). racing: whether candidates that fail are stopped
    early (``flags``, see ``evaluation.Racing``) or ``none`` is. control_rules: size of
    the fixed control group. instances_per_generation: networks a rule sees in one
    evaluation. generations_per_segment; training_trials with and validation_trials
    without plasticity per task.

    Raises:
        UserError: a value is outside its range; names the key.
    """

    initial_gate_probability: float = 0.12
    coefficient_prior: str = "uniform"
    accuracy_estimate: str = COUNTED
    racing: str = NONE
    control_rules: int = 16
    instances_per_generation: int = 1
    generations_per_segment: int = 10
    training_trials: int = 100
    validation_trials: int = 100

    def __post_init__(self) -> None:
        super().__post_init__()
        self._need_probability("initial_gate_probability")
        self._need_choice("coefficient_prior", COEFFICIENT_PRIORS)
        self._need_choice("accuracy_estimate", (COUNTED, SMOOTHED))
        self._need_choice("racing", (NONE, FLAGS))
        for name in (
            "control_rules",
            "instances_per_generation",
            "generations_per_segment",
        ):
            self._need(name, getattr(self, name) >= 1, "at least 1")
