"""Write the table of what the GPU kernel should cost for the search of a config."""

from evoplast.jobs.script import job

with job(snakemake), atomic_path(snakemake.output.table) as temporary:
    from evoplast.cost.gpu_projection import table_text

    temporary.write_text(table_text(snakemake.params.settings), encoding="utf-8")
