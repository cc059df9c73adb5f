"""Keys of ``search_proof``: families, swarm, chance and literature compared."""

from typing import ClassVar

from evoplast.configuration.section import Settings, key, settings_class


@settings_class
class ProofSection(Settings):
    """Both family searches, the swarm, random and known rules over several searches.

    By `snakemake search_proof`.
    """

    SECTION: ClassVar[str] = "search_proof"

    seeds: int = key(
        "Independent searches, those of search/seed0 and so on; the unit of every "
        "test.",
        within="[2, 100]",
        unit="searches",
    )
    rules: int = key(
        "Rules of each side measured again, the best by its own estimate.",
        within="[1, 100000]",
        unit="rules",
    )
    rules_within: int = key(
        "Besides, the best of those that its own estimates hold within biology.",
        within="[1, 100000]",
        unit="rules",
    )
    thresholds: tuple[float, ...] = key(
        "Values of phi at which known rules and no plasticity are read out.",
        within="[0, 1000]",
        different=True,
        unit="1 or Hz",
    )
    max_rate_hz: float = key(
        "Within biology no neuron fires faster than this on average over networks, and "
        "rates are no farther from the mouse's than without plasticity.",
        within="(0, 1000]",
        unit="Hz",
        source="paper (115.6, its best rule)",
    )
    complexities: tuple[int, ...] = key(
        "Most terms of a rule at each point of the front over complexity.",
        within="[1, 25]",
        different=True,
        unit="terms",
    )
    wasserstein_limits_hz: tuple[float, ...] = key(
        "Largest distance of the rates to the mouse's at each point of the front over "
        "it; a point without limit comes last.",
        within="(0, 1000]",
        different=True,
        unit="Hz",
    )
    heldout_instances: int = key(
        "Networks never used, of each search's own.",
        within="[1, 1000]",
        unit="networks",
    )
    selection_instances: int = key(
        "Training networks, the first ones, on which is chosen what to report.",
        within="[1, 99]",
        unit="networks",
    )
    selection_seeds: int = key(
        "Fresh sequences on each of them.",
        within="[1, 1000]",
        unit="seeds",
    )
    report_seeds: int = key(
        "Fresh sequences on each network never used.",
        within="[1, 1000]",
        unit="seeds",
    )
