"""A family: a formula, the state of its search distribution, what was measured of it.

In: a rule space and formulas. Out: :class:`Family`, the families that a search starts
with. D parameters, K thresholds, G generations of the present round.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from evoplast.artefacts.errors import UserError
from evoplast.artefacts.seeds import named_seed
from evoplast.rules import N_TERMS, TERMS, RuleSpace, formula, gates_of, no_plasticity

# Draws after which a formula that is not there yet is not looked for any longer.
_TRIES = 50
OPERATORS = ("start", "union", "add", "swap", "drop")


@dataclass(frozen=True)
class Record:
    """What a family showed in the generations of a round (NumPy).

    Attributes:
        generation: (G,) numbers of the generations in the search.
        of_mean, of_samples: (G, m) objectives (the six, then extra ones) of the mean,
            and their average over samples and mean; a broken sample counts as no
            plasticity in accuracy and with its measured rates.
        spread: (G,) s.d. of the samples' accuracy.
        of_control: (G, m) objectives of no plasticity on the same network.
        violation: (G,) by which the mean violates the limits of biology.
        flag: (G,) of the mean.
        n_broken: (G,) samples with a flag.
    """

    generation: np.ndarray
    of_mean: np.ndarray
    of_samples: np.ndarray
    spread: np.ndarray
    of_control: np.ndarray
    violation: np.ndarray
    flag: np.ndarray
    n_broken: np.ndarray


@dataclass(frozen=True)
class Family:
    """A formula with its search distribution.

    Attributes:
        number: of the family in its search, unique.
        parents: numbers of those it inherited from; ``operator`` says how.
        gates: (25,) 0 or 1.
        mean, velocity: (D,) the distribution's centre and its motion, float32.
        multiplier: of the violation of limits.
        key: (2,) uint32, of the next samples.
        age: generations so far; ``evaluations`` so far.
        by_threshold: (K,) running accuracy of the mean at every threshold, NaN at
            first; the mean's phi is the best of it.
        record: of the last round; None before the first.
    """

    number: int
    parents: tuple[int, ...]
    operator: str
    gates: np.ndarray
    mean: np.ndarray
    velocity: np.ndarray
    multiplier: float
    key: np.ndarray
    age: int
    evaluations: int
    by_threshold: np.ndarray
    record: Record | None = None

    @property
    def measured(self) -> Record:
        """What the last round showed.

        Raises:
            ValueError: no round has measured the family.
        """
        if self.record is None:
            raise ValueError(f"family {self.number} has not been measured")
        return self.record

    @property
    def formula(self) -> str:
        """The formula in the paper's notation."""
        return formula(self.gates)

    @property
    def n_terms(self) -> int:
        """Number of terms."""
        return int(self.gates.sum())


def family_key(seed: int, search_seed: int, number: int) -> np.ndarray:
    """Return the key (2,) uint32 from which a family draws its samples."""
    drawn = named_seed(seed, "families", search_seed, "samples", number)
    return np.array([drawn >> 32, drawn & 0xFFFFFFFF], np.uint32)


def new_family(
    space: RuleSpace,
    gates: np.ndarray,
    key: np.ndarray,
    number: int,
    n_thresholds: int,
    first_multiplier: float,
) -> Family:
    """Return a family that starts at no change: every coefficient is 0."""
    mean = np.array(no_plasticity(space), np.float32)
    mean[space.slices["gates"]] = gates
    return Family(
        number=number,
        parents=(),
        operator="start",
        gates=np.asarray(gates, np.float32),
        mean=mean,
        velocity=np.zeros_like(mean),
        multiplier=first_multiplier,
        key=key,
        age=0,
        evaluations=0,
        by_threshold=np.full(n_thresholds, np.nan),
    )


def allowed_terms(excluded: Sequence[str]) -> np.ndarray:
    """Return which terms (25,) a family may have, those but ``excluded``.

    Raises:
        UserError: a text is no formula of one term.
    """
    allowed = np.ones(N_TERMS, bool)
    for text in excluded:
        gates = gates_of(text)
        if gates.sum() != 1:
            raise UserError(
                f"families.excluded_terms has {text!r}, a formula of "
                f"{int(gates.sum())} terms; name every term by itself."
            )
        allowed[gates > 0] = False
    return allowed


def first_formulas(
    texts: Sequence[str], excluded: Sequence[str], rng: np.random.Generator
) -> list[np.ndarray]:
    """Return the gates of all one-term formulas and of ``texts``, each formula once.

    In place of each with a term of ``excluded`` there is one of two allowed terms,
    drawn from ``rng``, so that a search without them costs as much.

    Raises:
        UserError: a text is no formula.
    """
    allowed = allowed_terms(excluded)
    gates = [*np.eye(N_TERMS), *map(gates_of, texts)]
    wanted = {formula(row): row for row in gates}
    kept = {name: row for name, row in wanted.items() if not row[~allowed].any()}
    for _ in range(_TRIES * (len(wanted) - len(kept))):
        if len(kept) == len(wanted):
            break
        pair = np.zeros(N_TERMS)
        pair[rng.choice(np.flatnonzero(allowed), min(2, allowed.sum()), False)] = 1.0
        kept.setdefault(formula(pair), pair)
    return list(kept.values())


def first_families(
    space: RuleSpace,
    formulas: Iterable[np.ndarray],
    seed: int,
    search_seed: int,
    n_thresholds: int,
    first_multiplier: float,
) -> list[Family]:
    """Return the families that a search starts with, one for each formula (25,)."""
    return [
        new_family(
            space,
            gates,
            family_key(seed, search_seed, number),
            number,
            n_thresholds,
            first_multiplier,
        )
        for number, gates in enumerate(formulas)
    ]


def coefficients_of(space: RuleSpace, term: int) -> slice:
    """Return where the coefficients of a term lie in the genome."""
    name = f"{TERMS[term].kind}"
    if name == "reward":
        return space.slices["reward_alone"]
    rows = [i for i, other in enumerate(TERMS) if other.kind == name]
    size = int(np.prod(space.shapes[name][1:]))
    start = space.slices[name].start + rows.index(term) * size
    return slice(start, start + size)
