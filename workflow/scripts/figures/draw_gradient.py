"""Draw the figure gradient."""

from evoplast.figures import gradient
from evoplast.jobs.script import job

with job(snakemake):
    dpi = snakemake.params.settings["figures"]["dpi"]
    gradient.draw(snakemake.input, snakemake.output, dpi)
