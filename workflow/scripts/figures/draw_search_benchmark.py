"""Draw the figure search benchmark."""

from evoplast.figures import search_benchmark
from evoplast.jobs.script import job

with job(snakemake):
    dpi = snakemake.params.settings["figures"]["dpi"]
    search_benchmark.draw(snakemake.input, snakemake.output, dpi)
