"""Draw the figure long horizon."""

from evoplast.figures import long_horizon

from evoplast.artefacts.script import job

with job(snakemake):
    long_horizon.draw(snakemake.input, snakemake.output)
