"""Write the page about all rules of a run."""

from evoplast.jobs.script import job

with job(snakemake):
    from evoplast.artefacts.atomic import atomic_path
    from evoplast.atlas import atlas_of_run

    page = atlas_of_run(snakemake.input, snakemake.params.settings)
    with atomic_path(snakemake.output.atlas) as temporary:
        temporary.write_text(page, encoding="utf-8")
