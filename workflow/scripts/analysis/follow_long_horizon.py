"""Follow the leading rules through more training than the search used."""

from pathlib import Path

from evoplast.jobs.script import job

with job(snakemake) as provenance:
    from evoplast.analysis.horizon_trend import horizon_trend
    from evoplast.analysis.long_horizon import LongHorizonSettings, long_horizon
    from evoplast.analysis.named_rules import rules_of_table
    from evoplast.analysis.pareto import leading_rules
    from evoplast.artefacts.netcdf import read_dataset, write_dataset
    from evoplast.artefacts.parquet import read_table, write_table
    from evoplast.configuration.settings import filled
    from evoplast.evaluation.files import open_worlds
    from evoplast.rules import dataset_to_genomes

    config, source = snakemake.params.settings, snakemake.input
    section = snakemake.params.section
    space, genomes = dataset_to_genomes(read_dataset(source.parameters))
    table, mouse = read_table(source.rules), Path(source.mouse[0]).parent
    chosen = leading_rules(table, config[section]["rules"])
    dataset = long_horizon(
        open_worlds(source.networks, source.stimuli, mouse, config),
        rules_of_table(space, genomes, table, chosen),
        filled(
            LongHorizonSettings,
            config[section],
            search_training_trials=config["task"]["training_trials"],
        ),
        config["seed"],
        log_path=snakemake.log[0],
    )
    write_dataset(snakemake.output.horizon, dataset, provenance)
    write_table(snakemake.output.trend, horizon_trend(dataset), provenance)
