"""Draw the figure search proof."""

from evoplast.figures import search_proof
from evoplast.jobs.script import job

with job(snakemake):
    dpi = snakemake.params.settings["figures"]["dpi"]
    search_proof.draw(snakemake.input, snakemake.output, dpi)
