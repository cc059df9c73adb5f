"""Draw the figure network."""

from evoplast.figures import network
from evoplast.jobs.script import job

with job(snakemake):
    dpi = snakemake.params.settings["figures"]["dpi"]
    network.draw(snakemake.input, snakemake.output, dpi)
