"""Count how often formulas and terms occur among evolved and random rules."""

from evoplast.jobs.script import job

with job(snakemake) as provenance:
    from evoplast.analysis.rule_frequency import rule_frequency
    from evoplast.artefacts.netcdf import read_dataset
    from evoplast.artefacts.parquet import write_table
    from evoplast.rules import dataset_to_genomes

    groups = {"evolved": snakemake.input.evolved, "random": snakemake.input.random}
    read = {name: dataset_to_genomes(read_dataset(p)) for name, p in groups.items()}
    space = read["evolved"][0]
    table = rule_frequency(
        {name: genomes for name, (_, genomes) in read.items()}, space
    )
    write_table(snakemake.output.frequency, table, provenance)
