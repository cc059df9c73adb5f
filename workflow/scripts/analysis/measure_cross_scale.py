"""Evaluate the leading rules in networks of other sizes."""

from pathlib import Path

from evoplast.jobs.script import job

with job(snakemake) as provenance:
    from evoplast.analysis.cross_scale import CrossScaleSettings, cross_scale
    from evoplast.analysis.named_rules import rules_of_table
    from evoplast.analysis.pareto import leading_rules
    from evoplast.artefacts.netcdf import read_dataset
    from evoplast.artefacts.parquet import read_table, write_table
    from evoplast.configuration.settings import filled
    from evoplast.evaluation.files import open_worlds_by_size
    from evoplast.rules import dataset_to_genomes

    config, source = snakemake.params.settings, snakemake.input
    space, genomes = dataset_to_genomes(read_dataset(source.parameters))
    table, mouse = read_table(source.rules), Path(source.mouse[0]).parent
    chosen = leading_rules(table, config["cross_scale"]["rules"])
    scales = cross_scale(
        open_worlds_by_size(source.networks, source.stimuli, mouse, config),
        rules_of_table(space, genomes, table, chosen),
        filled(
            CrossScaleSettings,
            *(config["task"], config["cross_scale"]),
            search_n_neurons=config["network"]["n_neurons"],
        ),
        config["seed"],
        log_path=snakemake.log[0],
    )
    write_table(snakemake.output.scales, scales, provenance)
