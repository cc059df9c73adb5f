"""Train one network with surrogate gradients; accuracy against samples seen."""

from pathlib import Path

from evoplast.jobs.script import job

with job(snakemake) as provenance:
    from evoplast.artefacts.parquet import write_table
    from evoplast.configuration.settings import filled
    from evoplast.evaluation.files import open_worlds
    from evoplast.gradient import GradientSettings, train_all

    config, source = snakemake.params.settings, snakemake.input
    mouse = Path(source.mouse[0]).parent
    (world,) = open_worlds([source.network], source.stimuli, mouse, config).values()
    table = train_all(
        world.network,
        world.inputs,
        world.stimulus_sets,
        world.mouse,
        world.settings.simulation,
        world.settings.task,
        filled(GradientSettings, config["gradient"]),
        snakemake.wildcards.optimiser,
        config["seed"],
        log_path=snakemake.log[0],
    )
    write_table(snakemake.output.curve, table, provenance)
