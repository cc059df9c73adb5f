"""Measure what one evaluation of a rule says for its cost."""

from pathlib import Path

from evoplast.jobs.script import job

with job(snakemake) as provenance:
    from evoplast.artefacts.parquet import write_table
    from evoplast.configuration.settings import filled
    from evoplast.evaluation.files import open_worlds
    from evoplast.search import SearchSettings
    from evoplast.search.segments import read_population
    from evoplast.studies.information import InformationSettings, measure_information

    config, source = snakemake.params.settings, snakemake.input
    mouse = Path(source.mouse[0]).parent
    search = {**config["search"], **config["task"], "validation_trials": 1}
    table = measure_information(
        open_worlds(source.networks, source.stimuli, mouse, config),
        read_population(source.segment).genomes,
        filled(SearchSettings, search),
        filled(InformationSettings, config["information"]),
        config["seed"],
        log_path=snakemake.log[0],
    )
    write_table(snakemake.output.table, table, provenance)
