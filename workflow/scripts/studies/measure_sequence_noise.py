"""Measure how much the order of trials adds to the noise of an evaluation."""

from pathlib import Path

from evoplast.jobs.script import job

with job(snakemake) as provenance:
    from evoplast.artefacts.parquet import write_table
    from evoplast.configuration.sections.noise import SequenceNoiseSettings
    from evoplast.configuration.settings import filled
    from evoplast.evaluation.files import open_worlds
    from evoplast.search import SearchSettings
    from evoplast.studies.sequence_noise import measure_sequence_noise

    config, source = snakemake.params.settings, snakemake.input
    mouse = Path(source.mouse[0]).parent
    table = measure_sequence_noise(
        open_worlds(source.networks, source.stimuli, mouse, config),
        filled(SearchSettings, {**config["search"], **config["task"]}),
        filled(SequenceNoiseSettings, config["sequence_noise"]),
        config["seed"],
        log_path=snakemake.log[0],
    )
    write_table(snakemake.output.table, table, provenance)
