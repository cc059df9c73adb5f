"""Run the swarm and other algorithms on one noisy test problem."""

from evoplast.jobs.script import job

with job(snakemake) as provenance:
    from evoplast.artefacts.parquet import write_table
    from evoplast.artefacts.progress import Progress
    from evoplast.configuration.settings import filled
    from evoplast.search.settings import SwarmSettings
    from evoplast.studies.search_benchmark import (
        ALGORITHMS,
        REFERENCE,
        BenchmarkSettings,
        compare_searches,
    )

    config, names = snakemake.params.settings, snakemake.wildcards
    settings = filled(BenchmarkSettings, config["search_benchmark"])
    # The keys of REFERENCE are not among the parameters of the rule.
    own = {"population": settings.population, **REFERENCE}
    swarm = filled(SwarmSettings, config["search"], own)
    title = f"{names.problem}, {names.dimension} variables"
    n_runs = len(ALGORITHMS) * settings.seeds
    with Progress(n_runs, title, snakemake.log[0]) as progress:
        table = compare_searches(
            names.problem,
            int(names.dimension),
            settings,
            swarm,
            config["seed"],
            progress.step,
        )
    write_table(snakemake.output.runs, table, provenance)
