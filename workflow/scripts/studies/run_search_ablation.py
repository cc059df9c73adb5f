"""Search with and without control group and shrinkage where the truth is known."""

from evoplast.jobs.script import job

with job(snakemake) as provenance:
    from evoplast.artefacts.parquet import write_table
    from evoplast.configuration.settings import filled
    from evoplast.search.settings import SwarmSettings
    from evoplast.studies.search_ablation import AblationSettings, ablate

    config = snakemake.params.settings
    settings = filled(AblationSettings, config["search_ablation"])
    own = {"population": settings.population}
    swarm = filled(SwarmSettings, config["search"], own)
    write_table(
        snakemake.output.ablation, ablate(settings, swarm, config["seed"]), provenance
    )
