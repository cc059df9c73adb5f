"""Count which formulas, terms and families recur over independent searches."""

from evoplast.jobs.script import job

with job(snakemake) as provenance:
    from evoplast.artefacts.netcdf import read_dataset
    from evoplast.artefacts.parquet import write_table
    from evoplast.behaviour import agreement, front_gates, read_published, recurrence
    from evoplast.rules import dataset_to_genomes
    from evoplast.search.populations import read_populations

    config, source = snakemake.params.settings, snakemake.input
    space, _ = dataset_to_genomes(read_dataset(source.parameters))
    fronts = [front_gates(space, own) for own in read_populations(source.searched)]
    published = read_published(source.published[0])
    shares = published[published["quantity"] == "share_of_front"]
    paper = dict(zip(shares["formula"], shares["value"], strict=True))
    table = recurrence(fronts, config["recurrence"]["similarity"], paper)
    write_table(snakemake.output.table, table, provenance)
    write_table(
        snakemake.output.agreement, agreement(fronts, config["seed"]), provenance
    )
