"""Collect curves, final scores, comparisons with tests and the acceptance."""

from evoplast.jobs.script import job

with job(snakemake) as provenance:
    from evoplast.artefacts.parquet import read_table, write_table
    from evoplast.enu.acceptance import acceptance
    from evoplast.enu.tables import compare, curves, runs_of, score_runs

    runs = runs_of(snakemake.input.segments)
    scores = score_runs(runs, snakemake.params.settings["seed"])
    references = read_table(snakemake.input.references)
    tables = {
        "curves": curves(runs),
        "scores": scores,
        "comparison": compare(scores),
        "acceptance": acceptance(scores, references),
    }
    for name, table in tables.items():
        write_table(snakemake.output[name], table, provenance)
