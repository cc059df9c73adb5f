"""Measure what one evaluation of a rule says for its cost."""

from pathlib import Path

from evoplast.jobs.script import job

with job(snakemake) as provenance:
    from evoplast.artefacts.parquet import write_table
    from evoplast.configuration.settings import filled
    from evoplast.evaluation.files import open_worlds
    from evoplast.search import SearchSettings
    from evoplast.search.segments import read_population
    from evoplast.studies import information
    from evoplast.studies.information import InformationSettings

    config, source = snakemake.params.settings, snakemake.input
    mouse = Path(source.mouse[0]).parent
    search = {**config["search"], **config["task"], "validation_trials": 1}
    worlds = open_worlds(source.networks, source.stimuli, mouse, config)
    evolved = read_population(source.segment).genomes
    drawing, seed = filled(SearchSettings, search), config["seed"]
    settings = filled(InformationSettings, config["information"])
    table = information.measure_information(
        worlds,
        information.rule_groups(worlds, evolved, drawing, settings, seed),
        information.processor_cost(worlds[min(worlds)], drawing),
        settings,
        seed,
        log_path=snakemake.log[0],
    )
    write_table(snakemake.output.table, table, provenance)
