"""Score random rules, or no plasticity and the rules of the literature."""

from pathlib import Path

from evoplast.jobs.script import job

with job(snakemake) as provenance:
    from evoplast.analysis.baselines import BaselineSettings, known_rules, random_rules
    from evoplast.analysis.own_rules import read_own_rules
    from evoplast.analysis.reevaluation import Measurement, ReevaluationSettings
    from evoplast.artefacts.netcdf import write_dataset
    from evoplast.artefacts.parquet import write_table
    from evoplast.configuration.settings import filled
    from evoplast.evaluation.files import open_worlds
    from evoplast.rules import genomes_to_dataset

    config, source = snakemake.params.settings, snakemake.input
    where = (source.stimuli, Path(source.mouse[0]).parent, config)
    seen = open_worlds(source.seen, *where)
    unseen = open_worlds(source.unseen, *where)
    space = seen[0].rule_space
    sections = [config[name] for name in ("search", "baselines", "pareto", "task")]
    settings = filled(ReevaluationSettings, *sections)
    measurement = Measurement(
        seen, unseen, settings, config["seed"], log_path=snakemake.log[0]
    )
    baselines = filled(BaselineSettings, *sections)
    if snakemake.params.kind == "random":
        table, genomes, cells = random_rules(measurement, space, baselines)
    else:
        types = seen[0].cell_types.names
        own = [
            rule
            for path in source.own[:1]
            for rule in read_own_rules(path, space, types)
        ]
        table, genomes, cells = known_rules(measurement, space, baselines, own)
    write_table(snakemake.output.rules, table, provenance)
    write_table(snakemake.output.cells, cells, provenance)
    named = genomes_to_dataset(space, genomes, seen[0].cell_types.names)
    write_dataset(snakemake.output.parameters, named, provenance)
