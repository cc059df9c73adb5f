"""Measure how far random rules differ, by learning rate and number of terms."""

from pathlib import Path

from evoplast.jobs.script import job

with job(snakemake) as provenance:
    from evoplast.artefacts.parquet import write_table
    from evoplast.configuration.settings import filled
    from evoplast.evaluation.files import open_worlds_at
    from evoplast.search import SearchSettings
    from evoplast.studies.rule_spread import SpreadSettings, measure_spread

    config, source = snakemake.params.settings, snakemake.input
    mouse = Path(source.mouse[0]).parent
    table = measure_spread(
        open_worlds_at(source.networks, source.stimuli, mouse, config),
        filled(SearchSettings, config["search"], config["task"]),
        filled(SpreadSettings, config["rule_spread"]),
        config["seed"],
        log_path=snakemake.log[0],
    )
    write_table(snakemake.output.table, table, provenance)
