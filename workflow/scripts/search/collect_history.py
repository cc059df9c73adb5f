"""Collect the numbers of every generation of one search."""

from evoplast.jobs.script import job

with job(snakemake) as provenance:
    from evoplast.artefacts.parquet import write_table
    from evoplast.search.segments import collect_history

    table = collect_history(snakemake.input.segments)
    write_table(snakemake.output.history, table, provenance)
