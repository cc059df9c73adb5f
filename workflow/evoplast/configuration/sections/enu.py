"""Keys of ``enu``: evolvable neural units, the second system."""

from typing import ClassVar, Literal

from evoplast.artefacts.errors import UserError
from evoplast.configuration.section import Settings, key, settings_class

_LIFETIME = "Length of a lifetime; not shorter than the task."
_STEPS = "network steps"
_GENERATIONS = "Generations in a segment (0: left out)."
_UNITS = "Units to evolve."


@settings_class
class StepsSection(Settings):
    """Lifetimes."""

    SECTION: ClassVar[str] = "enu.steps"

    iaf: int = key(_LIFETIME, within="[100, 100000]", unit=_STEPS, source="paper")
    stdp: int = key(_LIFETIME, within="[100, 100000]", unit=_STEPS, source="paper")
    stdp_plain: int = key(
        _LIFETIME, within="[100, 100000]", unit=_STEPS, source="paper"
    )
    complex_stdp: int = key(
        _LIFETIME, within="[100, 100000]", unit=_STEPS, source="paper"
    )
    t_maze: int = key(_LIFETIME, within="[400, 100000]", unit=_STEPS, source="paper")
    double_t_maze: int = key(_LIFETIME, within="[800, 100000]", unit=_STEPS)


@settings_class
class SpeedSection(Settings):
    """Sizes of the timed generation."""

    SECTION: ClassVar[str] = "enu.speed"

    stdp: tuple[int, int] = key(
        "Size of the stdp generation that is timed.",
        within="[1, 1000000]",
        unit="offspring, environments",
        source="paper",
    )
    t_maze: tuple[int, int] = key(
        "Size of the t_maze generation that is timed.",
        within="[1, 1000000]",
        unit="offspring, environments",
        source="paper (512, 8), fewer at demo scale",
    )


@settings_class
class EvolutionSection(Settings):
    """The evolution strategy.

    A population that does nothing at all for ``restart_silent_after`` generations
    starts again from another genome.
    """

    SECTION: ClassVar[str] = "enu.evolution"

    sigma: float = key(
        "Standard deviation of the perturbations.", within="(0, 1]", source="paper"
    )
    momentum: float = key(
        "Share of the last move that is kept in the next.",
        within="[0, 0.999]",
        source="paper",
    )
    rank_power: float = key(
        "Weights of offspring are their relative rank to this power.",
        within="[0, 20]",
        source="paper",
    )
    restart_silent_after: int = key(
        "A population that never does anything starts again after this many "
        "generations (0: never).",
        within="[0, 100000]",
        unit="generations",
    )
    heldout_every: int = key(
        "How often the centre meets fresh environments.",
        within="[1, 100000]",
        unit="generations",
    )


@settings_class
class SingleUnitGenerations(Settings):
    """Generations of each task of single units."""

    SECTION: ClassVar[str] = "enu.*.generations_per_segment"

    iaf: int = key(
        _GENERATIONS,
        within="[0, 1000000]",
        unit="generations",
        source="paper (3000 in all)",
    )
    stdp: int = key(
        _GENERATIONS,
        within="[0, 1000000]",
        unit="generations",
        source="paper (10000 in all)",
    )
    stdp_plain: int = key(_GENERATIONS, within="[0, 1000000]", unit="generations")
    complex_stdp: int = key(
        _GENERATIONS,
        within="[0, 1000000]",
        unit="generations",
        source="paper (3000 in all)",
    )


@settings_class
class MazeGenerations(Settings):
    """Generations of each maze."""

    SECTION: ClassVar[str] = "enu.mazes.generations_per_segment"

    t_maze: int = key(
        _GENERATIONS,
        within="[0, 1000000]",
        unit="generations",
        source="paper (30000 in all)",
    )
    double_t_maze: int = key(_GENERATIONS, within="[0, 1000000]", unit="generations")


@settings_class
class StudySection(Settings):
    """What every study says of its evolutions."""

    population: int = key(
        "Offspring of a generation, in mirrored pairs.",
        within="[2, 1000000]",
        step=2,
        unit="offspring",
        source="paper (512)",
    )
    environments: int = key(
        "Environments of each offspring, the same for all.",
        within="[1, 100000]",
        unit="environments",
        source="paper (32; mazes 8)",
    )
    heldout_environments: int = key(
        "Fresh environments for the held-out fitness.",
        within="[1, 1000000]",
        unit="environments",
    )
    seeds: int = key(
        "Independent runs.",
        within="[1, 1000]",
        unit="runs",
        source="paper (30 in comparisons)",
    )
    segments: int = key(
        "Restartable pieces of a run.", within="[1, 200]", unit="segments"
    )


@settings_class
class SingleUnitSection(StudySection):
    """A study of single units."""

    cells: tuple[Literal["enu", "nfenu", "gru", "lstm"], ...] = key(
        _UNITS, different=True, source="paper"
    )
    generations_per_segment: SingleUnitGenerations


@settings_class
class ShowcaseSection(SingleUnitSection):
    """Full populations of ENUs for the figures."""

    SECTION: ClassVar[str] = "enu.showcase"


@settings_class
class ComparisonSection(SingleUnitSection):
    """All units on all single-unit tasks."""

    SECTION: ClassVar[str] = "enu.comparison"


@settings_class
class MazesSection(StudySection):
    """Networks of units in the mazes."""

    SECTION: ClassVar[str] = "enu.mazes"

    cells: tuple[Literal["enu", "nfenu", "gru", "lstm", "shared_enu"], ...] = key(
        _UNITS, different=True, source="paper"
    )
    double_from_single: bool = key(
        "Start in the Double T-maze from the genome evolved in the T-maze."
    )
    generations_per_segment: MazeGenerations

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.double_from_single and not self.generations_per_segment.t_maze:
            raise UserError(
                "enu.mazes.double_from_single is true, but nothing evolves in the "
                "T-maze; raise enu.mazes.generations_per_segment.t_maze above 0."
            )


@settings_class
class EnuSection(Settings):
    """Evolvable neural units (target rule enu)."""

    SECTION: ClassVar[str] = "enu"

    steps: StepsSection
    maze_block: int = key(
        "Offspring simulated at once in a maze (0: all, best on a GPU); saves memory, "
        "changes no result.",
        within="[0, 100000]",
        unit="offspring",
    )
    speed: SpeedSection
    evolution: EvolutionSection
    showcase: ShowcaseSection
    comparison: ComparisonSection
    mazes: MazesSection
