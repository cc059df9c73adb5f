"""Filter the last populations and measure what is left on networks never used."""

from pathlib import Path

from evoplast.jobs.script import job

with job(snakemake) as provenance:
    from evoplast.analysis.pareto import ParetoSettings, filter_and_reevaluate
    from evoplast.analysis.reevaluation import Measurement, ReevaluationSettings
    from evoplast.artefacts.netcdf import write_dataset
    from evoplast.artefacts.parquet import write_table
    from evoplast.configuration.sections.search import ExtraObjectives
    from evoplast.configuration.settings import filled
    from evoplast.evaluation import with_extras
    from evoplast.evaluation.files import open_worlds
    from evoplast.rules import genomes_to_dataset
    from evoplast.search.populations import read_populations

    config, source = snakemake.params.settings, snakemake.input
    where = (source.stimuli, Path(source.mouse[0]).parent, config)
    seen = open_worlds(source.seen, *where)
    unseen = open_worlds(source.unseen, *where)
    world = seen[0]
    settings = filled(ReevaluationSettings, config["pareto"], config["task"])
    measurement = Measurement(
        seen,
        unseen,
        settings,
        config["seed"],
        log_path=snakemake.log[0],
        evaluate=with_extras(filled(ExtraObjectives, config["search"])),
    )
    table, genomes, cells = filter_and_reevaluate(
        read_populations(source.searched),
        measurement,
        world.rule_space,
        filled(ParetoSettings, config["pareto"], config["search"]),
    )
    write_table(snakemake.output.rules, table, provenance)
    write_table(snakemake.output.cells, cells, provenance)
    named = genomes_to_dataset(world.rule_space, genomes, world.cell_types.names)
    write_dataset(snakemake.output.parameters, named, provenance)
