"""Write what the report begins with, and the settings of the run."""

from evoplast.jobs.script import job

with job(snakemake):
    from evoplast.artefacts.atomic import atomic_path
    from evoplast.artefacts.parquet import read_table_provenance
    from evoplast.atlas import findings_of_run, first_page, settings_page

    config, source = snakemake.params.settings, snakemake.input
    catalogue, found, _ = findings_of_run(source)
    made_with = read_table_provenance(source.evolved[0])
    with atomic_path(snakemake.output.first_page) as temporary:
        page = first_page(catalogue, found, config, made_with)
        temporary.write_text(page, encoding="utf-8")
    with atomic_path(snakemake.output.settings) as temporary:
        temporary.write_text(settings_page(config, made_with), encoding="utf-8")
