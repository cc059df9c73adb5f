"""Score units and policies that need no evolution."""

from evoplast.jobs.script import job

N_SEQUENCES, N_LIFETIMES = 120_000, 4096

with job(snakemake) as provenance:
    from evoplast.artefacts.parquet import write_table
    from evoplast.enu.tables import references

    table = references(snakemake.params.settings["seed"], N_SEQUENCES, N_LIFETIMES)
    write_table(snakemake.output.references, table, provenance)
