"""Measure how far rules are apart in formula and in behaviour, network by network."""

from pathlib import Path

from evoplast.jobs.script import job

with job(snakemake) as provenance:
    from evoplast.artefacts.netcdf import read_dataset, write_dataset
    from evoplast.artefacts.parquet import read_table, write_table
    from evoplast.behaviour import CellPlan, Pool
    from evoplast.evaluation.files import open_worlds
    from evoplast.rules import dataset_to_genomes
    from evoplast.structure import behaviour_distances, compared_rules

    config, source, pools = snakemake.params.settings, snakemake.input, {}
    for name in ("evolved", "known", "random"):
        table, cells, parameters = source[name]
        space, genomes = dataset_to_genomes(read_dataset(parameters))
        pools[name] = Pool(name, read_table(table), genomes, read_table(cells))
    own, mouse = config["degeneracy"], Path(source.mouse[0]).parent
    table, genomes = compared_rules(space, pools, own["rules"])
    plan = CellPlan(
        open_worlds(source.networks, source.stimuli, mouse, config),
        config["task"]["training_trials"],
        own["test_trials"],
        own["sequences"],
        config["seed"],
        "degeneracy",
        log_path=snakemake.log[0],
    )
    distances = behaviour_distances(plan, genomes)
    write_table(snakemake.output.rules, table, provenance)
    write_dataset(snakemake.output.distances, distances, provenance)
