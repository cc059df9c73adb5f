"""Choose the rules that all analyses show."""

from evoplast.jobs.script import job

with job(snakemake) as provenance:
    from evoplast.artefacts.netcdf import read_dataset, write_dataset
    from evoplast.artefacts.parquet import read_table, write_table
    from evoplast.behaviour import Pool, choose_representatives
    from evoplast.configuration.sections.behaviour import RepresentativesSettings
    from evoplast.configuration.settings import filled
    from evoplast.rules import dataset_to_genomes, genomes_to_dataset
    from evoplast.search.populations import read_populations

    source, pools = snakemake.input, {}
    for name in ("evolved", "known", "random"):
        table, cells, parameters = source[name]
        stored = read_dataset(parameters)
        space, genomes = dataset_to_genomes(stored)
        pools[name] = Pool(name, read_table(table), genomes, read_table(cells))
    settings = snakemake.params.settings["representatives"]
    chosen = choose_representatives(
        space,
        pools,
        read_populations(source.searched),
        filled(RepresentativesSettings, settings),
    )
    write_table(snakemake.output.table, chosen.table, provenance)
    types = stored["cell_type"].values.tolist()
    named = genomes_to_dataset(space, chosen.genomes, types)
    named = named.assign(label=("candidate", chosen.table["label"].to_numpy(object)))
    write_dataset(snakemake.output.parameters, named, provenance)
