"""Compare how many trials gradients and the evolved rule need."""

from evoplast.jobs.script import job

with job(snakemake) as provenance:
    import pandas as pd

    from evoplast.artefacts.parquet import read_table, write_table
    from evoplast.behaviour import (
        read_published,
        sample_efficiency,
        trained_biology,
    )

    config, source = snakemake.params.settings, snakemake.input
    curves = pd.concat([read_table(path) for path in source.curves])
    cells = read_table(source.cells)
    table = sample_efficiency(
        curves,
        cells,
        config["task"]["training_trials"],
        read_published(source.published[0]),
        config["seed"],
    )
    biology = trained_biology(curves, table, cells)
    write_table(snakemake.output.table, table, provenance)
    write_table(snakemake.output.biology, biology, provenance)
