"""Write what known and own rules reach as a table in Markdown, and print it."""

from evoplast.jobs.script import job

with job(snakemake) as provenance:
    from evoplast.analysis.baselines import listed
    from evoplast.artefacts.atomic import atomic_path
    from evoplast.artefacts.parquet import read_table

    text = listed(read_table(snakemake.input.rules))
    with atomic_path(snakemake.output.table) as temporary:
        temporary.write_text(text, encoding="utf-8")
