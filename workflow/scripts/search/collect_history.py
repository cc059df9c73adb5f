"""Collect the numbers of every generation of one search."""

from evoplast.artefacts.parquet import write_table
from evoplast.jobs.script import job
from evoplast.search.segments import collect_history

with job(snakemake) as provenance:
    table = collect_history(snakemake.input.segments)
    write_table(snakemake.output.history, table, provenance)
