"""Count how often formulas and terms occur among evolved and random rules."""

from evoplast.jobs.script import job

with job(snakemake) as provenance:
    from evoplast.analysis.rule_frequency import rule_frequency
    from evoplast.artefacts.netcdf import read_dataset
    from evoplast.artefacts.parquet import read_table, write_table
    from evoplast.rules import dataset_to_genomes

    groups = {"evolved": snakemake.input.evolved, "random": snakemake.input.random}
    read = {name: dataset_to_genomes(read_dataset(p)) for name, p in groups.items()}
    space = read["evolved"][0]
    searches = {"evolved": read_table(snakemake.input.rules)["search_seed"].to_numpy()}
    table = rule_frequency({name: g for name, (_, g) in read.items()}, space, searches)
    write_table(snakemake.output.frequency, table, provenance)
