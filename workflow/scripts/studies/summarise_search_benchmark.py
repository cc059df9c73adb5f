"""Collect means over seeds of the benchmark of searches."""

import pandas as pd

from evoplast.artefacts.parquet import read_table, write_table
from evoplast.jobs.script import job
from evoplast.studies.search_benchmark import summarise

with job(snakemake) as provenance:
    runs = pd.concat([read_table(path) for path in snakemake.input.runs])
    write_table(snakemake.output.summary, summarise(runs), provenance)
