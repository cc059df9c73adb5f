"""Compare distances in formula with those in behaviour, and cluster behaviour."""

from evoplast.jobs.script import job

with job(snakemake) as provenance:
    from evoplast.artefacts.netcdf import read_dataset
    from evoplast.artefacts.parquet import read_table, write_table
    from evoplast.structure import degeneracy_tables

    source, output = snakemake.input, snakemake.output
    distances, table = read_dataset(source.distances), read_table(source.rules)
    seed = snakemake.params.settings["seed"]
    found = degeneracy_tables(distances, table, seed)
    for name, result in found.items():
        write_table(output[name], result, provenance)
