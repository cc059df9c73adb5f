"""Compare evolved, random and known rules, paired by network and sequence."""

from evoplast.jobs.script import job

with job(snakemake) as provenance:
    import pandas as pd

    from evoplast.analysis.comparison import compare
    from evoplast.artefacts.parquet import read_table, write_table

    source = snakemake.input
    parts = [read_table(path) for path in (source.evolved, source.random, source.known)]
    cells = pd.concat(parts, ignore_index=True)
    table = compare(cells, snakemake.params.settings["seed"])
    write_table(snakemake.output.comparison, table, provenance)
