"""Measure what a linear readout of one unplastic network could reach."""

from pathlib import Path

from evoplast.jobs.script import job

with job(snakemake) as provenance:
    from evoplast.artefacts.parquet import write_table
    from evoplast.artefacts.seeds import named_seed
    from evoplast.configuration.settings import filled
    from evoplast.evaluation.files import open_worlds
    from evoplast.working_point.ceiling import CeilingSettings, measure_ceiling

    config, source = snakemake.params.settings, snakemake.input
    size, instance = snakemake.params.n_neurons, snakemake.params.instance
    mouse = Path(source.mouse[0]).parent
    (world,) = open_worlds([source.network], source.stimuli, mouse, config).values()
    table = measure_ceiling(
        world,
        filled(CeilingSettings, config["ceiling"]),
        named_seed(config["seed"], "ceiling", size, instance),
        log_path=snakemake.log[0],
    )
    named = table.assign(n_neurons=size, instance=instance)
    write_table(snakemake.output.table, named, provenance)
