"""Settings of the family search (field names equal the config keys)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class FamilySettings:
    """Settings of the family search.

    Attributes:
        rounds: of each round, families, generations, samples of a family in a
            generation (even; the mean is evaluated besides).
        sigma, sigma_decay: the s.d. of samples in coefficients is
            sigma / (1 + sigma_decay age).
        time_constant_sigma_ms: the s.d. in time constants, ms.
        momentum, learning_rate: see :mod:`evolution`.
        max_wasserstein_hz, max_rate_hz: limits of biology, Hz; None for none.
        rate_weight: violation counted for 1 Hz of the highest rate.
        first_multiplier, smallest_multiplier, largest_multiplier, multiplier_factor:
            accuracy that 1 Hz of violation costs, and its change per generation.
        kept_share: of a round's places that go to families of the round before.
        preferred_share: of those, that go by accuracy alone.
        alpha: of probabilistic dominance.
        optimism: standard deviations of its samples added to a family's accuracy when
            families compete: what its next steps may bring.
        operators: weights of union, add, swap and drop among children.
        parents: of a union, by round from the second; the last goes on.
        inherited_scale: on coefficients of a term from another than the first parent.
        max_terms: of a child.
        start_formulas: besides all one-term formulas, in plain text.
        training_trials, validation_trials: of an evaluation.
    """

    rounds: tuple[tuple[int, int, int], ...]
    sigma: float
    sigma_decay: float
    time_constant_sigma_ms: float
    momentum: float
    learning_rate: float
    max_wasserstein_hz: float | None
    max_rate_hz: float | None
    rate_weight: float
    first_multiplier: float
    smallest_multiplier: float
    largest_multiplier: float
    multiplier_factor: float
    kept_share: float
    preferred_share: float
    alpha: float
    optimism: float
    operators: tuple[float, float, float, float]
    parents: tuple[int, ...]
    inherited_scale: float
    max_terms: int
    start_formulas: tuple[str, ...]
    training_trials: int
    validation_trials: int
