"""Draw the figure information."""

from evoplast.figures import information
from evoplast.jobs.script import job

with job(snakemake):
    dpi = snakemake.params.settings["figures"]["dpi"]
    information.draw(snakemake.input, snakemake.output, dpi)
