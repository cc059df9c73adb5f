"""Train networks with surrogate gradients; accuracy and biology against samples."""

from pathlib import Path

from evoplast.jobs.script import job

with job(snakemake) as provenance:
    from evoplast.artefacts.parquet import write_table
    from evoplast.configuration.settings import filled
    from evoplast.evaluation.files import open_worlds
    from evoplast.gradient import GradientSettings, train_all

    config, source = snakemake.params.settings, snakemake.input
    mouse = Path(source.mouse[0]).parent
    # The keys of a longer training replace those that it has of its own.
    sections = (config["gradient"], config.get("sample_efficiency", {}))
    table = train_all(
        open_worlds(source.networks, source.stimuli, mouse, config),
        filled(GradientSettings, *sections),
        snakemake.wildcards.optimiser,
        config["seed"],
        log_path=snakemake.log[0],
    )
    write_table(snakemake.output.curve, table, provenance)
