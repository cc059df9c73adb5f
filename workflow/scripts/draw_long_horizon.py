"""Draw the figure long horizon."""

from evoplast.artefacts.script import job
from evoplast.figures import long_horizon

with job(snakemake):
    long_horizon.draw(snakemake.input, snakemake.output)
