"""Search with and without control group and shrinkage where the truth is known."""

from evoplast.analysis.search_ablation import AblationSettings, ablate
from evoplast.artefacts.parquet import write_table
from evoplast.artefacts.script import job
from evoplast.configuration.settings import filled
from evoplast.search.settings import SwarmSettings

with job(snakemake) as provenance:
    config = snakemake.params.settings
    settings = filled(AblationSettings, config["search_ablation"])
    own = {"population": settings.population}
    swarm = filled(SwarmSettings, config["search"], own)
    write_table(
        snakemake.output.ablation, ablate(settings, swarm, config["seed"]), provenance
    )
