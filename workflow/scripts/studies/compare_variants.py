"""Compare searches under changed conditions: the table of one study."""

from evoplast.jobs.script import job

with job(snakemake) as provenance:
    import pandas as pd

    from evoplast.artefacts.parquet import read_table, write_table
    from evoplast.studies import variant_comparison

    rules, cells, history = (
        pd.concat(map(read_table, snakemake.input[kind]), ignore_index=True)
        for kind in ("rules", "cells", "history")
    )
    study = snakemake.wildcards.study
    if study == "generalisation":
        table = detail = variant_comparison.generalisation(rules, cells)
    elif study in ("initialisation", "swarm_options"):
        table = variant_comparison.initialisation(rules, cells, history)
        detail = history
    else:
        detail = variant_comparison.selection_bias(rules, cells)
        table = variant_comparison.bias_summary(detail)
    write_table(snakemake.output.table, table, provenance)
    write_table(snakemake.output.detail, detail, provenance)
