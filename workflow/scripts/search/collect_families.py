"""Collect the numbers of every family and generation of one search."""

from evoplast.jobs.script import job

with job(snakemake) as provenance:
    from evoplast.artefacts.parquet import write_table
    from evoplast.search.families import by_round, family_history

    rounds = by_round(snakemake.input.rounds, snakemake.params.parts)
    write_table(snakemake.output.history, family_history(rounds), provenance)
