"""Search with and without control group and shrinkage where the truth is known."""

from evoplast.artefacts.parquet import write_table
from evoplast.configuration.settings import filled
from evoplast.jobs.script import job
from evoplast.search.settings import SwarmSettings
from evoplast.studies.search_ablation import AblationSettings, ablate

with job(snakemake) as provenance:
    config = snakemake.params.settings
    settings = filled(AblationSettings, config["search_ablation"])
    own = {"population": settings.population}
    swarm = filled(SwarmSettings, config["search"], own)
    write_table(
        snakemake.output.ablation, ablate(settings, swarm, config["seed"]), provenance
    )
