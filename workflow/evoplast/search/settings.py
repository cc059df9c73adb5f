"""Settings of a search: the keys of the config section ``search``, checked.

In: plain values. Out: a frozen dataclass, or one sentence that says which key is
wrong. Every default is explained in ``docs/decisions.md``.
"""

from dataclasses import dataclass

from evoplast.artefacts.errors import UserError

RANDOM_FACTORS = ("scalar", "dimension")


@dataclass(frozen=True)
class SearchSettings:
    """Everything that decides what the swarm does with its evaluations.

    population: individuals, even, at least 4. alpha: level of probabilistic
    dominance in [0.5, 1). centre_weight: pull towards the swarm's centre.
    mutation_index: distribution index of polynomial mutation. gate_flip_probability
    per gate and offspring. initial_gate_probability: share of gates on at the
    start. control_rules: size of the fixed control group. shrinkage: evaluations
    that the prior counts for. instances_per_generation: networks a rule sees in
    one evaluation. random_factors: one random factor per particle (``scalar``) or
    per ``dimension``.

    Raises:
        UserError: a value is outside its range; names the key.
    """

    population: int = 48
    alpha: float = 0.5
    centre_weight: float = 0.2
    mutation_index: float = 20.0
    gate_flip_probability: float = 0.04
    initial_gate_probability: float = 0.12
    control_rules: int = 16
    shrinkage: float = 1.5
    instances_per_generation: int = 1
    random_factors: str = "scalar"

    def __post_init__(self) -> None:
        _need(
            self.population >= 4 and self.population % 2 == 0,
            "population",
            self.population,
            "an even number of at least 4, because individuals compete in pairs",
        )
        _need(0.5 <= self.alpha < 1.0, "alpha", self.alpha, "in [0.5, 1)")
        for name in ("centre_weight", "shrinkage", "mutation_index"):
            value = getattr(self, name)
            _need(value >= 0, name, value, "zero or more")
        for name in ("gate_flip_probability", "initial_gate_probability"):
            value = getattr(self, name)
            _need(0.0 <= value <= 1.0, name, value, "in [0, 1]")
        _need(self.control_rules >= 0, "control_rules", self.control_rules, ">= 0")
        _need(
            self.instances_per_generation >= 1,
            "instances_per_generation",
            self.instances_per_generation,
            "at least 1",
        )
        _need(
            self.random_factors in RANDOM_FACTORS,
            "random_factors",
            self.random_factors,
            f"one of {', '.join(RANDOM_FACTORS)}",
        )


def _need(fine: bool, name: str, value: object, allowed: str) -> None:
    if not fine:
        raise UserError(f"search.{name} is {value}; it must be {allowed}.")
