"""Draw the figure search benchmark."""

from evoplast.artefacts.script import job
from evoplast.figures import search_benchmark

with job(snakemake):
    dpi = snakemake.params.settings["figures"]["dpi"]
    search_benchmark.draw(snakemake.input, snakemake.output, dpi)
