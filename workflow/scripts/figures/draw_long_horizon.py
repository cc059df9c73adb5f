"""Draw the figure long horizon."""

from evoplast.figures import long_horizon
from evoplast.jobs.script import job

with job(snakemake):
    dpi = snakemake.params.settings["figures"]["dpi"]
    long_horizon.draw(snakemake.input, snakemake.output, dpi)
