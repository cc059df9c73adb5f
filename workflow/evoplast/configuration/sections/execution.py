"""Keys of how jobs run: no result depends on them."""

from typing import ClassVar

from evoplast.configuration.section import Settings, key, settings_class


@settings_class
class ExecutionSection(Settings):
    """What each simulating job asks for."""

    SECTION: ClassVar[str] = "execution"

    threads: int = key(
        "Processor threads of each simulating job; a search is one job at a time, so "
        "more of them shorten it. Snakemake gives no job more than --cores.",
        within="[1, 1024]",
        unit="threads",
    )
    gpus: int = key(
        "GPUs that each simulating job reserves, where the profile or cluster counts "
        "them; 0 on a cluster without.",
        within="[0, 64]",
        unit="GPUs",
    )
