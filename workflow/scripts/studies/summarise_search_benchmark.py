"""Collect means over seeds of the benchmark of searches."""

from evoplast.jobs.script import job

with job(snakemake) as provenance:
    import pandas as pd

    from evoplast.artefacts.parquet import read_table, write_table
    from evoplast.studies.search_benchmark import summarise

    runs = pd.concat([read_table(path) for path in snakemake.input.runs])
    write_table(snakemake.output.summary, summarise(runs), provenance)
