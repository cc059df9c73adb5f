"""Draw the figure network."""

from evoplast.figures import network

from evoplast.artefacts.script import job

with job(snakemake):
    network.draw(snakemake.input, snakemake.output)
