"""Draw the figure search ablation."""

from evoplast.figures import search_ablation
from evoplast.jobs.script import job

with job(snakemake):
    dpi = snakemake.params.settings["figures"]["dpi"]
    search_ablation.draw(snakemake.input, snakemake.output, dpi)
