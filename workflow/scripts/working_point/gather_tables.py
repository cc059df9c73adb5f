"""Put tables of single networks under one another: one table for each output."""

from evoplast.jobs.script import job

with job(snakemake) as provenance:
    import pandas as pd

    from evoplast.artefacts.parquet import read_table, write_table

    for name, path in snakemake.output.items():
        parts = [read_table(part) for part in snakemake.input[name]]
        write_table(path, pd.concat(parts, ignore_index=True), provenance)
