"""Compare searches under changed conditions: the table of one study."""

import pandas as pd

from evoplast.artefacts.parquet import read_table, write_table
from evoplast.jobs.script import job
from evoplast.studies import search_studies

with job(snakemake) as provenance:
    rules, cells, history = (
        pd.concat(map(read_table, snakemake.input[kind]), ignore_index=True)
        for kind in ("rules", "cells", "history")
    )
    study = snakemake.wildcards.study
    if study == "generalisation":
        table = detail = search_studies.generalisation(rules, cells)
    elif study == "initialisation":
        table, detail = search_studies.initialisation(rules, cells, history), history
    else:
        detail = search_studies.selection_bias(rules, cells)
        table = search_studies.bias_summary(detail)
    write_table(snakemake.output.table, table, provenance)
    write_table(snakemake.output.detail, detail, provenance)
